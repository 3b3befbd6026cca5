//! Calls that change the store.

use pyo3::prelude::*;

use super::PyEngine;
use crate::error::{PyError, detached, internal};
use crate::record::{Outcome, outcome};
use crate::requests::{Selection, Write};

#[pymethods]
impl PyEngine {
    /// Commits a write; returns what each operation did.
    fn write(&self, py: Python<'_>, write: Write) -> PyResult<Vec<Outcome>> {
        let changes = detached(py, || self.0.apply(write.0))?;
        Ok(changes.into_iter().map(outcome).collect())
    }

    /// Commits writes with one flush; returns what `write` returns for each, or the exception that
    /// it raises.
    fn write_each<'py>(
        &self,
        py: Python<'py>,
        writes: Vec<Bound<'py, PyAny>>,
    ) -> PyResult<Vec<Bound<'py, PyAny>>> {
        let read: Vec<PyResult<memfast_core::Write>> = writes
            .iter()
            .map(|write| Ok(write.extract::<Write>()?.0))
            .collect();
        let mut good = Vec::with_capacity(read.len());
        let mut failed = Vec::with_capacity(read.len());
        for batch in read {
            match batch {
                Ok(batch) => {
                    good.push(batch);
                    failed.push(None);
                }
                Err(error) => failed.push(Some(error)),
            }
        }
        let outcomes = detached(py, || self.0.apply_each(good))?;
        let mut outcomes = outcomes.into_iter();
        let returned = failed.into_iter().map(|failed| {
            let changes = match failed {
                Some(error) => Err(error),
                None => match outcomes.next() {
                    Some(done) => done.map_err(|error| PyErr::from(PyError(error))),
                    None => Err(internal("a write has no outcome")),
                },
            };
            match changes {
                Ok(changes) => {
                    let changes: Vec<_> = changes.into_iter().map(outcome).collect();
                    changes.into_pyobject(py)
                }
                Err(error) => Ok(error.into_value(py).into_bound(py).into_any()),
            }
        });
        returned.collect()
    }

    /// Deletes the selected memories; returns how many.
    fn erase(&self, py: Python<'_>, selection: Selection) -> PyResult<usize> {
        detached(py, || self.0.delete_all(&selection.0))
    }

    fn reset(&self, py: Python<'_>) -> PyResult<()> {
        detached(py, || self.0.reset())
    }
}
