//! The change to another embedder.

use std::sync::Mutex;

use memfast_core::ReembedStep;
use pyo3::prelude::*;

use super::{EmbedderArgument, PyEngine};
use crate::bulk::locked;
use crate::error::{detached, invalid};
use crate::vectors::matrix;

#[pymethods]
impl PyEngine {
    fn reembed_begin(&self, py: Python<'_>, embedder: EmbedderArgument) -> PyResult<()> {
        let embedder = super::embedder(embedder);
        detached(py, || self.0.reembed_begin(&embedder))
    }

    fn reembed_next(&self, py: Python<'_>, limit: usize) -> PyResult<PyReembedStep> {
        let step = detached(py, || self.0.reembed_next(limit))?;
        Ok(PyReembedStep(Mutex::new(Some(step))))
    }

    #[pyo3(signature = (step, vectors=None))]
    fn reembed_put(
        &self,
        py: Python<'_>,
        step: &PyReembedStep,
        vectors: Option<Bound<'_, PyAny>>,
    ) -> PyResult<()> {
        let values = vectors
            .map(|vectors| matrix(&vectors))
            .transpose()?
            .map_or(Vec::new(), |rows| rows.values);
        let taken = locked(&step.0)?.take();
        let step =
            taken.ok_or_else(|| invalid("this step was committed before; ask for the next"))?;
        detached(py, || self.0.reembed_put(step, &values))
    }

    fn reembed_finish(&self, py: Python<'_>) -> PyResult<bool> {
        detached(py, || self.0.reembed_finish())
    }
}

/// Texts that a change of embedder needs vectors for next.
#[pyclass(frozen, name = "ReembedStep", module = "memfast._core")]
pub(crate) struct PyReembedStep(Mutex<Option<ReembedStep>>);

#[pymethods]
impl PyReembedStep {
    #[getter]
    fn texts(&self) -> PyResult<Vec<String>> {
        let step = locked(&self.0)?;
        Ok(step.as_ref().map_or(Vec::new(), |step| step.texts.clone()))
    }

    /// How many memories and messages it is about.
    fn __len__(&self) -> PyResult<usize> {
        let step = locked(&self.0)?;
        Ok(step.as_ref().map_or(0, ReembedStep::len))
    }
}
