//! Events as an Arrow stream.

use arrow_array::{RecordBatch, RecordBatchIterator};
use memfast_core::Event;
use memfast_transfer::events;
use pyo3::prelude::*;
use pyo3::types::PyCapsule;

use super::rows::capsule;
use crate::error::internal;

/// Events as an object with `__arrow_c_stream__`, which may be read more than once.
#[pyclass(frozen, module = "memfast._core")]
pub(crate) struct EventStream(RecordBatch);

impl EventStream {
    pub(crate) fn new(events: &[Event]) -> PyResult<Self> {
        let batch = events::batch(events);
        batch
            .map(Self)
            .map_err(|error| internal(&error.to_string()))
    }
}

#[pymethods]
impl EventStream {
    #[pyo3(signature = (requested_schema=None))]
    fn __arrow_c_stream__<'py>(
        &self,
        py: Python<'py>,
        requested_schema: Option<Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyCapsule>> {
        // The protocol lets a producer keep its own schema.
        drop(requested_schema);
        let schema = self.0.schema();
        let reader = RecordBatchIterator::new(std::iter::once(Ok(self.0.clone())), schema);
        capsule(py, reader)
    }

    fn __len__(&self) -> usize {
        self.0.num_rows()
    }
}
