//! One write transaction: records, ids, scopes, events and vectors change together.
//!
//! What the operations add is kept aside and written at the end, each table by itself: a large
//! batch fills them, and writes its segment, at the same time.

mod aside;
mod changes;
mod pending;
mod receipts;
mod scopes;
mod spaces;
mod texts;
mod vectors;

use std::collections::HashMap;
use std::path::Path;

use redb::{Table, WriteTransaction};

use super::ids::Ids;
use super::rows::RowChanges;
use super::tables::{
    BURIALS, Counters, DROPPED, EVENTS, GRAVES, IDS, Identity, META, PARTITIONS, PENDING, Place,
    RECEIPTS, RECORDS, SCOPE_IDS, SCOPES, SEGMENTS, SIGNED, TAIL, UUIDS,
};
use super::{database, meta};
use crate::error::{Error, Result};
use crate::io::Io;
use crate::record::Scope;
use crate::threads;
use crate::time::Micros;
use pending::{Encoded, Pending};
pub(crate) use texts::TextIndex;
use vectors::VectorTables;

pub(crate) struct Txn<'t> {
    meta: Table<'t, &'static str, &'static [u8]>,
    records: Table<'t, Place, &'static [u8]>,
    ids: Table<'t, &'static str, Place>,
    uuids: Table<'t, u128, Place>,
    graves: Table<'t, u64, u64>,
    burials: Table<'t, Place, &'static [u8]>,
    partitions: Table<'t, (u8, &'static str), u32>,
    scopes: Table<'t, &'static [u8], (u32, u32)>,
    scope_ids: Table<'t, (u8, &'static str, u32), &'static [u8]>,
    events: Table<'t, u64, &'static [u8]>,
    aside: Table<'t, u64, &'static [u8]>,
    receipts: Table<'t, (u32, u128), u32>,
    signed: Table<'t, (u32, u128), &'static [u8]>,
    vector_tables: VectorTables<'t>,
    pub(crate) identity: Identity,
    pub(crate) counters: Counters,
    now: Micros,
    new_ids: &'t Ids,
    /// Number of the transaction's first event.
    first_seq: u64,
    pending: Pending,
    texts: TextIndex,
    known_scopes: HashMap<Scope, (u32, u32)>,
    changes: RowChanges,
}

impl<'t> Txn<'t> {
    pub(super) fn open(
        write: &'t WriteTransaction,
        io: &'t dyn Io,
        vectors_dir: &'t Path,
        now: Micros,
        new_ids: &'t Ids,
        texts: TextIndex,
    ) -> Result<Self> {
        let meta = write.open_table(META).map_err(database)?;
        let identity = meta::identity_in(&meta)?
            .ok_or_else(|| Error::Database("the store has no identity".to_owned()))?;
        let counters: Counters = meta::get_in(&meta, "counters")?.unwrap_or_default();
        Ok(Self {
            meta,
            records: write.open_table(RECORDS).map_err(database)?,
            ids: write.open_table(IDS).map_err(database)?,
            uuids: write.open_table(UUIDS).map_err(database)?,
            graves: write.open_table(GRAVES).map_err(database)?,
            burials: write.open_table(BURIALS).map_err(database)?,
            partitions: write.open_table(PARTITIONS).map_err(database)?,
            scopes: write.open_table(SCOPES).map_err(database)?,
            scope_ids: write.open_table(SCOPE_IDS).map_err(database)?,
            events: write.open_table(EVENTS).map_err(database)?,
            aside: write.open_table(PENDING).map_err(database)?,
            receipts: write.open_table(RECEIPTS).map_err(database)?,
            signed: write.open_table(SIGNED).map_err(database)?,
            vector_tables: VectorTables {
                tail: write.open_table(TAIL).map_err(database)?,
                segments: write.open_table(SEGMENTS).map_err(database)?,
                dropped: write.open_table(DROPPED).map_err(database)?,
                io,
                dir: vectors_dir,
            },
            identity,
            first_seq: counters.seq,
            counters,
            now,
            new_ids,
            pending: Pending::default(),
            texts,
            known_scopes: HashMap::new(),
            changes: Vec::new(),
        })
    }

    /// Writes what the operations left to be written; the caller commits.
    pub(super) fn finish(mut self) -> Result<(RowChanges, TextIndex)> {
        let pending = std::mem::take(&mut self.pending);
        let space = self.identity.space;
        let next_segment = &mut self.counters.segment;
        let (records, ids, uuids) = (&mut self.records, &mut self.ids, &mut self.uuids);
        let (events, vectors) = (&mut self.events, &mut self.vector_tables);
        let (first_seq, now) = (self.first_seq, self.now);
        let mut put_ids = || pending::put_ids(ids, uuids, &pending.ids);
        let mut put_vectors = || vectors.put(space, next_segment, &pending.vectors);
        let mut put_records =
            |encoded: &Encoded| pending::put_records(records, &pending.records, encoded);
        let mut put_events = |encoded: &Encoded| -> Result<()> {
            for (first, block) in pending.log(first_seq, now, encoded)? {
                events.insert(first, block.as_slice()).map_err(database)?;
            }
            Ok(())
        };
        if pending.is_large() {
            let put_both = || {
                let encoded = pending.encode()?;
                let (records, events) =
                    threads::join(|| put_records(&encoded), || put_events(&encoded));
                records.and(events)
            };
            let (both, (ids, vectors)) =
                threads::join(put_both, || threads::join(put_ids, put_vectors));
            both.and(ids).and(vectors)?;
        } else {
            let encoded = pending.encode()?;
            put_records(&encoded)?;
            put_events(&encoded)?;
            put_ids()?;
            put_vectors()?;
        }
        meta::put(&mut self.meta, "counters", &self.counters)?;
        self.texts.trim();
        Ok((self.changes, self.texts))
    }

    /// Gives a store without an embedder its identity.
    pub(crate) fn name_embedder(&mut self, embedder: super::Embedder) -> Result<()> {
        self.identity.embedder = embedder;
        meta::put_identity(&mut self.meta, &self.identity)
    }
}
