//! Upkeep by hand: `optimize`, and what a store is made of.

use std::sync::atomic::{AtomicBool, Ordering};

use super::approx::IndexState;
use super::{Engine, Inner};
use crate::error::{Error, Result};

/// What a store is made of.
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
    /// Vectors that are not in a segment yet.
    pub tail: usize,
    /// Bytes of vectors, codes and filter columns in memory.
    pub cache_bytes: usize,
    /// The approximate index, where it is in memory.
    pub index: Option<IndexState>,
    /// The last failure of the work behind the calls.
    pub trouble: Option<String>,
}

/// A part of the upkeep.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// Vectors are gathered into one segment.
    Merge,
    /// The approximate index is built or brought up to date.
    Index,
}

impl Engine {
    /// Gathers all vectors into one segment and builds the approximate index, or brings it up to
    /// date. `progress` is called with the stage, rows done and rows in all. Other calls go on
    /// meanwhile.
    ///
    /// Ends early, with the store as good as before, where `stop` is set; and where the store is
    /// closed, with [`Error::Closed`].
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

    /// What the store is made of.
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
            tail: snapshot.buffer_len,
            cache_bytes: state.shards.bytes(),
            index,
            trouble: trouble.clone(),
        }
    }
}
