//! Names of batches that are committed once.

use super::super::tables::receipt_hash;
use super::super::{Target, database};
use super::Txn;
use crate::error::{Error, Result};
use crate::query::Receipt;

impl Txn<'_> {
    /// Writes down the name of a batch; fails if it stands there.
    pub(crate) fn sign(&mut self, receipt: &Receipt) -> Result<()> {
        let (scope, partition) = self.scope(&receipt.scope)?;
        let name = (partition, receipt_hash(scope, &receipt.key));
        let known = self.receipts.insert(name, scope).map_err(database)?;
        known.map_or(Ok(()), |_| {
            Err(Error::Repeated {
                key: receipt.key.clone(),
            })
        })
    }

    /// Forgets the names of batches of a target.
    pub(crate) fn forget_receipts(&mut self, (partition, scopes): &Target) -> Result<()> {
        let others = |scope| {
            let scopes = scopes.as_ref();
            scopes.is_some_and(|scopes| !scopes.contains(&scope))
        };
        self.receipts
            .retain_in((*partition, 0)..=(*partition, u128::MAX), |_, scope| {
                others(scope)
            })
            .map_err(database)
    }
}
