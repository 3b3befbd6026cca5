//! The Python binding of memfast. No decision is taken here.

#![deny(unsafe_code)]
// PyO3 hands extracted arguments over by value.
#![allow(clippy::needless_pass_by_value)]

mod bulk;
mod embed;
mod engine;
mod error;
mod fields;
mod foreign;
mod fork;
mod items;
mod record;
mod requests;
mod rules;
mod value;
mod vectors;
mod watched;

use pyo3::prelude::*;

#[pymodule]
mod _core {
    use pyo3::prelude::*;
    use pyo3::types::PyDict;

    #[pymodule_export]
    use super::bulk::{ArrowRows, EventStream, Prepared, PyExport, RowReader};
    #[pymodule_export]
    use super::embed::PyStaticEmbedder;
    #[pymodule_export]
    use super::engine::{PyEngine, PyReembedStep};
    #[pymodule_export]
    use super::fork::never_drop;
    #[pymodule_export]
    use super::items::{MemoryField, memory_fields};
    #[pymodule_export]
    use super::rules::{memory_id, owner_id, read_day, read_moment, scope_id};
    #[pymodule_export]
    use super::value::{new_id, stored_metadata};

    #[pymodule_init]
    fn init(module: &Bound<'_, PyModule>) -> PyResult<()> {
        let py = module.py();
        let os = py.import("os")?;
        // Windows has no fork.
        if os.hasattr("register_at_fork")? {
            let hooks = PyDict::new(py);
            hooks.set_item("after_in_child", wrap_pyfunction!(super::after_fork, py)?)?;
            os.call_method("register_at_fork", (), Some(&hooks))?;
        }
        Ok(())
    }
}

/// Releases what a forked child must not hold on to.
#[pyfunction]
fn after_fork() {
    memfast_core::after_fork();
}
