//! Records. Their bytes are a fixed head that scans read alone, and the tagged fields.

use std::ops::Bound;

use redb::TableDefinition;

use super::database;
use super::formats::{one, three};
use super::snapshot::Snapshot;
use super::stored::{Stored, damaged, stored};
use crate::error::Result;
use crate::record::{Kind, Metadata, Provenance, Record, Scope, Told};
use crate::rowid::RowId;
use crate::time::{Day, Micros};

/// Records, those of a partition together, in the order they were added.
pub(super) const RECORDS: TableDefinition<RowId, &[u8]> = TableDefinition::new("records");

/// Version of a record whose body is that of format 1.
const BY_POSITION: u8 = 1;
/// Version of a record whose body is tagged fields, and whose event time is that of a message too.
const TAGGED: u8 = 2;
/// Version of a record that has both times.
const BOTH_TIMES: u8 = 3;
const HEAD: usize = 12;
const VERSION: usize = 24;

/// What a scan must know of a record before it decodes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Head {
    pub(crate) scope: u32,
    pub(crate) kind: Kind,
    /// The record holds no longer: its validity ended or another replaced it.
    pub(crate) superseded: bool,
    pub(crate) expires_on: Option<Day>,
    /// [`mark_of`] its text.
    pub(crate) mark: u32,
}

/// The first bytes of the hash of a text: rows with equal marks most likely have equal texts.
pub(crate) fn mark_of(hash: &[u8; 16]) -> u32 {
    let [a, b, c, d, ..] = *hash;
    u32::from_le_bytes([a, b, c, d])
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
            mark: mark_of(&record.hash),
        }
    }
}

stored!(
    Record,
    "record",
    Record {
        id,
        kind: _, // in the head
        scope: Scope { user_id, agent_id, run_id },
        text,
        hash: _, // behind the head
        metadata,
        created_at,
        updated_at,
        revision,
        last_seq: _, // behind the head
        provenance: Provenance {
            source_ids,
            source_hashes,
            note,
            origin,
            role,
            actor_id,
            said_at,
            valid_from,
            valid_to,
            superseded_by,
            expires_on: _, // in the head
            memory_type,
            categories,
            told: Told {
                event_at,
                worth,
                trust,
                may_contradict,
                subject,
                attribute,
                value,
                entities,
            },
        },
    },
    {
        1 => id: String,
        2 => user_id: Option<String>,
        3 => agent_id: Option<String>,
        4 => run_id: Option<String>,
        5 => text: String,
        6 => metadata: Metadata,
        7 => created_at: Micros,
        8 => updated_at: Micros,
        9 => revision: u32,
        10 => source_hashes: Vec<[u8; 16]>,
        11 => origin: Option<String>,
        12 => role: Option<String>,
        13 => actor_id: Option<String>,
        14 => event_at: Option<Micros>,
        15 => valid_from: Option<Micros>,
        16 => valid_to: Option<Micros>,
        17 => superseded_by: Option<String>,
        18 => memory_type: Option<String>,
        19 => categories: Vec<String>,
        20 => note: bool,
        21 => source_ids: Vec<String>,
        22 => said_at: Option<Micros>,
        23 => worth: f64,
        24 => trust: Option<String>,
        25 => may_contradict: Vec<String>,
        26 => subject: Option<String>,
        27 => attribute: Option<String>,
        28 => value: Option<String>,
        29 => entities: Vec<String>,
    }
);

/// Appends the bytes of a record.
pub(crate) fn encode_record(record: &Record, scope: u32, mut bytes: Vec<u8>) -> Result<Vec<u8>> {
    let head = Head::of(record, scope);
    bytes.push(BOTH_TIMES);
    bytes.push(u8::from(head.kind == Kind::Message));
    bytes.push(u8::from(head.superseded) | u8::from(head.expires_on.is_some()) << 1);
    bytes.push(0);
    bytes.extend(scope.to_le_bytes());
    bytes.extend(head.expires_on.unwrap_or(0).to_le_bytes());
    bytes.extend(record.last_seq.to_le_bytes());
    bytes.extend(record.hash);
    record.write(bytes)
}

pub(crate) fn decode_head(bytes: &[u8]) -> Result<Head> {
    let cut = || damaged("record");
    let (&[version, kind, flags, _], rest) = bytes.split_first_chunk().ok_or_else(cut)?;
    if !matches!(version, BY_POSITION | TAGGED | BOTH_TIMES) {
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
        mark: mark_of(&decode_version(bytes)?.hash),
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
    let head = decode_head(bytes)?;
    let version = decode_version(bytes)?;
    let body = bytes.get(HEAD + VERSION..).unwrap_or_default();
    let mut record = if bytes.first() == Some(&BY_POSITION) {
        one::record(body)?
    } else {
        Record::read(body)?
    };
    record.kind = head.kind;
    record.hash = version.hash;
    record.last_seq = version.last_seq;
    record.provenance.expires_on = head.expires_on;
    if bytes.first() != Some(&BOTH_TIMES) {
        three::separate_times(&mut record);
    }
    Ok(record)
}

impl Snapshot {
    pub(crate) fn record(&self, row_id: RowId) -> Result<Option<Record>> {
        let bytes = self.tables.records.get(row_id).map_err(database)?;
        bytes.map(|bytes| decode_record(bytes.value())).transpose()
    }

    /// Head of the record with a row id.
    pub(crate) fn head(&self, row_id: RowId) -> Result<Option<Head>> {
        let bytes = self.tables.records.get(row_id).map_err(database)?;
        bytes.map(|bytes| decode_head(bytes.value())).transpose()
    }

    /// Calls `visit` with the bytes of each record of a partition from `from` on, in row order,
    /// until it returns `false`.
    pub(crate) fn visit(
        &self,
        partition: u32,
        from: u64,
        mut visit: impl FnMut(u64, &[u8]) -> Result<bool>,
    ) -> Result<()> {
        for entry in self
            .tables
            .records
            .range((partition, from)..=(partition, u64::MAX))
            .map_err(database)?
        {
            let (row_id, bytes) = entry.map_err(database)?;
            if !visit(row_id.value().1, bytes.value())? {
                break;
            }
        }
        Ok(())
    }

    /// Calls `visit` with the bytes of each record of a partition from row `last` back to the first
    /// one, until it returns `false`.
    pub(crate) fn visit_back(
        &self,
        partition: u32,
        last: u64,
        mut visit: impl FnMut(&[u8]) -> Result<bool>,
    ) -> Result<()> {
        let range = self
            .tables
            .records
            .range((partition, 0)..=(partition, last));
        for entry in range.map_err(database)?.rev() {
            if !visit(entry.map_err(database)?.1.value())? {
                break;
            }
        }
        Ok(())
    }

    /// Rows and heads of a partition's records, in row order.
    pub(crate) fn heads(&self, partition: u32) -> Result<Vec<(u64, Head)>> {
        let mut heads = Vec::new();
        self.visit(partition, 0, |row, bytes| {
            heads.push((row, decode_head(bytes)?));
            Ok(true)
        })?;
        Ok(heads)
    }

    /// Rows of a partition's records, ascending.
    pub(crate) fn rows(&self, partition: u32) -> Result<Vec<u64>> {
        let mut rows = Vec::new();
        self.visit(partition, 0, |row, _| {
            rows.push(row);
            Ok(true)
        })?;
        Ok(rows)
    }

    /// Up to `limit` records after `after`, over all partitions, with their row ids.
    pub(crate) fn records_after(
        &self,
        after: Option<RowId>,
        limit: usize,
    ) -> Result<Vec<(RowId, Record)>> {
        let start = after.map_or(Bound::Unbounded, Bound::Excluded);
        let range = self
            .tables
            .records
            .range((start, Bound::Unbounded))
            .map_err(database)?;
        let mut records = Vec::new();
        for entry in range.take(limit) {
            let (row_id, bytes) = entry.map_err(database)?;
            records.push((row_id.value(), decode_record(bytes.value())?));
        }
        Ok(records)
    }
}
