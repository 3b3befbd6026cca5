//! A consistent view of the truth as of one commit.

use std::collections::{BTreeMap, HashSet};
use std::fmt;

use redb::{ReadOnlyTable, ReadTransaction};

use super::codec::{self, Head};
use super::tables::{
    Counters, EVENTS, Event, GRAVES, IDS, Identity, PARTITIONS, Place, RECORDS, Reembed, SCOPE_IDS,
    SCOPES, SEGMENTS, SegmentEntry, TAIL,
};
use super::{database, meta};
use crate::error::Result;
use crate::filter::{ScopeQuery, Select};
use crate::record::{Record, Scope};

/// A partition with the scopes in it that are asked for; `None` for all of them.
pub(crate) type Target = (u32, Option<HashSet<u32>>);

pub(crate) struct Snapshot {
    pub(crate) identity: Identity,
    pub(crate) counters: Counters,
    pub(crate) reembed: Option<Reembed>,
    records: ReadOnlyTable<Place, &'static [u8]>,
    ids: ReadOnlyTable<&'static str, Place>,
    graves: ReadOnlyTable<u64, u64>,
    partitions: ReadOnlyTable<(u8, &'static str), u32>,
    scopes: ReadOnlyTable<&'static [u8], (u32, u32)>,
    scope_ids: ReadOnlyTable<(u8, &'static str, u32), &'static [u8]>,
    events: ReadOnlyTable<u64, &'static [u8]>,
    tail: ReadOnlyTable<(u32, u32, u64), &'static [u8]>,
    segments: ReadOnlyTable<u64, &'static [u8]>,
}

impl fmt::Debug for Snapshot {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Snapshot")
            .field("counters", &self.counters)
            .finish_non_exhaustive()
    }
}

impl Snapshot {
    pub(super) fn new(read: &ReadTransaction) -> Result<Self> {
        Ok(Self {
            identity: meta::identity(read)?,
            counters: meta::counters(read)?,
            reembed: meta::reembed(read)?,
            records: read.open_table(RECORDS).map_err(database)?,
            ids: read.open_table(IDS).map_err(database)?,
            graves: read.open_table(GRAVES).map_err(database)?,
            partitions: read.open_table(PARTITIONS).map_err(database)?,
            scopes: read.open_table(SCOPES).map_err(database)?,
            scope_ids: read.open_table(SCOPE_IDS).map_err(database)?,
            events: read.open_table(EVENTS).map_err(database)?,
            tail: read.open_table(TAIL).map_err(database)?,
            segments: read.open_table(SEGMENTS).map_err(database)?,
        })
    }

    /// Sequence number of the last event; 0 if there is none.
    pub(crate) fn last_seq(&self) -> u64 {
        self.counters.seq - 1
    }

    pub(crate) fn place(&self, id: &str) -> Result<Option<Place>> {
        Ok(self
            .ids
            .get(id)
            .map_err(database)?
            .map(|place| place.value()))
    }

    pub(crate) fn record(&self, place: Place) -> Result<Option<Record>> {
        let bytes = self.records.get(place).map_err(database)?;
        bytes
            .map(|bytes| codec::decode_record(bytes.value()))
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

    /// Heads of a partition's records, in row order.
    pub(crate) fn heads(&self, partition: u32) -> Result<Vec<(u64, Head)>> {
        let mut heads = Vec::new();
        self.visit(partition, 0, |row, bytes| {
            heads.push((row, codec::decode_head(bytes)?));
            Ok(true)
        })?;
        Ok(heads)
    }

    /// Vectors of a partition in the tail of a space, in row order.
    pub(crate) fn tail(&self, space: u32, partition: u32) -> Result<BTreeMap<u64, Vec<f32>>> {
        let mut vectors = BTreeMap::new();
        let range = (space, partition, 0)..=(space, partition, u64::MAX);
        for entry in self.tail.range(range).map_err(database)? {
            let (place, bytes) = entry.map_err(database)?;
            let mut vector = Vec::with_capacity(bytes.value().len() / 4);
            super::segment::bytes_to_floats(bytes.value(), &mut vector);
            vectors.insert(place.value().2, vector);
        }
        Ok(vectors)
    }

    /// Segments of a space, oldest first.
    pub(crate) fn segments(&self, space: u32) -> Result<Vec<(u64, SegmentEntry)>> {
        let mut segments = Vec::new();
        for entry in self.segments.range::<u64>(..).map_err(database)? {
            let (number, bytes) = entry.map_err(database)?;
            let entry: SegmentEntry = codec::from_bytes(bytes.value(), "segment entry")?;
            if entry.space == space {
                segments.push((number.value(), entry));
            }
        }
        Ok(segments)
    }

    /// The partitions that can hold memories of a scope query, ascending.
    pub(crate) fn targets(&self, query: &ScopeQuery) -> Result<Vec<Target>> {
        let selects = [&query.user, &query.agent, &query.run];
        let pinned = selects
            .iter()
            .zip(0u8..)
            .filter_map(|(select, kind)| match select {
                Select::In(ids) => Some((kind, ids)),
                Select::Any => None,
            });
        let Some((kind, ids)) = pinned.clone().next() else {
            let all = self.partitions.range::<(u8, &str)>(..).map_err(database)?;
            let mut targets = Vec::new();
            for entry in all {
                targets.push((entry.map_err(database)?.1.value(), None));
            }
            targets.sort_unstable_by_key(|(partition, _)| *partition);
            return Ok(targets);
        };
        let only = pinned.count() == 1;
        let mut targets: BTreeMap<u32, Option<HashSet<u32>>> = BTreeMap::new();
        for id in ids {
            if only && kind == 0 {
                // Every scope with this user lies in the user's own partition, and nothing else does.
                if let Some(partition) = self.partitions.get((0, id.as_str())).map_err(database)? {
                    targets.insert(partition.value(), None);
                }
                continue;
            }
            let range = (kind, id.as_str(), 0)..=(kind, id.as_str(), u32::MAX);
            for entry in self.scope_ids.range(range).map_err(database)? {
                let encoded = entry.map_err(database)?.1;
                let scope: Scope = codec::from_bytes(encoded.value(), "scope")?;
                let known = self.scopes.get(encoded.value()).map_err(database)?;
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
        Ok(targets.into_iter().collect())
    }

    /// The event with this sequence number.
    pub(crate) fn event(&self, seq: u64) -> Result<Option<Event>> {
        let mut range = self.events.range(..=seq).map_err(database)?;
        let Some(entry) = range.next_back() else {
            return Ok(None);
        };
        let (first, blob) = entry.map_err(database)?;
        let index = (seq - first.value()) as usize;
        if index >= codec::event_count(blob.value())? {
            return Ok(None);
        }
        codec::decode_event(blob.value(), index).map(Some)
    }

    /// Up to `limit` events after `seq`, in order.
    pub(crate) fn events_after(&self, seq: u64, limit: usize) -> Result<Vec<Event>> {
        let mut events = Vec::new();
        let start = match self.events.range(..=seq + 1).map_err(database)?.next_back() {
            Some(entry) => entry.map_err(database)?.0.value(),
            None => 0,
        };
        for entry in self.events.range(start..).map_err(database)? {
            let (first, blob) = entry.map_err(database)?;
            let skip = (seq + 1).saturating_sub(first.value()) as usize;
            for index in skip..codec::event_count(blob.value())? {
                if events.len() == limit {
                    return Ok(events);
                }
                events.push(codec::decode_event(blob.value(), index)?);
            }
        }
        Ok(events)
    }

    /// Sequence number of the last event of an id that once was or is in use.
    pub(crate) fn last_event_of(&self, id: &str) -> Result<Option<u64>> {
        let Some(place) = self.place(id)? else {
            return Ok(None);
        };
        if let Some(record) = self.record(place)? {
            return Ok(Some(record.last_seq));
        }
        Ok(self
            .graves
            .get(place.1)
            .map_err(database)?
            .map(|seq| seq.value()))
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
