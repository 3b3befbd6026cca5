//! The event log: what happened to each memory, in the order of the commits.

mod blocks;

use std::borrow::Cow;
use std::collections::VecDeque;

use redb::TableDefinition;
use serde::{Deserialize, Serialize};

use super::snapshot::Snapshot;
use super::{database, records, tombstones};
use crate::error::{Error, Result};
use crate::record::Record;
use crate::rowid::RowId;
use crate::time::Micros;
use blocks::Block;
pub(super) use blocks::{Entry, LogWriter};

/// First sequence number of a block of events to the block.
pub(super) const EVENTS: TableDefinition<u64, &[u8]> = TableDefinition::new("events");

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

impl Snapshot {
    /// Sequence number of the last event; 0 if there is none.
    pub(crate) fn last_seq(&self) -> u64 {
        self.counters.seq - 1
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

    /// As [`Snapshot::visit`], with each record as it was stored at a time; those that were not
    /// stored then are left out, and so are those that have been deleted since. `None` is now.
    pub(crate) fn visit_at(
        &self,
        at: Option<Micros>,
        partition: u32,
        from: u64,
        mut visit: impl FnMut(u64, &[u8]) -> Result<bool>,
    ) -> Result<()> {
        let Some(at) = at else {
            return self.visit(partition, from, visit);
        };
        let mut reader = LogReader::new(self);
        self.visit(partition, from, |row, bytes| {
            match reader.version_at(bytes, at)? {
                Some(version) => visit(row, &version),
                None => Ok(true),
            }
        })
    }

    /// The record at a place as it was stored at a time; see [`Snapshot::visit_at`].
    pub(crate) fn record_at(&self, at: Option<Micros>, place: RowId) -> Result<Option<Record>> {
        let Some(at) = at else {
            return self.record(place);
        };
        let bytes = self.tables.records.get(place).map_err(database)?;
        let Some(bytes) = bytes else { return Ok(None) };
        let version = LogReader::new(self).version_at(bytes.value(), at)?;
        version
            .map(|version| records::decode_record(&version))
            .transpose()
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

    /// Numbers and row ids of up to `limit` events after `seq`, in order.
    pub(crate) fn places_after(&self, seq: u64, limit: usize) -> Result<Vec<(u64, RowId)>> {
        let mut reader = LogReader::new(self);
        let end = self
            .counters
            .seq
            .min((seq + 1).saturating_add(limit as u64));
        (seq + 1..end)
            .map(|seq| Ok((seq, reader.entry(seq)?.row_id)))
            .collect()
    }

    fn last_event_of(&self, id: &str) -> Result<Option<u64>> {
        let Some(row_id) = self.row_id(id)? else {
            return Ok(None);
        };
        if let Some(bytes) = self.tables.records.get(row_id).map_err(database)? {
            return Ok(Some(records::decode_version(bytes.value())?.last_seq));
        }
        tombstones::event_of(&self.tables.tombstones, &self.tables.tombstone_runs, row_id)
    }
}

fn missing_event(seq: u64) -> Error {
    Error::Corrupt {
        path: "memfast.redb".into(),
        problem: format!("event {seq} is missing"),
    }
}

/// Reads events, and keeps the blocks that it read last.
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

    fn entry(&mut self, seq: u64) -> Result<Entry<'_>> {
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

    /// The bytes of a stored record's last version that was committed by a time. An id that was
    /// deleted and used again begins with its last add.
    fn version_at<'b>(&mut self, bytes: &'b [u8], at: Micros) -> Result<Option<Cow<'b, [u8]>>> {
        let newest = records::decode_version(bytes)?.last_seq;
        let mut seq = newest;
        while seq > 0 {
            let entry = self.entry(seq)?;
            if entry.kind == EventKind::Delete {
                break;
            }
            if entry.at <= at {
                return Ok(Some(if seq == newest {
                    Cow::Borrowed(bytes)
                } else {
                    Cow::Owned(entry.after.into_owned())
                }));
            }
            if entry.kind == EventKind::Add {
                break;
            }
            seq = entry.prev_seq;
        }
        Ok(None)
    }

    fn event(&mut self, seq: u64) -> Result<Event> {
        let entry = self.entry(seq)?;
        let (kind, at, prev_seq) = (entry.kind, entry.at, entry.prev_seq);
        let after = match kind {
            EventKind::Add | EventKind::Update => Some(records::decode_record(&entry.after)?),
            EventKind::Delete => None,
        };
        let before = match kind {
            EventKind::Add => None,
            EventKind::Update | EventKind::Delete => {
                Some(records::decode_record(&self.entry(prev_seq)?.after)?)
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
