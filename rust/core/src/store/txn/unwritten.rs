//! What a transaction has added and not yet written.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use rayon::prelude::*;
use redb::Table;

use super::super::database;
use super::super::log::{Entry, EventKind, LogWriter};
use super::super::records;
use crate::error::Result;
use crate::record::Record;
use crate::rowid::RowId;
use crate::threads;
use crate::time::Micros;

/// Operations from which a transaction uses all cores.
pub(super) const LARGE: usize = 512;

/// An event that is not encoded yet.
#[derive(Debug)]
pub(super) struct Happened {
    pub(super) kind: EventKind,
    pub(super) prev_seq: u64,
    pub(super) row_id: RowId,
    /// The record after it, with the number of its scope.
    pub(super) after: Option<(u32, Arc<Record>)>,
}

/// The record bytes of events, in their order; empty for a delete.
#[derive(Debug)]
pub(super) struct Encoded(Vec<Run>);

/// The bytes of some events one after another, and where those of each end.
#[derive(Debug, Default)]
struct Run {
    bytes: Vec<u8>,
    ends: Vec<usize>,
}

/// Events of a run: few buffers for many events.
const RUN: usize = 256;

impl Run {
    fn of(events: &[Happened]) -> Result<Self> {
        let mut run = Self::default();
        for event in events {
            if let Some((scope, record)) = &event.after {
                run.bytes = records::encode_record(record, *scope, run.bytes)?;
            }
            run.ends.push(run.bytes.len());
        }
        Ok(run)
    }
}

impl Encoded {
    fn of(events: &[Happened]) -> Result<Self> {
        let runs: Result<Vec<Run>> = threads::spread(
            events.len() >= LARGE,
            events,
            |events| events.par_chunks(RUN).map(Run::of).collect(),
            |events| events.chunks(RUN).map(Run::of).collect(),
        );
        Ok(Self(runs?))
    }

    fn get(&self, event: usize) -> &[u8] {
        let (run, at) = (&self.0[event / RUN], event % RUN);
        let start = if at == 0 { 0 } else { run.ends[at - 1] };
        &run.bytes[start..run.ends[at]]
    }
}

#[derive(Debug, Default)]
pub(super) struct Unwritten {
    /// In order of their numbers.
    pub(super) events: Vec<Happened>,
    /// Index of the event that made the record with a row id.
    pub(super) records: BTreeMap<RowId, usize>,
    pub(super) ids: HashMap<String, RowId>,
    pub(super) vectors: BTreeMap<RowId, Arc<Vec<f32>>>,
}

impl Unwritten {
    pub(super) fn is_large(&self) -> bool {
        self.events.len() >= LARGE
    }

    /// The record with a row id, and the number of its scope.
    pub(super) fn record(&self, row_id: RowId) -> Option<&(u32, Arc<Record>)> {
        self.events.get(*self.records.get(&row_id)?)?.after.as_ref()
    }

    /// The record bytes of each event.
    pub(super) fn encode(&self) -> Result<Encoded> {
        Encoded::of(&self.events)
    }

    /// Blocks of the log, with the number of the first event of each.
    pub(super) fn log(
        &self,
        first_seq: u64,
        at: Micros,
        encoded: &Encoded,
    ) -> Result<Vec<(u64, Vec<u8>)>> {
        let mut log = LogWriter::new(first_seq);
        for (at_event, event) in self.events.iter().enumerate() {
            log.push(&Entry {
                kind: event.kind,
                at,
                prev_seq: event.prev_seq,
                row_id: event.row_id,
                after: Cow::Borrowed(encoded.get(at_event)),
            })?;
        }
        Ok(log.finish())
    }
}

/// Writes the records under their row ids, given the bytes of each event.
pub(super) fn put_records(
    table: &mut Table<'_, RowId, &'static [u8]>,
    records: &BTreeMap<RowId, usize>,
    encoded: &Encoded,
) -> Result<()> {
    for (row_id, event) in records {
        table
            .insert(row_id, encoded.get(*event))
            .map_err(database)?;
    }
    Ok(())
}
