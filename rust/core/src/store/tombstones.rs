//! Where the last event of a deleted memory stands.

use redb::ReadableTable;

use super::database;
use super::stored::Stored;
use super::tables::{Place, TombstoneRun};
use crate::error::Result;

/// The event that deleted the record at a place; `None` if none was deleted there.
pub(super) fn event_of(
    tombstones: &impl ReadableTable<u64, u64>,
    runs: &impl ReadableTable<Place, &'static [u8]>,
    (partition, row): Place,
) -> Result<Option<u64>> {
    if let Some(seq) = tombstones.get(row).map_err(database)? {
        return Ok(Some(seq.value()));
    }
    // A run stands under its last row, so those that can hold the row stand at it or after it.
    let range = (partition, row)..=(partition, u64::MAX);
    for entry in runs.range(range).map_err(database)? {
        let run = TombstoneRun::read(entry.map_err(database)?.1.value())?;
        if let Some(seq) = run.event_of(row) {
            return Ok(Some(seq));
        }
    }
    Ok(None)
}
