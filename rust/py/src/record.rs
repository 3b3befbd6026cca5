//! Records, events and operations between Python dicts and the core.

use memfast_core::filter::{format_day, format_instant};
use memfast_core::vector::supported;
use memfast_core::{
    Change, Event, EventKind, Existing, Kind, Op, Pending, Provenance, Put, Receipt, Record, Scope,
    Update,
};
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString};

use crate::error::invalid;
use crate::value::{from_map, to_map, to_text};
use crate::vectors::Rows;

/// A record in the shape of mem0's items: what is not known is absent, but for `metadata`.
pub(crate) fn item<'py>(
    py: Python<'py>,
    record: &Record,
    score: Option<f32>,
) -> PyResult<Bound<'py, PyDict>> {
    let item = PyDict::new(py);
    item.set_item(intern!(py, "id"), &record.id)?;
    item.set_item(intern!(py, "memory"), &record.text)?;
    item.set_item(intern!(py, "hash"), hex(&record.hash))?;
    let metadata = if record.metadata.is_empty() {
        None
    } else {
        Some(from_map(py, &record.metadata)?)
    };
    item.set_item(intern!(py, "metadata"), metadata)?;
    if let Some(score) = score {
        // Six decimals of a float are exact in Python; the f32 itself would show its noise.
        item.set_item(intern!(py, "score"), (f64::from(score) * 1e6).round() / 1e6)?;
    }
    item.set_item(intern!(py, "created_at"), format_instant(record.created_at))?;
    item.set_item(intern!(py, "updated_at"), format_instant(record.updated_at))?;
    let from = &record.provenance;
    let texts = [
        (intern!(py, "user_id"), &record.scope.user_id),
        (intern!(py, "agent_id"), &record.scope.agent_id),
        (intern!(py, "run_id"), &record.scope.run_id),
        (intern!(py, "actor_id"), &from.actor_id),
        (intern!(py, "role"), &from.role),
        (intern!(py, "memory_type"), &from.memory_type),
        (intern!(py, "superseded_by"), &from.superseded_by),
    ];
    for (key, text) in texts {
        if let Some(text) = text {
            item.set_item(key, text)?;
        }
    }
    let instants = [
        (intern!(py, "event_time"), from.event_at),
        (intern!(py, "valid_from"), from.valid_from),
        (intern!(py, "valid_to"), from.valid_to),
    ];
    for (key, instant) in instants {
        if let Some(instant) = instant {
            item.set_item(key, format_instant(instant))?;
        }
    }
    if let Some(day) = from.expires_on {
        item.set_item(intern!(py, "expiration_date"), format_day(day))?;
    }
    if record.kind == Kind::Message {
        item.set_item(intern!(py, "kind"), "message")?;
    }
    Ok(item)
}

/// Input that waits, as a dict.
pub(crate) fn pending_item<'py>(
    py: Python<'py>,
    pending: &Pending,
) -> PyResult<Bound<'py, PyDict>> {
    let item = PyDict::new(py);
    item.set_item("id", pending.id)?;
    item.set_item("user_id", &pending.scope.user_id)?;
    item.set_item("agent_id", &pending.scope.agent_id)?;
    item.set_item("run_id", &pending.scope.run_id)?;
    item.set_item("created_at", format_instant(pending.at))?;
    item.set_item("reason", &pending.reason)?;
    item.set_item("body", &pending.body)?;
    Ok(item)
}

/// Reads input to put aside: the ids of its scope, `reason` and `body`.
pub(crate) fn put_aside(dict: &Bound<'_, PyDict>) -> PyResult<Pending> {
    Ok(Pending {
        id: 0,
        scope: scope(dict)?,
        at: 0,
        reason: text(dict, "reason")?.unwrap_or_default(),
        body: text(dict, "body")?.unwrap_or_default(),
    })
}

/// Reads the name of a batch: the ids of its scope, and `key`.
pub(crate) fn receipt(dict: &Bound<'_, PyDict>) -> PyResult<Receipt> {
    Ok(Receipt {
        scope: scope(dict)?,
        key: text(dict, "key")?.unwrap_or_default(),
    })
}

fn scope(dict: &Bound<'_, PyDict>) -> PyResult<Scope> {
    Ok(Scope {
        user_id: text(dict, "user_id")?,
        agent_id: text(dict, "agent_id")?,
        run_id: text(dict, "run_id")?,
    })
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    let digit = |half: u8| char::from_digit(u32::from(half), 16).unwrap_or('?');
    let digits = bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    digits.map(digit).collect()
}

/// Name of an event, as mem0 writes it: a memory that ceased to hold is deleted, though it is kept.
pub(crate) fn event_name(event: &Event) -> &'static str {
    let held = |record: &Option<Record>| {
        let record = record.as_ref();
        record.is_some_and(|record| record.provenance.valid_to.is_none())
    };
    match event.kind {
        EventKind::Add => "ADD",
        EventKind::Update if held(&event.before) && !held(&event.after) => "DELETE",
        EventKind::Update => "UPDATE",
        EventKind::Delete => "DELETE",
    }
}

/// What holds after an event.
pub(crate) fn held_after(event: &Event) -> Option<&Record> {
    let after = event.after.as_ref();
    after.filter(|_| event_name(event) != "DELETE")
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
    row.set_item("new_memory", held_after(event).map(|record| &record.text))?;
    let name = event_name(event);
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
        ("new_metadata", held_after(event)),
    ] {
        let metadata = record
            .map(|record| from_map(py, &record.metadata))
            .transpose()?;
        row.set_item(key, metadata)?;
    }
    Ok(row)
}

/// Id of the memory that an operation was about, and what happened to it.
pub(crate) fn outcome(change: Change) -> (String, &'static str) {
    let event = match (&change.before, &change.after) {
        (None, _) => "ADD",
        (Some(_), None) => "DELETE",
        (Some(_), Some(_)) if change.kept() => "NONE",
        (Some(_), Some(_)) => "UPDATE",
    };
    let record = change.after.or(change.before);
    (
        record.map(|record| record.id.clone()).unwrap_or_default(),
        event,
    )
}

fn text(op: &Bound<'_, PyDict>, key: &str) -> PyResult<Option<String>> {
    match op.get_item(key)? {
        Some(value) if !value.is_none() => {
            let Ok(value) = value.cast::<PyString>() else {
                return Err(invalid(format!("`{key}` must be text, not {value:?}")));
            };
            to_text(value, key).map(Some)
        }
        _ => Ok(None),
    }
}

/// Hashes of the messages whose texts stand under `sources`.
fn sources(op: &Bound<'_, PyDict>) -> PyResult<Option<Vec<[u8; 16]>>> {
    let texts: Option<Vec<String>> = get(op, "sources")?;
    let hash = |text: &String| memfast_core::message_hash(text);
    Ok(texts.map(|texts| texts.iter().map(hash).collect()))
}

/// The bytes of an MD5 as [`hex`] writes them.
fn unhex(text: &str) -> PyResult<[u8; 16]> {
    let number = u128::from_str_radix(text, 16);
    number
        .map(u128::to_be_bytes)
        .map_err(|_| invalid(format!("{text:?} is no MD5")))
}

fn get<'py, T: FromPyObjectOwned<'py>>(op: &Bound<'py, PyDict>, key: &str) -> PyResult<Option<T>> {
    let value = op.get_item(key)?.filter(|value| !value.is_none());
    value
        .map(|value| value.extract().map_err(Into::into))
        .transpose()
}

/// Reads an operation: a dict with `op` (`put`, `update` or `delete`) and its fields, `vector` being
/// the number of a row of `rows`.
///
/// `support` holds levels of row numbers that the vector leans on, nearest first.
pub(crate) fn op(op: &Bound<'_, PyDict>, rows: Option<&Rows>) -> PyResult<Op> {
    let row = |index: usize| {
        rows.and_then(|rows| rows.row(index))
            .ok_or_else(|| invalid(format!("vector {index} is missing")))
    };
    let mut vector = get::<usize>(op, "vector")?
        .map(|index| row(index).map(<[f32]>::to_vec))
        .transpose()?;
    if let (Some(own), Some(support)) = (&mut vector, get::<Vec<Vec<usize>>>(op, "support")?) {
        let levels = support
            .iter()
            .map(|level| level.iter().map(|index| row(*index)).collect())
            .collect::<PyResult<Vec<_>>>()?;
        *own = supported(own, &levels);
    }
    let metadata = match op.get_item("metadata")? {
        Some(metadata) if !metadata.is_none() => {
            let Ok(metadata) = metadata.cast::<PyDict>() else {
                return Err(invalid(format!(
                    "`metadata` must be a dict, not {metadata:?}"
                )));
            };
            Some(to_map(metadata, "metadata", 0)?)
        }
        _ => None,
    };
    match text(op, "op")?.as_deref() {
        Some("put") => Ok(Op::Put(Put {
            id: text(op, "id")?,
            kind: match text(op, "kind")?.as_deref() {
                Some("message") => Kind::Message,
                _ => Kind::Memory,
            },
            scope: scope(op)?,
            text: text(op, "text")?.unwrap_or_default(),
            vector: vector.unwrap_or_default(),
            metadata: metadata.unwrap_or_default(),
            provenance: Provenance {
                source_hashes: sources(op)?.unwrap_or_default(),
                origin: text(op, "origin")?,
                role: text(op, "role")?,
                actor_id: text(op, "actor_id")?,
                event_at: get(op, "event_at")?,
                valid_from: get(op, "valid_from")?,
                valid_to: get(op, "valid_to")?,
                superseded_by: text(op, "superseded_by")?,
                expires_on: get(op, "expires_on")?,
                memory_type: text(op, "memory_type")?,
            },
            sources_of: text(op, "sources_of")?,
            created_at: get(op, "created_at")?,
            updated_at: get(op, "updated_at")?,
            existing: if get(op, "keep_text")?.unwrap_or(false) {
                Existing::KeepText
            } else {
                Existing::Refuse
            },
        })),
        Some("update") => Ok(Op::Update(Update {
            id: text(op, "id")?.unwrap_or_default(),
            text: text(op, "text")?,
            vector,
            metadata,
            expires_on: if op.contains("expires_on")? {
                Some(get(op, "expires_on")?)
            } else {
                None
            },
            valid_from: get(op, "valid_from")?,
            valid_to: get(op, "valid_to")?,
            event_at: get(op, "event_at")?,
            sources: sources(op)?,
            expects: text(op, "expects")?.map(|text| unhex(&text)).transpose()?,
        })),
        Some("delete") => Ok(Op::Delete(text(op, "id")?.unwrap_or_default())),
        other => Err(invalid(format!("unknown operation {other:?}"))),
    }
}
