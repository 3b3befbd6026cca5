//! `memfast._core.StaticEmbedder`.

use std::path::PathBuf;
use std::sync::Arc;

use memfast_core::embed::StaticEmbedder;
use memfast_core::static_table;
use pyo3::prelude::*;
use pyo3::types::PyBytes;

use crate::error::{briefly, detached};

/// Bytes of text that are embedded sooner than another thread hands the interpreter back.
const BRIEF: usize = 2048;

#[pyclass(frozen, name = "StaticEmbedder", module = "memfast._core")]
pub(crate) struct PyStaticEmbedder(Arc<StaticEmbedder>);

#[pymethods]
impl PyStaticEmbedder {
    #[new]
    fn new(py: Python<'_>, directory: PathBuf) -> PyResult<Self> {
        Ok(Self(detached(py, || static_table(&directory))?))
    }

    #[getter]
    fn dim(&self) -> usize {
        self.0.dim()
    }

    #[getter]
    fn fingerprint(&self) -> &str {
        self.0.fingerprint()
    }

    /// One vector per text as native-endian f32, row-major.
    fn embed<'py>(&self, py: Python<'py>, texts: Vec<String>) -> PyResult<Bound<'py, PyBytes>> {
        let embed = || {
            let vectors = self.0.embed(&texts);
            let bytes = vectors.iter().flat_map(|value| value.to_ne_bytes());
            Ok(bytes.collect::<Vec<u8>>())
        };
        let letters: usize = texts.iter().map(String::len).sum();
        let bytes = if letters <= BRIEF {
            briefly(embed)?
        } else {
            detached(py, embed)?
        };
        Ok(PyBytes::new(py, &bytes))
    }
}
