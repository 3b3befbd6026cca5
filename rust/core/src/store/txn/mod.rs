//! One write transaction: records, ids, scopes, events and vectors change together.
//!
//! What the operations add is kept and written at the end, each table by itself: a large
//! batch fills them, and writes its segment, at the same time.

mod changes;
mod erase;
mod spaces;
mod texts;
mod unwritten;

use std::collections::HashMap;
use std::path::Path;

use redb::WriteTransaction;

use super::meta::{Counters, Identity};
use super::new_ids::NewIds;
use super::rows::RowChanges;
use super::tables::WriteTables;
use super::vectors::VectorTables;
use super::{database, ids, meta};
use crate::error::Result;
use crate::io::Io;
use crate::record::Scope;
use crate::threads;
use crate::time::Micros;
pub(crate) use texts::TextIndex;
use unwritten::{Encoded, Unwritten};

pub(crate) struct Txn<'t> {
    pub(super) tables: WriteTables<'t>,
    io: &'t dyn Io,
    vectors_dir: &'t Path,
    pub(crate) identity: Identity,
    pub(crate) counters: Counters,
    pub(super) now: Micros,
    new_ids: &'t NewIds,
    /// Number of the transaction's first event.
    first_seq: u64,
    unwritten: Unwritten,
    texts: TextIndex,
    pub(super) known_scopes: HashMap<Scope, (u32, u32)>,
    changes: RowChanges,
}

impl<'t> Txn<'t> {
    pub(super) fn open(
        write: &'t WriteTransaction,
        io: &'t dyn Io,
        vectors_dir: &'t Path,
        now: Micros,
        new_ids: &'t NewIds,
        texts: TextIndex,
    ) -> Result<Self> {
        let tables = WriteTables::open(write)?;
        let identity = meta::identity(&tables.meta)?;
        let counters = meta::counters(&tables.meta)?;
        Ok(Self {
            tables,
            io,
            vectors_dir,
            identity,
            first_seq: counters.seq,
            counters,
            now,
            new_ids,
            unwritten: Unwritten::default(),
            texts,
            known_scopes: HashMap::new(),
            changes: Vec::new(),
        })
    }

    /// Writes what the operations left to be written; the caller commits.
    pub(super) fn finish(mut self) -> Result<(RowChanges, TextIndex)> {
        let unwritten = std::mem::take(&mut self.unwritten);
        let space = self.identity.space;
        let next_segment = &mut self.counters.segment;
        let WriteTables {
            meta,
            records,
            ids,
            uuids,
            events,
            write_buffer,
            segments,
            dropped,
            ..
        } = &mut self.tables;
        let mut vectors = VectorTables {
            buffer: write_buffer,
            segments,
            dropped,
            io: self.io,
            dir: self.vectors_dir,
        };
        let (first_seq, now) = (self.first_seq, self.now);
        let mut put_ids = || ids::put(ids, uuids, &unwritten.ids);
        let mut put_vectors = || vectors.put(space, next_segment, &unwritten.vectors);
        let mut put_records =
            |encoded: &Encoded| unwritten::put_records(records, &unwritten.records, encoded);
        let mut put_events = |encoded: &Encoded| -> Result<()> {
            for (first, block) in unwritten.log(first_seq, now, encoded)? {
                events.insert(first, block.as_slice()).map_err(database)?;
            }
            Ok(())
        };
        if unwritten.is_large() {
            let put_both = || {
                let encoded = unwritten.encode()?;
                let (records, events) =
                    threads::join(|| put_records(&encoded), || put_events(&encoded));
                records.and(events)
            };
            let (both, (ids, vectors)) =
                threads::join(put_both, || threads::join(put_ids, put_vectors));
            both.and(ids).and(vectors)?;
        } else {
            let encoded = unwritten.encode()?;
            put_records(&encoded)?;
            put_events(&encoded)?;
            put_ids()?;
            put_vectors()?;
        }
        meta::put_counters(meta, &self.counters)?;
        self.texts.trim();
        Ok((self.changes, self.texts))
    }

    pub(super) fn vectors(&mut self) -> VectorTables<'_, 't> {
        VectorTables {
            buffer: &mut self.tables.write_buffer,
            segments: &mut self.tables.segments,
            dropped: &mut self.tables.dropped,
            io: self.io,
            dir: self.vectors_dir,
        }
    }

    /// Gives a store without an embedder its identity.
    pub(crate) fn name_embedder(&mut self, embedder: super::Embedder) -> Result<()> {
        self.identity.embedder = embedder;
        meta::put_identity(&mut self.tables.meta, &self.identity)
    }
}
