//! A second vector set beside the one that is served, while the embedder changes.

use super::super::compact::Compaction;
use super::super::meta::{self, Reembed};

use super::super::vectors::Vectors;
use super::Txn;
use crate::error::Result;
use crate::store::database;
use crate::vector::kernels;

impl Txn<'_> {
    /// Adds vectors to a space that is being built, and remembers how far it is.
    pub(crate) fn put_reembedded(&mut self, state: &Reembed, vectors: &Vectors) -> Result<()> {
        for (index, vector) in vectors.values().enumerate() {
            kernels::check(index, vector, state.embedder.dim)?;
        }
        let mut next_segment = self.counters.segment;
        self.vectors()
            .put(state.space, &mut next_segment, vectors)?;
        self.counters.segment = next_segment;
        self.set_reembed(state)
    }

    /// Takes up what was compacted as of an earlier commit; `false` if its space is gone since.
    pub(crate) fn compact(&mut self, done: &Compaction) -> Result<bool> {
        if done.space != self.identity.space || done.log_id != self.identity.log_id {
            return Ok(false);
        }
        self.vectors().compact(done.space, done)?;
        Ok(true)
    }

    pub(crate) fn reembed(&self) -> Result<Option<Reembed>> {
        meta::reembed(&self.tables.meta)
    }

    pub(crate) fn set_reembed(&mut self, state: &Reembed) -> Result<()> {
        meta::put_reembed(&mut self.tables.meta, state)
    }

    /// Serves the finished space in place of the old one, whose vectors go.
    pub(crate) fn swap_space(&mut self, state: &Reembed) -> Result<()> {
        self.drop_space(self.identity.space)?;
        self.identity.space = state.space;
        self.identity.embedder = state.embedder.clone();
        self.tables.meta.remove("reembed").map_err(database)?;
        meta::put_identity(&mut self.tables.meta, &self.identity)
    }

    /// Drops the vectors of a space.
    pub(crate) fn drop_space(&mut self, space: u32) -> Result<()> {
        self.vectors().drop_space(space)
    }
}
