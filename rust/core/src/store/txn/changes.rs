//! Adding, changing and deleting memories.

use std::sync::Arc;

use md5::{Digest, Md5};
use rayon::prelude::*;
use redb::ReadableTable;

use super::super::log::EventKind;
use super::super::records::{self, Head};
use super::super::tombstones;
use super::super::{RowChange, database, ids, meta};
use super::Txn;
use super::texts::{Holder, key_of};
use super::unwritten::{Happened, LARGE, put_records};
use crate::error::{Error, Result};
use crate::filter::ScopeQuery;
use crate::query::{Change, Existing, Op, Patch, Put, Rewrite};
use crate::record::{Kind, Provenance, Record};
use crate::rowid::RowId;
use crate::threads;
use crate::time::Micros;
use crate::vector::kernels;

/// A record as a transaction finds it.
pub(super) struct Live {
    pub(super) row_id: RowId,
    pub(super) scope: u32,
    pub(super) record: Arc<Record>,
}

/// What is computed from an operation's text and vector alone.
struct Weighed {
    /// MD5 of its text; zeros where there is none.
    hash: [u8; 16],
    /// One over the length of its vector; 0 where there is none.
    inverse_norm: f32,
}

impl Weighed {
    fn of(index: usize, op: &Op, dim: usize) -> Result<Self> {
        let text = match op {
            Op::Put(put) => Some(put.text.as_str()),
            Op::Patch(update) => update.rewrite.as_ref().map(Rewrite::text),
            Op::Delete(_) => None,
        };
        Ok(Self {
            hash: text.map_or([0; 16], |text| Md5::digest(text).into()),
            inverse_norm: match brought_by(op) {
                Some(vector) => kernels::check(index, vector, dim)?,
                None => 0.0,
            },
        })
    }
}

/// The vector that an operation brings; a new kept message may have none.
fn brought_by(op: &Op) -> Option<&Vec<f32>> {
    match op {
        Op::Put(put) => {
            let adds = !matches!(put.existing, Existing::Update { .. });
            let may_lack = put.kind == Kind::Message && adds;
            (!may_lack || !put.vector.is_empty()).then_some(&put.vector)
        }
        Op::Patch(update) => update.rewrite.as_ref()?.vector(),
        Op::Delete(_) => None,
    }
}

impl Txn<'_> {
    /// Applies operations in their order; the first that fails ends it.
    ///
    /// Updates and deletions reach only memories `within`. `vector_of` returns the vector that a
    /// record had before the transaction.
    pub(crate) fn apply(
        &mut self,
        ops: Vec<Op>,
        within: Option<&ScopeQuery>,
        vector_of: &dyn Fn(RowId) -> Result<Vec<f32>>,
    ) -> Result<Vec<Change>> {
        let first = ops
            .iter()
            .filter_map(brought_by)
            .find(|vector| !vector.is_empty());
        if self.identity.embedder.dim == 0
            && let Some(vector) = first
        {
            self.identity.embedder.dim = vector.len();
            meta::put_identity(&mut self.tables.meta, &self.identity)?;
        }
        let dim = self.identity.embedder.dim;
        let weigh = |(index, op): (usize, &Op)| Weighed::of(index, op, dim);
        let weighed: Vec<Result<Weighed>> = threads::spread(
            ops.len() >= LARGE,
            &ops,
            |ops| ops.par_iter().enumerate().map(weigh).collect(),
            |ops| ops.iter().enumerate().map(weigh).collect(),
        );
        let each = ops.into_iter().zip(weighed);
        each.map(|(op, weighed)| match op {
            Op::Put(put) => self.put(put, within, &weighed?),
            Op::Patch(update) => {
                let live = self.live_within(&update.id, within)?;
                if let Some(until) = update.archive_to {
                    expect(&live, &update)?;
                    self.archive(&live, until, vector_of)?;
                }
                self.update(update, live, &weighed?)
            }
            Op::Delete(id) => {
                let live = self.live_within(&id, within)?;
                self.delete(live)
            }
        })
        .collect()
    }

    fn put(&mut self, put: Put, within: Option<&ScopeQuery>, weighed: &Weighed) -> Result<Change> {
        if put.scope.is_empty() {
            return Err(Error::NoScope);
        }
        let mut prev_seq = 0;
        if let Some(id) = &put.id
            && let Some(row_id) = self.row_id(id)?
        {
            match (self.at(row_id)?, put.existing) {
                (Some(_), Existing::Refuse) => return Err(Error::Exists { id: id.clone() }),
                (Some(live), Existing::KeepId | Existing::KeepText) => {
                    return Ok(kept(live.record));
                }
                (Some(live), Existing::Update { expires_on }) => {
                    if within.is_some_and(|scopes| !scopes.matches(&live.record.scope)) {
                        return Err(Error::Exists { id: id.clone() });
                    }
                    let update = Patch {
                        id: id.clone(),
                        rewrite: Some(Rewrite::Text {
                            text: put.text,
                            vector: put.vector,
                        }),
                        metadata: Some(put.metadata),
                        expires_on,
                        ..Patch::default()
                    };
                    return self.update(update, live, weighed);
                }
                (None, _) => prev_seq = self.tombstone_of(row_id)?,
            }
        }
        let hash = weighed.hash;
        let (scope, partition) = self.scope(&put.scope)?;
        // An expired memory must not keep out a text that would be shown.
        let until = Holder::of(0, put.provenance.expires_on).until;
        if put.existing == Existing::KeepText
            && let Some(holder) = self.holder_of(partition, &(scope, put.kind, hash))?
            && holder.until >= until.min(crate::time::today())
            && let Some(live) = self.at((partition, holder.row))?
        {
            return Ok(kept(live.record));
        }
        let row_id = (partition, self.counters.row);
        self.counters.row += 1;
        let created_at = put.created_at.unwrap_or(self.now);
        let mut record = Record {
            id: put
                .id
                .unwrap_or_else(|| self.new_ids.next(self.now).to_string()),
            kind: put.kind,
            scope: put.scope,
            hash,
            text: put.text,
            metadata: put.metadata,
            created_at,
            updated_at: put.updated_at.unwrap_or(created_at),
            revision: 0,
            last_seq: self.counters.seq,
            provenance: put.provenance,
        };
        record.settle_note();
        let record = Arc::new(record);
        self.push(
            prev_seq,
            row_id,
            scope,
            &record,
            (put.vector, weighed.inverse_norm),
        );
        Ok(Change {
            before: None,
            after: Some(record),
        })
    }

    /// Adds a record that is new.
    fn push(
        &mut self,
        prev_seq: u64,
        row_id: RowId,
        scope: u32,
        record: &Arc<Record>,
        (vector, inverse_norm): (Vec<f32>, f32),
    ) {
        self.unwritten.ids.insert(record.id.clone(), row_id);
        let vector = Arc::new(vector);
        if !vector.is_empty() {
            self.unwritten.vectors.insert(row_id, Arc::clone(&vector));
        }
        let head = Head::of(record, scope);
        if !head.superseded {
            let holder = Holder::of(row_id.1, head.expires_on);
            self.texts.insert(row_id.0, key_of(record, scope), holder);
        }
        self.changes.push((
            row_id.0,
            RowChange::Push {
                row: row_id.1,
                head,
                inverse_norm,
                vector,
            },
        ));
        self.store(EventKind::Add, prev_seq, row_id, scope, record);
    }

    /// Keeps a record as it is now as a memory of its own, which held until a time.
    fn archive(
        &mut self,
        live: &Live,
        until: Micros,
        vector_of: &dyn Fn(RowId) -> Result<Vec<f32>>,
    ) -> Result<()> {
        let before = &live.record;
        let vector = match self.unwritten.vectors.get(&live.row_id) {
            Some(vector) => vector.to_vec(),
            None => vector_of(live.row_id)?,
        };
        let inverse_norm = kernels::check(0, &vector, self.identity.embedder.dim)?;
        let begin = before.provenance.valid_from;
        let until = begin.map_or(until, |begin| until.max(begin));
        let row_id = (live.row_id.0, self.counters.row);
        self.counters.row += 1;
        let record = Arc::new(Record {
            id: self.new_ids.next(self.now).to_string(),
            revision: 0,
            last_seq: self.counters.seq,
            provenance: Provenance {
                valid_from: Some(begin.unwrap_or_else(|| before.created_at.min(until))),
                valid_to: Some(until),
                superseded_by: Some(before.id.clone()),
                expires_on: None,
                ..before.provenance.clone()
            },
            ..Record::clone(before)
        });
        self.push(0, row_id, live.scope, &record, (vector, inverse_norm));
        Ok(())
    }

    fn update(&mut self, update: Patch, live: Live, weighed: &Weighed) -> Result<Change> {
        expect(&live, &update)?;
        let (row_id, before) = (live.row_id, live.record);
        let mut after = Record::clone(&before);
        let vector = match update.rewrite {
            Some(Rewrite::Text { text, vector }) => {
                if text != after.text {
                    // The messages that the old text came from are not those of the new one.
                    after.provenance.source_ids.clear();
                    after.provenance.source_hashes.clear();
                    after.provenance.told = after.provenance.told.without_facets();
                }
                after.hash = weighed.hash;
                after.text = text;
                Some(vector)
            }
            Some(_) if weighed.hash != before.hash => {
                return Err(Error::Changed { id: update.id });
            }
            Some(Rewrite::Vector { vector, .. }) => Some(vector),
            Some(Rewrite::Same(_)) | None => None,
        };
        if let Some(metadata) = update.metadata {
            after.metadata.extend(metadata);
        }
        if let Some(categories) = update.categories {
            after.provenance.categories = categories;
        }
        if let Some(expires_on) = update.expires_on {
            after.provenance.expires_on = expires_on;
        }
        let from = &mut after.provenance;
        from.valid_from = update.valid_from.or(from.valid_from);
        from.valid_to = update.valid_to.or(from.valid_to);
        from.superseded_by = update.superseded_by.or(from.superseded_by.take());
        from.said_at = update.said_at.or(from.said_at);
        if let Some(told) = update.told {
            from.told = told;
        }
        if let Some(speaker) = update.speaker {
            from.role = speaker.role;
            from.actor_id = speaker.actor_id;
        }
        if let Some(sources) = update.sources {
            from.source_ids = sources.ids;
            from.source_hashes = sources.hashes;
            from.note = false;
        }
        let vector = vector.map(|vector| (weighed.inverse_norm, Arc::new(vector)));
        let after = self.change(row_id, live.scope, &before, after, vector);
        Ok(Change {
            before: Some(before),
            after: Some(after),
        })
    }

    /// Keeps what a record became; returns it.
    pub(super) fn change(
        &mut self,
        row_id: RowId,
        scope: u32,
        before: &Record,
        mut after: Record,
        vector: Option<(f32, Arc<Vec<f32>>)>,
    ) -> Arc<Record> {
        after.settle_note();
        after.updated_at = self.now.max(before.updated_at);
        after.revision += 1;
        after.last_seq = self.counters.seq;
        if let Some((_, vector)) = &vector {
            self.unwritten.vectors.insert(row_id, Arc::clone(vector));
        }
        let after = Arc::new(after);
        let head = Head::of(&after, scope);
        self.texts
            .remove(row_id.0, &key_of(before, scope), row_id.1);
        if !head.superseded {
            let holder = Holder::of(row_id.1, head.expires_on);
            self.texts.insert(row_id.0, key_of(&after, scope), holder);
        }
        self.changes.push((
            row_id.0,
            RowChange::Set {
                row: row_id.1,
                head,
                vector,
            },
        ));
        self.store(EventKind::Update, before.last_seq, row_id, scope, &after);
        after
    }

    fn delete(&mut self, live: Live) -> Result<Change> {
        let row_id = live.row_id;
        self.unwritten.records.remove(&row_id);
        self.tables.records.remove(row_id).map_err(database)?;
        self.tables
            .tombstones
            .insert(row_id.1, self.counters.seq)
            .map_err(database)?;
        self.unwritten.vectors.remove(&row_id);
        let space = self.identity.space;
        self.vectors().forget(space, row_id)?;
        self.texts
            .remove(row_id.0, &key_of(&live.record, live.scope), row_id.1);
        self.changes
            .push((row_id.0, RowChange::Remove { row: row_id.1 }));
        self.log_delete(row_id, live.record.last_seq);
        Ok(Change {
            before: Some(live.record),
            after: None,
        })
    }

    /// Keeps a new version of a record, and its event.
    fn store(
        &mut self,
        kind: EventKind,
        prev_seq: u64,
        row_id: RowId,
        scope: u32,
        record: &Arc<Record>,
    ) {
        let events = &mut self.unwritten.events;
        self.unwritten.records.insert(row_id, events.len());
        events.push(Happened {
            kind,
            prev_seq,
            row_id,
            after: Some((scope, Arc::clone(record))),
        });
        self.counters.seq += 1;
    }

    /// Writes the records so far, for what must see them in their table.
    pub(super) fn write_records(&mut self) -> Result<()> {
        if self.unwritten.records.is_empty() {
            return Ok(());
        }
        let encoded = self.unwritten.encode()?;
        put_records(&mut self.tables.records, &self.unwritten.records, &encoded)?;
        self.unwritten.records.clear();
        Ok(())
    }

    pub(super) fn log_delete(&mut self, row_id: RowId, prev_seq: u64) {
        self.unwritten.events.push(Happened {
            kind: EventKind::Delete,
            prev_seq,
            row_id,
            after: None,
        });
        self.counters.seq += 1;
    }

    pub(super) fn row_id(&self, id: &str) -> Result<Option<RowId>> {
        if let Some(row_id) = self.unwritten.ids.get(id) {
            return Ok(Some(*row_id));
        }
        ids::row_id(&self.tables.ids, &self.tables.uuids, id)
    }

    pub(super) fn at(&self, row_id: RowId) -> Result<Option<Live>> {
        if let Some((scope, record)) = self.unwritten.record(row_id) {
            return Ok(Some(Live {
                row_id,
                scope: *scope,
                record: Arc::clone(record),
            }));
        }
        let Some(bytes) = self.tables.records.get(row_id).map_err(database)? else {
            return Ok(None);
        };
        Ok(Some(Live {
            row_id,
            scope: records::decode_head(bytes.value())?.scope,
            record: Arc::new(records::decode_record(bytes.value())?),
        }))
    }

    /// The record with an id, which belongs to one of the scopes that are asked for.
    fn live_within(&self, id: &str, within: Option<&ScopeQuery>) -> Result<Live> {
        let live = self
            .row_id(id)?
            .map_or(Ok(None), |row_id| self.at(row_id))?;
        live.filter(|live| within.is_none_or(|scopes| scopes.matches(&live.record.scope)))
            .ok_or_else(|| Error::NotFound { id: id.to_owned() })
    }

    /// Last event of a deleted memory; 0 if none had this row id.
    fn tombstone_of(&self, row_id: RowId) -> Result<u64> {
        let seq =
            tombstones::event_of(&self.tables.tombstones, &self.tables.tombstone_runs, row_id)?;
        Ok(seq.unwrap_or(0))
    }
}

/// Refuses an update that was decided on another text than the record has, or on one that holds no
/// longer.
fn expect(live: &Live, update: &Patch) -> Result<()> {
    let before = &live.record;
    match update.expects {
        Some(hash) if hash != before.hash || before.provenance.valid_to.is_some() => {
            Err(Error::Changed {
                id: update.id.clone(),
            })
        }
        _ => Ok(()),
    }
}

fn kept(record: Arc<Record>) -> Change {
    Change {
        before: Some(Arc::clone(&record)),
        after: Some(record),
    }
}
