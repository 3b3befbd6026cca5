//! Format 1: structs by position, and its conversion to format 2.
//!
//! The structs here are frozen. Format 1 began without the tables `signed` and `dropped`, and
//! without categories.

use redb::{Key, ReadableTable, TableDefinition, TableError, Value, WriteTransaction};
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::super::database;
use super::super::meta::{Counters, Embedder, META, Reembed};
use super::super::pending::PENDING;
use super::super::receipts::{Kept, RECEIPTS};
use super::super::stored::{Stored, damaged, from_position};
use super::super::tombstones::{TOMBSTONE_RUNS, TOMBSTONES, TombstoneRun};
use super::super::vectors::{SEGMENTS, SegmentEntry, WRITE_BUFFER};
use crate::error::Result;
use crate::query;
use crate::record::{self, Kind, Metadata};
use crate::rowid::RowId;
use crate::time::{Day, Micros};

const GRAVES: TableDefinition<u64, u64> = TableDefinition::new("graves");
const BURIALS: TableDefinition<RowId, &[u8]> = TableDefinition::new("burials");
const TAIL: TableDefinition<(u32, u32, u64), &[u8]> = TableDefinition::new("tail");
const OLD_RECEIPTS: TableDefinition<(u32, u128), u32> = TableDefinition::new("receipts");
const SIGNED: TableDefinition<(u32, u128), &[u8]> = TableDefinition::new("signed");

#[derive(Deserialize)]
struct Scope {
    user: Option<String>,
    agent: Option<String>,
    run: Option<String>,
}

#[derive(Deserialize)]
struct Provenance {
    source_hashes: Vec<[u8; 16]>,
    origin: Option<String>,
    role: Option<String>,
    actor_id: Option<String>,
    event_at: Option<Micros>,
    valid_from: Option<Micros>,
    valid_to: Option<Micros>,
    superseded_by: Option<String>,
    expires_on: Option<Day>,
    memory_type: Option<String>,
}

#[derive(Deserialize)]
struct Record {
    id: String,
    kind: Kind,
    scope: Scope,
    text: String,
    metadata: Metadata,
    created_at: Micros,
    updated_at: Micros,
    revision: u32,
    provenance: Provenance,
}

#[derive(Deserialize)]
struct Pending {
    id: u64,
    scope: Scope,
    at: Micros,
    reason: String,
    body: String,
}

#[derive(Default, Deserialize)]
struct Signed {
    ids: Vec<Option<String>>,
    note: String,
}

#[derive(Deserialize)]
struct Numbers {
    row: u64,
    seq: u64,
    partition: u32,
    scope: u32,
    segment: u64,
}

#[derive(Deserialize)]
struct Reembedding {
    space: u32,
    name: String,
    dim: usize,
    fingerprint: String,
    next: Option<RowId>,
    complete: bool,
    seq: u64,
}

#[derive(Deserialize)]
struct Burial {
    first_seq: u64,
    steps: Vec<u64>,
}

#[derive(Deserialize)]
struct Segment {
    space: u32,
    dim: u32,
    rows: u64,
    bytes: u64,
    header: u64,
}

impl From<Scope> for record::Scope {
    fn from(scope: Scope) -> Self {
        Self {
            user_id: scope.user,
            agent_id: scope.agent,
            run_id: scope.run,
        }
    }
}

impl From<Segment> for SegmentEntry {
    fn from(entry: Segment) -> Self {
        Self {
            space: entry.space,
            dim: entry.dim,
            rows: entry.rows,
            bytes: entry.bytes,
            header: entry.header,
        }
    }
}

/// The record with a body of format 1; what stands before the body is left empty.
pub(in super::super) fn record(body: &[u8]) -> Result<record::Record> {
    let (old, rest): (Record, &[u8]) =
        postcard::take_from_bytes(body).map_err(|_| damaged("record"))?;
    let from = old.provenance;
    Ok(record::Record {
        id: old.id,
        kind: old.kind,
        scope: old.scope.into(),
        text: old.text,
        metadata: old.metadata,
        created_at: old.created_at,
        updated_at: old.updated_at,
        revision: old.revision,
        provenance: record::Provenance {
            source_hashes: from.source_hashes,
            origin: from.origin,
            role: from.role,
            actor_id: from.actor_id,
            valid_from: from.valid_from,
            valid_to: from.valid_to,
            superseded_by: from.superseded_by,
            expires_on: from.expires_on,
            memory_type: from.memory_type,
            // They follow the body where there are any.
            categories: if rest.is_empty() {
                Vec::new()
            } else {
                from_position(rest, "record")?
            },
            told: record::Told {
                event_at: from.event_at,
                ..record::Told::default()
            },
            ..record::Provenance::default()
        },
        ..record::Record::default()
    })
}

/// Makes a store of format 1 one of format 2: tables under the names they have since, few rows with
/// tagged fields, receipts in one table. Records and events stay as they are.
pub(super) fn convert(write: &WriteTransaction) -> Result<()> {
    rename(write, GRAVES, TOMBSTONES)?;
    rename(write, BURIALS, TOMBSTONE_RUNS)?;
    rename(write, TAIL, WRITE_BUFFER)?;
    rewrite(write, TOMBSTONE_RUNS, |old: Burial| TombstoneRun {
        first_seq: old.first_seq,
        steps: old.steps,
    })?;
    rewrite(write, SEGMENTS, |old: Segment| SegmentEntry::from(old))?;
    rewrite(write, PENDING, |old: Pending| query::Pending {
        id: old.id,
        scope: old.scope.into(),
        at: old.at,
        reason: old.reason,
        body: old.body,
    })?;
    convert_meta(write)?;
    convert_receipts(write)
}

fn rename<K: Key + 'static, V: Value + 'static>(
    write: &WriteTransaction,
    from: TableDefinition<'_, K, V>,
    to: TableDefinition<'_, K, V>,
) -> Result<()> {
    match write.rename_table(from, to) {
        Ok(()) | Err(TableError::TableDoesNotExist(_)) => Ok(()),
        Err(error) => Err(database(error)),
    }
}

/// Writes each value of a table with tagged fields.
fn rewrite<K, Old: DeserializeOwned, New: Stored>(
    write: &WriteTransaction,
    table: TableDefinition<'_, K, &'static [u8]>,
    convert: impl Fn(Old) -> New,
) -> Result<()>
where
    for<'a> K: Key + Value<SelfType<'a> = K> + 'static,
{
    let mut table = write.open_table(table).map_err(database)?;
    let mut rows = Vec::new();
    for entry in table.iter().map_err(database)? {
        let (key, bytes) = entry.map_err(database)?;
        let old = from_position(bytes.value(), "row of format 1")?;
        rows.push((key.value(), convert(old).to_bytes()?));
    }
    for (key, bytes) in rows {
        table.insert(key, bytes.as_slice()).map_err(database)?;
    }
    Ok(())
}

fn convert_meta(write: &WriteTransaction) -> Result<()> {
    let mut table = write.open_table(META).map_err(database)?;
    let get = |key: &str| -> Result<Option<Vec<u8>>> {
        let bytes = table.get(key).map_err(database)?;
        Ok(bytes.map(|bytes| bytes.value().to_vec()))
    };
    let (counters, reembed) = (get("counters")?, get("reembed")?);
    if let Some(bytes) = counters {
        let old: Numbers = from_position(&bytes, "counters")?;
        let new = Counters {
            row: old.row,
            seq: old.seq,
            partition: old.partition,
            scope: old.scope,
            segment: old.segment,
        };
        let bytes = new.to_bytes()?;
        table
            .insert("counters", bytes.as_slice())
            .map_err(database)?;
    }
    if let Some(bytes) = reembed {
        let old: Reembedding = from_position(&bytes, "reembed")?;
        let new = Reembed {
            space: old.space,
            embedder: Embedder {
                name: old.name,
                dim: old.dim,
                fingerprint: old.fingerprint,
            },
            next: old.next,
            complete: old.complete,
            seq: old.seq,
        };
        let bytes = new.to_bytes()?;
        table
            .insert("reembed", bytes.as_slice())
            .map_err(database)?;
    }
    Ok(())
}

/// Puts what is kept of named batches beside the scopes of their names. The first ones kept nothing.
fn convert_receipts(write: &WriteTransaction) -> Result<()> {
    let mut rows = Vec::new();
    {
        let old = write.open_table(OLD_RECEIPTS).map_err(database)?;
        let kept = write.open_table(SIGNED).map_err(database)?;
        for entry in old.iter().map_err(database)? {
            let (name, scope) = entry.map_err(database)?;
            let signed = kept.get(name.value()).map_err(database)?;
            let signed: Signed = signed
                .map(|bytes| from_position(bytes.value(), "receipt"))
                .transpose()?
                .unwrap_or_default();
            let receipt = Kept {
                scope: scope.value(),
                ids: signed.ids,
                note: signed.note,
            };
            rows.push((name.value(), receipt.to_bytes()?));
        }
    }
    write.delete_table(SIGNED).map_err(database)?;
    write.delete_table(OLD_RECEIPTS).map_err(database)?;
    let mut table = write.open_table(RECEIPTS).map_err(database)?;
    for (name, bytes) in rows {
        table.insert(name, bytes.as_slice()).map_err(database)?;
    }
    Ok(())
}
