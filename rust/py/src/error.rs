//! Errors of the core as exceptions of `memfast.errors`: one match, no catch-all.

use memfast_core::{Error, Result, guarded};
use pyo3::exceptions::PyRuntimeError;
use pyo3::prelude::*;
use pyo3::types::PyDict;

/// An error of the core on its way to Python.
pub(crate) struct PyError(pub(crate) Error);

impl From<Error> for PyError {
    fn from(error: Error) -> Self {
        Self(error)
    }
}

impl From<PyError> for PyErr {
    fn from(PyError(error): PyError) -> Self {
        Python::attach(|py| raise(py, &error).unwrap_or_else(|failure| failure))
    }
}

/// Calls the core while other threads may use the interpreter.
pub(crate) fn detached<T: Send>(
    py: Python<'_>,
    call: impl FnOnce() -> Result<T> + Send,
) -> PyResult<T> {
    Ok(py.detach(|| guarded(call)).map_err(PyError)?)
}

/// The same for work that makes errors of Python.
pub(crate) fn beside<T: Send>(
    py: Python<'_>,
    work: impl FnOnce() -> PyResult<T> + Send,
) -> PyResult<T> {
    detached(py, || Ok(work()))?
}

/// Calls the core for something brief.
pub(crate) fn briefly<T>(call: impl FnOnce() -> Result<T>) -> PyResult<T> {
    Ok(guarded(call).map_err(PyError)?)
}

fn raise(py: Python<'_>, error: &Error) -> PyResult<PyErr> {
    let details = PyDict::new(py);
    let (name, code) = match error {
        Error::Invalid(_) => ("ValidationError", None),
        Error::NoScope => ("ValidationError", Some("VALIDATION_001")),
        Error::Filter { path, .. } => {
            details.set_item("path", path)?;
            ("FilterError", None)
        }
        Error::Dimension { want, got } => {
            details.set_item("want", want)?;
            details.set_item("got", got)?;
            ("DimensionError", None)
        }
        Error::Vector { index, .. } => {
            details.set_item("index", index)?;
            ("ValidationError", None)
        }
        Error::NotFound { id } => {
            details.set_item("memory_id", id)?;
            ("MemoryNotFoundError", None)
        }
        Error::Exists { id } => {
            details.set_item("memory_id", id)?;
            ("ValidationError", Some("VALIDATION_EXISTS"))
        }
        Error::Changed { id } => {
            details.set_item("memory_id", id)?;
            ("ConflictError", None)
        }
        Error::Processed { id } => {
            details.set_item("pending", id)?;
            ("ConflictError", Some("CONFLICT_PROCESSED"))
        }
        Error::Repeated { key } => {
            details.set_item("key", key)?;
            ("ConflictError", Some("CONFLICT_REPEATED"))
        }
        Error::Embedder { stored, given } => {
            details.set_item("stored", stored)?;
            details.set_item("given", given)?;
            ("EmbedderMismatchError", None)
        }
        Error::Space { .. } => ("VectorStoreError", Some("SPACE_CHANGED")),
        Error::Locked { .. } => ("StoreLockedError", None),
        Error::Forked { .. } => ("StoreForkedError", None),
        Error::Moved { path, .. } => {
            details.set_item("path", path.display().to_string())?;
            ("StoreMovedError", None)
        }
        Error::Closed => ("StoreClosedError", None),
        Error::ReadOnly => ("StoreReadOnlyError", None),
        Error::Poisoned { .. } => ("StorePoisonedError", None),
        Error::Format { path, found, known } => {
            details.set_item("path", path.display().to_string())?;
            details.set_item("format", found)?;
            details.set_item("newest", known)?;
            ("StoreFormatError", None)
        }
        Error::NotStore { path, .. } => {
            details.set_item("path", path.display().to_string())?;
            ("StoreFormatError", None)
        }
        Error::Unsafe { path, .. } => {
            details.set_item("path", path.display().to_string())?;
            ("ConfigurationError", Some("CFG_UNSAFE_PATH"))
        }
        Error::Corrupt { path, .. } | Error::Segment { path, .. } => {
            details.set_item("path", path.display().to_string())?;
            ("MemoryCorruptionError", None)
        }
        Error::Io { path, .. } => {
            details.set_item("path", path.display().to_string())?;
            ("DatabaseError", None)
        }
        Error::Full { path, .. } => {
            details.set_item("path", path.display().to_string())?;
            ("StoreFullError", None)
        }
        Error::Read { path, .. } => {
            details.set_item("path", path.display().to_string())?;
            ("DatabaseError", Some("DB_READ"))
        }
        Error::Reopened => ("DatabaseError", Some("DB_REOPENED")),
        Error::Index(_) => ("VectorStoreError", None),
        Error::Database(_) => ("DatabaseError", None),
        Error::Internal(_) => ("DatabaseError", Some("INTERNAL_ERROR")),
    };
    let arguments = PyDict::new(py);
    arguments.set_item("details", details)?;
    if let Some(code) = code {
        arguments.set_item("error_code", code)?;
    }
    let class = py.import("memfast.errors")?.getattr(name)?;
    Ok(PyErr::from_value(
        class.call((error.to_string(),), Some(&arguments))?,
    ))
}

/// An argument of the wrong shape, found before the core is asked.
pub(crate) fn invalid(message: impl Into<String>) -> PyErr {
    PyError(Error::Invalid(message.into())).into()
}

/// A step that cannot fail did.
pub(crate) fn internal(message: &str) -> PyErr {
    PyRuntimeError::new_err(message.to_owned())
}
