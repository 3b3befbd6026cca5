//! The rows of a partition, or of the whole store, in memory.
//!
//! A shard is a list of chunks, and a chunk keeps its rows in lanes: ids and heads, codes, filter
//! columns. The row changes of a commit go to all lanes; the [`Cache`] charges a shard the bytes of
//! its lanes, and drops and reads them together.
//!
//! Shards are copied on write in chunks: a commit changes chunks in place while no reader holds
//! them, and copies at most a chunk per changed row while one does.

mod cache;
mod chunk;
mod codes;
mod columns;
mod lane;
mod load;
mod postings;
mod ranked;
mod rows;
mod spoken;
mod words;

use std::collections::HashMap;
use std::sync::Arc;

pub(crate) use cache::{Cache, Part};
pub(crate) use chunk::Chunk;
pub(crate) use load::load;
pub(crate) use ranked::{Ranked, Reader, inverse_norm};
pub(crate) use spoken::Spoken;

use crate::rowid::RowId;
use crate::store::RowChange;
use crate::vector::encode;
use lane::{ChangedRow, NewRow, RemovedRow};
use ranked::Latest;

/// Bytes of codes in a chunk: small enough to copy, large enough to stream.
const CHUNK_BYTES: usize = 1 << 20;
/// Most bytes of vectors that a shard keeps beside the codes. Of a larger shard a search reads from
/// disk the few vectors that the codes leave in doubt.
const RESIDENT_BYTES: usize = 6 << 20;

/// Rows in the order they were added.
#[derive(Debug, Clone)]
pub(crate) struct Shard {
    dim: usize,
    chunk_rows: usize,
    resident: bool,
    rows: usize,
    /// Rows still to be pushed while it is read.
    expected: usize,
    deleted: usize,
    chunks: Vec<Arc<Chunk>>,
    /// What ranking needs of all chunks together, until the next change.
    ranked: Latest,
}

/// What a commit brings for a row beside its [`RowChange`], for chunks that keep words.
#[derive(Debug, Default)]
pub(crate) struct Extra {
    /// What its record says now, in each language that a shard needs.
    pub(crate) spoken: Vec<Spoken>,
    /// The vector that it had, and one over its length.
    pub(crate) before: Option<(f32, Vec<f32>)>,
}

/// The extras of a commit.
pub(crate) type Extras = HashMap<RowId, Extra>;

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
            deleted: 0,
            chunks: Vec::new(),
            ranked: Latest::default(),
        }
    }

    /// Whether the vectors are kept beside the codes.
    fn resident(&self) -> bool {
        self.resident
    }

    pub(crate) fn chunks(&self) -> &[Arc<Chunk>] {
        &self.chunks
    }

    /// Its rows, with those deleted since it was read.
    pub(crate) fn rows(&self) -> usize {
        self.rows
    }

    /// Bytes it takes: those of its chunks' lanes.
    pub(crate) fn bytes(&self) -> usize {
        let chunks: usize = self.chunks.iter().map(|chunk| chunk.bytes()).sum();
        let list = self.chunks.capacity() * size_of::<Arc<Chunk>>();
        size_of::<Self>() + list + chunks + self.ranked.bytes()
    }

    /// Whether it is worth reading again without the deleted rows.
    fn mostly_deleted(&self) -> bool {
        self.deleted > 1000 && self.deleted * 2 > self.rows
    }

    fn push(&mut self, row: &NewRow<'_>) {
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

    /// Makes one change of a commit.
    fn apply(&mut self, partition: u32, change: &RowChange, extras: &Extras) {
        self.ranked.forget();
        let extra = |row: u64| extras.get(&(partition, row));
        let spoken = |row: u64| extra(row).map_or(&[][..], |extra| &extra.spoken);
        let before = |row: u64| {
            let before = extra(row).and_then(|extra| extra.before.as_ref());
            before.map(|(inverse_norm, vector)| (*inverse_norm, &vector[..]))
        };
        match change {
            RowChange::Push {
                row,
                head,
                inverse_norm,
                vector,
            } => {
                let mut code = Vec::with_capacity(self.dim);
                let none;
                let vector = if vector.is_empty() {
                    none = vec![0.0; self.dim];
                    &none
                } else {
                    &**vector
                };
                let mark = encode(vector, *inverse_norm, &mut code);
                self.push(&NewRow {
                    id: (partition, *row),
                    head: *head,
                    mark,
                    code: &code,
                    vector: Some(vector),
                    spoken: spoken(*row),
                });
            }
            RowChange::Set { row, head, vector } => {
                if let Some((chunk, at)) = self.find(*row) {
                    let vector = vector.as_ref();
                    let changed = ChangedRow {
                        head: *head,
                        vector: vector.map(|(inverse_norm, vector)| (*inverse_norm, &vector[..])),
                        before: before(*row),
                        spoken: spoken(*row),
                    };
                    Arc::make_mut(&mut self.chunks[chunk]).set(at, &changed);
                }
            }
            RowChange::Remove { row } => self.remove(
                *row,
                &RemovedRow {
                    before: before(*row),
                },
            ),
        }
    }

    fn remove(&mut self, row: u64, removed: &RemovedRow<'_>) {
        let Some((number, at)) = self.find(row) else {
            return;
        };
        let chunk = Arc::make_mut(&mut self.chunks[number]);
        chunk.remove(at, removed);
        self.deleted += 1;
        if chunk.deleted() == chunk.len() {
            self.rows -= chunk.len();
            self.deleted -= chunk.len();
            self.chunks.remove(number);
        }
    }

    /// Number of a row in the shard; `None` if it is deleted.
    pub(crate) fn number_of(&self, row: u64) -> Option<u32> {
        let (chunk, at) = self.find(row)?;
        let deleted = self.chunks[chunk].is_deleted(at);
        (!deleted).then(|| self.firsts()[chunk] + at as u32)
    }

    /// The chunk of a row, and its position there.
    fn find(&self, row: u64) -> Option<(usize, usize)> {
        let chunk = self
            .chunks
            .partition_point(|chunk| chunk.last_row().is_some_and(|last| last < row));
        let at = self.chunks.get(chunk)?.position(row)?;
        Some((chunk, at))
    }
}

#[cfg(test)]
mod tests;
