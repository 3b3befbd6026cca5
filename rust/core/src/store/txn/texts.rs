//! Which texts a partition holds, so that none is stored twice for one scope.
//!
//! A partition is read when a put first asks; after that its texts are kept up to date from commit
//! to commit, so that a put into a large partition costs no more than one into a small one.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use redb::ReadableTable;

use super::super::database;
use super::super::records::{self, Head};
use super::Txn;
use crate::error::Result;
use crate::record::{Kind, Record};
use crate::time::Day;

/// Texts kept from one commit to the next, some 64 bytes each.
const MOST: usize = 1 << 20;

/// Scope, kind and hash of a text.
pub(super) type Key = (u32, Kind, [u8; 16]);

/// A row that has a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Holder {
    pub(super) row: u64,
    /// Last day on which its record is shown; `Day::MAX` for one that stays.
    pub(super) until: Day,
}

impl Holder {
    pub(super) fn of(row: u64, expires_on: Option<Day>) -> Self {
        let until = expires_on.unwrap_or(Day::MAX);
        Self { row, until }
    }
}

/// The texts of a partition's records that hold, each with the row that is shown longest.
#[derive(Debug, Default)]
struct Texts {
    rows: HashMap<Key, Holder>,
    /// Some text stands in several rows, only one of which is known.
    doubled: bool,
}

/// Texts by partition.
#[derive(Debug, Default)]
pub(crate) struct TextIndex {
    partitions: HashMap<u32, Texts>,
    /// Texts of all partitions.
    held: usize,
}

pub(super) fn key_of(record: &Record, scope: u32) -> Key {
    (scope, record.kind, record.hash)
}

impl TextIndex {
    /// Takes up a text, where the partition is known.
    pub(super) fn insert(&mut self, partition: u32, key: Key, holder: Holder) {
        if let Some(texts) = self.partitions.get_mut(&partition) {
            self.held += usize::from(texts.insert(key, holder));
        }
    }

    /// Drops a text that a row no longer holds.
    pub(super) fn remove(&mut self, partition: u32, key: &Key, row: u64) {
        let Some(texts) = self.partitions.get_mut(&partition) else {
            return;
        };
        if texts.doubled {
            // Another row may still hold it: the partition is read again when someone asks.
            self.forget(partition);
        } else if texts.rows.get(key).is_some_and(|known| known.row == row) {
            texts.rows.remove(key);
            self.held -= 1;
        }
    }

    pub(super) fn forget(&mut self, partition: u32) {
        if let Some(texts) = self.partitions.remove(&partition) {
            self.held -= texts.rows.len();
        }
    }

    /// Drops all where it is too much to keep.
    pub(super) fn trim(&mut self) {
        if self.held > MOST {
            *self = Self::default();
        }
    }
}

impl Texts {
    /// Takes up a text; returns whether it is a new one.
    fn insert(&mut self, key: Key, holder: Holder) -> bool {
        match self.rows.entry(key) {
            Entry::Vacant(entry) => {
                entry.insert(holder);
                true
            }
            Entry::Occupied(mut known) => {
                self.doubled |= known.get().row != holder.row;
                if known.get().until < holder.until {
                    known.insert(holder);
                }
                false
            }
        }
    }
}

impl Txn<'_> {
    /// The row of a partition that holds a text, and is shown longest of those that do.
    pub(super) fn holder_of(&mut self, partition: u32, key: &Key) -> Result<Option<Holder>> {
        if !self.texts.partitions.contains_key(&partition) {
            let texts = self.read_texts(partition)?;
            self.texts.held += texts.rows.len();
            self.texts.partitions.insert(partition, texts);
        }
        let texts = self.texts.partitions.get(&partition);
        Ok(texts.and_then(|texts| texts.rows.get(key).copied()))
    }

    /// The texts of a partition: those that are stored, and those that the transaction has not
    /// written yet.
    fn read_texts(&self, partition: u32) -> Result<Texts> {
        let mut texts = Texts::default();
        let range = (partition, 0)..=(partition, u64::MAX);
        for entry in self.tables.records.range(range.clone()).map_err(database)? {
            let (row_id, bytes) = entry.map_err(database)?;
            let head = records::decode_head(bytes.value())?;
            if !head.superseded && !self.unwritten.records.contains_key(&row_id.value()) {
                let version = records::decode_version(bytes.value())?;
                let key = (head.scope, head.kind, version.hash);
                texts.insert(key, Holder::of(row_id.value().1, head.expires_on));
            }
        }
        for (row_id, event) in self.unwritten.records.range(range) {
            let made = self.unwritten.events.get(*event);
            let Some((scope, record)) = made.and_then(|event| event.after.as_ref()) else {
                continue;
            };
            let head = Head::of(record, *scope);
            if !head.superseded {
                let holder = Holder::of(row_id.1, head.expires_on);
                texts.insert(key_of(record, *scope), holder);
            }
        }
        Ok(texts)
    }
}
