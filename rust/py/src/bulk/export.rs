//! `memfast._core.Export`: what a store held at one moment, as Arrow, JSON lines and CSV fields.

use std::sync::Mutex;

use memfast_core::{Engine, Event, Export, Exported};
use memfast_transfer::export::{Pages, fields, json_lines, schema};
use pyo3::prelude::*;
use pyo3::types::{PyCapsule, PyDict};

use super::events::EventStream;
use super::locked;
use super::rows::capsule;
use crate::engine::PyEngine;
use crate::error::{PyError, beside};
use crate::record::history_row;

/// What a store held at one moment. As an Arrow stream it may be read more than once.
#[pyclass(frozen, name = "Export", module = "memfast._core")]
pub(crate) struct PyExport {
    engine: Py<PyEngine>,
    begin: Export,
    /// Where the rows and the events that were asked for end.
    at: Mutex<Export>,
}

/// The engine, kept alive by a stream.
struct Shared(Py<PyEngine>);

impl AsRef<Engine> for Shared {
    fn as_ref(&self) -> &Engine {
        &self.0.get().0
    }
}

impl PyExport {
    pub(crate) fn new(engine: Py<PyEngine>, export: Export) -> Self {
        Self {
            engine,
            begin: export.clone(),
            at: Mutex::new(export),
        }
    }

    /// Continues where the export is.
    fn next<T: Send>(
        &self,
        py: Python<'_>,
        read: impl FnOnce(&Engine, &mut Export) -> memfast_core::Result<T> + Send,
    ) -> PyResult<T> {
        beside(py, || {
            let mut at = locked(&self.at)?;
            Ok(read(&self.engine.get().0, &mut at).map_err(PyError)?)
        })
    }

    fn page<T: Send>(
        &self,
        py: Python<'_>,
        limit: usize,
        write: impl FnOnce(&[Exported]) -> T + Send,
    ) -> PyResult<T> {
        self.next(py, |engine, at| {
            engine
                .export_next(at, limit.max(1))
                .map(|page| write(&page))
        })
    }

    fn next_events(&self, py: Python<'_>, limit: usize) -> PyResult<Vec<Event>> {
        self.next(py, |engine, at| engine.export_events(at, limit.max(1)))
    }
}

#[pymethods]
impl PyExport {
    #[pyo3(signature = (requested_schema=None))]
    fn __arrow_c_stream__<'py>(
        &self,
        py: Python<'py>,
        requested_schema: Option<Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyCapsule>> {
        // The protocol lets a producer keep its own schema.
        drop(requested_schema);
        let pages = Pages::new(Shared(self.engine.clone_ref(py)), self.begin.clone());
        capsule(py, pages)
    }

    /// Names of the columns.
    #[getter]
    fn names(&self) -> Vec<String> {
        let schema = schema(self.begin.dim());
        let fields = schema.fields().iter();
        fields.map(|field| field.name().clone()).collect()
    }

    /// The next memories as lines of JSON with their number; None after the last.
    fn json_lines(&self, py: Python<'_>, limit: usize) -> PyResult<Option<(String, usize)>> {
        self.page(py, limit, |page| {
            (!page.is_empty()).then(|| (json_lines(page), page.len()))
        })
    }

    /// The next memories as rows of text fields; none after the last.
    fn fields(&self, py: Python<'_>, limit: usize) -> PyResult<Vec<Vec<Option<String>>>> {
        let with_vector = self.begin.dim() > 0;
        self.page(py, limit, |page| {
            page.iter().map(|row| fields(row, with_vector)).collect()
        })
    }

    /// The next events of the export's memories, oldest first; an empty stream after the last.
    fn events_arrow(&self, py: Python<'_>, limit: usize) -> PyResult<EventStream> {
        EventStream::new(&self.next_events(py, limit)?)
    }

    /// The next events as history rows with the ids of their scope; none after the last.
    fn events<'py>(&self, py: Python<'py>, limit: usize) -> PyResult<Vec<Bound<'py, PyDict>>> {
        let events = self.next_events(py, limit)?;
        let rows = events.iter().map(|event| {
            let row = history_row(py, event)?;
            let scope = event.record().map(|record| &record.scope);
            row.set_item("user_id", scope.and_then(|scope| scope.user_id.as_ref()))?;
            row.set_item("agent_id", scope.and_then(|scope| scope.agent_id.as_ref()))?;
            row.set_item("run_id", scope.and_then(|scope| scope.run_id.as_ref()))?;
            Ok(row)
        });
        rows.collect()
    }
}
