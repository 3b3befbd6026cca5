//! What a child of fork needs.

use pyo3::prelude::*;

/// Keeps an object for ever: its destructor never runs, not even when the interpreter ends.
///
/// A child of fork inherits objects whose threads exist in the parent alone, and destroying them
/// would wait for those threads.
#[pyfunction]
pub(crate) fn never_drop(object: Py<PyAny>) {
    std::mem::forget(object);
}
