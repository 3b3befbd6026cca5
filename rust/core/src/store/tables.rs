//! The tables of `memfast.redb`.

use redb::{ReadOnlyTable, ReadTransaction, Table, TableDefinition, WriteTransaction};
use serde::{Deserialize, Serialize};

use super::database;
use super::stored::stored;
use crate::error::Result;
use crate::query::Pending;
use crate::record::{Record, Scope};
pub(crate) use crate::rowid::RowId as Place;
use crate::time::Micros;

/// Named values of the store as a whole: `identity`, `counters`, `reembed`.
pub(super) const META: TableDefinition<&str, &[u8]> = TableDefinition::new("meta");
/// Records, those of a partition together, in the order they were added.
pub(super) const RECORDS: TableDefinition<Place, &[u8]> = TableDefinition::new("records");
/// Memory id to the place it has, or last had; ids that are no UUIDs as they are mostly written.
pub(super) const IDS: TableDefinition<&str, Place> = TableDefinition::new("ids");
/// The same for ids that are UUIDs: less than half as long, and twice as fast.
pub(super) const UUIDS: TableDefinition<u128, Place> = TableDefinition::new("uuids");
/// Row of a deleted record to its last event.
pub(super) const TOMBSTONES: TableDefinition<u64, u64> = TableDefinition::new("tombstones");
/// Partition and last row of records that were deleted together, to their `TombstoneRun`.
pub(super) const TOMBSTONE_RUNS: TableDefinition<Place, &[u8]> =
    TableDefinition::new("tombstone_runs");
/// Kind of the leading id (0 user, 1 agent, 2 run) and its value, to the partition.
pub(super) const PARTITIONS: TableDefinition<(u8, &str), u32> = TableDefinition::new("partitions");
/// Encoded scope to its number and partition.
pub(super) const SCOPES: TableDefinition<&[u8], (u32, u32)> = TableDefinition::new("scopes");
/// Kind of id, value and scope number, to the encoded scope: the scopes that carry an id.
pub(super) const SCOPE_IDS: TableDefinition<(u8, &str, u32), &[u8]> =
    TableDefinition::new("scope_ids");
/// First sequence number of a block of events to the block.
pub(super) const EVENTS: TableDefinition<u64, &[u8]> = TableDefinition::new("events");
/// Number of pending input to a `Pending`.
pub(super) const PENDING: TableDefinition<u64, &[u8]> = TableDefinition::new("pending");
/// Partition and hash of the name of a batch, to a `Receipt`.
pub(super) const RECEIPTS: TableDefinition<(u32, u128), &[u8]> = TableDefinition::new("receipts");
/// Vectors not yet in a segment, by space and place: little-endian f32.
pub(super) const WRITE_BUFFER: TableDefinition<(u32, u32, u64), &[u8]> =
    TableDefinition::new("write_buffer");
/// Segment number to its `SegmentEntry`. Bytes of a segment that is not here are garbage.
pub(super) const SEGMENTS: TableDefinition<u64, &[u8]> = TableDefinition::new("segments");
/// Number of a segment that is no longer named, while its file may be there, to the checksum of its
/// header. Files that are neither here nor named may be another database's.
pub(super) const DROPPED: TableDefinition<u64, u64> = TableDefinition::new("dropped");

/// Makes the tables that a snapshot reads, those that a transaction writes, and what makes the ones
/// that are missing, from one list.
macro_rules! tables {
    ($($name:ident: $key:ty => $value:ty = $table:path;)+) => {
        /// All tables, as of one commit.
        pub(super) struct ReadTables {
            $(pub(super) $name: ReadOnlyTable<$key, $value>,)+
        }

        impl ReadTables {
            pub(super) fn open(read: &ReadTransaction) -> Result<Self> {
                Ok(Self { $($name: read.open_table($table).map_err(database)?,)+ })
            }
        }

        /// All tables, in one transaction.
        pub(super) struct WriteTables<'t> {
            $(pub(super) $name: Table<'t, $key, $value>,)+
        }

        impl<'t> WriteTables<'t> {
            /// Opens the tables, and makes those that are missing.
            pub(super) fn open(write: &'t WriteTransaction) -> Result<Self> {
                Ok(Self { $($name: write.open_table($table).map_err(database)?,)+ })
            }
        }

        /// Name, key and value of each table.
        #[cfg(test)]
        pub(super) const LAYOUT: &[(&str, &str)] = &[
            $((stringify!($name), concat!(stringify!($key), " => ", stringify!($value))),)+
        ];
    };
}

tables! {
    meta: &'static str => &'static [u8] = META;
    records: Place => &'static [u8] = RECORDS;
    ids: &'static str => Place = IDS;
    uuids: u128 => Place = UUIDS;
    tombstones: u64 => u64 = TOMBSTONES;
    tombstone_runs: Place => &'static [u8] = TOMBSTONE_RUNS;
    partitions: (u8, &'static str) => u32 = PARTITIONS;
    scopes: &'static [u8] => (u32, u32) = SCOPES;
    scope_ids: (u8, &'static str, u32) => &'static [u8] = SCOPE_IDS;
    events: u64 => &'static [u8] = EVENTS;
    pending: u64 => &'static [u8] = PENDING;
    receipts: (u32, u128) => &'static [u8] = RECEIPTS;
    write_buffer: (u32, u32, u64) => &'static [u8] = WRITE_BUFFER;
    segments: u64 => &'static [u8] = SEGMENTS;
    dropped: u64 => u64 = DROPPED;
}

/// What made the store's vectors.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Embedder {
    /// Name, such as `static`; empty where the vectors come from outside.
    pub name: String,
    /// Dimensions; 0 until the first vector is stored.
    pub dim: usize,
    /// Tells two versions of one model apart.
    pub fingerprint: String,
}

/// What the store is; JSON under `identity`.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Identity {
    /// Format of the store.
    pub format: u32,
    /// Made anew when the log starts anew (`reset`), so that projections notice.
    pub log_id: String,
    /// Number of the vector set that is served; `reembed` swaps in the next one.
    pub space: u32,
    /// What made the vectors of `space`.
    pub embedder: Embedder,
}

/// The next free numbers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Counters {
    pub(crate) row: u64,
    pub(crate) seq: u64,
    pub(crate) partition: u32,
    pub(crate) scope: u32,
    pub(crate) segment: u64,
}

stored!(
    Counters,
    "set of counters",
    Counters { row, seq, partition, scope, segment },
    { 1 => row: u64, 2 => seq: u64, 3 => partition: u32, 4 => scope: u32, 5 => segment: u64 }
);

impl Counters {
    /// Those of an empty store.
    pub(super) fn first() -> Self {
        // Sequence numbers start at 1, so that 0 means "before all events".
        Self {
            seq: 1,
            segment: 1,
            ..Self::default()
        }
    }
}

/// A vector set being built beside the one that is served.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Reembed {
    pub(crate) space: u32,
    pub(crate) embedder: Embedder,
    /// Records before this place are done, as of `seq`.
    pub(crate) next: Option<Place>,
    /// The pass over the records is complete; changes after `seq` are still to be done.
    pub(crate) complete: bool,
    pub(crate) seq: u64,
}

stored!(
    Reembed,
    "change of embedder",
    Reembed { space, embedder: Embedder { name, dim, fingerprint }, next, complete, seq },
    {
        1 => space: u32,
        2 => name: String,
        3 => dim: usize,
        4 => fingerprint: String,
        5 => next: Option<Place>,
        6 => complete: bool,
        7 => seq: u64,
    }
);

/// Records of a partition that were deleted together; their events are consecutive.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct TombstoneRun {
    pub(super) first_seq: u64,
    /// Distance of each row from the one before it, the first from 0.
    pub(super) steps: Vec<u64>,
}

stored!(
    TombstoneRun,
    "run of tombstones",
    TombstoneRun { first_seq, steps },
    { 1 => first_seq: u64, 2 => steps: Vec<u64> }
);

impl TombstoneRun {
    pub(super) fn new(first_seq: u64, rows: impl Iterator<Item = u64>) -> Self {
        let steps = rows.scan(0, |last, row| Some(row - std::mem::replace(last, row)));
        Self {
            first_seq,
            steps: steps.collect(),
        }
    }

    /// The event that deleted a row.
    pub(super) fn event_of(&self, row: u64) -> Option<u64> {
        let mut at = 0;
        for (seq, step) in (self.first_seq..).zip(&self.steps) {
            at += step;
            if at >= row {
                return (at == row).then_some(seq);
            }
        }
        None
    }
}

/// What is kept of a named batch.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Receipt {
    /// The scope that the name belongs to.
    pub(super) scope: u32,
    /// The memory of each operation; `None` for a put that changed nothing.
    pub(super) ids: Vec<Option<String>>,
    /// The caller's note.
    pub(super) note: String,
}

stored!(
    Receipt,
    "receipt",
    Receipt { scope, ids, note },
    { 1 => scope: u32, 2 => ids: Vec<Option<String>>, 3 => note: String }
);

stored!(
    Pending,
    "pending input",
    Pending { id: _, scope: Scope { user_id, agent_id, run_id }, at, reason, body },
    {
        1 => user_id: Option<String>,
        2 => agent_id: Option<String>,
        3 => run_id: Option<String>,
        4 => at: Micros,
        5 => reason: String,
        6 => body: String,
    }
);

/// A segment as the catalogue knows it.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct SegmentEntry {
    pub(crate) space: u32,
    pub(crate) dim: u32,
    pub(crate) rows: u64,
    pub(crate) bytes: u64,
    /// Checksum of the segment's header, which holds those of all sections.
    pub(crate) header: u64,
}

stored!(
    SegmentEntry,
    "segment entry",
    SegmentEntry { space, dim, rows, bytes, header },
    { 1 => space: u32, 2 => dim: u32, 3 => rows: u64, 4 => bytes: u64, 5 => header: u64 }
);

/// The number of an id that is a UUID as it is mostly written: lower case, with hyphens.
pub(super) fn uuid_of(id: &str) -> Option<u128> {
    let uuid = uuid::Uuid::try_parse(id).ok()?;
    let mut text = uuid::Uuid::encode_buffer();
    (uuid.hyphenated().encode_lower(&mut text) == id).then(|| uuid.as_u128())
}

/// XXH3-128 of the name of a batch in a scope.
pub(super) fn receipt_hash(scope: u32, key: &str) -> u128 {
    xxhash_rust::xxh3::xxh3_128_with_seed(key.as_bytes(), u64::from(scope))
}

/// The ids of a scope with their kinds, leading one first.
pub(super) fn scope_ids(scope: &Scope) -> impl Iterator<Item = (u8, &str)> {
    let ids = [&scope.user_id, &scope.agent_id, &scope.run_id];
    (0u8..)
        .zip(ids)
        .filter_map(|(kind, id)| Some((kind, id.as_deref()?)))
}

/// What happened to a memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum EventKind {
    /// It was added.
    Add,
    /// Its text, metadata or provenance changed.
    Update,
    /// It was deleted.
    Delete,
}

/// One entry of the event log: a memory before and after a change.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Event {
    /// Position in the log, from 1.
    pub seq: u64,
    /// What happened.
    pub kind: EventKind,
    /// When it was committed, in microseconds since 1970 UTC.
    pub at: i64,
    /// The memory's event before this one; 0 for none.
    pub prev_seq: u64,
    /// The memory before; `None` for an add.
    pub before: Option<Record>,
    /// The memory after; `None` for a delete.
    pub after: Option<Record>,
}

impl Event {
    /// The record that the event is about: after the change, or before a delete.
    #[must_use]
    pub fn record(&self) -> Option<&Record> {
        self.after.as_ref().or(self.before.as_ref())
    }
}
