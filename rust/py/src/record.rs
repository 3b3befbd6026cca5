//! Records, events and outcomes as Python gets them.

use memfast_core::time::format_instant;
use memfast_core::{Change, Event, EventKind, Pending};
use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::value::from_map;

/// Input in the pending queue: number, ids of its scope, time, reason and body.
pub(crate) type PendingItem = (
    u64,
    Option<String>,
    Option<String>,
    Option<String>,
    String,
    String,
    String,
);

pub(crate) fn pending_item(pending: Pending) -> PendingItem {
    let scope = pending.scope;
    (
        pending.id,
        scope.user_id,
        scope.agent_id,
        scope.run_id,
        format_instant(pending.at),
        pending.reason,
        pending.body,
    )
}

/// An event in the shape of mem0's history rows.
pub(crate) fn history_row<'py>(py: Python<'py>, event: &Event) -> PyResult<Bound<'py, PyDict>> {
    let row = PyDict::new(py);
    let record = event.record();
    row.set_item("id", format!("evt_{}", event.seq))?;
    row.set_item("memory_id", record.map(|record| &record.id))?;
    row.set_item(
        "old_memory",
        event.before.as_ref().map(|record| &record.text),
    )?;
    row.set_item("new_memory", event.held_after().map(|record| &record.text))?;
    let name = event.name();
    row.set_item("event", name)?;
    row.set_item("action", name)?;
    row.set_item(
        "created_at",
        record.map(|record| format_instant(record.created_at)),
    )?;
    let changed = (event.kind != EventKind::Add).then(|| format_instant(event.at));
    row.set_item("updated_at", changed)?;
    row.set_item("is_deleted", name == "DELETE")?;
    row.set_item(
        "actor_id",
        record.and_then(|record| record.provenance.actor_id.as_ref()),
    )?;
    row.set_item(
        "role",
        record.and_then(|record| record.provenance.role.as_ref()),
    )?;
    for (key, record) in [
        ("old_metadata", event.before.as_ref()),
        ("new_metadata", event.held_after()),
    ] {
        let metadata = record
            .map(|record| from_map(py, &record.metadata))
            .transpose()?;
        row.set_item(key, metadata)?;
    }
    Ok(row)
}

/// What became of an operation: the id of its memory, the event, and the text that the memory had
/// before, where there was one.
pub(crate) type Outcome = (String, &'static str, Option<String>);

pub(crate) fn outcome(change: Change) -> Outcome {
    let event = change.name();
    let previous = change.before.as_ref().map(|before| before.text.clone());
    let record = change.after.or(change.before);
    let id = record.map(|record| record.id.clone()).unwrap_or_default();
    (id, event, previous)
}
