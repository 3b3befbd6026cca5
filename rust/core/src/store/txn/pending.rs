//! What a transaction has added and not yet written.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use redb::Table;

use super::super::database;
use super::super::tables::{Place, uuid_of};
use crate::error::Result;

/// Records from which a transaction writes its tables at the same time.
const LARGE: usize = 512;

#[derive(Debug, Default)]
pub(super) struct Pending {
    pub(super) records: BTreeMap<Place, Vec<u8>>,
    pub(super) ids: HashMap<String, Place>,
    pub(super) vectors: BTreeMap<Place, Arc<Vec<f32>>>,
}

impl Pending {
    pub(super) fn is_large(&self) -> bool {
        self.records.len() >= LARGE
    }
}

pub(super) fn put_records(
    table: &mut Table<'_, Place, &'static [u8]>,
    records: &BTreeMap<Place, Vec<u8>>,
) -> Result<()> {
    for (place, bytes) in records {
        table.insert(place, bytes.as_slice()).map_err(database)?;
    }
    Ok(())
}

pub(super) fn put_ids(
    ids: &mut Table<'_, &'static str, Place>,
    uuids: &mut Table<'_, u128, Place>,
    pending: &HashMap<String, Place>,
) -> Result<()> {
    let mut sorted = Vec::with_capacity(pending.len());
    for (id, place) in pending {
        match uuid_of(id) {
            Some(uuid) => sorted.push((uuid, *place)),
            None => {
                ids.insert(id.as_str(), place).map_err(database)?;
            }
        }
    }
    sorted.sort_unstable();
    for (uuid, place) in sorted {
        uuids.insert(uuid, place).map_err(database)?;
    }
    Ok(())
}
