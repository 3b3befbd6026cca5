//! Scopes and partitions: their numbers, and which scopes carry an id.

use std::collections::{BTreeMap, HashSet};

use redb::{ReadableTable, TableDefinition};

use super::database;
use super::snapshot::Snapshot;
use super::stored::{by_position, from_position};
use super::txn::Txn;
use crate::error::{Error, Result};
use crate::filter::{ScopeQuery, Select};
use crate::record::Scope;

/// Kind of the leading id (0 user, 1 agent, 2 run) and its value, to the partition.
pub(super) const PARTITIONS: TableDefinition<(u8, &str), u32> = TableDefinition::new("partitions");
/// Encoded scope to its number and partition.
pub(super) const SCOPES: TableDefinition<&[u8], (u32, u32)> = TableDefinition::new("scopes");
/// Kind of id, value and scope number, to the encoded scope: the scopes that carry an id.
pub(super) const SCOPE_IDS: TableDefinition<(u8, &str, u32), &[u8]> =
    TableDefinition::new("scope_ids");

/// A partition with the scopes in it that are asked for; `None` for all of them.
pub(crate) type Target = (u32, Option<HashSet<u32>>);

/// The ids of a scope with their kinds, leading one first.
pub(super) fn scope_ids(scope: &Scope) -> impl Iterator<Item = (u8, &str)> {
    let ids = [&scope.user_id, &scope.agent_id, &scope.run_id];
    (0u8..)
        .zip(ids)
        .filter_map(|(kind, id)| Some((kind, id.as_deref()?)))
}

impl Snapshot {
    /// The number and the partition of a scope; `None` for one without memories so far.
    pub(super) fn scope(&self, scope: &Scope) -> Result<Option<(u32, u32)>> {
        let encoded = by_position(scope)?;
        let known = self
            .tables
            .scopes
            .get(encoded.as_slice())
            .map_err(database)?;
        Ok(known.map(|known| known.value()))
    }

    /// The partitions that hold records, ascending.
    pub(crate) fn partitions(&self) -> Result<Vec<u32>> {
        let mut partitions = Vec::new();
        for entry in self
            .tables
            .partitions
            .range::<(u8, &str)>(..)
            .map_err(database)?
        {
            partitions.push(entry.map_err(database)?.1.value());
        }
        partitions.sort_unstable();
        Ok(partitions)
    }

    /// The partitions that can hold memories of a scope query, ascending.
    pub(crate) fn targets(&self, query: &ScopeQuery) -> Result<Vec<Target>> {
        Ok(self.few_targets(query, usize::MAX)?.unwrap_or_default())
    }

    /// The same, but `None` where more than `most` scopes would have to be looked at.
    pub(crate) fn few_targets(
        &self,
        query: &ScopeQuery,
        most: usize,
    ) -> Result<Option<Vec<Target>>> {
        let mut left = most;
        let selects = [&query.user, &query.agent, &query.run];
        let pinned = selects
            .iter()
            .zip(0u8..)
            .filter_map(|(select, kind)| match select {
                Select::In(ids) => Some((kind, ids)),
                Select::Any | Select::Absent => None,
            });
        if let Some(scope) = query.only() {
            let known = self.scope(&scope)?;
            let target =
                known.map(|(number, partition)| (partition, Some(HashSet::from([number]))));
            return Ok(Some(target.into_iter().collect()));
        }
        let Some((kind, ids)) = pinned.clone().next() else {
            let all = self
                .tables
                .partitions
                .range::<(u8, &str)>(..)
                .map_err(database)?;
            let mut targets = Vec::new();
            for entry in all {
                if left == 0 {
                    return Ok(None);
                }
                left -= 1;
                targets.push((entry.map_err(database)?.1.value(), None));
            }
            targets.sort_unstable_by_key(|(partition, _)| *partition);
            return Ok(Some(targets));
        };
        // Every scope whose leading id is this one lies in the id's own partition, and nothing else
        // does.
        let fills = selects.iter().zip(0u8..).all(|(select, other)| {
            other == kind
                || **select
                    == if other < kind {
                        Select::Absent
                    } else {
                        Select::Any
                    }
        });
        let mut targets: BTreeMap<u32, Option<HashSet<u32>>> = BTreeMap::new();
        for id in ids {
            if fills {
                if let Some(partition) = self
                    .tables
                    .partitions
                    .get((kind, id.as_str()))
                    .map_err(database)?
                {
                    targets.insert(partition.value(), None);
                }
                continue;
            }
            let range = (kind, id.as_str(), 0)..=(kind, id.as_str(), u32::MAX);
            for entry in self.tables.scope_ids.range(range).map_err(database)? {
                if left == 0 {
                    return Ok(None);
                }
                left -= 1;
                let encoded = entry.map_err(database)?.1;
                let scope: Scope = from_position(encoded.value(), "scope")?;
                let known = self.tables.scopes.get(encoded.value()).map_err(database)?;
                if let (true, Some(known)) = (query.matches(&scope), known) {
                    let (number, partition) = known.value();
                    let scopes = targets
                        .entry(partition)
                        .or_insert_with(|| Some(HashSet::new()));
                    if let Some(scopes) = scopes {
                        scopes.insert(number);
                    }
                }
            }
        }
        Ok(Some(targets.into_iter().collect()))
    }

    /// Whether there are several scopes with the leading id of this one.
    pub(crate) fn has_scopes(&self, scope: &Scope) -> Result<bool> {
        let Some((kind, id)) = scope_ids(scope).next() else {
            return Ok(false);
        };
        let range = (kind, id, 0)..=(kind, id, u32::MAX);
        let scopes = self.tables.scope_ids.range(range).map_err(database)?;
        Ok(scopes.take(2).count() > 1)
    }

    /// The partitions of users, in no order.
    pub(crate) fn partitions_of<'a>(
        &self,
        users: impl Iterator<Item = &'a String>,
    ) -> Result<Vec<u32>> {
        let mut partitions = Vec::new();
        for user in users {
            let known = self
                .tables
                .partitions
                .get((0, user.as_str()))
                .map_err(database)?;
            partitions.extend(known.map(|partition| partition.value()));
        }
        Ok(partitions)
    }
}

impl Txn<'_> {
    /// Number and partition of a scope, which gets them at its first use.
    pub(in crate::store) fn scope(&mut self, scope: &Scope) -> Result<(u32, u32)> {
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
