//! The event log, and exports.

use pyo3::prelude::*;
use pyo3::types::PyDict;

use super::PyEngine;
use crate::bulk::{EventStream, PyExport};
use crate::error::{briefly, detached};
use crate::record::history_row;
use crate::requests::Selection;

fn hex(fingerprint: u128) -> String {
    format!("{fingerprint:032x}")
}

#[pymethods]
impl PyEngine {
    /// All changes of a memory, oldest first.
    #[pyo3(signature = (id, within=None))]
    fn events<'py>(
        &self,
        py: Python<'py>,
        id: &str,
        within: Option<Selection>,
    ) -> PyResult<Vec<Bound<'py, PyDict>>> {
        let view = self.0.within(within.map(Selection::scopes));
        let events = detached(py, || view.history(id))?;
        events.iter().map(|event| history_row(py, event)).collect()
    }

    /// Log id, number of the last event, and fingerprint of the event `seq` (None if the log has
    /// no such event).
    fn log_state(&self, seq: u64) -> PyResult<(String, u64, Option<String>)> {
        let state = briefly(|| self.0.log_state(seq))?;
        Ok((state.log_id, state.last_seq, state.fingerprint.map(hex)))
    }

    /// Events after a number, with the log id and the number and fingerprint of the last of them.
    fn events_arrow(
        &self,
        py: Python<'_>,
        after_seq: u64,
        limit: usize,
    ) -> PyResult<(String, u64, Option<String>, EventStream)> {
        let (state, stream) = detached(py, || {
            let (state, events) = self.0.log_piece(after_seq, limit)?;
            Ok((state, EventStream::new(&events)))
        })?;
        let stream = stream?;
        let fingerprint = state.fingerprint.map(hex);
        Ok((state.log_id, state.seq, fingerprint, stream))
    }

    /// All that is selected as of now, to be read in pieces.
    #[pyo3(signature = (selection, *, vectors=true))]
    fn export(slf: &Bound<'_, Self>, selection: Selection, vectors: bool) -> PyResult<PyExport> {
        let engine = &slf.get().0;
        let export = detached(slf.py(), || engine.export(selection.0, vectors))?;
        Ok(PyExport::new(slf.clone().unbind(), export))
    }
}
