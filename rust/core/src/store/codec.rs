//! Bytes of records and events: a fixed head that scans read alone, and a postcard body.

use std::path::Path;

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::tables::Event;
use crate::error::{Error, Result};
use crate::record::{Day, Kind, Record};

const RECORD_VERSION: u8 = 1;
const HEAD: usize = 12;
/// Codec byte of an event blob whose bodies are plain postcard.
const PLAIN: u8 = 0;

/// What a scan must know of a record before it decodes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Head {
    pub(crate) scope: u32,
    pub(crate) kind: Kind,
    /// The record holds no longer: its validity ended or another took its place.
    pub(crate) superseded: bool,
    pub(crate) expires_on: Option<Day>,
}

impl Head {
    pub(crate) fn of(record: &Record, scope: u32) -> Self {
        let from = &record.provenance;
        Self {
            scope,
            kind: record.kind,
            superseded: from.valid_to.is_some() || from.superseded_by.is_some(),
            expires_on: from.expires_on,
        }
    }
}

fn damaged(what: &str) -> Error {
    Error::Corrupt {
        path: Path::new("memfast.redb").to_owned(),
        problem: format!("a {what} cannot be read"),
    }
}

pub(crate) fn to_bytes<T: Serialize>(value: &T) -> Result<Vec<u8>> {
    postcard::to_allocvec(value).map_err(|error| Error::Database(error.to_string()))
}

pub(crate) fn from_bytes<T: DeserializeOwned>(bytes: &[u8], what: &str) -> Result<T> {
    postcard::from_bytes(bytes).map_err(|_| damaged(what))
}

pub(crate) fn encode_record(record: &Record, scope: u32) -> Result<Vec<u8>> {
    let head = Head::of(record, scope);
    let mut bytes = Vec::with_capacity(HEAD + 64 + record.text.len());
    bytes.push(RECORD_VERSION);
    bytes.push(u8::from(head.kind == Kind::Message));
    bytes.push(u8::from(head.superseded) | u8::from(head.expires_on.is_some()) << 1);
    bytes.push(0);
    bytes.extend(scope.to_le_bytes());
    bytes.extend(head.expires_on.unwrap_or(0).to_le_bytes());
    postcard::to_extend(record, bytes).map_err(|error| Error::Database(error.to_string()))
}

pub(crate) fn decode_head(bytes: &[u8]) -> Result<Head> {
    let head: &[u8; HEAD] = bytes.first_chunk().ok_or_else(|| damaged("record"))?;
    let [version, kind, flags, _, rest @ ..] = *head;
    if version != RECORD_VERSION {
        return Err(damaged("record of another version"));
    }
    let (Some(scope), Some(day)) = (rest.first_chunk(), rest.last_chunk()) else {
        return Err(damaged("record"));
    };
    Ok(Head {
        scope: u32::from_le_bytes(*scope),
        kind: if kind == 1 {
            Kind::Message
        } else {
            Kind::Memory
        },
        superseded: flags & 1 != 0,
        expires_on: (flags & 2 != 0).then(|| Day::from_le_bytes(*day)),
    })
}

pub(crate) fn decode_record(bytes: &[u8]) -> Result<Record> {
    decode_head(bytes)?;
    from_bytes(bytes.get(HEAD..).unwrap_or_default(), "record")
}

/// The events of one commit: codec byte, count, end offset of each body, bodies.
pub(crate) fn encode_events(events: &[Event]) -> Result<Vec<u8>> {
    let count = u32::try_from(events.len())
        .map_err(|_| Error::Invalid(format!("a batch of {} changes is too large", events.len())))?;
    let mut ends = Vec::with_capacity(events.len() * 8);
    let mut bodies = Vec::new();
    for event in events {
        bodies = postcard::to_extend(event, bodies)
            .map_err(|error| Error::Database(error.to_string()))?;
        ends.extend((bodies.len() as u64).to_le_bytes());
    }
    let mut bytes = Vec::with_capacity(5 + ends.len() + bodies.len());
    bytes.push(PLAIN);
    bytes.extend(count.to_le_bytes());
    bytes.extend(ends);
    bytes.extend(bodies);
    Ok(bytes)
}

/// Number of events in a commit's blob.
pub(crate) fn event_count(blob: &[u8]) -> Result<usize> {
    match blob {
        [PLAIN, a, b, c, d, ..] => Ok(u32::from_le_bytes([*a, *b, *c, *d]) as usize),
        _ => Err(damaged("commit's events")),
    }
}

/// The `index`-th event of a commit's blob.
pub(crate) fn decode_event(blob: &[u8], index: usize) -> Result<Event> {
    let count = event_count(blob)?;
    let end = |index: usize| -> Option<usize> {
        let bytes: &[u8; 8] = blob.get(5 + index * 8..)?.first_chunk()?;
        usize::try_from(u64::from_le_bytes(*bytes)).ok()
    };
    let bodies = 5 + count * 8;
    let start = if index == 0 { Some(0) } else { end(index - 1) };
    let body = (index < count)
        .then(|| blob.get(bodies.checked_add(start?)?..bodies.checked_add(end(index)?)?))
        .flatten();
    from_bytes(body.ok_or_else(|| damaged("commit's events"))?, "event")
}
