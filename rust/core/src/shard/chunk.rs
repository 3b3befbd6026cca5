//! A run of rows: the lanes that hold what a search must know of each.

use std::sync::Arc;

use super::codes::Codes;
use super::columns::{Columns, Fetch};
use super::lane::{ChangedRow, Lane, NewRow, RemovedRow};
use super::rows::Rows;
use super::words::{Made, Words};
use crate::bits::Bits;
use crate::error::Result;
use crate::filter::{Field, Filter};
use crate::rowid::RowId;
use crate::store::Head;
use crate::vector::Mark;

/// Rows in the order they were added; a deleted one keeps its position.
#[derive(Debug, Clone)]
pub(crate) struct Chunk {
    rows: Rows,
    codes: Codes,
    columns: Columns,
    words: Words,
}

impl Chunk {
    /// An empty chunk with room for `rows`; `resident` keeps the vectors beside the codes.
    pub(super) fn new(dim: usize, resident: bool, rows: usize) -> Self {
        let mut chunk = Self {
            rows: Rows::default(),
            codes: Codes::new(dim, resident),
            columns: Columns::default(),
            words: Words::default(),
        };
        chunk.reserve(rows);
        chunk
    }

    /// All lanes. A new one is added here and in [`Chunk::lanes_mut`], and nowhere else.
    fn lanes(&self) -> [&dyn Lane; 4] {
        [&self.rows, &self.codes, &self.columns, &self.words]
    }

    fn lanes_mut(&mut self) -> [&mut dyn Lane; 4] {
        [
            &mut self.rows,
            &mut self.codes,
            &mut self.columns,
            &mut self.words,
        ]
    }

    fn reserve(&mut self, rows: usize) {
        for lane in self.lanes_mut() {
            lane.reserve(rows);
        }
    }

    pub(super) fn push(&mut self, row: &NewRow<'_>) {
        if self.rows.is_full() {
            // Little more than it needs: a store has many small shards.
            self.reserve((self.len() / 8).max(1));
        }
        for lane in self.lanes_mut() {
            lane.push(row);
        }
    }

    pub(super) fn set(&mut self, at: usize, row: &ChangedRow<'_>) {
        let before = self.vector_before(at);
        let row = &ChangedRow {
            before: before
                .as_ref()
                .map(|(norm, vector)| (*norm, &vector[..]))
                .or(row.before),
            ..*row
        };
        for lane in self.lanes_mut() {
            lane.set(at, row);
        }
    }

    pub(super) fn remove(&mut self, at: usize, row: &RemovedRow<'_>) {
        let before = self.vector_before(at);
        let row = &RemovedRow {
            before: before
                .as_ref()
                .map(|(norm, vector)| (*norm, &vector[..]))
                .or(row.before),
        };
        for lane in self.lanes_mut() {
            lane.remove(at, row);
        }
    }

    /// The vector of a row that changes, where the chunk keeps it and the words need it.
    fn vector_before(&mut self, at: usize) -> Option<(f32, Vec<f32>)> {
        if !self.words.is_made() {
            return None;
        }
        let vector = self.codes.vector(at)?.to_vec();
        Some((self.codes.mark(at).inverse_norm, vector))
    }

    /// Bytes it takes: the sum of its lanes'.
    pub(super) fn bytes(&self) -> usize {
        let lanes: usize = self.lanes().iter().map(|lane| lane.bytes()).sum();
        size_of::<Self>() + lanes
    }

    pub(super) fn drop_vectors(&mut self) {
        self.codes.drop_vectors();
    }

    pub(crate) fn len(&self) -> usize {
        self.rows.len()
    }

    pub(super) fn deleted(&self) -> usize {
        self.rows.deleted()
    }

    pub(super) fn last_row(&self) -> Option<u64> {
        self.rows.last()
    }

    pub(super) fn position(&self, row: u64) -> Option<usize> {
        self.rows.position(row)
    }

    pub(crate) fn id(&self, at: usize) -> RowId {
        self.rows.id(at)
    }

    pub(crate) fn mark(&self, at: usize) -> &Mark {
        self.codes.mark(at)
    }

    /// Whether every row has a vector.
    pub(crate) fn has_all_vectors(&self) -> bool {
        self.codes.is_full()
    }

    /// The codes of all rows, one after another.
    pub(crate) fn codes(&self) -> &[i8] {
        self.codes.codes()
    }

    /// The vector at a position, if vectors are kept in memory.
    pub(crate) fn vector(&self, at: usize) -> Option<&[f32]> {
        self.codes.vector(at)
    }

    /// The rows of `scopes` (`None` for all) that are shown and not deleted. `passes` decides on the
    /// heads that not every search shows; memories that are neither superseded nor expiring are shown.
    pub(crate) fn shown(&self, passes: impl Fn(&Head) -> bool, scopes: Option<&Bits>) -> Bits {
        self.rows.shown(passes, scopes)
    }

    /// The rows that match a filter on `fields`; deleted ones may be in or out.
    pub(crate) fn matching(
        &self,
        filter: &Filter,
        fields: &[Field],
        fetch: Fetch<'_>,
    ) -> Result<Bits> {
        self.columns.matching(filter, fields, &self.rows, fetch)
    }

    /// Its words, if they are made.
    pub(super) fn words(&self) -> Option<Arc<Made>> {
        self.words.made()
    }

    pub(super) fn keep_words(&self, made: Arc<Made>) {
        self.words.keep(made);
    }

    pub(super) fn is_deleted(&self, at: usize) -> bool {
        self.rows.is_deleted(at)
    }

    pub(crate) fn head(&self, at: usize) -> &Head {
        self.rows.head(at)
    }

    /// Whether it has columns of all fields, though perhaps not of the newest rows.
    pub(crate) fn knows(&self, fields: &[Field]) -> bool {
        self.columns.knows(fields)
    }
}
