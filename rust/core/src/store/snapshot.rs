//! A consistent view of the truth as of one commit.

use std::collections::{BTreeMap, HashSet, VecDeque};
use std::fmt;
use std::sync::Arc;

use redb::{ReadableTable, ReadableTableMetadata};

use super::catalogue::Named;
use super::codec::{self, Head};
use super::log::{self, Block};
use super::pages::Handle;
use super::stored::{Stored, by_position, from_position};
use super::tables::{
    self, Counters, Event, EventKind, Identity, Place, ReadTables, Reembed, SegmentEntry,
    receipt_hash, uuid_of,
};
use super::{database, meta, tombstones};
use crate::error::{Error, Result};
use crate::filter::{ScopeQuery, Select};
use crate::query::{Pending, Receipt, Signed};
use crate::record::{Record, Scope};

/// A partition with the scopes in it that are asked for; `None` for all of them.
pub(crate) type Target = (u32, Option<HashSet<u32>>);

pub(crate) struct Snapshot {
    pub(crate) identity: Identity,
    pub(crate) counters: Counters,
    pub(crate) reembed: Option<Reembed>,
    tables: ReadTables,
    /// Vectors in the write buffer, of all spaces.
    pub(crate) buffer_len: usize,
    /// Records of the store.
    pub(crate) records_len: u64,
    /// Segments of the vector set that is served, oldest first.
    pub(crate) segments: Vec<Arc<Named>>,
    // Last, so that the tables are closed before their database.
    handle: Arc<Handle>,
}

impl fmt::Debug for Snapshot {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Snapshot")
            .field("counters", &self.counters)
            .finish_non_exhaustive()
    }
}

impl Snapshot {
    pub(super) fn new(
        tables: ReadTables,
        mut named: Vec<Arc<Named>>,
        handle: Arc<Handle>,
    ) -> Result<Self> {
        let identity = meta::identity(&tables.meta)?;
        named.retain(|named| named.entry.space == identity.space);
        Ok(Self {
            identity,
            buffer_len: tables.write_buffer.len().map_err(database)? as usize,
            segments: named,
            counters: meta::counters(&tables.meta)?,
            reembed: meta::reembed(&tables.meta)?,
            records_len: tables.records.len().map_err(database)?,
            tables,
            handle,
        })
    }

    /// Whether its database fails to read, or was opened again since: a newer snapshot can be read.
    pub(crate) fn is_lost(&self) -> bool {
        self.handle.is_lost()
    }

    /// Input of a scope that waits, oldest first.
    pub(crate) fn pending(&self, scope: &ScopeQuery) -> Result<Vec<Pending>> {
        let mut found = Vec::new();
        for entry in self.tables.pending.range::<u64>(..).map_err(database)? {
            let (id, bytes) = entry.map_err(database)?;
            let pending = Pending {
                id: id.value(),
                ..Pending::read(bytes.value())?
            };
            if scope.matches(&pending.scope) {
                found.push(pending);
            }
        }
        Ok(found)
    }

    /// The number and the partition of a scope; `None` for one without memories so far.
    fn scope(&self, scope: &Scope) -> Result<Option<(u32, u32)>> {
        let encoded = by_position(scope)?;
        let known = self
            .tables
            .scopes
            .get(encoded.as_slice())
            .map_err(database)?;
        Ok(known.map(|known| known.value()))
    }

    /// What is kept of the batch of a name; `None` where there is none.
    pub(crate) fn signed(&self, receipt: &Receipt) -> Result<Option<Signed>> {
        let Some((number, partition)) = self.scope(&receipt.scope)? else {
            return Ok(None);
        };
        let name = (partition, receipt_hash(number, &receipt.key));
        let Some(bytes) = self.tables.receipts.get(name).map_err(database)? else {
            return Ok(None);
        };
        let kept = tables::Receipt::read(bytes.value())?;
        Ok(Some(Signed {
            ids: kept.ids,
            note: kept.note,
        }))
    }

    /// Sequence number of the last event; 0 if there is none.
    pub(crate) fn last_seq(&self) -> u64 {
        self.counters.seq - 1
    }

    pub(crate) fn place(&self, id: &str) -> Result<Option<Place>> {
        let place = match uuid_of(id) {
            Some(uuid) => self.tables.uuids.get(uuid),
            None => self.tables.ids.get(id),
        };
        Ok(place.map_err(database)?.map(|place| place.value()))
    }

    pub(crate) fn record(&self, place: Place) -> Result<Option<Record>> {
        let bytes = self.tables.records.get(place).map_err(database)?;
        bytes
            .map(|bytes| codec::decode_record(bytes.value()))
            .transpose()
    }

    /// Head of the record at a place.
    pub(crate) fn head(&self, place: Place) -> Result<Option<Head>> {
        let bytes = self.tables.records.get(place).map_err(database)?;
        bytes
            .map(|bytes| codec::decode_head(bytes.value()))
            .transpose()
    }

    pub(crate) fn by_id(&self, id: &str) -> Result<Option<Record>> {
        self.place(id)?.map_or(Ok(None), |place| self.record(place))
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
            let (place, bytes) = entry.map_err(database)?;
            if !visit(place.value().1, bytes.value())? {
                break;
            }
        }
        Ok(())
    }

    /// Rows and heads of a partition's records, in row order.
    pub(crate) fn heads(&self, partition: u32) -> Result<Vec<(u64, Head)>> {
        let mut heads = Vec::new();
        self.visit(partition, 0, |row, bytes| {
            heads.push((row, codec::decode_head(bytes)?));
            Ok(true)
        })?;
        Ok(heads)
    }

    /// The partitions that hold records, ascending.
    pub(crate) fn partitions(&self) -> Result<Vec<u32>> {
        let mut partitions = Vec::new();
        for entry in self
            .tables
            .partitions
            .range::<(u8, &str)>(..)
            .map_err(database)?
        {
            partitions.push(entry.map_err(database)?.1.value());
        }
        partitions.sort_unstable();
        Ok(partitions)
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

    /// All vectors in the tail as they are stored, in order of their places.
    pub(crate) fn whole_tail(&self) -> Result<Vec<(Place, Vec<u8>)>> {
        let space = self.identity.space;
        let range = (space, 0, 0)..=(space, u32::MAX, u64::MAX);
        let mut vectors = Vec::new();
        for entry in self.tables.write_buffer.range(range).map_err(database)? {
            let (place, bytes) = entry.map_err(database)?;
            let (_, partition, row) = place.value();
            vectors.push(((partition, row), bytes.value().to_vec()));
        }
        Ok(vectors)
    }

    /// Vectors of a partition in the tail, in row order.
    pub(crate) fn tail(&self, partition: u32) -> Result<Vec<(u64, Vec<f32>)>> {
        let space = self.identity.space;
        let mut vectors = Vec::new();
        let range = (space, partition, 0)..=(space, partition, u64::MAX);
        for entry in self.tables.write_buffer.range(range).map_err(database)? {
            let (place, bytes) = entry.map_err(database)?;
            let mut vector = Vec::with_capacity(bytes.value().len() / 4);
            super::segment::bytes_to_floats(bytes.value(), &mut vector);
            vectors.push((place.value().2, vector));
        }
        Ok(vectors)
    }

    /// Reads the vector of the record at a place into `out`.
    pub(crate) fn vector(&self, place: Place, out: &mut Vec<f32>) -> Result<()> {
        if self.find_vector(place, out)? {
            Ok(())
        } else {
            Err(missing_vector(place))
        }
    }

    /// The same, but `false` where there is none. One may outlast its record.
    pub(crate) fn find_vector(&self, (partition, row): Place, out: &mut Vec<f32>) -> Result<bool> {
        out.clear();
        let place = (self.identity.space, partition, row);
        if self.buffer_len > 0
            && let Some(bytes) = self.tables.write_buffer.get(place).map_err(database)?
        {
            super::segment::bytes_to_floats(bytes.value(), out);
            return Ok(true);
        }
        for named in self.segments.iter().rev() {
            let segment = named.segment()?;
            if let Some(position) = segment.position(partition, row)? {
                segment.vector(position, out)?;
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// The partitions that can hold memories of a scope query, ascending.
    pub(crate) fn targets(&self, query: &ScopeQuery) -> Result<Vec<Target>> {
        Ok(self.few_targets(query, usize::MAX)?.unwrap_or_default())
    }

    /// The same, but `None` where more than `most` scopes would have to be looked at.
    pub(crate) fn few_targets(
        &self,
        query: &ScopeQuery,
        most: usize,
    ) -> Result<Option<Vec<Target>>> {
        let mut left = most;
        let selects = [&query.user, &query.agent, &query.run];
        let pinned = selects
            .iter()
            .zip(0u8..)
            .filter_map(|(select, kind)| match select {
                Select::In(ids) => Some((kind, ids)),
                Select::Any | Select::Absent => None,
            });
        if let Some(scope) = query.only() {
            let known = self.scope(&scope)?;
            let target =
                known.map(|(number, partition)| (partition, Some(HashSet::from([number]))));
            return Ok(Some(target.into_iter().collect()));
        }
        let Some((kind, ids)) = pinned.clone().next() else {
            let all = self
                .tables
                .partitions
                .range::<(u8, &str)>(..)
                .map_err(database)?;
            let mut targets = Vec::new();
            for entry in all {
                if left == 0 {
                    return Ok(None);
                }
                left -= 1;
                targets.push((entry.map_err(database)?.1.value(), None));
            }
            targets.sort_unstable_by_key(|(partition, _)| *partition);
            return Ok(Some(targets));
        };
        let only = pinned.count() == 1;
        let mut targets: BTreeMap<u32, Option<HashSet<u32>>> = BTreeMap::new();
        for id in ids {
            if only && kind == 0 {
                // Every scope with this user lies in the user's own partition, and nothing else does.
                if let Some(partition) = self
                    .tables
                    .partitions
                    .get((0, id.as_str()))
                    .map_err(database)?
                {
                    targets.insert(partition.value(), None);
                }
                continue;
            }
            let range = (kind, id.as_str(), 0)..=(kind, id.as_str(), u32::MAX);
            for entry in self.tables.scope_ids.range(range).map_err(database)? {
                if left == 0 {
                    return Ok(None);
                }
                left -= 1;
                let encoded = entry.map_err(database)?.1;
                let scope: Scope = from_position(encoded.value(), "scope")?;
                let known = self.tables.scopes.get(encoded.value()).map_err(database)?;
                if let (true, Some(known)) = (query.matches(&scope), known) {
                    let (number, partition) = known.value();
                    let scopes = targets
                        .entry(partition)
                        .or_insert_with(|| Some(HashSet::new()));
                    if let Some(scopes) = scopes {
                        scopes.insert(number);
                    }
                }
            }
        }
        Ok(Some(targets.into_iter().collect()))
    }

    /// The partitions of users, in no order.
    pub(crate) fn partitions_of<'a>(
        &self,
        users: impl Iterator<Item = &'a String>,
    ) -> Result<Vec<u32>> {
        let mut partitions = Vec::new();
        for user in users {
            let known = self
                .tables
                .partitions
                .get((0, user.as_str()))
                .map_err(database)?;
            partitions.extend(known.map(|partition| partition.value()));
        }
        Ok(partitions)
    }

    /// The block that holds the event `seq`.
    fn block_of(&self, seq: u64) -> Result<Option<Block>> {
        let Some(entry) = self
            .tables
            .events
            .range(..=seq)
            .map_err(database)?
            .next_back()
        else {
            return Ok(None);
        };
        let (first, bytes) = entry.map_err(database)?;
        let block = Block::read(first.value(), bytes.value())?;
        Ok(block.holds(seq).then_some(block))
    }

    /// All events of an id that once was or is in use, oldest first.
    pub(crate) fn history(&self, id: &str) -> Result<Vec<Event>> {
        let mut reader = LogReader::new(self);
        let mut events = Vec::new();
        let mut seq = self.last_event_of(id)?.unwrap_or(0);
        while seq > 0 {
            let event = reader.event(seq)?;
            seq = event.prev_seq;
            events.push(event);
        }
        events.reverse();
        Ok(events)
    }

    /// Up to `limit` events after `seq`, in order.
    pub(crate) fn events_after(&self, seq: u64, limit: usize) -> Result<Vec<Event>> {
        let mut reader = LogReader::new(self);
        let end = self
            .counters
            .seq
            .min((seq + 1).saturating_add(limit as u64));
        (seq + 1..end).map(|seq| reader.event(seq)).collect()
    }

    /// The hash of the event `seq`, 0 for `seq` 0; `None` where the log does not reach that far.
    ///
    /// A number alone does not identify an event: after a crash, or in a restored backup, another
    /// event may have it.
    pub(crate) fn fingerprint(&self, seq: u64) -> Result<Option<u128>> {
        if seq == 0 {
            return Ok(Some(0));
        }
        if seq > self.last_seq() {
            return Ok(None);
        }
        let block = self.block_of(seq)?.ok_or_else(|| missing_event(seq))?;
        block.fingerprint(seq).map(Some)
    }

    /// Numbers and places of up to `limit` events after `seq`, in order.
    pub(crate) fn places_after(&self, seq: u64, limit: usize) -> Result<Vec<(u64, Place)>> {
        let mut reader = LogReader::new(self);
        let end = self
            .counters
            .seq
            .min((seq + 1).saturating_add(limit as u64));
        (seq + 1..end)
            .map(|seq| Ok((seq, reader.entry(seq)?.place)))
            .collect()
    }

    fn last_event_of(&self, id: &str) -> Result<Option<u64>> {
        let Some(place) = self.place(id)? else {
            return Ok(None);
        };
        if let Some(bytes) = self.tables.records.get(place).map_err(database)? {
            return Ok(Some(codec::decode_version(bytes.value())?.last_seq));
        }
        tombstones::event_of(&self.tables.tombstones, &self.tables.tombstone_runs, place)
    }

    /// Up to `limit` records after `after`, over all partitions, with their places.
    pub(crate) fn records_after(
        &self,
        after: Option<Place>,
        limit: usize,
    ) -> Result<Vec<(Place, Record)>> {
        use std::ops::Bound;
        let start = after.map_or(Bound::Unbounded, Bound::Excluded);
        let range = self
            .tables
            .records
            .range((start, Bound::Unbounded))
            .map_err(database)?;
        let mut records = Vec::new();
        for entry in range.take(limit) {
            let (place, bytes) = entry.map_err(database)?;
            records.push((place.value(), codec::decode_record(bytes.value())?));
        }
        Ok(records)
    }
}

/// All segments of a commit, oldest first.
pub(super) fn segments(
    table: &impl ReadableTable<u64, &'static [u8]>,
) -> Result<Vec<(u64, SegmentEntry)>> {
    let mut segments = Vec::new();
    for entry in table.iter().map_err(database)? {
        let (number, bytes) = entry.map_err(database)?;
        segments.push((number.value(), SegmentEntry::read(bytes.value())?));
    }
    Ok(segments)
}

/// A record without a vector.
pub(crate) fn missing_vector((partition, row): Place) -> Error {
    Error::Corrupt {
        path: "vectors".into(),
        problem: format!("the vector of row {row} in partition {partition} is missing"),
    }
}

fn missing_event(seq: u64) -> Error {
    Error::Corrupt {
        path: "memfast.redb".into(),
        problem: format!("event {seq} is missing"),
    }
}

/// Reads events, with the blocks it met last at hand.
struct LogReader<'a> {
    snapshot: &'a Snapshot,
    blocks: VecDeque<Block>,
}

impl<'a> LogReader<'a> {
    /// Blocks kept: a scope that is deleted at once was mostly added block by block.
    const KEPT: usize = 16;

    fn new(snapshot: &'a Snapshot) -> Self {
        Self {
            snapshot,
            blocks: VecDeque::new(),
        }
    }

    fn entry(&mut self, seq: u64) -> Result<log::Entry<'_>> {
        let held = self.blocks.iter().position(|block| block.holds(seq));
        let at = if let Some(at) = held {
            at
        } else {
            let block = self
                .snapshot
                .block_of(seq)?
                .ok_or_else(|| missing_event(seq))?;
            self.blocks.truncate(Self::KEPT - 1);
            self.blocks.push_front(block);
            0
        };
        let block = self.blocks.get(at).ok_or_else(|| missing_event(seq))?;
        block.entry(seq)
    }

    fn event(&mut self, seq: u64) -> Result<Event> {
        let entry = self.entry(seq)?;
        let (kind, at, prev_seq) = (entry.kind, entry.at, entry.prev_seq);
        let after = match kind {
            EventKind::Add | EventKind::Update => Some(codec::decode_record(&entry.after)?),
            EventKind::Delete => None,
        };
        let before = match kind {
            EventKind::Add => None,
            EventKind::Update | EventKind::Delete => {
                Some(codec::decode_record(&self.entry(prev_seq)?.after)?)
            }
        };
        Ok(Event {
            seq,
            kind,
            at,
            prev_seq,
            before,
            after,
        })
    }
}
