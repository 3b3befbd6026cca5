//! Names of batches that are committed once.

use redb::ReadableTable;

use super::super::stored::Stored;
use super::super::tables::{self, receipt_hash};
use super::super::{Target, database};
use super::Txn;
use crate::error::{Error, Result};
use crate::query::{Change, Receipt};

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
        let kept = tables::Receipt {
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
            if scopes.contains(&tables::Receipt::read(bytes.value())?.scope) {
                forgotten.push(name.value());
            }
        }
        for name in forgotten {
            receipts.remove(name).map_err(database)?;
        }
        Ok(())
    }
}
