//! Changing the embedder: a second vector set is built beside the one that is served, and swapped
//! in by one commit.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::messages::Messages;
use super::{Engine, Inner};
use crate::error::{Error, Result};
use crate::record::{Kind, Record};
use crate::rowid::RowId;
use crate::store::{Embedder, Reembed, Snapshot};
use crate::sync::MutexGuard;
use crate::vector::supported;

/// Texts whose vectors the new space needs next.
#[derive(Debug, Clone, Default)]
pub struct ReembedStep {
    /// The texts of memories, and of messages that their vectors are blended with; empty when all
    /// have vectors and the swap can be made.
    pub texts: Vec<String>,
    rows: Vec<RowId>,
    /// For each row, levels of positions in `texts` that its vector is blended with.
    support: Vec<Vec<Vec<usize>>>,
    next: Option<RowId>,
    complete: bool,
    seq: u64,
    space: u32,
}

impl ReembedStep {
    /// Memories and messages of the step.
    #[must_use]
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether it has none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// A message that has no vector gets none.
    fn of(
        mut self,
        inner: &Inner,
        snapshot: &Snapshot,
        mut records: Vec<(RowId, Record)>,
    ) -> Result<Self> {
        let mut vector = Vec::new();
        let mut failure = None;
        records.retain(|(row, record)| {
            record.kind == Kind::Memory
                || snapshot
                    .find_vector(*row, &mut vector)
                    .unwrap_or_else(|error| {
                        failure = Some(error);
                        true
                    })
        });
        if let Some(error) = failure {
            return Err(error);
        }
        let found = inner.messages().of(snapshot, &records)?;
        self.rows = records.iter().map(|(row, _)| *row).collect();
        (self.texts, self.support) = (found.texts, found.support);
        Ok(self)
    }
}

impl Inner {
    fn reembed_next(&self, snapshot: &Snapshot, limit: usize) -> Result<ReembedStep> {
        let state = snapshot.reembed.as_ref().ok_or_else(not_begun)?;
        let mut step = ReembedStep {
            complete: state.complete,
            seq: state.seq,
            space: state.space,
            ..ReembedStep::default()
        };
        if !state.complete {
            let records = snapshot.records_after(state.next, limit)?;
            step.next = records.last().map(|(row_id, _)| *row_id).or(state.next);
            step.complete = records.len() < limit;
            return step.of(self, snapshot, records);
        }
        // The pass is done: records that changed since it began are embedded again.
        let events = snapshot.events_after(state.seq, limit)?;
        let mut changed = BTreeMap::new();
        for event in &events {
            step.seq = event.seq;
            if let Some(row_id) = event
                .record()
                .map_or(Ok(None), |record| snapshot.row_id(&record.id))?
                && let Some(record) = snapshot.record(row_id)?
            {
                changed.insert(row_id, record);
            }
        }
        step.of(self, snapshot, changed.into_iter().collect())
    }

    pub(super) fn messages(&self) -> MutexGuard<'_, Messages> {
        self.messages.lock()
    }
}

impl Engine {
    /// Starts building the vectors of another embedder, or continues where an earlier call for the
    /// same one stopped. Vectors begun for a third embedder are dropped.
    pub fn reembed_begin(&self, embedder: &Embedder) -> Result<()> {
        self.write(|txn| {
            let old = txn.reembed()?;
            if old.as_ref().is_some_and(|old| old.embedder == *embedder) {
                return Ok(());
            }
            let space = txn
                .identity
                .space
                .max(old.as_ref().map_or(0, |old| old.space))
                + 1;
            if let Some(old) = old {
                txn.drop_space(old.space)?;
            }
            let seq = txn.counters.seq - 1;
            txn.set_reembed(&Reembed {
                space,
                embedder: embedder.clone(),
                next: None,
                complete: false,
                seq,
            })
        })
    }

    /// The texts of the next up to `limit` memories, and those that their vectors are blended with.
    pub fn reembed_next(&self, limit: usize) -> Result<ReembedStep> {
        let inner = self.inner()?;
        inner.read(|snapshot| inner.reembed_next(snapshot, limit))
    }

    /// Commits the vectors of a step, row-major, one per text.
    pub fn reembed_put(&self, step: ReembedStep, vectors: &[f32]) -> Result<()> {
        self.write(|txn| {
            let mut state = txn.reembed()?.ok_or_else(not_begun)?;
            if state.space != step.space {
                return Err(Error::Invalid(format!(
                    "another change of embedder, to `{}`, began meanwhile; begin this one again",
                    state.embedder.name
                )));
            }
            let dim = state.embedder.dim;
            if vectors.len() != step.texts.len() * dim {
                return Err(Error::Invalid(format!(
                    "{} texts need {} values at {dim} dimensions, but {} were given",
                    step.texts.len(),
                    step.texts.len() * dim,
                    vectors.len()
                )));
            }
            state.next = step.next.or(state.next);
            state.complete = step.complete;
            state.seq = step.seq;
            let rows: Vec<&[f32]> = vectors.chunks_exact(dim.max(1)).collect();
            let level = |numbers: &Vec<usize>| numbers.iter().map(|at| rows[*at]).collect();
            let rows = rows.iter().zip(&step.support).map(|(row, levels)| {
                let levels: Vec<Vec<&[f32]>> = levels.iter().map(level).collect();
                Arc::new(supported(row, &levels))
            });
            txn.put_reembedded(&state, &step.rows.into_iter().zip(rows).collect())
        })
    }

    /// Serves the new vectors. Returns `false`, and changes nothing, while some are missing.
    pub fn reembed_finish(&self) -> Result<bool> {
        let inner = self.writable()?;
        let swapped = inner.write(|txn| {
            let state = txn.reembed()?.ok_or_else(not_begun)?;
            if !state.complete || state.seq + 1 != txn.counters.seq {
                return Ok(false);
            }
            txn.swap_space(&state)?;
            Ok(true)
        })?;
        inner.messages().clear();
        Ok(swapped)
    }
}

fn not_begun() -> Error {
    Error::Invalid("no change of embedder is under way; begin one first".to_owned())
}
