//! The queue of pending input, which waits for another attempt.

use redb::ReadableTable;

use super::super::database;
use super::super::stored::Stored;
use super::Txn;
use crate::error::{Error, Result};
use crate::filter::ScopeQuery;
use crate::query::Pending;

impl Txn<'_> {
    /// Puts input aside; returns its number.
    pub(crate) fn put_aside(&mut self, pending: &Pending) -> Result<u64> {
        // Rows are never used twice. A number that was would let whoever still works on the input
        // that had it first settle another one.
        let last = self.tables.pending.last().map_err(database)?;
        let id = last.map_or(1, |(id, _)| id.value() + 1);
        let id = id.max(self.counters.row);
        self.counters.row = id + 1;
        let stored = Pending {
            id,
            at: self.now,
            ..pending.clone()
        };
        self.tables
            .pending
            .insert(id, stored.to_bytes()?.as_slice())
            .map_err(database)?;
        Ok(id)
    }

    /// Forgets input that is done with; fails where another call has been faster.
    pub(crate) fn settle(&mut self, id: u64) -> Result<()> {
        let removed = self.tables.pending.remove(id).map_err(database)?;
        removed.map(drop).ok_or(Error::Settled { id })
    }

    /// Forgets the input of a scope.
    pub(crate) fn settle_all(&mut self, scope: &ScopeQuery) -> Result<()> {
        let mut erased = Vec::new();
        for entry in self.tables.pending.iter().map_err(database)? {
            let (id, bytes) = entry.map_err(database)?;
            let pending = Pending::read(bytes.value())?;
            if scope.matches(&pending.scope) {
                erased.push(id.value());
            }
        }
        erased.into_iter().try_for_each(|id| self.settle(id))
    }
}
