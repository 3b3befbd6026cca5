//! The lane of the vectors: their codes and, in a small shard, the vectors themselves.

use super::lane::{ChangedRow, Lane, NewRow, RemovedRow};
use crate::vector::{Mark, encode};

/// Codes and marks by position.
#[derive(Debug, Clone, Default)]
pub(super) struct Codes {
    dim: usize,
    marks: Vec<Mark>,
    values: Vec<i8>,
    /// How many rows have no vector.
    bare: usize,
    /// The vectors, if they are kept in memory.
    vectors: Option<Vec<f32>>,
}

impl Codes {
    /// An empty lane; `resident` keeps the vectors too.
    pub(super) fn new(dim: usize, resident: bool) -> Self {
        Self {
            dim,
            vectors: resident.then(Vec::new),
            ..Self::default()
        }
    }

    pub(super) fn mark(&self, at: usize) -> &Mark {
        &self.marks[at]
    }

    /// Whether every row has a vector.
    pub(super) fn is_full(&self) -> bool {
        self.bare == 0
    }

    /// The codes of all rows, one after another.
    pub(super) fn codes(&self) -> &[i8] {
        &self.values
    }

    /// The vector at a position, if vectors are kept in memory.
    pub(super) fn vector(&self, at: usize) -> Option<&[f32]> {
        let vectors = self.vectors.as_ref()?;
        vectors.get(at * self.dim..(at + 1) * self.dim)
    }

    pub(super) fn drop_vectors(&mut self) {
        self.vectors = None;
    }
}

impl Lane for Codes {
    fn reserve(&mut self, rows: usize) {
        self.marks.reserve_exact(rows);
        self.values.reserve_exact(rows * self.dim);
        if let Some(vectors) = &mut self.vectors {
            vectors.reserve_exact(rows * self.dim);
        }
    }

    fn push(&mut self, row: &NewRow<'_>) {
        self.bare += usize::from(row.mark.is_bare());
        self.marks.push(row.mark);
        self.values.extend_from_slice(row.code);
        if let (Some(vectors), Some(vector)) = (&mut self.vectors, row.vector) {
            vectors.extend_from_slice(vector);
        }
    }

    fn set(&mut self, at: usize, row: &ChangedRow<'_>) {
        let Some((inverse_norm, vector)) = row.vector else {
            return;
        };
        let mut code = Vec::with_capacity(self.dim);
        self.bare -= usize::from(self.marks[at].is_bare());
        self.marks[at] = encode(vector, inverse_norm, &mut code);
        self.bare += usize::from(self.marks[at].is_bare());
        let span = at * self.dim..(at + 1) * self.dim;
        self.values[span.clone()].copy_from_slice(&code);
        if let Some(vectors) = &mut self.vectors {
            vectors[span].copy_from_slice(vector);
        }
    }

    /// The code stays: a scan passes over the positions of deleted rows.
    fn remove(&mut self, _at: usize, _row: &RemovedRow<'_>) {}

    fn bytes(&self) -> usize {
        let vectors = self.vectors.as_ref().map_or(0, Vec::capacity);
        self.marks.capacity() * size_of::<Mark>()
            + self.values.capacity()
            + vectors * size_of::<f32>()
    }
}
