//! Names of batches that are committed once.

use super::super::codec;
use super::super::tables::receipt_hash;
use super::super::{Target, database};
use super::Txn;
use crate::error::{Error, Result};
use crate::query::{Change, Receipt, Signed};

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

    /// Keeps what became of a batch beside its name.
    pub(crate) fn keep_signed(&mut self, receipt: &Receipt, changes: &[Change]) -> Result<()> {
        let (scope, partition) = self.scope(&receipt.scope)?;
        let id = |change: &Change| change.id().filter(|_| !change.kept()).map(str::to_owned);
        let signed = Signed {
            ids: changes.iter().map(id).collect(),
            note: receipt.note.clone(),
        };
        let name = (partition, receipt_hash(scope, &receipt.key));
        let bytes = codec::to_bytes(&signed)?;
        self.signed
            .insert(name, bytes.as_slice())
            .map_err(database)?;
        Ok(())
    }

    /// Forgets the names of batches of a target.
    pub(crate) fn forget_receipts(&mut self, (partition, scopes): &Target) -> Result<()> {
        let others = |scope| {
            let scopes = scopes.as_ref();
            scopes.is_some_and(|scopes| !scopes.contains(&scope))
        };
        let all = (*partition, 0)..=(*partition, u128::MAX);
        let mut forgotten = Vec::new();
        self.receipts
            .retain_in(all, |name, scope| {
                let stays = others(scope);
                if !stays {
                    forgotten.push(name);
                }
                stays
            })
            .map_err(database)?;
        for name in forgotten {
            self.signed.remove(name).map_err(database)?;
        }
        Ok(())
    }
}
