//! One write transaction: records, ids, scopes, events and vectors change together.

mod existing;

use std::collections::BTreeMap;
use std::path::Path;

use md5::{Digest, Md5};
use redb::{ReadableTable, ReadableTableMetadata, Table, WriteTransaction};

use super::codec::{self, Head};
use super::io::Io;
use super::segment::{self, Row};
use super::tables::{
    Counters, EVENTS, Event, EventKind, GRAVES, IDS, Identity, META, PARTITIONS, Place, RECORDS,
    Reembed, SCOPE_IDS, SCOPES, SEGMENTS, TAIL, scope_ids,
};
use super::{database, meta};
use crate::error::{Error, Result};
use crate::query::{Change, Op, Put, Update};
use crate::record::{Micros, Record, Scope};
use crate::vector::{RowChange, kernels};

/// A batch whose vectors take this much goes straight to a segment.
const DIRECT_BYTES: usize = 1 << 20;
/// The tail is flushed to a segment when its vectors take this much.
const TAIL_BYTES: usize = 8 << 20;

/// Row changes of a commit by partition, for the shards in memory.
pub(crate) type ShardChanges = Vec<(u32, RowChange)>;

pub(crate) struct Txn<'t> {
    meta: Table<'t, &'static str, &'static [u8]>,
    records: Table<'t, Place, &'static [u8]>,
    ids: Table<'t, &'static str, Place>,
    graves: Table<'t, u64, u64>,
    partitions: Table<'t, (u8, &'static str), u32>,
    scopes: Table<'t, &'static [u8], (u32, u32)>,
    scope_ids: Table<'t, (u8, &'static str, u32), &'static [u8]>,
    events: Table<'t, u64, &'static [u8]>,
    tail: Table<'t, (u32, u32, u64), &'static [u8]>,
    segments: Table<'t, u64, &'static [u8]>,
    io: &'t dyn Io,
    vectors_dir: &'t Path,
    pub(crate) identity: Identity,
    pub(crate) counters: Counters,
    now: Micros,
    log: Vec<Event>,
    vectors: BTreeMap<(u32, u64), Vec<f32>>,
    changes: ShardChanges,
    texts: existing::Texts,
}

impl<'t> Txn<'t> {
    pub(super) fn open(
        write: &'t WriteTransaction,
        io: &'t dyn Io,
        vectors_dir: &'t Path,
        now: Micros,
    ) -> Result<Self> {
        let meta = write.open_table(META).map_err(database)?;
        let identity = meta::identity_in(&meta)?
            .ok_or_else(|| Error::Database("the store has no identity".to_owned()))?;
        let counters = meta::get_in(&meta, "counters")?.unwrap_or_default();
        Ok(Self {
            meta,
            records: write.open_table(RECORDS).map_err(database)?,
            ids: write.open_table(IDS).map_err(database)?,
            graves: write.open_table(GRAVES).map_err(database)?,
            partitions: write.open_table(PARTITIONS).map_err(database)?,
            scopes: write.open_table(SCOPES).map_err(database)?,
            scope_ids: write.open_table(SCOPE_IDS).map_err(database)?,
            events: write.open_table(EVENTS).map_err(database)?,
            tail: write.open_table(TAIL).map_err(database)?,
            segments: write.open_table(SEGMENTS).map_err(database)?,
            io,
            vectors_dir,
            identity,
            counters,
            now,
            log: Vec::new(),
            vectors: BTreeMap::new(),
            changes: Vec::new(),
            texts: existing::Texts::default(),
        })
    }

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
        if let Some(kept) = self.existing(&put)? {
            return Ok(Change {
                before: Some(kept.clone()),
                after: Some(kept),
            });
        }
        let inverse_norm = self.check_vector(index, &put.vector)?;
        let id = put.id.unwrap_or_else(|| uuid::Uuid::now_v7().to_string());
        let prev_seq = match self.live(&id)? {
            Some(_) => return Err(Error::Exists { id }),
            None => self.grave_of(&id)?,
        };
        let (scope, partition) = self.scope(&put.scope)?;
        let place = (partition, self.counters.row);
        self.counters.row += 1;
        let record = Record {
            id,
            kind: put.kind,
            scope: put.scope,
            hash: Md5::digest(&put.text).into(),
            text: put.text,
            metadata: put.metadata,
            created_at: put.created_at.unwrap_or(self.now),
            updated_at: put.updated_at.or(put.created_at).unwrap_or(self.now),
            revision: 0,
            last_seq: self.counters.seq,
            provenance: put.provenance,
        };
        self.records
            .insert(place, codec::encode_record(&record, scope)?.as_slice())
            .map_err(database)?;
        self.ids
            .insert(record.id.as_str(), place)
            .map_err(database)?;
        self.vectors.insert(place, put.vector.clone());
        self.texts.push(scope, &record);
        let head = Head::of(&record, scope);
        self.changes.push((
            partition,
            RowChange::Push {
                row: place.1,
                head,
                inverse_norm,
                vector: put.vector,
            },
        ));
        Ok(self.log(EventKind::Add, prev_seq, None, Some(record)))
    }

    fn update(&mut self, index: usize, update: Update) -> Result<Change> {
        let (place, scope, before) = self
            .live(&update.id)?
            .ok_or(Error::NotFound { id: update.id })?;
        let mut after = before.clone();
        if let Some(text) = update.text {
            self.texts.forget();
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
                self.vectors.insert(place, vector.clone());
                Some((inverse_norm, vector))
            }
            None => None,
        };
        self.records
            .insert(place, codec::encode_record(&after, scope)?.as_slice())
            .map_err(database)?;
        let head = Head::of(&after, scope);
        self.changes.push((
            place.0,
            RowChange::Set {
                row: place.1,
                head,
                vector,
            },
        ));
        Ok(self.log(
            EventKind::Update,
            before.last_seq,
            Some(before),
            Some(after),
        ))
    }

    pub(crate) fn delete(&mut self, id: &str) -> Result<Change> {
        let (place, _, before) = self
            .live(id)?
            .ok_or_else(|| Error::NotFound { id: id.to_owned() })?;
        self.texts.forget();
        self.records.remove(place).map_err(database)?;
        self.graves
            .insert(place.1, self.counters.seq)
            .map_err(database)?;
        self.tail
            .remove((self.identity.space, place.0, place.1))
            .map_err(database)?;
        self.vectors.remove(&place);
        self.changes
            .push((place.0, RowChange::Remove { row: place.1 }));
        Ok(self.log(EventKind::Delete, before.last_seq, Some(before), None))
    }

    fn log(
        &mut self,
        kind: EventKind,
        prev_seq: u64,
        before: Option<Record>,
        after: Option<Record>,
    ) -> Change {
        let seq = self.counters.seq;
        self.counters.seq += 1;
        let change = Change {
            before: before.clone(),
            after: after.clone(),
        };
        self.log.push(Event {
            seq,
            kind,
            at: self.now,
            prev_seq,
            before,
            after,
        });
        change
    }

    fn live(&self, id: &str) -> Result<Option<(Place, u32, Record)>> {
        let Some(place) = self
            .ids
            .get(id)
            .map_err(database)?
            .map(|place| place.value())
        else {
            return Ok(None);
        };
        let Some(bytes) = self.records.get(place).map_err(database)? else {
            return Ok(None);
        };
        let head = codec::decode_head(bytes.value())?;
        Ok(Some((
            place,
            head.scope,
            codec::decode_record(bytes.value())?,
        )))
    }

    /// Last event of a deleted memory that had this id; 0 if there was none.
    fn grave_of(&self, id: &str) -> Result<u64> {
        let Some(place) = self.ids.get(id).map_err(database)? else {
            return Ok(0);
        };
        let grave = self.graves.get(place.value().1).map_err(database)?;
        Ok(grave.map_or(0, |seq| seq.value()))
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

    /// Writes what the operations left to be written; the caller commits.
    pub(super) fn finish(mut self) -> Result<(Identity, ShardChanges)> {
        if !self.log.is_empty() {
            let first = self.counters.seq - self.log.len() as u64;
            self.events
                .insert(first, codec::encode_events(&self.log)?.as_slice())
                .map_err(database)?;
        }
        let vectors = std::mem::take(&mut self.vectors);
        self.put_vectors(self.identity.space, &vectors)?;
        meta::put(&mut self.meta, "counters", &self.counters)?;
        Ok((self.identity, self.changes))
    }

    fn put_vectors(&mut self, space: u32, vectors: &BTreeMap<(u32, u64), Vec<f32>>) -> Result<()> {
        let bytes: usize = vectors.values().map(|vector| vector.len() * 4).sum();
        if bytes >= DIRECT_BYTES {
            return self.put_segment(space, vectors);
        }
        for ((partition, row), vector) in vectors {
            let bytes = segment::floats_to_bytes(vector);
            self.tail
                .insert((space, *partition, *row), bytes.as_slice())
                .map_err(database)?;
        }
        let rows = self.tail.len().map_err(database)? as usize;
        let dim = vectors.values().next().map_or(0, Vec::len);
        if rows * dim * 4 >= TAIL_BYTES {
            self.flush_tail(space)
        } else {
            Ok(())
        }
    }

    fn flush_tail(&mut self, space: u32) -> Result<()> {
        let mut vectors = BTreeMap::new();
        for entry in self
            .tail
            .range((space, 0, 0)..=(space, u32::MAX, u64::MAX))
            .map_err(database)?
        {
            let (place, bytes) = entry.map_err(database)?;
            let (_, partition, row) = place.value();
            let mut vector = Vec::new();
            segment::bytes_to_floats(bytes.value(), &mut vector);
            vectors.insert((partition, row), vector);
        }
        self.put_segment(space, &vectors)
    }

    fn put_segment(&mut self, space: u32, vectors: &BTreeMap<(u32, u64), Vec<f32>>) -> Result<()> {
        let Some(dim) = vectors.values().next().map(Vec::len) else {
            return Ok(());
        };
        let rows: Vec<Row<'_>> = vectors
            .iter()
            .map(|((partition, row), vector)| Row {
                partition: *partition,
                number: *row,
                vector,
            })
            .collect();
        let number = self.counters.segment;
        self.counters.segment += 1;
        let entry = segment::write(self.io, self.vectors_dir, number, space, dim, &rows)?;
        self.segments
            .insert(number, codec::to_bytes(&entry)?.as_slice())
            .map_err(database)?;
        // The tail is read as newer than any segment, so it must not keep a copy of these rows.
        for (partition, row) in vectors.keys() {
            self.tail
                .remove((space, *partition, *row))
                .map_err(database)?;
        }
        Ok(())
    }

    /// Forgets everything but the embedder; the log starts anew under another id.
    pub(crate) fn reset(&mut self) -> Result<()> {
        self.records.retain(|_, _| false).map_err(database)?;
        self.ids.retain(|_, _| false).map_err(database)?;
        self.graves.retain(|_, _| false).map_err(database)?;
        self.partitions.retain(|_, _| false).map_err(database)?;
        self.scopes.retain(|_, _| false).map_err(database)?;
        self.scope_ids.retain(|_, _| false).map_err(database)?;
        self.events.retain(|_, _| false).map_err(database)?;
        self.tail.retain(|_, _| false).map_err(database)?;
        self.segments.retain(|_, _| false).map_err(database)?;
        self.meta.remove("reembed").map_err(database)?;
        self.counters = Counters {
            segment: self.counters.segment,
            row: self.counters.row,
            ..Counters::default()
        };
        self.identity.log_id = uuid::Uuid::new_v4().to_string();
        meta::put_identity(&mut self.meta, &self.identity)
    }

    /// Adds vectors to a space that is being built, and remembers how far it is.
    pub(crate) fn put_reembedded(
        &mut self,
        state: &Reembed,
        vectors: &BTreeMap<(u32, u64), Vec<f32>>,
    ) -> Result<()> {
        for (index, vector) in vectors.values().enumerate() {
            kernels::check(index, vector, state.embedder.dim)?;
        }
        self.put_vectors(state.space, vectors)?;
        self.set_reembed(state)
    }

    pub(crate) fn reembed(&self) -> Result<Option<Reembed>> {
        meta::get_in(&self.meta, "reembed")
    }

    pub(crate) fn set_reembed(&mut self, state: &Reembed) -> Result<()> {
        meta::put(&mut self.meta, "reembed", state)
    }

    /// Serves the finished space in place of the old one, whose vectors go.
    pub(crate) fn swap_space(&mut self, state: &Reembed) -> Result<()> {
        self.drop_space(self.identity.space)?;
        self.identity.space = state.space;
        self.identity.embedder = state.embedder.clone();
        self.meta.remove("reembed").map_err(database)?;
        meta::put_identity(&mut self.meta, &self.identity)
    }

    /// Drops the vectors of a space.
    pub(crate) fn drop_space(&mut self, space: u32) -> Result<()> {
        self.tail
            .retain_in((space, 0, 0)..=(space, u32::MAX, u64::MAX), |_, _| false)
            .map_err(database)?;
        let mut dropped = Vec::new();
        for entry in self.segments.range::<u64>(..).map_err(database)? {
            let (number, bytes) = entry.map_err(database)?;
            let entry: super::tables::SegmentEntry =
                codec::from_bytes(bytes.value(), "segment entry")?;
            if entry.space == space {
                dropped.push(number.value());
            }
        }
        for number in dropped {
            self.segments.remove(number).map_err(database)?;
        }
        Ok(())
    }

    /// Gives a store without an embedder its identity.
    pub(crate) fn name_embedder(&mut self, embedder: super::Embedder) -> Result<()> {
        self.identity.embedder = embedder;
        meta::put_identity(&mut self.meta, &self.identity)
    }
}
