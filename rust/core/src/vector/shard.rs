//! The vectors of one partition in memory, in row order.
//!
//! A shard is copied on write in chunks: a commit changes chunks in place while no reader holds
//! them, and copies at most a chunk per changed row while one does.

use std::sync::Arc;

use crate::store::Head;

/// Bytes of vectors in a chunk: small enough to copy, large enough to stream.
const CHUNK_BYTES: usize = 256 * 1024;

/// A run of rows: parallel columns, `vectors` row-major.
#[derive(Debug, Clone, Default)]
pub(crate) struct Chunk {
    pub(crate) rows: Vec<u64>,
    pub(crate) heads: Vec<Head>,
    pub(crate) inverse_norms: Vec<f32>,
    pub(crate) vectors: Vec<f32>,
}

/// A change to one row of a shard.
#[derive(Debug)]
pub(crate) enum RowChange {
    /// A new row; its number is higher than all others.
    Push {
        row: u64,
        head: Head,
        inverse_norm: f32,
        vector: Vec<f32>,
    },
    /// Another head, and another vector where there is one.
    Set {
        row: u64,
        head: Head,
        vector: Option<(f32, Vec<f32>)>,
    },
    /// The row is gone.
    Remove { row: u64 },
}

/// The live rows of a partition.
#[derive(Debug, Clone)]
pub(crate) struct Shard {
    dim: usize,
    chunk_rows: usize,
    chunks: Vec<Arc<Chunk>>,
}

impl Shard {
    pub(crate) fn new(dim: usize) -> Self {
        let chunk_rows = (CHUNK_BYTES / (dim.max(1) * 4)).clamp(16, 4096);
        Self {
            dim,
            chunk_rows,
            chunks: Vec::new(),
        }
    }

    pub(crate) fn chunks(&self) -> impl Iterator<Item = &Chunk> {
        self.chunks.iter().map(AsRef::as_ref)
    }

    pub(crate) fn push(&mut self, row: u64, head: Head, inverse_norm: f32, vector: &[f32]) {
        debug_assert_eq!(vector.len(), self.dim);
        let full = self
            .chunks
            .last()
            .is_none_or(|chunk| chunk.rows.len() >= self.chunk_rows);
        if full {
            self.chunks.push(Arc::default());
        }
        if let Some(chunk) = self.chunks.last_mut() {
            let chunk = Arc::make_mut(chunk);
            chunk.rows.push(row);
            chunk.heads.push(head);
            chunk.inverse_norms.push(inverse_norm);
            chunk.vectors.extend_from_slice(vector);
        }
    }

    pub(crate) fn apply(&mut self, change: RowChange) {
        match change {
            RowChange::Push {
                row,
                head,
                inverse_norm,
                vector,
            } => self.push(row, head, inverse_norm, &vector),
            RowChange::Set { row, head, vector } => {
                let dim = self.dim;
                let Some((chunk, at)) = self.find(row) else {
                    return;
                };
                let chunk = Arc::make_mut(&mut self.chunks[chunk]);
                chunk.heads[at] = head;
                if let Some((inverse_norm, vector)) = vector {
                    chunk.inverse_norms[at] = inverse_norm;
                    chunk.vectors[at * dim..(at + 1) * dim].copy_from_slice(&vector);
                }
            }
            RowChange::Remove { row } => {
                let Some((place, at)) = self.find(row) else {
                    return;
                };
                let dim = self.dim;
                let chunk = Arc::make_mut(&mut self.chunks[place]);
                chunk.rows.remove(at);
                chunk.heads.remove(at);
                chunk.inverse_norms.remove(at);
                chunk.vectors.drain(at * dim..(at + 1) * dim);
                if chunk.rows.is_empty() {
                    self.chunks.remove(place);
                }
            }
        }
    }

    fn find(&self, row: u64) -> Option<(usize, usize)> {
        let chunk = self
            .chunks
            .partition_point(|chunk| chunk.rows.last().is_some_and(|last| *last < row));
        let at = self.chunks.get(chunk)?.rows.binary_search(&row).ok()?;
        Some((chunk, at))
    }
}
