//! `memfast._core.ArrowRows` and `memfast._core.Prepared`: rows of a stream, and rows that can be
//! committed.

use std::ffi::CStr;
use std::sync::Mutex;

use arrow_array::RecordBatchReader;
use arrow_array::ffi_stream::{FFI_ArrowArrayStream, RecordBatchStreamReader};
use memfast_transfer::{Batch, Error, Pieces, Rowset};
use pyo3::prelude::*;
use pyo3::types::PyCapsule;

use super::{attached, locked};
use crate::engine::PyEngine;
use crate::error::{PyError, beside, invalid};
use crate::vectors;

/// Name of the capsules of Arrow streams.
const STREAM: &CStr = c"arrow_array_stream";

/// The capsule of a stream of record batches.
pub(super) fn capsule<R>(py: Python<'_>, reader: R) -> PyResult<Bound<'_, PyCapsule>>
where
    R: RecordBatchReader + Send + 'static,
{
    let stream = FFI_ArrowArrayStream::new(Box::new(reader));
    PyCapsule::new_with_value(py, stream, STREAM)
}

/// A stream of record batches.
#[pyclass(frozen, module = "memfast._core")]
pub(crate) struct ArrowRows {
    names: Vec<String>,
    pub(super) pieces: Mutex<Pieces>,
}

#[pymethods]
impl ArrowRows {
    /// Takes the stream of an object with `__arrow_c_stream__`.
    #[new]
    fn new(source: Bound<'_, PyAny>) -> PyResult<Self> {
        let object = source.call_method0("__arrow_c_stream__")?;
        let capsule = object.cast::<PyCapsule>().map_err(|_| {
            invalid("`__arrow_c_stream__` did not return a capsule of the Arrow C stream interface")
        })?;
        let pointer = capsule.pointer_checked(Some(STREAM))?;
        #[allow(unsafe_code)] // the Arrow C stream interface
        // SAFETY: a capsule of this name holds a valid FFI_ArrowArrayStream (the Arrow PyCapsule
        // interface); from_raw moves it out and leaves a released one behind.
        let reader = unsafe {
            RecordBatchStreamReader::from_raw(pointer.cast::<FFI_ArrowArrayStream>().as_ptr())
        };
        let pieces = Pieces::new(Box::new(reader.map_err(|error| raised(error.into()))?));
        let schema = pieces.schema();
        let names = schema.fields().iter().map(|field| field.name().clone());
        Ok(Self {
            names: names.collect(),
            pieces: Mutex::new(pieces),
        })
    }

    /// Names of the columns.
    #[getter]
    fn names(&self) -> Vec<String> {
        self.names.clone()
    }

    /// Bytes of the rows read so far; a text that several rows share counts in each.
    #[getter]
    fn taken(&self, py: Python<'_>) -> PyResult<usize> {
        Ok(attached(py, &self.pieces)?.taken())
    }
}

/// Line, reason and, for rows of a stream, JSON text of a bad row.
type Reject = (u64, String, Option<String>);

/// Rows that can be committed, and those that are bad.
#[pyclass(frozen, module = "memfast._core")]
pub(crate) struct Prepared {
    rows: usize,
    rejects: Vec<Reject>,
    ready: Mutex<Rowset>,
}

impl From<Batch> for Prepared {
    fn from(batch: Batch) -> Self {
        let rejects = batch.rejects.into_iter();
        Self {
            rows: batch.rows,
            rejects: rejects.map(|one| (one.line, one.reason, one.raw)).collect(),
            ready: Mutex::new(batch.ready),
        }
    }
}

impl Prepared {
    /// Works on the rows while other threads may use the interpreter.
    fn with<T: Send>(
        &self,
        py: Python<'_>,
        work: impl FnOnce(&mut Rowset) -> memfast_transfer::Result<T> + Send,
    ) -> PyResult<T> {
        beside(py, || work(&mut *locked(&self.ready)?).map_err(raised))
    }
}

#[pymethods]
impl Prepared {
    /// How many rows were read for it, bad ones too.
    #[getter]
    fn rows(&self) -> usize {
        self.rows
    }

    /// Line, reason and, for rows of a stream, JSON text of each bad row.
    #[getter]
    fn rejects(&self) -> Vec<Reject> {
        self.rejects.clone()
    }

    /// Drops rows whose id the store holds; returns how many.
    fn leave_out_known(&self, py: Python<'_>, engine: &PyEngine) -> PyResult<usize> {
        self.with(py, |rows| rows.leave_out_known(&engine.0))
    }

    /// The first texts without a vector, at most `limit`, in order.
    fn texts(&self, py: Python<'_>, limit: usize) -> PyResult<Vec<String>> {
        self.with(py, |rows| Ok(rows.texts(limit)))
    }

    /// Sets the vectors of the first texts without one, one row each.
    fn give_vectors(&self, py: Python<'_>, vectors: Bound<'_, PyAny>) -> PyResult<()> {
        let vectors = vectors::matrix(&vectors)?;
        self.with(py, |rows| {
            rows.give_vectors(vectors.iter());
            Ok(())
        })
    }

    /// Removes the vectors that `give_vectors` set, so that the texts are embedded again.
    fn take_back_vectors(&self, py: Python<'_>) -> PyResult<()> {
        self.with(py, |rows| {
            rows.take_back_vectors();
            Ok(())
        })
    }

    /// Commits the rows; returns how many were added and how many were skipped.
    fn commit(&self, py: Python<'_>, engine: &PyEngine, space: u32) -> PyResult<(usize, usize)> {
        self.with(py, |rows| rows.commit(&engine.0, space))
    }
}

/// An error of a transfer as an exception of `memfast.errors`.
pub(super) fn raised(error: Error) -> PyErr {
    match error {
        Error::Engine(error) => PyError(error).into(),
        Error::Exists { line, .. } => Python::attach(|py| {
            let errors = py.import("memfast.errors");
            let class = errors.and_then(|errors| errors.getattr("RowError"));
            let error = class.and_then(|class| class.call_method1("at", (line, error.to_string())));
            error.map_or_else(|failure| failure, PyErr::from_value)
        }),
        Error::Invalid(_) | Error::Source(_) => invalid(error.to_string()),
    }
}
