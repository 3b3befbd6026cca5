//! The tables of `memfast.redb`: the layout of format 1.

use redb::TableDefinition;
use serde::{Deserialize, Serialize};

use crate::record::{Record, Scope};
pub(crate) use crate::rowid::RowId as Place;

/// Newest format this version reads and writes.
pub(crate) const FORMAT: u32 = 1;

/// Named values of the store as a whole: `identity`, `counters`, `reembed`.
pub(super) const META: TableDefinition<&str, &[u8]> = TableDefinition::new("meta");
/// Records, those of a partition together, in the order they were added.
pub(super) const RECORDS: TableDefinition<Place, &[u8]> = TableDefinition::new("records");
/// Memory id to the place it has, or last had; ids that are no UUIDs as they are mostly written.
pub(super) const IDS: TableDefinition<&str, Place> = TableDefinition::new("ids");
/// The same for ids that are UUIDs: less than half as long, and twice as fast.
pub(super) const UUIDS: TableDefinition<u128, Place> = TableDefinition::new("uuids");
/// Row of a deleted record to its last event.
pub(super) const GRAVES: TableDefinition<u64, u64> = TableDefinition::new("graves");
/// Partition and last row of records that were deleted together, to their `Burial`.
pub(super) const BURIALS: TableDefinition<Place, &[u8]> = TableDefinition::new("burials");
/// Kind of the leading id (0 user, 1 agent, 2 run) and its value, to the partition.
pub(super) const PARTITIONS: TableDefinition<(u8, &str), u32> = TableDefinition::new("partitions");
/// Encoded scope to its number and partition.
pub(super) const SCOPES: TableDefinition<&[u8], (u32, u32)> = TableDefinition::new("scopes");
/// Kind of id, value and scope number, to the encoded scope: the scopes that carry an id.
pub(super) const SCOPE_IDS: TableDefinition<(u8, &str, u32), &[u8]> =
    TableDefinition::new("scope_ids");
/// First sequence number of a block of events to the block.
pub(super) const EVENTS: TableDefinition<u64, &[u8]> = TableDefinition::new("events");
/// Number of pending input to a postcard `Pending`.
pub(super) const PENDING: TableDefinition<u64, &[u8]> = TableDefinition::new("pending");
/// Partition and hash of a receipt, to the scope that it belongs to.
pub(super) const RECEIPTS: TableDefinition<(u32, u128), u32> = TableDefinition::new("receipts");
/// Partition and hash of a receipt, to a postcard `Signed`; older receipts have none.
pub(super) const SIGNED: TableDefinition<(u32, u128), &[u8]> = TableDefinition::new("signed");
/// Vectors not yet in a segment, by space and place: little-endian f32.
pub(super) const TAIL: TableDefinition<(u32, u32, u64), &[u8]> = TableDefinition::new("tail");
/// Segment number to its `SegmentEntry`. Bytes of a segment that is not here are garbage.
pub(super) const SEGMENTS: TableDefinition<u64, &[u8]> = TableDefinition::new("segments");
/// Number of a segment that is no longer named, while its file may be there, to the checksum of its
/// header. Files that are neither here nor named may be another database's.
pub(super) const DROPPED: TableDefinition<u64, u64> = TableDefinition::new("dropped");

/// What made the store's vectors.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
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
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(crate) struct Counters {
    pub(crate) row: u64,
    pub(crate) seq: u64,
    pub(crate) partition: u32,
    pub(crate) scope: u32,
    pub(crate) segment: u64,
}

impl Default for Counters {
    fn default() -> Self {
        // Sequence numbers start at 1, so that 0 means "before all events".
        Self {
            row: 0,
            seq: 1,
            partition: 0,
            scope: 0,
            segment: 1,
        }
    }
}

/// A vector set being built beside the one that is served.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Reembed {
    pub(crate) space: u32,
    pub(crate) embedder: Embedder,
    /// Records before this place are done, as of `seq`.
    pub(crate) next: Option<Place>,
    /// The pass over the records is complete; changes after `seq` are still to be done.
    pub(crate) complete: bool,
    pub(crate) seq: u64,
}

/// Records of a partition that were deleted together; their events are consecutive.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Burial {
    pub(super) first_seq: u64,
    /// Distance of each row from the one before it, the first from 0.
    steps: Vec<u64>,
}

impl Burial {
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

/// A segment as the catalogue knows it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct SegmentEntry {
    pub(crate) space: u32,
    pub(crate) dim: u32,
    pub(crate) rows: u64,
    pub(crate) bytes: u64,
    /// Checksum of the segment's header, which holds those of all sections.
    pub(crate) header: u64,
}

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
