//! The lane of the rows themselves: their ids and heads, and which of them a search shows.

use super::lane::{ChangedRow, Lane, NewRow, RemovedRow};
use crate::bits::Bits;
use crate::record::Kind;
use crate::rowid::RowId;
use crate::store::Head;

/// Ids and heads by position. Rows ascend; a deleted one keeps its position.
#[derive(Debug, Clone, Default)]
pub(super) struct Rows {
    numbers: Vec<u64>,
    partitions: Vec<u32>,
    heads: Vec<Head>,
    deleted: Bits,
    /// Rows that not every search shows: deleted, superseded, expiring, or a kept message.
    special: Bits,
    specials: usize,
}

impl Rows {
    pub(super) fn len(&self) -> usize {
        self.numbers.len()
    }

    /// Whether the next row needs more room.
    pub(super) fn is_full(&self) -> bool {
        self.numbers.len() == self.numbers.capacity()
    }

    pub(super) fn last(&self) -> Option<u64> {
        self.numbers.last().copied()
    }

    pub(super) fn position(&self, row: u64) -> Option<usize> {
        self.numbers.binary_search(&row).ok()
    }

    pub(super) fn id(&self, at: usize) -> RowId {
        (self.partitions[at], self.numbers[at])
    }

    pub(super) fn head(&self, at: usize) -> &Head {
        &self.heads[at]
    }

    pub(super) fn is_deleted(&self, at: usize) -> bool {
        self.deleted.get(at)
    }

    pub(super) fn deleted(&self) -> usize {
        self.deleted.count()
    }

    fn classify(&mut self, at: usize) {
        let head = &self.heads[at];
        let special = head.kind != Kind::Memory
            || head.superseded
            || head.expires_on.is_some()
            || self.deleted.get(at);
        if special != self.special.get(at) {
            self.special.set(at, special);
            self.specials = self.special.count();
        }
    }

    /// See [`Chunk::shown`](super::Chunk::shown).
    pub(super) fn shown(&self, passes: impl Fn(&Head) -> bool, scopes: Option<&Bits>) -> Bits {
        let mut shown = if self.specials == 0 {
            Bits::all(self.len())
        } else {
            let mut shown = self.special.clone();
            shown.invert();
            for at in self.special.iter() {
                shown.set(at, !self.deleted.get(at) && passes(&self.heads[at]));
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
}

impl Lane for Rows {
    fn reserve(&mut self, rows: usize) {
        self.numbers.reserve_exact(rows);
        self.partitions.reserve_exact(rows);
        self.heads.reserve_exact(rows);
    }

    fn push(&mut self, row: &NewRow<'_>) {
        let (partition, number) = row.id;
        self.numbers.push(number);
        self.partitions.push(partition);
        self.heads.push(row.head);
        self.deleted.grow(self.numbers.len());
        self.special.grow(self.numbers.len());
        self.classify(self.numbers.len() - 1);
    }

    fn set(&mut self, at: usize, row: &ChangedRow<'_>) {
        self.heads[at] = row.head;
        self.classify(at);
    }

    fn remove(&mut self, at: usize, _row: &RemovedRow<'_>) {
        self.deleted.set(at, true);
        self.classify(at);
    }

    fn bytes(&self) -> usize {
        self.numbers.capacity() * size_of::<u64>()
            + self.partitions.capacity() * size_of::<u32>()
            + self.heads.capacity() * size_of::<Head>()
            + self.deleted.bytes()
            + self.special.bytes()
    }
}
