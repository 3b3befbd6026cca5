//! Receipts: names of batches that are committed once, and what became of each.

use redb::{ReadableTable, TableDefinition};

use super::database;
use super::scopes::Target;
use super::snapshot::Snapshot;
use super::stored::{Stored, stored};
use super::txn::Txn;
use crate::error::{Error, Result};
use crate::query::{Change, Receipt, Signed};

/// Partition and hash of the name of a batch, to a `Receipt`.
pub(super) const RECEIPTS: TableDefinition<(u32, u128), &[u8]> = TableDefinition::new("receipts");

/// What is kept of a named batch.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Kept {
    /// The scope that the name belongs to.
    pub(super) scope: u32,
    /// The memory of each operation; `None` for a put that changed nothing.
    pub(super) ids: Vec<Option<String>>,
    /// The caller's note.
    pub(super) note: String,
}

stored!(
    Kept,
    "receipt",
    Kept { scope, ids, note },
    { 1 => scope: u32, 2 => ids: Vec<Option<String>>, 3 => note: String }
);

/// XXH3-128 of the name of a batch in a scope.
pub(super) fn receipt_hash(scope: u32, key: &str) -> u128 {
    xxhash_rust::xxh3::xxh3_128_with_seed(key.as_bytes(), u64::from(scope))
}

impl Snapshot {
    /// What is kept of the batch of a name; `None` where there is none.
    pub(crate) fn signed(&self, receipt: &Receipt) -> Result<Option<Signed>> {
        let Some((number, partition)) = self.scope(&receipt.scope)? else {
            return Ok(None);
        };
        let name = (partition, receipt_hash(number, &receipt.key));
        let Some(bytes) = self.tables.receipts.get(name).map_err(database)? else {
            return Ok(None);
        };
        let kept = Kept::read(bytes.value())?;
        Ok(Some(Signed {
            ids: kept.ids,
            note: kept.note,
        }))
    }
}

impl Txn<'_> {
    /// Fails if a batch of this name is committed.
    pub(crate) fn check_receipt(&mut self, receipt: &Receipt) -> Result<()> {
        let (scope, partition) = self.scope(&receipt.scope)?;
        let name = (partition, receipt_hash(scope, &receipt.key));
        let known = self.tables.receipts.get(name).map_err(database)?;
        known.map_or(Ok(()), |_| {
            Err(Error::Repeated {
                key: receipt.key.clone(),
            })
        })
    }

    /// Keeps the name of a batch, and what became of the batch.
    pub(crate) fn put_receipt(&mut self, receipt: &Receipt, changes: &[Change]) -> Result<()> {
        let (scope, partition) = self.scope(&receipt.scope)?;
        let id = |change: &Change| change.id().filter(|_| !change.kept()).map(str::to_owned);
        let kept = Kept {
            scope,
            ids: changes.iter().map(id).collect(),
            note: receipt.note.clone(),
        };
        let name = (partition, receipt_hash(scope, &receipt.key));
        let receipts = &mut self.tables.receipts;
        let put = receipts.insert(name, kept.to_bytes()?.as_slice());
        put.map(drop).map_err(database)
    }

    /// Forgets the names of batches of a target.
    pub(crate) fn forget_receipts(&mut self, (partition, scopes): &Target) -> Result<()> {
        let receipts = &mut self.tables.receipts;
        let all = (*partition, 0)..=(*partition, u128::MAX);
        let Some(scopes) = scopes else {
            return receipts.retain_in(all, |_, _| false).map_err(database);
        };
        let mut forgotten = Vec::new();
        for entry in receipts.range(all).map_err(database)? {
            let (name, bytes) = entry.map_err(database)?;
            if scopes.contains(&Kept::read(bytes.value())?.scope) {
                forgotten.push(name.value());
            }
        }
        for name in forgotten {
            receipts.remove(name).map_err(database)?;
        }
        Ok(())
    }
}
