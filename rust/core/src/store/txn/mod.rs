//! One write transaction: records, ids, scopes, events and vectors change together.

mod changes;
mod spaces;
mod vectors;

use std::collections::{BTreeMap, HashMap};
use std::path::Path;
use std::sync::Arc;

use redb::{Table, WriteTransaction};

use super::io::Io;
use super::log::LogWriter;
use super::tables::{
    BURIALS, Counters, EVENTS, GRAVES, IDS, Identity, META, PARTITIONS, Place, RECORDS, SCOPE_IDS,
    SCOPES, SEGMENTS, TAIL,
};
use super::{database, meta};
use crate::error::{Error, Result};
use crate::record::{Kind, Micros};
use crate::vector::RowChange;

/// Row changes of a commit by partition, for the shards in memory.
pub(crate) type ShardChanges = Vec<(u32, RowChange)>;

/// Scope, kind and hash of the texts of a partition that hold, to the first row that has each.
type Texts = HashMap<(u32, Kind, [u8; 16]), u64>;

pub(crate) struct Txn<'t> {
    meta: Table<'t, &'static str, &'static [u8]>,
    records: Table<'t, Place, &'static [u8]>,
    ids: Table<'t, &'static str, Place>,
    graves: Table<'t, u64, u64>,
    burials: Table<'t, Place, &'static [u8]>,
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
    log: LogWriter,
    vectors: BTreeMap<Place, Arc<Vec<f32>>>,
    texts: HashMap<u32, Texts>,
    changes: ShardChanges,
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
        let counters: Counters = meta::get_in(&meta, "counters")?.unwrap_or_default();
        Ok(Self {
            meta,
            records: write.open_table(RECORDS).map_err(database)?,
            ids: write.open_table(IDS).map_err(database)?,
            graves: write.open_table(GRAVES).map_err(database)?,
            burials: write.open_table(BURIALS).map_err(database)?,
            partitions: write.open_table(PARTITIONS).map_err(database)?,
            scopes: write.open_table(SCOPES).map_err(database)?,
            scope_ids: write.open_table(SCOPE_IDS).map_err(database)?,
            events: write.open_table(EVENTS).map_err(database)?,
            tail: write.open_table(TAIL).map_err(database)?,
            segments: write.open_table(SEGMENTS).map_err(database)?,
            io,
            vectors_dir,
            identity,
            log: LogWriter::new(counters.seq),
            counters,
            now,
            vectors: BTreeMap::new(),
            texts: HashMap::new(),
            changes: Vec::new(),
        })
    }

    /// Writes what the operations left to be written; the caller commits.
    pub(super) fn finish(mut self) -> Result<(Identity, ShardChanges)> {
        for (first, block) in std::mem::take(&mut self.log).finish() {
            self.events
                .insert(first, block.as_slice())
                .map_err(database)?;
        }
        let vectors = std::mem::take(&mut self.vectors);
        self.put_vectors(self.identity.space, &vectors)?;
        meta::put(&mut self.meta, "counters", &self.counters)?;
        Ok((self.identity, self.changes))
    }

    /// Forgets everything but the embedder; the log starts anew under another id.
    pub(crate) fn reset(&mut self) -> Result<()> {
        self.records.retain(|_, _| false).map_err(database)?;
        self.ids.retain(|_, _| false).map_err(database)?;
        self.graves.retain(|_, _| false).map_err(database)?;
        self.burials.retain(|_, _| false).map_err(database)?;
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

    /// Gives a store without an embedder its identity.
    pub(crate) fn name_embedder(&mut self, embedder: super::Embedder) -> Result<()> {
        self.identity.embedder = embedder;
        meta::put_identity(&mut self.meta, &self.identity)
    }
}
