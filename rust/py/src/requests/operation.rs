//! Operations of a write: puts, patches and deletions.

use memfast_core::vector::supported;
use memfast_core::{
    Existing, Kind, Metadata, Op, Patch, Provenance, Put, Rewrite, Sources, Speaker, Told,
    message_hash,
};
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::PyDict;

use super::write::{needed, scope};
use crate::error::invalid;
use crate::fields::{Fields, Shape, shown};
use crate::value::to_map;
use crate::vectors::vector;

static BLEND: Shape = Shape::new("Blend", "vector levels");
static REWRITE: Shape = Shape::new("Rewrite", "text vector");
static KEEP_TEXT: Shape = Shape::new("KeepText", "text");
static REVECTOR: Shape = Shape::new("Revector", "text vector");
static DELETE: Shape = Shape::new("Delete", "id");
static TOLD: Shape = Shape::new(
    "Told",
    "event_at worth trust may_contradict subject attribute value entities",
);
static PUT: Shape = Shape::new(
    "Put",
    "scope text vector id kind metadata sources source_ids note created_at updated_at said_at valid_from valid_to superseded_by expires_on memory_type categories told role actor_id existing sets_expiry",
);
static PATCH: Shape = Shape::new(
    "Patch",
    "id rewrite metadata categories expires_on sets_expiry said_at told valid_from valid_to superseded_by archive_to speaker sources source_ids expects",
);

/// A vector, blended with others where the object says so.
fn vector_of(object: &Bound<'_, PyAny>) -> PyResult<Vec<f32>> {
    let Some(fields) = BLEND.read(object)? else {
        return vector(object);
    };
    let py = fields.py();
    let own = fields.value(intern!(py, "vector"))?;
    let own = vector(&own.ok_or_else(|| invalid("`vector` is missing"))?)?;
    let levels: Vec<Vec<Bound<'_, PyAny>>> = fields.get(intern!(py, "levels"))?.unwrap_or_default();
    let levels: Vec<Vec<Vec<f32>>> = levels
        .iter()
        .map(|level| level.iter().map(vector).collect())
        .collect::<PyResult<_>>()?;
    let levels: Vec<Vec<&[f32]>> = levels
        .iter()
        .map(|level| level.iter().map(Vec::as_slice).collect())
        .collect();
    Ok(supported(&own, &levels))
}

/// The vector of a put or a rewrite, which must have one unless it is a kept message.
fn own_vector(fields: &Fields<'_, '_>, kind: Kind) -> PyResult<Vec<f32>> {
    let object = fields.value(intern!(fields.py(), "vector"))?;
    if object.is_none() && kind == Kind::Message {
        return Ok(Vec::new());
    }
    let vector = vector_of(&object.ok_or_else(|| invalid("`vector` is missing"))?)?;
    if vector.is_empty() {
        return Err(invalid("`vector` is empty"));
    }
    Ok(vector)
}

/// The messages under `source_ids`, and those whose texts stand under `sources`.
fn sources(fields: &Fields<'_, '_>) -> PyResult<Option<Sources>> {
    let py = fields.py();
    let ids: Option<Vec<String>> = fields.get(intern!(py, "source_ids"))?;
    let texts: Option<Vec<String>> = fields.get(intern!(py, "sources"))?;
    if ids.is_none() && texts.is_none() {
        return Ok(None);
    }
    let texts = texts.unwrap_or_default();
    Ok(Some(Sources {
        ids: ids.unwrap_or_default(),
        hashes: texts.iter().map(|text| message_hash(text)).collect(),
    }))
}

fn metadata(fields: &Fields<'_, '_>) -> PyResult<Option<Metadata>> {
    let Some(metadata) = fields.value(intern!(fields.py(), "metadata"))? else {
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

/// The MD5 that a change was decided on, in 32 hexadecimal digits.
fn expected(fields: &Fields<'_, '_>) -> PyResult<Option<[u8; 16]>> {
    let Some(text) = fields.text(intern!(fields.py(), "expects"))? else {
        return Ok(None);
    };
    let number = u128::from_str_radix(&text, 16);
    number
        .map(|number| Some(number.to_be_bytes()))
        .map_err(|_| invalid(format!("`expects` is {text:.80?}, not an MD5")))
}

pub(super) fn operation(object: &Bound<'_, PyAny>) -> PyResult<Op> {
    if let Some(fields) = PUT.read(object)? {
        return put(&fields).map(Op::Put);
    }
    if let Some(fields) = PATCH.read(object)? {
        return patch(&fields).map(Op::Patch);
    }
    if let Some(fields) = DELETE.read(object)? {
        return needed(&fields, intern!(fields.py(), "id")).map(Op::Delete);
    }
    Err(invalid(format!(
        "an operation is a Put, a Patch or a Delete, not {}",
        shown(object)
    )))
}

fn kind(fields: &Fields<'_, '_>) -> PyResult<Kind> {
    let name = needed(fields, intern!(fields.py(), "kind"))?;
    Kind::named(&name).ok_or_else(|| {
        invalid(format!(
            "unknown kind {name:.80?}; known are memory, message"
        ))
    })
}

fn put(fields: &Fields<'_, '_>) -> PyResult<Put> {
    let py = fields.py();
    let expires_on = fields.get(intern!(py, "expires_on"))?;
    let sets_expiry = fields.flag(intern!(py, "sets_expiry"))?;
    let sources = sources(fields)?.unwrap_or_default();
    let kind = kind(fields)?;
    Ok(Put {
        id: fields.text(intern!(py, "id"))?,
        kind,
        scope: scope(fields)?,
        text: needed(fields, intern!(py, "text"))?,
        vector: own_vector(fields, kind)?,
        metadata: metadata(fields)?.unwrap_or_default(),
        provenance: Provenance {
            source_ids: sources.ids,
            source_hashes: sources.hashes,
            note: fields.flag(intern!(py, "note"))?,
            origin: None,
            role: fields.text(intern!(py, "role"))?,
            actor_id: fields.text(intern!(py, "actor_id"))?,
            said_at: fields.get(intern!(py, "said_at"))?,
            valid_from: fields.get(intern!(py, "valid_from"))?,
            valid_to: fields.get(intern!(py, "valid_to"))?,
            superseded_by: fields.text(intern!(py, "superseded_by"))?,
            expires_on,
            memory_type: fields.text(intern!(py, "memory_type"))?,
            categories: fields.get(intern!(py, "categories"))?.unwrap_or_default(),
            told: told(fields)?.unwrap_or_default(),
        },
        created_at: fields.get(intern!(py, "created_at"))?,
        updated_at: fields.get(intern!(py, "updated_at"))?,
        existing: match fields.text(intern!(py, "existing"))?.as_deref() {
            None | Some("refuse") => Existing::Refuse,
            Some("keep") => Existing::KeepText,
            Some("update") => Existing::Update {
                expires_on: sets_expiry.then_some(expires_on),
            },
            Some(other) => {
                return Err(invalid(format!(
                    "`existing` is {other:.80?}; it must be refuse, keep or update"
                )));
            }
        },
    })
}

/// What a text tells, under `told`.
fn told(fields: &Fields<'_, '_>) -> PyResult<Option<Told>> {
    let py = fields.py();
    let Some(told) = fields.value(intern!(py, "told"))? else {
        return Ok(None);
    };
    let told = TOLD.must(&told)?;
    let worth: f64 = told.get(intern!(py, "worth"))?.unwrap_or_default();
    if !(0.0..=1.0).contains(&worth) {
        return Err(invalid(format!(
            "`worth` is {worth}; it must be from 0 to 1"
        )));
    }
    Ok(Some(Told {
        event_at: told.get(intern!(py, "event_at"))?,
        worth,
        trust: told.text(intern!(py, "trust"))?,
        may_contradict: told.get(intern!(py, "may_contradict"))?.unwrap_or_default(),
        subject: told.text(intern!(py, "subject"))?,
        attribute: told.text(intern!(py, "attribute"))?,
        value: told.text(intern!(py, "value"))?,
        entities: told.get(intern!(py, "entities"))?.unwrap_or_default(),
    }))
}

fn rewrite(object: &Bound<'_, PyAny>) -> PyResult<Rewrite> {
    let text = |fields: &Fields<'_, '_>| needed(fields, intern!(fields.py(), "text"));
    if let Some(fields) = REWRITE.read(object)? {
        return Ok(Rewrite::Text {
            text: text(&fields)?,
            vector: own_vector(&fields, Kind::Memory)?,
        });
    }
    if let Some(fields) = KEEP_TEXT.read(object)? {
        return text(&fields).map(Rewrite::Same);
    }
    if let Some(fields) = REVECTOR.read(object)? {
        return Ok(Rewrite::Vector {
            of: text(&fields)?,
            vector: own_vector(&fields, Kind::Memory)?,
        });
    }
    Err(invalid(format!(
        "`rewrite` is a Rewrite, a KeepText or a Revector, not {}",
        shown(object)
    )))
}

fn patch(fields: &Fields<'_, '_>) -> PyResult<Patch> {
    let py = fields.py();
    let expires_on = fields.get(intern!(py, "expires_on"))?;
    let change = fields.value(intern!(py, "rewrite"))?;
    let speaker: Option<(Option<String>, Option<String>)> = fields.get(intern!(py, "speaker"))?;
    Ok(Patch {
        id: needed(fields, intern!(py, "id"))?,
        rewrite: change.as_ref().map(rewrite).transpose()?,
        metadata: metadata(fields)?,
        categories: fields.get(intern!(py, "categories"))?,
        expires_on: fields
            .flag(intern!(py, "sets_expiry"))?
            .then_some(expires_on),
        valid_from: fields.get(intern!(py, "valid_from"))?,
        valid_to: fields.get(intern!(py, "valid_to"))?,
        superseded_by: fields.get(intern!(py, "superseded_by"))?,
        archive_to: fields.get(intern!(py, "archive_to"))?,
        said_at: fields.get(intern!(py, "said_at"))?,
        told: told(fields)?,
        speaker: speaker.map(|(role, actor_id)| Speaker { role, actor_id }),
        sources: sources(fields)?,
        expects: expected(fields)?,
    })
}
