//! Bulk import and export between Python and `memfast-transfer`: extract, detach, call, wrap.

mod events;
mod export;
mod reader;
mod rows;

use std::sync::{Mutex, MutexGuard};

use pyo3::prelude::*;
use pyo3::sync::MutexExt;

use crate::error::internal;

pub(crate) use events::EventStream;
pub(crate) use export::PyExport;
pub(crate) use reader::RowReader;
pub(crate) use rows::{ArrowRows, Prepared};

/// Locks a mutex while other threads may use the interpreter, in a call that is attached to it.
fn attached<'a, T>(py: Python<'_>, mutex: &'a Mutex<T>) -> PyResult<MutexGuard<'a, T>> {
    mutex.lock_py_attached(py).map_err(|_| poisoned())
}

/// Locks a mutex in a call that is detached from the interpreter.
pub(crate) fn locked<T>(mutex: &Mutex<T>) -> PyResult<MutexGuard<'_, T>> {
    mutex.lock().map_err(|_| poisoned())
}

fn poisoned() -> PyErr {
    internal("another thread panicked while it used this object")
}
