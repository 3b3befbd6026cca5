//! The pending queue: input that waits for another attempt to make memories of it.

use redb::{ReadableTable, TableDefinition};

use super::database;
use super::snapshot::Snapshot;
use super::stored::{Stored, stored};
use super::txn::Txn;
use crate::error::{Error, Result};
use crate::filter::ScopeQuery;
use crate::query::Pending;
use crate::record::Scope;
use crate::time::Micros;

/// Number of pending input to a `Pending`.
pub(super) const PENDING: TableDefinition<u64, &[u8]> = TableDefinition::new("pending");

stored!(
    Pending,
    "pending input",
    Pending { id: _, scope: Scope { user_id, agent_id, run_id }, at, reason, body },
    {
        1 => user_id: Option<String>,
        2 => agent_id: Option<String>,
        3 => run_id: Option<String>,
        4 => at: Micros,
        5 => reason: String,
        6 => body: String,
    }
);

impl Snapshot {
    /// Pending input of a scope, oldest first.
    pub(crate) fn pending(&self, scope: &ScopeQuery) -> Result<Vec<Pending>> {
        let mut found = Vec::new();
        for entry in self.tables.pending.range::<u64>(..).map_err(database)? {
            let (id, bytes) = entry.map_err(database)?;
            let pending = Pending {
                id: id.value(),
                ..Pending::read(bytes.value())?
            };
            if scope.matches(&pending.scope) {
                found.push(pending);
            }
        }
        Ok(found)
    }
}

impl Txn<'_> {
    /// Queues input as pending; returns its number.
    pub(crate) fn enqueue(&mut self, pending: &Pending) -> Result<u64> {
        // Row numbers are never reused. A reused number would let a caller that still works on the
        // first input process another one.
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

    /// Removes input that is processed; fails if another call removed it first.
    pub(crate) fn remove_pending(&mut self, id: u64) -> Result<()> {
        let removed = self.tables.pending.remove(id).map_err(database)?;
        removed.map(drop).ok_or(Error::Processed { id })
    }

    /// Removes the input of a scope.
    pub(crate) fn erase_pending(&mut self, scope: &ScopeQuery) -> Result<()> {
        let mut erased = Vec::new();
        for entry in self.tables.pending.iter().map_err(database)? {
            let (id, bytes) = entry.map_err(database)?;
            let pending = Pending::read(bytes.value())?;
            if scope.matches(&pending.scope) {
                erased.push(id.value());
            }
        }
        erased
            .into_iter()
            .try_for_each(|id| self.remove_pending(id))
    }
}
