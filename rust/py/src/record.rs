//! Records, events and operations between Python dicts and the core.

use memfast_core::time::format_instant;
use memfast_core::vector::supported;
use memfast_core::{
    Change, Day, Event, EventKind, Existing, Kind, Metadata, Op, Pending, Provenance, Put, Receipt,
    Rewrite, Scope, Update,
};
use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::error::invalid;
use crate::fields::{Fields, shown};
use crate::value::{from_map, to_map};
use crate::vectors::Rows;

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
    let fields = Fields::of(dict, "input to put aside");
    let pending = Pending {
        id: 0,
        scope: scope(&fields)?,
        at: 0,
        reason: fields.text("reason")?.unwrap_or_default(),
        body: fields.text("body")?.unwrap_or_default(),
    };
    fields.done()?;
    Ok(pending)
}

/// Reads the name of a batch: the ids of its scope, `key`, and `note`.
pub(crate) fn receipt(dict: &Bound<'_, PyDict>) -> PyResult<Receipt> {
    let fields = Fields::of(dict, "a receipt");
    let receipt = Receipt {
        scope: scope(&fields)?,
        key: fields.text("key")?.unwrap_or_default(),
        note: fields.text("note")?.unwrap_or_default(),
    };
    fields.done()?;
    Ok(receipt)
}

fn scope(fields: &Fields<'_, '_>) -> PyResult<Scope> {
    Ok(Scope {
        user_id: fields.text("user_id")?,
        agent_id: fields.text("agent_id")?,
        run_id: fields.text("run_id")?,
    })
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

/// Hashes of the messages whose texts stand under `sources`.
fn sources(fields: &Fields<'_, '_>) -> PyResult<Option<Vec<[u8; 16]>>> {
    let texts: Option<Vec<String>> = fields.get("sources")?;
    let hash = |text: &String| memfast_core::message_hash(text);
    Ok(texts.map(|texts| texts.iter().map(hash).collect()))
}

/// The MD5 under a key, written as [`hex`] writes it.
fn md5(fields: &Fields<'_, '_>, key: &'static str) -> PyResult<Option<[u8; 16]>> {
    let Some(text) = fields.text(key)? else {
        return Ok(None);
    };
    let number = u128::from_str_radix(&text, 16);
    number
        .map(|number| Some(number.to_be_bytes()))
        .map_err(|_| invalid(format!("`{key}` is {text:.80?}, which is no MD5")))
}

fn metadata(fields: &Fields<'_, '_>) -> PyResult<Option<Metadata>> {
    let Some(metadata) = fields.value("metadata")? else {
        return Ok(None);
    };
    let Ok(metadata) = metadata.cast::<PyDict>() else {
        return Err(invalid(format!(
            "`metadata` must be a dict, not {}",
            shown(&metadata)
        )));
    };
    to_map(metadata, "metadata").map(Some)
}

/// Whether a last day is named, and which; `None` is to have none.
fn last_day(fields: &Fields<'_, '_>) -> PyResult<(bool, Option<Day>)> {
    Ok((fields.has("expires_on")?, fields.get("expires_on")?))
}

/// The vector of an operation: the row of `rows` that `vector` names, which leans on the rows that
/// `support` names, level by level, nearest first.
fn row_of(fields: &Fields<'_, '_>, rows: Option<&Rows>) -> PyResult<Option<Vec<f32>>> {
    let row = |index: usize| {
        rows.and_then(|rows| rows.row(index))
            .ok_or_else(|| invalid(format!("vector {index} is missing")))
    };
    let vector = fields.get::<usize>("vector")?;
    let support = fields.get::<Vec<Vec<usize>>>("support")?;
    let Some(index) = vector else {
        return match support {
            Some(_) => Err(invalid("`support` stands without `vector`")),
            None => Ok(None),
        };
    };
    let own = row(index)?;
    let Some(support) = support else {
        return Ok(Some(own.to_vec()));
    };
    let levels = support
        .iter()
        .map(|level| level.iter().map(|index| row(*index)).collect())
        .collect::<PyResult<Vec<_>>>()?;
    Ok(Some(supported(own, &levels)))
}

/// Reads an operation: a dict with `op` (`put`, `update` or `delete`) and its fields, `vector` being
/// the number of a row of `rows`.
pub(crate) fn op(op: &Bound<'_, PyDict>, rows: Option<&Rows>) -> PyResult<Op> {
    let mut fields = Fields::of(op, "an operation");
    let read = match fields.text("op")?.as_deref() {
        Some("put") => {
            fields.is("a put");
            Op::Put(put(&fields, rows)?)
        }
        Some("update") => {
            fields.is("an update");
            Op::Update(update(&fields, rows)?)
        }
        Some("delete") => {
            fields.is("a delete");
            Op::Delete(id(&fields)?)
        }
        Some(other) => {
            return Err(invalid(format!(
                "unknown operation {other:.80?}; known are put, update, delete"
            )));
        }
        None => return Err(invalid("an operation has no `op`: put, update or delete")),
    };
    fields.done()?;
    Ok(read)
}

fn id(fields: &Fields<'_, '_>) -> PyResult<String> {
    let id = fields.text("id")?;
    id.ok_or_else(|| invalid("an operation has no `id` of the memory that it changes"))
}

fn put(fields: &Fields<'_, '_>, rows: Option<&Rows>) -> PyResult<Put> {
    let (names_day, last_day) = last_day(fields)?;
    let keep_text = fields.get("keep_text")?.unwrap_or(false);
    let upsert = fields.get("upsert")?.unwrap_or(false);
    Ok(Put {
        id: fields.text("id")?,
        kind: kind(fields)?,
        scope: scope(fields)?,
        text: fields.text("text")?.unwrap_or_default(),
        vector: row_of(fields, rows)?.unwrap_or_default(),
        metadata: metadata(fields)?.unwrap_or_default(),
        provenance: Provenance {
            source_hashes: sources(fields)?.unwrap_or_default(),
            origin: fields.text("origin")?,
            role: fields.text("role")?,
            actor_id: fields.text("actor_id")?,
            event_at: fields.get("event_at")?,
            valid_from: fields.get("valid_from")?,
            valid_to: fields.get("valid_to")?,
            superseded_by: fields.text("superseded_by")?,
            expires_on: last_day,
            memory_type: fields.text("memory_type")?,
            categories: fields.get("categories")?.unwrap_or_default(),
        },
        sources_of: fields.text("sources_of")?,
        created_at: fields.get("created_at")?,
        updated_at: fields.get("updated_at")?,
        existing: match (keep_text, upsert) {
            (false, false) => Existing::Refuse,
            (true, false) => Existing::KeepText,
            (false, true) => Existing::Update {
                expires_on: names_day.then_some(last_day),
            },
            (true, true) => return Err(invalid("a put has both `keep_text` and `upsert`")),
        },
    })
}

fn kind(fields: &Fields<'_, '_>) -> PyResult<Kind> {
    let Some(name) = fields.text("kind")? else {
        return Ok(Kind::Memory);
    };
    Kind::named(&name).ok_or_else(|| {
        invalid(format!(
            "unknown kind {name:.80?}; known are memory, message"
        ))
    })
}

fn update(fields: &Fields<'_, '_>, rows: Option<&Rows>) -> PyResult<Update> {
    let text = fields.text("text")?;
    let vector = row_of(fields, rows)?;
    let vector_of = fields.text("vector_of")?;
    let rewrite = match (text, vector, vector_of) {
        (None, None, None) => None,
        (Some(text), Some(vector), None) => Some(Rewrite::Text { text, vector }),
        (Some(text), None, None) => Some(Rewrite::Same(text)),
        (None, Some(vector), Some(of)) => Some(Rewrite::Vector { of, vector }),
        (None, Some(_), None) => {
            return Err(invalid(
                "an update has a vector but neither `text` nor `vector_of`, the text that it is of",
            ));
        }
        (_, _, Some(_)) => {
            return Err(invalid(
                "`vector_of` stands beside a `vector` without `text` only",
            ));
        }
    };
    let (names_day, last_day) = last_day(fields)?;
    Ok(Update {
        id: id(fields)?,
        rewrite,
        metadata: metadata(fields)?,
        categories: fields.get("categories")?,
        expires_on: names_day.then_some(last_day),
        valid_from: fields.get("valid_from")?,
        valid_to: fields.get("valid_to")?,
        event_at: fields.get("event_at")?,
        sources: sources(fields)?,
        expects: md5(fields, "expects")?,
    })
}
