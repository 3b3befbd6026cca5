//! Deleting many memories at once.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, HashSet};

use super::super::records;
use super::super::stored::Stored;
use super::super::tombstones::TombstoneRun;
use super::super::{RowChange, database};
use super::Txn;
use crate::error::Result;
use crate::record::Record;

/// Row of a record that was superseded, and the id of what took its place.
type Successors = BTreeMap<u64, String>;

fn note_successor(successors: &mut Successors, row: u64, bytes: &[u8]) -> Result<()> {
    if records::decode_head(bytes)?.superseded
        && let Some(id) = records::decode_record(bytes)?.provenance.superseded_by
    {
        successors.insert(row, id);
    }
    Ok(())
}

impl Txn<'_> {
    /// Deletes the records of a partition that `choose` picks by their bytes; returns how many.
    ///
    /// With `reopens` a record that one of them had taken the place of holds again, unless another
    /// record that stays has taken the place of that one.
    pub(crate) fn delete_where(
        &mut self,
        partition: u32,
        choose: impl Fn(&[u8]) -> Result<bool>,
        reopens: bool,
    ) -> Result<usize> {
        self.write_records()?;
        let failure = Cell::new(None);
        let successors = RefCell::new(Successors::new());
        let mut deleted = Vec::new();
        {
            let picked = self
                .tables
                .records
                .extract_from_if((partition, 0)..=(partition, u64::MAX), |row_id, bytes| {
                    let noted = if reopens {
                        note_successor(&mut successors.borrow_mut(), row_id.1, bytes)
                    } else {
                        Ok(())
                    };
                    noted.and_then(|()| choose(bytes)).unwrap_or_else(|error| {
                        failure.set(Some(error));
                        false
                    })
                })
                .map_err(database)?;
            for entry in picked {
                let (row_id, bytes) = entry.map_err(database)?;
                let version = records::decode_version(bytes.value())?;
                deleted.push((row_id.value().1, version.last_seq));
            }
        }
        if let Some(error) = failure.into_inner() {
            return Err(error);
        }
        let Some((last, _)) = deleted.last() else {
            return Ok(0);
        };
        let rows = deleted.iter().map(|(row, _)| *row);
        let run = TombstoneRun::new(self.counters.seq, rows);
        self.tables
            .tombstone_runs
            .insert((partition, *last), run.to_bytes()?.as_slice())
            .map_err(database)?;
        let space = self.identity.space;
        let buffered = self.vectors().buffers(space, partition)?;
        for (row, last_seq) in &deleted {
            let row_id = (partition, *row);
            self.unwritten.vectors.remove(&row_id);
            if buffered {
                self.vectors().forget(space, row_id)?;
            }
            self.changes
                .push((partition, RowChange::Remove { row: *row }));
            self.log_delete(row_id, *last_seq);
        }
        let rows: HashSet<u64> = deleted.iter().map(|(row, _)| *row).collect();
        self.reopen(partition, &rows, &successors.into_inner())?;
        self.texts.forget(partition);
        Ok(deleted.len())
    }

    /// Lets records hold again whose successors were deleted.
    fn reopen(
        &mut self,
        partition: u32,
        deleted: &HashSet<u64>,
        successors: &Successors,
    ) -> Result<()> {
        for (row, first) in successors.iter().filter(|(row, _)| !deleted.contains(row)) {
            let mut next = Some(first);
            let mut passed = HashSet::new();
            while let Some(id) = next {
                match self.row_id(id)? {
                    Some((of, at)) if of == partition && deleted.contains(&at) => {
                        next = successors.get(&at).filter(|_| passed.insert(at));
                    }
                    _ => break,
                }
            }
            if next == Some(first) {
                continue;
            }
            let Some(live) = self.at((partition, *row))? else {
                continue;
            };
            let mut after = Record::clone(&live.record);
            after.provenance.superseded_by = next.cloned();
            if next.is_none() {
                after.provenance.valid_to = None;
            }
            self.change(live.row_id, live.scope, &live.record, after, None);
        }
        Ok(())
    }
}
