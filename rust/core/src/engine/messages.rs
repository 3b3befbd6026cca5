//! Kept messages, by the ids and hashes under which memories name them.

use std::collections::HashMap;
use std::sync::Arc;

use super::Engine;
use super::read::select;
use crate::error::{Error, Result};
use crate::query::Selection;
use crate::record::{Kind, Record, message_hash};
use crate::rowid::RowId;
use crate::store::{Snapshot, decode_head, decode_record};

/// The hash of a message, as memories name their sources before format 3.
pub(super) type Hash = [u8; 16];

/// The type of a record of what an agent did.
const PROCEDURAL: &str = "procedural_memory";

/// Records of a partition that are looked at for its last messages: their number, and so the time,
/// does not grow with the partition.
const LOOKED_AT: usize = 512;

/// The messages of one partition as of one event.
#[derive(Debug, Default)]
pub(super) struct Messages {
    partition: u32,
    seq: Option<u64>,
    known: HashMap<Hash, Arc<Record>>,
}

/// Texts to embed, each once, and which of them each memory's vector is blended with.
#[derive(Debug, Default)]
pub(super) struct Blending {
    pub(super) texts: Vec<String>,
    /// For each record, levels of positions in `texts`.
    pub(super) support: Vec<Vec<Vec<usize>>>,
}

impl Messages {
    /// Finds the messages that the vectors of memories are blended with: those that they come from,
    /// and those that these answer. Messages that are not kept are left out.
    pub(super) fn of(
        &mut self,
        snapshot: &Snapshot,
        records: &[(RowId, Record)],
    ) -> Result<Blending> {
        let mut found = Blending {
            texts: records.iter().map(|(_, r)| r.text.clone()).collect(),
            support: Vec::with_capacity(records.len()),
        };
        let messages = records.iter().enumerate();
        let mut positions: HashMap<Hash, usize> = messages
            .filter(|(_, (_, record))| record.kind == Kind::Message)
            .map(|(at, (_, record))| (message_hash(&record.text), at))
            .collect();
        for (row, record) in records {
            let mut levels = Vec::new();
            // The record of what an agent did has a vector of its own text alone.
            let own = record.provenance.memory_type.as_deref() == Some(PROCEDURAL);
            if record.kind == Kind::Memory && !own {
                let sources = self.named_by(snapshot, row.0, record)?;
                let mut answered = Vec::new();
                for source in &sources {
                    answered.extend(self.named_by(snapshot, row.0, source)?);
                }
                answered.retain(|one| sources.iter().all(|source| source.id != one.id));
                for level in [sources, answered] {
                    let position = |message: Arc<Record>| {
                        let position = positions.entry(message_hash(&message.text));
                        *position.or_insert_with(|| {
                            found.texts.push(message.text.clone());
                            found.texts.len() - 1
                        })
                    };
                    levels.push(level.into_iter().map(position).collect());
                }
            }
            found.support.push(levels);
        }
        Ok(found)
    }

    /// The kept messages of a partition that a record names as its sources, in its order.
    fn named_by(
        &mut self,
        snapshot: &Snapshot,
        partition: u32,
        record: &Record,
    ) -> Result<Vec<Arc<Record>>> {
        let hashes = &record.provenance.source_hashes;
        if hashes.is_empty() || !record.provenance.source_ids.is_empty() {
            let found = named_by_id(snapshot, record)?;
            return Ok(found.into_iter().map(Arc::new).collect());
        }
        self.read(snapshot, partition, hashes)?;
        let known = hashes.iter().filter_map(|hash| self.known.get(hash));
        Ok(known.cloned().collect())
    }

    /// Reads a partition's messages, unless they are known and hold all that are wanted.
    fn read(&mut self, snapshot: &Snapshot, partition: u32, wanted: &[Hash]) -> Result<()> {
        let seq = Some(snapshot.last_seq());
        let same = self.partition == partition && self.seq.is_some();
        let all = wanted.iter().all(|hash| self.known.contains_key(hash));
        if same && (all || self.seq == seq) {
            return Ok(());
        }
        self.known.clear();
        (self.partition, self.seq) = (partition, seq);
        visit_messages(snapshot, partition, |hash, record| {
            self.known.entry(hash).or_insert_with(|| Arc::new(record));
        })
    }

    /// Drops them.
    pub(super) fn clear(&mut self) {
        *self = Self::default();
    }
}

/// Calls a function for each kept message of a partition, with its hash, in their order.
fn visit_messages(
    snapshot: &Snapshot,
    partition: u32,
    mut take: impl FnMut(Hash, Record),
) -> Result<()> {
    snapshot.visit(partition, 0, |_, bytes| {
        if decode_head(bytes)?.kind == Kind::Message {
            let record = decode_record(bytes)?;
            take(message_hash(&record.text), record);
        }
        Ok(true)
    })
}

/// The kept messages of its scope that a record names by id, in its order.
fn named_by_id(snapshot: &Snapshot, record: &Record) -> Result<Vec<Record>> {
    let mut found = Vec::new();
    for id in &record.provenance.source_ids {
        let message = snapshot.by_id(id)?;
        // An import may name any id.
        let named = message.filter(|one| one.kind == Kind::Message && one.scope == record.scope);
        found.extend(named);
    }
    Ok(found)
}

fn sources(snapshot: &Snapshot, id: &str) -> Result<Vec<Record>> {
    let missing = || Error::NotFound { id: id.to_owned() };
    let row_id = snapshot.row_id(id)?.ok_or_else(missing)?;
    let memory = snapshot.record(row_id)?.ok_or_else(missing)?;
    let wanted = &memory.provenance.source_hashes;
    let mut found = named_by_id(snapshot, &memory)?;
    if wanted.is_empty() || !memory.provenance.source_ids.is_empty() {
        return Ok(found);
    }
    visit_messages(snapshot, row_id.0, |hash, record| {
        if record.scope == memory.scope && wanted.contains(&hash) {
            found.push(record);
        }
    })?;
    Ok(found)
}

fn latest(
    snapshot: &Snapshot,
    selection: &Selection,
    until: Option<&str>,
    limit: usize,
) -> Result<Vec<Record>> {
    let end = match until.map(|id| snapshot.row_id(id)).transpose()? {
        Some(None) => return Ok(Vec::new()),
        end => end.flatten(),
    };
    let mut found = Vec::new();
    for target in snapshot.targets(&selection.scope)?.into_iter().rev() {
        let last = match end {
            Some((partition, _)) if partition != target.0 => continue,
            Some((_, row)) => row,
            None => u64::MAX,
        };
        let mut left = LOOKED_AT;
        snapshot.visit_back(target.0, last, |bytes| {
            if left == 0 || found.len() >= limit {
                return Ok(false);
            }
            left -= 1;
            if decode_head(bytes)?.kind == Kind::Message {
                found.extend(select(selection, &target, bytes)?);
            }
            Ok(true)
        })?;
    }
    found.reverse();
    Ok(found)
}

impl Engine {
    /// Up to `limit` of the last kept messages of a selection, oldest first, among the last 512
    /// records of each of its partitions.
    ///
    /// With `until` none after the message with this id; none at all where there is no such message.
    pub fn latest(
        &self,
        selection: &Selection,
        until: Option<&str>,
        limit: usize,
    ) -> Result<Vec<Record>> {
        self.read(|snapshot| latest(snapshot, selection, until, limit))
    }

    /// The kept messages that a memory comes from, in their order.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`] if there is no such memory.
    pub fn sources(&self, id: &str) -> Result<Vec<Record>> {
        self.read(|snapshot| sources(snapshot, id))
    }
}
