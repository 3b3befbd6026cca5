//! Adding, changing and deleting memories.

use std::cell::Cell;
use std::sync::Arc;

use md5::{Digest, Md5};
use redb::ReadableTable;

use super::super::codec::{self, Head};
use super::super::log::Entry;
use super::super::tables::{Burial, EventKind, Place, scope_ids};
use super::super::{database, meta};
use super::{Texts, Txn};
use crate::error::{Error, Result};
use crate::query::{Change, Existing, Op, Put, Update};
use crate::record::{Record, Scope};
use crate::vector::{RowChange, kernels};

/// A record as a transaction finds it.
struct Live {
    place: Place,
    scope: u32,
    record: Record,
}

impl Txn<'_> {
    pub(crate) fn apply(&mut self, index: usize, op: Op) -> Result<Change> {
        match op {
            Op::Put(put) => self.put(index, put),
            Op::Update(update) => self.update(index, update),
            Op::Delete(id) => self.delete(&id),
        }
    }

    fn check_vector(&mut self, index: usize, vector: &[f32]) -> Result<f32> {
        if self.identity.embedder.dim == 0 && !vector.is_empty() {
            self.identity.embedder.dim = vector.len();
            meta::put_identity(&mut self.meta, &self.identity)?;
        }
        kernels::check(index, vector, self.identity.embedder.dim)
    }

    fn put(&mut self, index: usize, put: Put) -> Result<Change> {
        if put.scope.is_empty() {
            return Err(Error::NoScope);
        }
        let inverse_norm = self.check_vector(index, &put.vector)?;
        let mut prev_seq = 0;
        if let Some(id) = &put.id
            && let Some(place) = self.place(id)?
        {
            match (self.at(place)?, put.existing) {
                (Some(_), Existing::Refuse) => return Err(Error::Exists { id: id.clone() }),
                (Some(live), Existing::KeepId | Existing::KeepText) => {
                    return Ok(kept(live.record));
                }
                (None, _) => prev_seq = self.grave_of(place)?,
            }
        }
        let hash = Md5::digest(&put.text).into();
        let (scope, partition) = self.scope(&put.scope)?;
        if put.existing == Existing::KeepText
            && let Some(row) = self
                .texts(partition)?
                .get(&(scope, put.kind, hash))
                .copied()
            && let Some(live) = self.at((partition, row))?
        {
            return Ok(kept(live.record));
        }
        let place = (partition, self.counters.row);
        self.counters.row += 1;
        let created_at = put.created_at.unwrap_or(self.now);
        let record = Record {
            id: put.id.unwrap_or_else(|| uuid::Uuid::now_v7().to_string()),
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
        self.ids
            .insert(record.id.as_str(), place)
            .map_err(database)?;
        let vector = Arc::new(put.vector);
        self.vectors.insert(place, Arc::clone(&vector));
        let head = Head::of(&record, scope);
        if let Some(texts) = self.texts.get_mut(&partition) {
            texts.entry((scope, record.kind, hash)).or_insert(place.1);
        }
        self.changes.push((
            partition,
            RowChange::Push {
                row: place.1,
                head,
                inverse_norm,
                vector,
            },
        ));
        self.store(EventKind::Add, prev_seq, place, scope, &record)?;
        Ok(Change {
            before: None,
            after: Some(record),
        })
    }

    fn update(&mut self, index: usize, update: Update) -> Result<Change> {
        let Some(live) = self.live(&update.id)? else {
            return Err(Error::NotFound { id: update.id });
        };
        let (place, before) = (live.place, live.record);
        let mut after = before.clone();
        if let Some(text) = update.text {
            after.hash = Md5::digest(&text).into();
            after.text = text;
        }
        if let Some(metadata) = update.metadata {
            after.metadata.extend(metadata);
        }
        if let Some(expires_on) = update.expires_on {
            after.provenance.expires_on = expires_on;
        }
        after.updated_at = self.now.max(before.updated_at);
        after.revision += 1;
        after.last_seq = self.counters.seq;
        let vector = match update.vector {
            Some(vector) => {
                let inverse_norm = self.check_vector(index, &vector)?;
                let vector = Arc::new(vector);
                self.vectors.insert(place, Arc::clone(&vector));
                Some((inverse_norm, vector))
            }
            None => None,
        };
        self.texts.remove(&place.0);
        let head = Head::of(&after, live.scope);
        self.changes.push((
            place.0,
            RowChange::Set {
                row: place.1,
                head,
                vector,
            },
        ));
        self.store(
            EventKind::Update,
            before.last_seq,
            place,
            live.scope,
            &after,
        )?;
        Ok(Change {
            before: Some(before),
            after: Some(after),
        })
    }

    pub(crate) fn delete(&mut self, id: &str) -> Result<Change> {
        let live = self
            .live(id)?
            .ok_or_else(|| Error::NotFound { id: id.to_owned() })?;
        let place = live.place;
        self.records.remove(place).map_err(database)?;
        self.graves
            .insert(place.1, self.counters.seq)
            .map_err(database)?;
        self.forget_vector(place)?;
        self.texts.remove(&place.0);
        self.changes
            .push((place.0, RowChange::Remove { row: place.1 }));
        self.log_delete(live.record.last_seq)?;
        Ok(Change {
            before: Some(live.record),
            after: None,
        })
    }

    /// Deletes the records of a partition that `choose` picks by their bytes; returns how many.
    pub(crate) fn delete_where(
        &mut self,
        partition: u32,
        choose: impl Fn(&[u8]) -> Result<bool>,
    ) -> Result<usize> {
        let failure = Cell::new(None);
        let mut buried = Vec::new();
        {
            let picked = self
                .records
                .extract_from_if((partition, 0)..=(partition, u64::MAX), |_, bytes| {
                    choose(bytes).unwrap_or_else(|error| {
                        failure.set(Some(error));
                        false
                    })
                })
                .map_err(database)?;
            for entry in picked {
                let (place, bytes) = entry.map_err(database)?;
                let version = codec::decode_version(bytes.value())?;
                buried.push((place.value().1, version.last_seq));
            }
        }
        if let Some(error) = failure.into_inner() {
            return Err(error);
        }
        let Some((last, _)) = buried.last() else {
            return Ok(0);
        };
        let rows = buried.iter().map(|(row, _)| *row);
        let burial = Burial::new(self.counters.seq, rows);
        self.burials
            .insert((partition, *last), codec::to_bytes(&burial)?.as_slice())
            .map_err(database)?;
        let space = self.identity.space;
        let tail = (space, partition, 0)..=(space, partition, u64::MAX);
        let in_tail = self.tail.range(tail).map_err(database)?.next().is_some();
        for (row, last_seq) in &buried {
            if in_tail {
                self.forget_vector((partition, *row))?;
            }
            self.changes
                .push((partition, RowChange::Remove { row: *row }));
            self.log_delete(*last_seq)?;
        }
        self.texts.remove(&partition);
        Ok(buried.len())
    }

    /// Writes a new version of a record, and its event.
    fn store(
        &mut self,
        kind: EventKind,
        prev_seq: u64,
        place: Place,
        scope: u32,
        record: &Record,
    ) -> Result<()> {
        let bytes = codec::encode_record(record, scope)?;
        self.records
            .insert(place, bytes.as_slice())
            .map_err(database)?;
        self.event(&Entry {
            kind,
            at: self.now,
            prev_seq,
            after: bytes,
        })
    }

    fn log_delete(&mut self, prev_seq: u64) -> Result<()> {
        self.event(&Entry {
            kind: EventKind::Delete,
            at: self.now,
            prev_seq,
            after: Vec::new(),
        })
    }

    fn event(&mut self, entry: &Entry) -> Result<()> {
        self.counters.seq += 1;
        self.log.push(entry)
    }

    fn place(&self, id: &str) -> Result<Option<Place>> {
        let place = self.ids.get(id).map_err(database)?;
        Ok(place.map(|place| place.value()))
    }

    fn at(&self, place: Place) -> Result<Option<Live>> {
        let Some(bytes) = self.records.get(place).map_err(database)? else {
            return Ok(None);
        };
        Ok(Some(Live {
            place,
            scope: codec::decode_head(bytes.value())?.scope,
            record: codec::decode_record(bytes.value())?,
        }))
    }

    fn live(&self, id: &str) -> Result<Option<Live>> {
        self.place(id)?.map_or(Ok(None), |place| self.at(place))
    }

    /// Last event of a deleted memory; 0 if there was none at this place.
    fn grave_of(&self, place: Place) -> Result<u64> {
        let seq = super::super::graves::event_of(&self.graves, &self.burials, place)?;
        Ok(seq.unwrap_or(0))
    }

    /// The texts of a partition's memories that hold, by scope.
    fn texts(&mut self, partition: u32) -> Result<&Texts> {
        if !self.texts.contains_key(&partition) {
            let mut texts = Texts::new();
            let range = (partition, 0)..=(partition, u64::MAX);
            for entry in self.records.range(range).map_err(database)? {
                let (place, bytes) = entry.map_err(database)?;
                let head = codec::decode_head(bytes.value())?;
                if !head.superseded {
                    let version = codec::decode_version(bytes.value())?;
                    let key = (head.scope, head.kind, version.hash);
                    texts.entry(key).or_insert(place.value().1);
                }
            }
            self.texts.insert(partition, texts);
        }
        Ok(self.texts.entry(partition).or_default())
    }

    fn scope(&mut self, scope: &Scope) -> Result<(u32, u32)> {
        let encoded = codec::to_bytes(scope)?;
        if let Some(known) = self.scopes.get(encoded.as_slice()).map_err(database)? {
            return Ok(known.value());
        }
        let leading = scope_ids(scope).next().ok_or(Error::NoScope)?;
        let known = self
            .partitions
            .get(leading)
            .map_err(database)?
            .map(|partition| partition.value());
        let partition = if let Some(partition) = known {
            partition
        } else {
            let partition = self.counters.partition;
            self.counters.partition += 1;
            self.partitions
                .insert(leading, partition)
                .map_err(database)?;
            partition
        };
        let number = self.counters.scope;
        self.counters.scope += 1;
        self.scopes
            .insert(encoded.as_slice(), (number, partition))
            .map_err(database)?;
        for (kind, id) in scope_ids(scope) {
            self.scope_ids
                .insert((kind, id, number), encoded.as_slice())
                .map_err(database)?;
        }
        Ok((number, partition))
    }
}

fn kept(record: Record) -> Change {
    Change {
        before: Some(record.clone()),
        after: Some(record),
    }
}
