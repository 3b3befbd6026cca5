//! All that a selection holds, as of one moment, and which ids are in use.

use std::sync::Arc;

use super::Engine;
use crate::error::Result;
use crate::query::Selection;
use crate::record::Record;
use crate::rowid::RowId;
use crate::store::{Event, Snapshot, Target, decode_head, decode_record};

/// A record with its vector.
#[derive(Debug, Clone, PartialEq)]
pub struct Exported {
    /// The record.
    pub record: Record,
    /// Its vector; empty if vectors were not requested, and for a message without one.
    pub vector: Vec<f32>,
}

/// An iteration over what a selection held when the export began; a clone proceeds by itself.
#[derive(Debug, Clone)]
pub struct Export {
    snapshot: Arc<Snapshot>,
    selection: Selection,
    targets: Vec<Target>,
    with_vectors: bool,
    /// The target that is read, and the first row of it that is not.
    target: usize,
    row: u64,
    /// The last event that was read.
    seq: u64,
}

impl Export {
    /// Dimensions of the vectors; 0 if there are none, or none were requested.
    #[must_use]
    pub fn dim(&self) -> usize {
        if self.with_vectors {
            self.snapshot.identity.embedder.dim
        } else {
            0
        }
    }

    fn wants(&self, record: &Record) -> bool {
        let filter = self.selection.filter.as_ref();
        self.selection.scope.matches(&record.scope)
            && filter.is_none_or(|filter| filter.matches(record))
    }
}

impl Engine {
    /// Begins an export of all that a selection's scope and filter name: expired and superseded
    /// memories and kept messages too. Later commits are not in it.
    pub fn export(&self, selection: Selection, with_vectors: bool) -> Result<Export> {
        let (snapshot, targets) = self.read(|snapshot| {
            let targets = snapshot.targets(&selection.scope)?;
            Ok((Arc::clone(snapshot), targets))
        })?;
        Ok(Export {
            targets,
            snapshot,
            selection,
            with_vectors,
            target: 0,
            row: 0,
            seq: 0,
        })
    }

    /// The next records of an export, at most `limit`; none after the last.
    pub fn export_next(&self, export: &mut Export, limit: usize) -> Result<Vec<Exported>> {
        self.inner()?;
        let mut page = Vec::new();
        while let Some(partition) = export.targets.get(export.target).map(|target| target.0) {
            let scopes = &export.targets[export.target].1;
            let mut next = None;
            export.snapshot.visit(partition, export.row, |row, bytes| {
                if page.len() >= limit {
                    next = Some(row);
                    return Ok(false);
                }
                let scope = decode_head(bytes)?.scope;
                if scopes.as_ref().is_some_and(|known| !known.contains(&scope)) {
                    return Ok(true);
                }
                let record = decode_record(bytes)?;
                if export.wants(&record) {
                    let vector = export.vector((partition, row))?;
                    page.push(Exported { record, vector });
                }
                Ok(true)
            })?;
            if let Some(row) = next {
                export.row = row;
                break;
            }
            export.target += 1;
            export.row = 0;
        }
        Ok(page)
    }

    /// The next events of an export's memories, deleted ones too, at most `limit` and oldest
    /// first; none after the last.
    pub fn export_events(&self, export: &mut Export, limit: usize) -> Result<Vec<Event>> {
        self.inner()?;
        loop {
            let mut events = export.snapshot.events_after(export.seq, limit)?;
            let Some(last) = events.last() else {
                return Ok(events);
            };
            export.seq = last.seq;
            events.retain(|event| event.record().is_some_and(|record| export.wants(record)));
            if !events.is_empty() {
                return Ok(events);
            }
        }
    }

    /// Whether each id is in use now.
    pub fn holds<'a>(&self, ids: impl IntoIterator<Item = &'a str>) -> Result<Vec<bool>> {
        let ids: Vec<&str> = ids.into_iter().collect();
        let known = |snapshot: &Snapshot, id| snapshot.by_id(id).map(|record| record.is_some());
        self.read(|snapshot| ids.iter().map(|id| known(snapshot, id)).collect())
    }
}

impl Export {
    fn vector(&self, row_id: RowId) -> Result<Vec<f32>> {
        let mut vector = Vec::new();
        if self.with_vectors {
            vector.reserve_exact(self.dim());
            self.snapshot.vector_if_any(row_id, &mut vector)?;
        }
        Ok(vector)
    }
}
