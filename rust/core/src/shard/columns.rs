//! The lane of the filter columns, which are made when a filter first asks for their fields.
//!
//! A column is not changed: it knows the rows up to its length as of its version. Rows pushed or
//! changed since are matched by their records, until they are too many and the column is made again.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::lane::{ChangedRow, Lane, NewRow, RemovedRow};
use super::rows::Rows;
use crate::bits::Bits;
use crate::error::Result;
use crate::filter::{Column, Field, Filter, columns};
use crate::record::Record;
use crate::rowid::RowId;
use crate::sync::Mutex;

/// Rows matched by their records before a column is made again.
const STALE: usize = 32;

/// Reads the record of a row.
pub(crate) type Fetch<'a> = &'a (dyn Fn(RowId) -> Result<Option<Record>> + Sync);

/// A column, with the version and length of the lane it was made of.
#[derive(Debug, Clone)]
struct Made {
    version: u32,
    len: usize,
    column: Arc<Column>,
}

/// Columns of some fields, and the version and length that all of them know.
struct Known {
    columns: Vec<Arc<Column>>,
    version: u32,
    len: usize,
}

/// The columns made so far.
#[derive(Debug, Default)]
pub(super) struct Columns {
    len: usize,
    /// Counts the changes.
    version: u32,
    /// Positions that changed, each with the version of its last change.
    changed: Vec<(u32, u16)>,
    made: Mutex<HashMap<Field, Made>>,
    made_bytes: AtomicUsize,
}

impl Clone for Columns {
    fn clone(&self) -> Self {
        Self {
            len: self.len,
            version: self.version,
            changed: self.changed.clone(),
            made: Mutex::new(self.made.lock().clone()),
            made_bytes: AtomicUsize::new(self.made_bytes.load(Ordering::Relaxed)),
        }
    }
}

impl Columns {
    /// See [`Chunk::knows`](super::Chunk::knows).
    pub(super) fn knows(&self, fields: &[Field]) -> bool {
        let made = self.made.lock();
        fields.iter().all(|field| made.contains_key(field))
    }

    /// Positions that changed since a version.
    fn changed_since(&self, version: u32) -> impl Iterator<Item = usize> {
        let newer = self
            .changed
            .iter()
            .filter(move |(since, _)| *since > version);
        newer.map(|(_, at)| usize::from(*at))
    }

    /// See [`Chunk::matching`](super::Chunk::matching).
    pub(super) fn matching(
        &self,
        filter: &Filter,
        fields: &[Field],
        rows: &Rows,
        fetch: Fetch<'_>,
    ) -> Result<Bits> {
        let known = self.known(fields, rows, fetch)?;
        let at = |field: &Field| fields.iter().position(|other| other == field);
        let column = |field: &Field| known.columns.get(at(field)?).map(AsRef::as_ref);
        let mut bits = filter.select(self.len, &column);
        for at in self.changed_since(known.version).chain(known.len..self.len) {
            let matches = !rows.is_deleted(at)
                && fetch(rows.id(at))?.is_some_and(|record| filter.matches(&record));
            bits.set(at, matches);
        }
        Ok(bits)
    }

    /// Columns of the fields; those that are missing or too old are made.
    fn known(&self, fields: &[Field], rows: &Rows, fetch: Fetch<'_>) -> Result<Known> {
        let fresh_enough = |made: &Made| {
            let appended = self.len - made.len.min(self.len);
            self.changed_since(made.version).count() + appended <= STALE
        };
        let held: Vec<Option<Made>> = {
            let made = self.made.lock();
            let held = fields.iter().map(|field| made.get(field).cloned());
            held.map(|made| made.filter(&fresh_enough)).collect()
        };
        let missing: Vec<Field> = fields
            .iter()
            .zip(&held)
            .filter(|(_, made)| made.is_none())
            .map(|(field, _)| field.clone())
            .collect();
        let mut fresh = self.make(missing, rows, fetch)?.into_iter();
        let made: Vec<Made> = held
            .into_iter()
            .filter_map(|made| made.or_else(|| fresh.next()))
            .collect();
        let version = made.iter().map(|made| made.version).min();
        let len = made.iter().map(|made| made.len).min();
        Ok(Known {
            version: version.unwrap_or(0),
            len: len.unwrap_or(0),
            columns: made.into_iter().map(|made| made.column).collect(),
        })
    }

    /// Makes and keeps the columns of some fields.
    fn make(&self, fields: Vec<Field>, rows: &Rows, fetch: Fetch<'_>) -> Result<Vec<Made>> {
        if fields.is_empty() {
            return Ok(Vec::new());
        }
        let record = |at| {
            if rows.is_deleted(at) {
                Ok(None)
            } else {
                fetch(rows.id(at))
            }
        };
        let records: Result<Vec<Option<Record>>> = (0..self.len).map(record).collect();
        let fresh: Vec<Made> = columns(&fields, &records?)
            .into_iter()
            .map(|column| Made {
                version: self.version,
                len: self.len,
                column: Arc::new(column),
            })
            .collect();
        let mut made = self.made.lock();
        made.extend(fields.into_iter().zip(fresh.iter().cloned()));
        let bytes = made.values().map(|made| made.column.bytes()).sum();
        self.made_bytes.store(bytes, Ordering::Relaxed);
        Ok(fresh)
    }
}

impl Lane for Columns {
    fn reserve(&mut self, _rows: usize) {}

    fn push(&mut self, _row: &NewRow<'_>) {
        self.len += 1;
    }

    fn set(&mut self, at: usize, _row: &ChangedRow<'_>) {
        self.version += 1;
        self.changed
            .retain(|(_, position)| usize::from(*position) != at);
        self.changed.push((self.version, at as u16));
    }

    /// The columns keep the row: it may match or not, since no search shows it.
    fn remove(&mut self, _at: usize, _row: &RemovedRow<'_>) {}

    fn bytes(&self) -> usize {
        self.changed.capacity() * size_of::<(u32, u16)>() + self.made_bytes.load(Ordering::Relaxed)
    }
}
