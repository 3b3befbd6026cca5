//! The rows of a partition, or of the whole store, in memory.
//!
//! A shard is copied on write in chunks: a commit changes chunks in place while no reader holds
//! them, and copies at most a chunk per changed row while one does.

mod cache;
mod chunk;
mod load;

use std::sync::Arc;

pub(crate) use cache::{Cache, Part};
pub(crate) use chunk::{Chunk, NewRow};
pub(crate) use load::load;

use crate::store::RowChange;
use crate::vector::encode;

/// Bytes of codes in a chunk: small enough to copy, large enough to stream.
const CHUNK_BYTES: usize = 1 << 20;
/// Vectors of a shard that are held beside the codes; of a larger one they are read from disk,
/// those few that the codes leave in doubt.
pub(crate) const RESIDENT_BYTES: usize = 6 << 20;

/// Rows in the order they were added.
#[derive(Debug, Clone)]
pub(crate) struct Shard {
    dim: usize,
    chunk_rows: usize,
    resident: bool,
    rows: usize,
    /// Rows that are still to be pushed when it is read.
    expected: usize,
    dead: usize,
    chunks: Vec<Arc<Chunk>>,
}

impl Shard {
    /// An empty shard that expects `rows`.
    pub(crate) fn new(dim: usize, rows: usize) -> Self {
        let chunk_rows = (CHUNK_BYTES / dim.max(1)).clamp(64, 16384);
        Self {
            dim,
            chunk_rows,
            resident: rows * dim * 4 <= RESIDENT_BYTES,
            rows: 0,
            expected: rows,
            dead: 0,
            chunks: Vec::new(),
        }
    }

    /// Whether the vectors are held beside the codes.
    pub(crate) fn resident(&self) -> bool {
        self.resident
    }

    pub(crate) fn chunks(&self) -> &[Arc<Chunk>] {
        &self.chunks
    }

    /// Its rows, those that are gone included.
    pub(crate) fn rows(&self) -> usize {
        self.rows
    }

    /// Bytes it takes.
    pub(crate) fn bytes(&self) -> usize {
        let chunks: usize = self.chunks.iter().map(|chunk| chunk.bytes()).sum();
        size_of::<Self>() + self.chunks.capacity() * size_of::<Arc<Chunk>>() + chunks
    }

    /// Whether it is worth reading anew, without the rows that are gone.
    pub(crate) fn mostly_dead(&self) -> bool {
        self.dead > 1000 && self.dead * 2 > self.rows
    }

    pub(crate) fn push(&mut self, row: NewRow<'_>) {
        let full = self
            .chunks
            .last()
            .is_none_or(|chunk| chunk.len() >= self.chunk_rows);
        if full {
            let rows = self.expected.min(self.chunk_rows);
            let chunk = Chunk::new(self.dim, self.resident, rows);
            self.chunks.push(Arc::new(chunk));
        }
        if let Some(chunk) = self.chunks.last_mut() {
            Arc::make_mut(chunk).push(row);
        }
        self.rows += 1;
        self.expected = self.expected.saturating_sub(1);
        // Twice the limit, so that a shard at the limit does not drop what it has just read.
        if self.resident && self.rows * self.dim * 4 > 2 * RESIDENT_BYTES {
            self.resident = false;
            for chunk in &mut self.chunks {
                Arc::make_mut(chunk).drop_vectors();
            }
        }
    }

    pub(crate) fn apply(&mut self, partition: u32, change: &RowChange) {
        match change {
            RowChange::Push {
                row,
                head,
                inverse_norm,
                vector,
            } => {
                let mut code = Vec::with_capacity(self.dim);
                let mark = encode(vector, *inverse_norm, &mut code);
                self.push(NewRow {
                    place: (partition, *row),
                    head: *head,
                    mark,
                    code: &code,
                    vector: Some(vector),
                });
            }
            RowChange::Set { row, head, vector } => {
                if let Some((chunk, at)) = self.find(*row) {
                    let vector = vector
                        .as_ref()
                        .map(|(inverse_norm, vector)| (*inverse_norm, vector.as_slice()));
                    Arc::make_mut(&mut self.chunks[chunk]).set(at, *head, vector);
                }
            }
            RowChange::Remove { row } => self.remove(*row),
        }
    }

    fn remove(&mut self, row: u64) {
        let Some((place, at)) = self.find(row) else {
            return;
        };
        let chunk = Arc::make_mut(&mut self.chunks[place]);
        chunk.remove(at);
        self.dead += 1;
        if chunk.dead() == chunk.len() {
            self.rows -= chunk.len();
            self.dead -= chunk.len();
            self.chunks.remove(place);
        }
    }

    fn find(&self, row: u64) -> Option<(usize, usize)> {
        let chunk = self
            .chunks
            .partition_point(|chunk| chunk.last_row().is_some_and(|last| last < row));
        let at = self.chunks.get(chunk)?.position(row)?;
        Some((chunk, at))
    }
}
