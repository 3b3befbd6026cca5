//! The Python binding of memfast. No decision is taken here.

// PyO3 hands extracted arguments over by value.
#![allow(clippy::needless_pass_by_value)]

mod arrow;
mod bulk;
mod embed;
mod engine;
mod error;
mod record;
mod value;
mod vectors;

use pyo3::prelude::*;

#[pymodule]
mod _core {
    #[pymodule_export]
    use super::arrow::EventStream;
    #[pymodule_export]
    use super::bulk::{ArrowRows, Prepared, PyExport, RowReader};
    #[pymodule_export]
    use super::embed::PyStaticEmbedder;
    #[pymodule_export]
    use super::engine::{PyEngine, PyReembedStep};
    #[pymodule_export]
    use super::value::stored_metadata;
}
