//! Which row id a memory id has.

use std::collections::HashMap;

use redb::{ReadableTable, Table, TableDefinition};

use super::database;
use super::snapshot::Snapshot;
use crate::error::Result;
use crate::record::Record;
use crate::rowid::RowId;

/// Memory id to the row id it has, or last had; for ids that are not UUIDs in the usual form.
pub(super) const IDS: TableDefinition<&str, RowId> = TableDefinition::new("ids");
/// The same for ids that are UUIDs: less than half as long, and twice as fast.
pub(super) const UUIDS: TableDefinition<u128, RowId> = TableDefinition::new("uuids");

/// The number of an id that is a UUID as it is mostly written: lower case, with hyphens.
pub(super) fn uuid_of(id: &str) -> Option<u128> {
    let uuid = uuid::Uuid::try_parse(id).ok()?;
    let mut text = uuid::Uuid::encode_buffer();
    (uuid.hyphenated().encode_lower(&mut text) == id).then(|| uuid.as_u128())
}

/// The row id that a memory id has, or last had.
pub(super) fn row_id(
    ids: &impl ReadableTable<&'static str, RowId>,
    uuids: &impl ReadableTable<u128, RowId>,
    id: &str,
) -> Result<Option<RowId>> {
    let found = match uuid_of(id) {
        Some(uuid) => uuids.get(uuid),
        None => ids.get(id),
    };
    Ok(found.map_err(database)?.map(|found| found.value()))
}

pub(super) fn put(
    ids: &mut Table<'_, &'static str, RowId>,
    uuids: &mut Table<'_, u128, RowId>,
    pending: &HashMap<String, RowId>,
) -> Result<()> {
    let mut sorted = Vec::with_capacity(pending.len());
    for (id, row_id) in pending {
        match uuid_of(id) {
            Some(uuid) => sorted.push((uuid, *row_id)),
            None => {
                ids.insert(id.as_str(), row_id).map_err(database)?;
            }
        }
    }
    sorted.sort_unstable();
    for (uuid, row_id) in sorted {
        uuids.insert(uuid, row_id).map_err(database)?;
    }
    Ok(())
}

impl Snapshot {
    /// The row id that a memory id has, or last had.
    pub(crate) fn row_id(&self, id: &str) -> Result<Option<RowId>> {
        row_id(&self.tables.ids, &self.tables.uuids, id)
    }

    pub(crate) fn by_id(&self, id: &str) -> Result<Option<Record>> {
        self.row_id(id)?
            .map_or(Ok(None), |row_id| self.record(row_id))
    }
}
