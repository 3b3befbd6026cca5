//! A consistent view of the truth as of one commit.

use std::fmt;
use std::sync::Arc;

use redb::ReadableTableMetadata;

use super::catalogue::Named;
use super::database;
use super::meta::{self, Counters, Identity, Reembed};
use super::pages::Handle;
use super::tables::ReadTables;
use crate::error::Result;

pub(crate) struct Snapshot {
    pub(crate) identity: Identity,
    pub(crate) counters: Counters,
    pub(crate) reembed: Option<Reembed>,
    pub(super) tables: ReadTables,
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
}
