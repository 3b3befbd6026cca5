//! Where the last event of a deleted memory stands.

use redb::ReadableTable;

use super::tables::{Burial, Place};
use super::{codec, database};
use crate::error::Result;

/// The event that deleted the record at a place; `None` if none was deleted there.
pub(super) fn event_of(
    graves: &impl ReadableTable<u64, u64>,
    burials: &impl ReadableTable<Place, &'static [u8]>,
    (partition, row): Place,
) -> Result<Option<u64>> {
    if let Some(seq) = graves.get(row).map_err(database)? {
        return Ok(Some(seq.value()));
    }
    // A burial stands under its last row, so those that can hold the row stand at it or after it.
    let range = (partition, row)..=(partition, u64::MAX);
    for entry in burials.range(range).map_err(database)? {
        let burial: Burial = codec::from_bytes(entry.map_err(database)?.1.value(), "burial")?;
        if let Some(seq) = burial.event_of(row) {
            return Ok(Some(seq));
        }
    }
    Ok(None)
}
