//! A run of rows: parallel columns of what a search must know of each.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::bits::Bits;
use crate::error::Result;
use crate::filter::{Column, Field, Filter, columns};
use crate::record::{Kind, Record};
use crate::rowid::RowId;
use crate::store::Head;
use crate::sync::Mutex;
use crate::vector::{Mark, encode};

/// Rows that are matched one by one before the columns are made anew.
const STALE: usize = 32;

/// Reads the record at a place.
pub(crate) type Fetch<'a> = &'a (dyn Fn(RowId) -> Result<Option<Record>> + Sync);

/// The columns made so far, each with the version and length of the chunk it was made of.
type Columns = HashMap<Field, Made>;

#[derive(Debug, Clone)]
struct Made {
    version: u32,
    len: usize,
    column: Arc<Column>,
}

/// Rows in the order they were added; a deleted one keeps its position.
#[derive(Debug, Default)]
pub(crate) struct Chunk {
    dim: usize,
    rows: Vec<u64>,
    partitions: Vec<u32>,
    heads: Vec<Head>,
    marks: Vec<Mark>,
    codes: Vec<i8>,
    /// The vectors themselves, where they are held in memory.
    vectors: Option<Vec<f32>>,
    dead: Bits,
    /// Rows that not every search shows: dead, superseded, expiring, or a kept message.
    special: Bits,
    specials: usize,
    /// Counts the changes.
    version: u32,
    /// Positions that changed, with the version since which they did.
    changed: Vec<(u32, u16)>,
    columns: Mutex<Columns>,
    column_bytes: AtomicUsize,
}

impl Clone for Chunk {
    fn clone(&self) -> Self {
        let columns = self.columns.lock();
        Self {
            dim: self.dim,
            rows: self.rows.clone(),
            partitions: self.partitions.clone(),
            heads: self.heads.clone(),
            marks: self.marks.clone(),
            codes: self.codes.clone(),
            vectors: self.vectors.clone(),
            dead: self.dead.clone(),
            special: self.special.clone(),
            specials: self.specials,
            version: self.version,
            changed: self.changed.clone(),
            columns: Mutex::new(columns.clone()),
            column_bytes: AtomicUsize::new(self.column_bytes.load(Ordering::Relaxed)),
        }
    }
}

/// What a row is pushed with.
#[derive(Debug, Clone, Copy)]
pub(crate) struct NewRow<'a> {
    pub(crate) place: RowId,
    pub(crate) head: Head,
    pub(crate) mark: Mark,
    pub(crate) code: &'a [i8],
    pub(crate) vector: Option<&'a [f32]>,
}

impl Chunk {
    /// An empty chunk with room for `rows`.
    pub(super) fn new(dim: usize, resident: bool, rows: usize) -> Self {
        let mut chunk = Self {
            dim,
            vectors: resident.then(Vec::new),
            ..Self::default()
        };
        chunk.reserve(rows);
        chunk
    }

    fn reserve(&mut self, rows: usize) {
        self.rows.reserve_exact(rows);
        self.partitions.reserve_exact(rows);
        self.heads.reserve_exact(rows);
        self.marks.reserve_exact(rows);
        self.codes.reserve_exact(rows * self.dim);
        if let Some(vectors) = &mut self.vectors {
            vectors.reserve_exact(rows * self.dim);
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.rows.len()
    }

    pub(super) fn dead(&self) -> usize {
        self.dead.count()
    }

    pub(super) fn last_row(&self) -> Option<u64> {
        self.rows.last().copied()
    }

    pub(super) fn position(&self, row: u64) -> Option<usize> {
        self.rows.binary_search(&row).ok()
    }

    pub(crate) fn place(&self, at: usize) -> RowId {
        (self.partitions[at], self.rows[at])
    }

    pub(crate) fn mark(&self, at: usize) -> &Mark {
        &self.marks[at]
    }

    pub(crate) fn codes(&self) -> &[i8] {
        &self.codes
    }

    /// The vector at a position, where vectors are held in memory.
    pub(crate) fn vector(&self, at: usize) -> Option<&[f32]> {
        self.vectors
            .as_ref()?
            .get(at * self.dim..(at + 1) * self.dim)
    }

    /// Bytes it takes, with the room it has for more rows.
    pub(super) fn bytes(&self) -> usize {
        let row = size_of::<u64>() + size_of::<u32>() + size_of::<Head>() + size_of::<Mark>();
        let vectors = self.vectors.as_ref().map_or(0, Vec::capacity) * size_of::<f32>();
        size_of::<Self>()
            + self.rows.capacity() * row
            + self.codes.capacity()
            + vectors
            + self.dead.bytes()
            + self.special.bytes()
            + self.changed.capacity() * size_of::<(u32, u16)>()
            + self.column_bytes.load(Ordering::Relaxed)
    }

    pub(super) fn push(&mut self, row: NewRow<'_>) {
        if self.rows.len() == self.rows.capacity() {
            // Little more than it needs: a store has many small shards.
            self.reserve((self.rows.len() / 8).max(1));
        }
        self.rows.push(row.place.1);
        self.partitions.push(row.place.0);
        self.heads.push(row.head);
        self.marks.push(row.mark);
        self.codes.extend_from_slice(row.code);
        if let (Some(vectors), Some(vector)) = (&mut self.vectors, row.vector) {
            vectors.extend_from_slice(vector);
        }
        self.dead.grow(self.rows.len());
        self.special.grow(self.rows.len());
        self.classify(self.rows.len() - 1);
    }

    pub(super) fn set(&mut self, at: usize, head: Head, vector: Option<(f32, &[f32])>) {
        self.heads[at] = head;
        self.classify(at);
        self.touch(at);
        let Some((inverse_norm, vector)) = vector else {
            return;
        };
        let mut code = Vec::with_capacity(self.dim);
        self.marks[at] = encode(vector, inverse_norm, &mut code);
        let span = at * self.dim..(at + 1) * self.dim;
        self.codes[span.clone()].copy_from_slice(&code);
        if let Some(vectors) = &mut self.vectors {
            vectors[span].copy_from_slice(vector);
        }
    }

    pub(super) fn remove(&mut self, at: usize) {
        self.dead.set(at, true);
        self.classify(at);
    }

    pub(super) fn drop_vectors(&mut self) {
        self.vectors = None;
    }

    fn classify(&mut self, at: usize) {
        let head = &self.heads[at];
        let special = head.kind != Kind::Memory
            || head.superseded
            || head.expires_on.is_some()
            || self.dead.get(at);
        self.special.set(at, special);
        self.specials = self.special.count();
    }

    fn touch(&mut self, at: usize) {
        self.version += 1;
        self.changed
            .retain(|(_, position)| usize::from(*position) != at);
        self.changed.push((self.version, at as u16));
    }

    /// The live rows of `scopes` (`None` for all) that are shown. `passes` is asked for the heads
    /// that not every search shows; memories that are neither superseded nor expiring are shown.
    pub(crate) fn shown(&self, passes: impl Fn(&Head) -> bool, scopes: Option<&Bits>) -> Bits {
        let mut shown = if self.specials == 0 {
            Bits::all(self.len())
        } else {
            let mut shown = self.special.clone();
            shown.invert();
            for at in self.special.iter() {
                shown.set(at, !self.dead.get(at) && passes(&self.heads[at]));
            }
            shown
        };
        if let Some(scopes) = scopes {
            for (at, head) in self.heads.iter().enumerate() {
                if !scopes.get(head.scope as usize) {
                    shown.set(at, false);
                }
            }
        }
        shown
    }

    /// The rows that match a filter that asks for `fields`; dead ones may be in or out.
    pub(crate) fn matching(
        &self,
        filter: &Filter,
        fields: &[Field],
        fetch: Fetch<'_>,
    ) -> Result<Bits> {
        let (version, len, made) = self.columns_for(fields, fetch)?;
        let at = |field: &Field| fields.iter().position(|other| other == field);
        let column = |field: &Field| at(field).and_then(|at| made.get(at)).map(AsRef::as_ref);
        let mut bits = filter.select(self.len(), &column);
        let changed = self
            .changed
            .iter()
            .filter(|(since, _)| *since > version)
            .map(|(_, at)| usize::from(*at));
        for at in changed.chain(len..self.len()) {
            let matches = !self.dead.get(at)
                && fetch(self.place(at))?.is_some_and(|record| filter.matches(&record));
            bits.set(at, matches);
        }
        Ok(bits)
    }

    /// Whether it has columns of all fields, if perhaps not of the newest rows.
    pub(crate) fn knows(&self, fields: &[Field]) -> bool {
        let columns = self.columns.lock();
        fields.iter().all(|field| columns.contains_key(field))
    }

    /// Columns of the fields, and the version and length that all of them know.
    fn columns_for(
        &self,
        fields: &[Field],
        fetch: Fetch<'_>,
    ) -> Result<(u32, usize, Vec<Arc<Column>>)> {
        let held = |made: &Made| {
            let changed = self
                .changed
                .iter()
                .filter(|(since, _)| *since > made.version);
            changed.count() + (self.len() - made.len.min(self.len())) <= STALE
        };
        let known: Vec<Option<Made>> = {
            let columns = self.columns.lock();
            let known = fields.iter().map(|field| columns.get(field).cloned());
            known.map(|made| made.filter(&held)).collect()
        };
        let lacking: Vec<Field> = fields
            .iter()
            .zip(&known)
            .filter(|(_, made)| made.is_none())
            .map(|(field, _)| field.clone())
            .collect();
        let mut fresh = Vec::new();
        if !lacking.is_empty() {
            let records: Result<Vec<Option<Record>>> = (0..self.len())
                .map(|at| {
                    if self.dead.get(at) {
                        Ok(None)
                    } else {
                        fetch(self.place(at))
                    }
                })
                .collect();
            fresh = columns(&lacking, &records?)
                .into_iter()
                .map(|column| Made {
                    version: self.version,
                    len: self.len(),
                    column: Arc::new(column),
                })
                .collect();
            let mut columns = self.columns.lock();
            columns.extend(lacking.into_iter().zip(fresh.iter().cloned()));
            let bytes = columns.values().map(|made| made.column.bytes()).sum();
            self.column_bytes.store(bytes, Ordering::Relaxed);
        }
        let mut fresh = fresh.into_iter();
        let made: Vec<Made> = known
            .into_iter()
            .filter_map(|made| made.or_else(|| fresh.next()))
            .collect();
        let version = made.iter().map(|made| made.version).min();
        let len = made.iter().map(|made| made.len).min();
        Ok((
            version.unwrap_or(0),
            len.unwrap_or(0),
            made.into_iter().map(|made| made.column).collect(),
        ))
    }
}
