//! Puts that may find in the store what they would add.

use std::collections::HashMap;

use redb::ReadableTable;

use super::Txn;
use crate::error::Result;
use crate::query::{Existing, Put};
use crate::record::{Kind, Record};
use crate::store::codec;
use crate::store::database;

/// Scope, kind and hash of a text, to the id of the first memory that has it.
type Known = HashMap<(u32, bool, [u8; 16]), String>;

/// The texts of the partitions that were asked for in this transaction.
#[derive(Default)]
pub(super) struct Texts(HashMap<u32, Known>);

fn key(scope: u32, record: &Record) -> (u32, bool, [u8; 16]) {
    (scope, record.kind == Kind::Message, record.hash)
}

impl Texts {
    pub(super) fn push(&mut self, scope: u32, record: &Record) {
        // A scope lies in one partition, so at most one of the maps is about it; which one does
        // not matter to the look-up.
        for known in self.0.values_mut() {
            known
                .entry(key(scope, record))
                .or_insert_with(|| record.id.clone());
        }
    }

    /// A text changed or went; what is known is read anew.
    pub(super) fn forget(&mut self) {
        self.0.clear();
    }
}

impl Txn<'_> {
    /// The record that a put leaves as it is, if there is one.
    pub(super) fn existing(&mut self, put: &Put) -> Result<Option<Record>> {
        if put.existing == Existing::Refuse {
            return Ok(None);
        }
        if let Some(id) = &put.id
            && let Some((_, _, record)) = self.live(id)?
        {
            return Ok(Some(record));
        }
        if put.existing == Existing::KeepId {
            return Ok(None);
        }
        let encoded = codec::to_bytes(&put.scope)?;
        let known = self.scopes.get(encoded.as_slice()).map_err(database)?;
        let Some((scope, partition)) = known.map(|known| known.value()) else {
            return Ok(None);
        };
        if !self.texts.0.contains_key(&partition) {
            let texts = self.read_texts(partition)?;
            self.texts.0.insert(partition, texts);
        }
        let hash = <md5::Md5 as md5::Digest>::digest(&put.text).into();
        let wanted = (scope, put.kind == Kind::Message, hash);
        let Some(id) = self.texts.0.get(&partition).and_then(|t| t.get(&wanted)) else {
            return Ok(None);
        };
        Ok(self.live(id)?.map(|(_, _, record)| record))
    }

    fn read_texts(&self, partition: u32) -> Result<Known> {
        let mut known = Known::new();
        let range = (partition, 0)..=(partition, u64::MAX);
        for entry in self.records.range(range).map_err(database)? {
            let bytes = entry.map_err(database)?.1;
            let scope = codec::decode_head(bytes.value())?.scope;
            let record = codec::decode_record(bytes.value())?;
            known.entry(key(scope, &record)).or_insert(record.id);
        }
        Ok(known)
    }
}
