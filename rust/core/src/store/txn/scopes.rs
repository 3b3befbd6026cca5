//! The numbers of scopes and partitions.

use redb::ReadableTable;

use super::super::database;
use super::super::stored::by_position;
use super::super::tables::scope_ids;
use super::Txn;
use crate::error::{Error, Result};
use crate::record::Scope;

impl Txn<'_> {
    /// Number and partition of a scope, which gets them at its first use.
    pub(super) fn scope(&mut self, scope: &Scope) -> Result<(u32, u32)> {
        if let Some(known) = self.known_scopes.get(scope) {
            return Ok(*known);
        }
        let numbers = self.stored_scope(scope)?;
        self.known_scopes.insert(scope.clone(), numbers);
        Ok(numbers)
    }

    fn stored_scope(&mut self, scope: &Scope) -> Result<(u32, u32)> {
        let encoded = by_position(scope)?;
        if let Some(known) = self
            .tables
            .scopes
            .get(encoded.as_slice())
            .map_err(database)?
        {
            return Ok(known.value());
        }
        let leading = scope_ids(scope).next().ok_or(Error::NoScope)?;
        let known = self
            .tables
            .partitions
            .get(leading)
            .map_err(database)?
            .map(|partition| partition.value());
        let partition = if let Some(partition) = known {
            partition
        } else {
            let partition = self.counters.partition;
            self.counters.partition += 1;
            self.tables
                .partitions
                .insert(leading, partition)
                .map_err(database)?;
            partition
        };
        let number = self.counters.scope;
        self.counters.scope += 1;
        self.tables
            .scopes
            .insert(encoded.as_slice(), (number, partition))
            .map_err(database)?;
        for (kind, id) in scope_ids(scope) {
            self.tables
                .scope_ids
                .insert((kind, id, number), encoded.as_slice())
                .map_err(database)?;
        }
        Ok((number, partition))
    }
}
