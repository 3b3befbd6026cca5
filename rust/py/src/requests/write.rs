//! Writes: operations, pending input, and their names.

use memfast_core::{Pending, Scope};
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::PyString;

use super::Selection;
use super::operation::operation;
use crate::error::invalid;
use crate::fields::{Fields, Shape};

static SCOPE: Shape = Shape::new("Scope", "user_id agent_id run_id");
static DEFERRED: Shape = Shape::new("Deferred", "scope reason body");
static RECEIPT: Shape = Shape::new("Receipt", "scope key note");
static WRITE: Shape = Shape::new("Write", "operations space pending processed receipt within");

/// Changes that are committed together.
pub(crate) struct Write(pub(crate) memfast_core::Write);

impl<'py> FromPyObject<'_, 'py> for Write {
    type Error = PyErr;

    fn extract(object: Borrowed<'_, 'py, PyAny>) -> PyResult<Self> {
        let fields = WRITE.must(&object)?;
        let py = fields.py();
        let operations = items(&fields, intern!(py, "operations"))?;
        let single = operations.len() == 1;
        let read = |(index, object): (usize, &Bound<'py, PyAny>)| {
            operation(object).map_err(|error| {
                if single {
                    return error;
                }
                let problem = error.value(py).to_string();
                invalid(format!("item {index} of the batch: {problem}"))
            })
        };
        let operations = operations.iter().enumerate().map(read);
        let pending = items(&fields, intern!(py, "pending"))?;
        let receipt = fields.get::<Bound<'py, PyAny>>(intern!(py, "receipt"))?;
        let within = fields.get::<Bound<'py, PyAny>>(intern!(py, "within"))?;
        Ok(Self(memfast_core::Write {
            ops: operations.collect::<PyResult<_>>()?,
            space: fields.get(intern!(py, "space"))?,
            pending: pending.iter().map(deferred).collect::<PyResult<_>>()?,
            processed: fields.get(intern!(py, "processed"))?.unwrap_or_default(),
            receipt: receipt.as_ref().map(self::receipt).transpose()?,
            within: within
                .map(|within| within.extract().map(Selection::scopes))
                .transpose()?,
        }))
    }
}

/// The name of a write.
pub(crate) struct Receipt(pub(crate) memfast_core::Receipt);

impl<'py> FromPyObject<'_, 'py> for Receipt {
    type Error = PyErr;

    fn extract(object: Borrowed<'_, 'py, PyAny>) -> PyResult<Self> {
        receipt(&object).map(Self)
    }
}

fn items<'py>(
    fields: &Fields<'_, 'py>,
    key: &Bound<'py, PyString>,
) -> PyResult<Vec<Bound<'py, PyAny>>> {
    Ok(fields.get(key)?.unwrap_or_default())
}

fn deferred(object: &Bound<'_, PyAny>) -> PyResult<Pending> {
    let fields = DEFERRED.must(object)?;
    let py = fields.py();
    Ok(Pending {
        id: 0,
        scope: scope(&fields)?,
        at: 0,
        reason: needed(&fields, intern!(py, "reason"))?,
        body: needed(&fields, intern!(py, "body"))?,
    })
}

fn receipt(object: &Bound<'_, PyAny>) -> PyResult<memfast_core::Receipt> {
    let fields = RECEIPT.must(object)?;
    let py = fields.py();
    Ok(memfast_core::Receipt {
        scope: scope(&fields)?,
        key: needed(&fields, intern!(py, "key"))?,
        note: needed(&fields, intern!(py, "note"))?,
    })
}

pub(super) fn needed<'py>(
    fields: &Fields<'_, 'py>,
    key: &Bound<'py, PyString>,
) -> PyResult<String> {
    let text = fields.text(key)?;
    text.ok_or_else(|| invalid(format!("`{key}` is missing")))
}

pub(super) fn scope(fields: &Fields<'_, '_>) -> PyResult<Scope> {
    let Some(object) = fields.value(intern!(fields.py(), "scope"))? else {
        return Err(invalid("`scope` is missing"));
    };
    let fields = SCOPE.must(&object)?;
    let py = fields.py();
    Ok(Scope {
        user_id: fields.text(intern!(py, "user_id"))?,
        agent_id: fields.text(intern!(py, "agent_id"))?,
        run_id: fields.text(intern!(py, "run_id"))?,
    })
}
