//! A second vector set beside the one that is served, while the embedder changes.

use std::collections::BTreeMap;
use std::sync::Arc;

use redb::ReadableTable;

use super::super::tables::{Place, Reembed, SegmentEntry};
use super::super::{codec, database, meta};
use super::Txn;
use crate::error::Result;
use crate::vector::kernels;

impl Txn<'_> {
    /// Adds vectors to a space that is being built, and remembers how far it is.
    pub(crate) fn put_reembedded(
        &mut self,
        state: &Reembed,
        vectors: &BTreeMap<Place, Arc<Vec<f32>>>,
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
            let entry: SegmentEntry = codec::from_bytes(bytes.value(), "segment entry")?;
            if entry.space == space {
                dropped.push(number.value());
            }
        }
        for number in dropped {
            self.segments.remove(number).map_err(database)?;
        }
        Ok(())
    }
}
