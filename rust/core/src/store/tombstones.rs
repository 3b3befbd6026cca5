//! Where the last event of a deleted memory stands.

use redb::{ReadableTable, TableDefinition};

use super::database;
use super::stored::{Stored, stored};
use crate::error::Result;
use crate::rowid::RowId;

/// Row of a deleted record to its last event.
pub(super) const TOMBSTONES: TableDefinition<u64, u64> = TableDefinition::new("tombstones");
/// Partition and last row of records that were deleted together, to their `TombstoneRun`.
pub(super) const TOMBSTONE_RUNS: TableDefinition<RowId, &[u8]> =
    TableDefinition::new("tombstone_runs");

/// Records of a partition that were deleted together; their events are consecutive.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct TombstoneRun {
    pub(super) first_seq: u64,
    /// Distance of each row from the one before it, the first from 0.
    pub(super) steps: Vec<u64>,
}

stored!(
    TombstoneRun,
    "run of tombstones",
    TombstoneRun { first_seq, steps },
    { 1 => first_seq: u64, 2 => steps: Vec<u64> }
);

impl TombstoneRun {
    pub(super) fn new(first_seq: u64, rows: impl Iterator<Item = u64>) -> Self {
        let steps = rows.scan(0, |last, row| Some(row - std::mem::replace(last, row)));
        Self {
            first_seq,
            steps: steps.collect(),
        }
    }

    /// The event that deleted a row.
    pub(super) fn event_of(&self, row: u64) -> Option<u64> {
        let mut at = 0;
        for (seq, step) in (self.first_seq..).zip(&self.steps) {
            at += step;
            if at >= row {
                return (at == row).then_some(seq);
            }
        }
        None
    }
}

/// The event that deleted the record with a row id; `None` if there was none.
pub(super) fn event_of(
    tombstones: &impl ReadableTable<u64, u64>,
    runs: &impl ReadableTable<RowId, &'static [u8]>,
    (partition, row): RowId,
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
