//! Bytes of records and events: a fixed head that scans read alone, a postcard body and, where a
//! record has any, its categories.

use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::record::{Kind, Record};
use crate::time::Day;

const RECORD_VERSION: u8 = 1;
const HEAD: usize = 12;
const VERSION: usize = 24;

/// What a scan must know of a record before it decodes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Head {
    pub(crate) scope: u32,
    pub(crate) kind: Kind,
    /// The record holds no longer: its validity ended or another took its place.
    pub(crate) superseded: bool,
    pub(crate) expires_on: Option<Day>,
}

/// Which version of a record this is; behind its head.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Version {
    /// Event that made it.
    pub(crate) last_seq: u64,
    /// MD5 of its text.
    pub(crate) hash: [u8; 16],
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

pub(super) fn damaged(what: &str) -> Error {
    Error::Corrupt {
        path: Path::new("memfast.redb").to_owned(),
        problem: format!("a {what} cannot be read"),
    }
}

pub(crate) fn to_bytes<T: Serialize>(value: &T) -> Result<Vec<u8>> {
    postcard::to_allocvec(value).map_err(|error| Error::Database(error.to_string()))
}

pub(crate) fn from_bytes<'a, T: Deserialize<'a>>(bytes: &'a [u8], what: &str) -> Result<T> {
    postcard::from_bytes(bytes).map_err(|_| damaged(what))
}

/// Appends the bytes of a record.
pub(crate) fn encode_record(record: &Record, scope: u32, mut bytes: Vec<u8>) -> Result<Vec<u8>> {
    let head = Head::of(record, scope);
    bytes.push(RECORD_VERSION);
    bytes.push(u8::from(head.kind == Kind::Message));
    bytes.push(u8::from(head.superseded) | u8::from(head.expires_on.is_some()) << 1);
    bytes.push(0);
    bytes.extend(scope.to_le_bytes());
    bytes.extend(head.expires_on.unwrap_or(0).to_le_bytes());
    bytes.extend(record.last_seq.to_le_bytes());
    bytes.extend(record.hash);
    let database = |error: postcard::Error| Error::Database(error.to_string());
    let bytes = postcard::to_extend(record, bytes).map_err(database)?;
    // Format 1 began without categories: a record that has none ends with its body.
    if record.provenance.categories.is_empty() {
        return Ok(bytes);
    }
    postcard::to_extend(&record.provenance.categories, bytes).map_err(database)
}

pub(crate) fn decode_head(bytes: &[u8]) -> Result<Head> {
    let cut = || damaged("record");
    let (&[version, kind, flags, _], rest) = bytes.split_first_chunk().ok_or_else(cut)?;
    if version != RECORD_VERSION {
        return Err(damaged("record of another version"));
    }
    let (scope, rest) = rest.split_first_chunk().ok_or_else(cut)?;
    let day = rest.first_chunk().ok_or_else(cut)?;
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

pub(crate) fn decode_version(bytes: &[u8]) -> Result<Version> {
    let bytes = bytes.get(HEAD..HEAD + VERSION);
    let bytes = bytes.ok_or_else(|| damaged("record"))?;
    let (Some(last_seq), Some(hash)) = (bytes.first_chunk(), bytes.last_chunk()) else {
        return Err(damaged("record"));
    };
    Ok(Version {
        last_seq: u64::from_le_bytes(*last_seq),
        hash: *hash,
    })
}

pub(crate) fn decode_record(bytes: &[u8]) -> Result<Record> {
    decode_head(bytes)?;
    let version = decode_version(bytes)?;
    let body = bytes.get(HEAD + VERSION..).unwrap_or_default();
    let (mut record, rest): (Record, &[u8]) =
        postcard::take_from_bytes(body).map_err(|_| damaged("record"))?;
    if !rest.is_empty() {
        record.provenance.categories = from_bytes(rest, "record")?;
    }
    record.hash = version.hash;
    record.last_seq = version.last_seq;
    Ok(record)
}
