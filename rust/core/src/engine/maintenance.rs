//! Maintenance on request: `optimize`, and the figures of a store.

use std::sync::atomic::{AtomicBool, Ordering};

use super::approx::IndexState;
use super::{Engine, Inner};
use crate::error::{Error, Result};

/// Figures of a store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stats {
    /// Memories and kept messages, expired and superseded ones too.
    pub records: u64,
    /// Events of the log.
    pub events: u64,
    /// Segments of vectors.
    pub segments: usize,
    /// Bytes of the segments.
    pub segment_bytes: u64,
    /// Vectors in the write buffer, not yet in a segment.
    pub write_buffer: usize,
    /// Bytes of vectors, codes and filter columns in memory.
    pub cache_bytes: usize,
    /// The approximate index, if it is in memory.
    pub index: Option<IndexState>,
    /// The last failure of the maintenance in the background.
    pub trouble: Option<String>,
}

/// A part of `optimize`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// Vectors are merged into one segment.
    Merge,
    /// The approximate index is built or brought up to date.
    Index,
}

impl Engine {
    /// Merges all vectors into one segment and builds the approximate index, or brings it up to
    /// date. `progress` is called with the stage, the rows done and all rows. Other calls proceed
    /// meanwhile.
    ///
    /// Returns early if `stop` is set, with the store no worse than before; fails with
    /// [`Error::Closed`] if the store is closed.
    pub fn optimize(
        &self,
        stop: &AtomicBool,
        mut progress: impl FnMut(Stage, usize, usize),
    ) -> Result<()> {
        let inner = self.writable()?;
        let stops = || stop.load(Ordering::Relaxed) || inner.closing();
        if let Some(_held) = inner.maintenance_unless(&stops) {
            inner.flush_buffer(true)?;
            let mut merged = |done, total| progress(Stage::Merge, done, total);
            inner.merge(true, &stops, &mut merged)?;
            inner.want_index();
            let mut indexed = |done, total| progress(Stage::Index, done, total);
            inner.follow(true, &stops, &mut indexed)?;
            if !stops() {
                inner.save_index(true)?;
            }
        }
        if inner.closing() {
            return Err(Error::Closed);
        }
        Ok(())
    }

    /// The figures of the store.
    pub fn stats(&self) -> Result<Stats> {
        Ok(self.inner()?.stats())
    }
}

impl Inner {
    fn stats(&self) -> Stats {
        let snapshot = self.newest();
        let index = self.approx.state(&snapshot);
        let state = self.state.read();
        let trouble = self.trouble.lock();
        Stats {
            records: snapshot.records_len,
            events: snapshot.last_seq(),
            segments: snapshot.segments.len(),
            segment_bytes: snapshot
                .segments
                .iter()
                .map(|named| named.entry.bytes)
                .sum(),
            write_buffer: snapshot.buffer_len,
            cache_bytes: state.shards.bytes(),
            index,
            trouble: trouble.clone(),
        }
    }
}
