//! Arguments of the engine's methods as the core takes them.

use memfast_core::{Batch, Embedder, Selection};
use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::error::{PyError, invalid};
use crate::record::{op, put_aside};
use crate::value::{Room, to_value};
use crate::vectors::matrix;

/// Name, dimensions (0 if not known yet) and fingerprint of an embedder.
pub(crate) type EmbedderArgument = (String, usize, String);
/// The values a scope id may have, for user, agent and run; `None` if it was not given.
pub(crate) type ScopeArgument = (
    Option<Vec<String>>,
    Option<Vec<String>>,
    Option<Vec<String>>,
);
pub(crate) fn embedder((name, dim, fingerprint): EmbedderArgument) -> Embedder {
    Embedder {
        name,
        dim,
        fingerprint,
    }
}

pub(crate) fn selection(
    scope: ScopeArgument,
    filter: Option<&Bound<'_, PyAny>>,
    (show_expired, include_superseded, include_messages): (bool, bool, bool),
) -> PyResult<Selection> {
    let filter = filter
        .map(|filter| to_value(filter, "filters", &Room::of(0)))
        .transpose()?;
    let mut selection =
        Selection::parse([scope.0, scope.1, scope.2], filter.as_ref()).map_err(PyError)?;
    selection.show_expired = show_expired;
    selection.include_superseded = include_superseded;
    selection.include_messages = include_messages;
    Ok(selection)
}

/// A selection, where `exact` without the scopes that have more ids than it names.
pub(crate) fn narrowed(mut selection: Selection, exact: bool) -> Selection {
    if exact {
        selection.scope = selection.scope.exactly();
    }
    selection
}

/// The arguments of `apply`: operations, vectors, space, what is put aside, what is settled, and the
/// name of the batch.
pub(crate) type BatchArgument<'py> = (
    Vec<Bound<'py, PyDict>>,
    Option<Bound<'py, PyAny>>,
    Option<u32>,
    Vec<Bound<'py, PyDict>>,
    Vec<u64>,
    Option<Bound<'py, PyDict>>,
);

pub(crate) fn batch(
    (ops, vectors, space, pending, settled, receipt): BatchArgument<'_>,
) -> PyResult<Batch> {
    let rows = vectors.map(|vectors| matrix(&vectors)).transpose()?;
    let single = ops.len() == 1;
    let read = |(index, dict): (usize, &Bound<'_, PyDict>)| {
        op(dict, rows.as_ref()).map_err(|error| {
            if single {
                return error;
            }
            let problem = error.value(dict.py()).to_string();
            invalid(format!("item {index} of the batch: {problem}"))
        })
    };
    Ok(Batch {
        ops: ops.iter().enumerate().map(read).collect::<PyResult<_>>()?,
        space,
        pending: pending.iter().map(put_aside).collect::<PyResult<_>>()?,
        settled,
        receipt: receipt.as_ref().map(crate::record::receipt).transpose()?,
    })
}
