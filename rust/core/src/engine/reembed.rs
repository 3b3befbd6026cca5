//! Changing the embedder: a second vector set is built beside the one that is served, and swapped
//! in by one commit.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::Engine;
use crate::error::{Error, Result};
use crate::store::{Embedder, Place, Reembed};

/// Texts whose vectors the new space needs next.
#[derive(Debug, Clone, Default)]
pub struct ReembedStep {
    /// The texts; empty when all have vectors and the swap can be made.
    pub texts: Vec<String>,
    places: Vec<Place>,
    next: Option<Place>,
    complete: bool,
    seq: u64,
}

impl Engine {
    /// Starts building the vectors of another embedder, or goes on where an earlier call for the
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

    /// The next up to `limit` texts to embed.
    pub fn reembed_next(&self, limit: usize) -> Result<ReembedStep> {
        let snapshot = self.inner()?.snapshot();
        let state = snapshot.reembed.as_ref().ok_or_else(not_begun)?;
        let mut step = ReembedStep {
            complete: state.complete,
            seq: state.seq,
            ..ReembedStep::default()
        };
        if !state.complete {
            let records = snapshot.records_after(state.next, limit)?;
            step.next = records.last().map(|(place, _)| *place).or(state.next);
            step.complete = records.len() < limit;
            for (place, record) in records {
                step.places.push(place);
                step.texts.push(record.text);
            }
            return Ok(step);
        }
        // The pass is done: what changed since it began is embedded again.
        let events = snapshot.events_after(state.seq, limit)?;
        let mut changed = BTreeMap::new();
        for event in &events {
            step.seq = event.seq;
            if let Some(place) = event
                .record()
                .map_or(Ok(None), |record| snapshot.place(&record.id))?
                && let Some(record) = snapshot.record(place)?
            {
                changed.insert(place, record.text);
            }
        }
        (step.places, step.texts) = changed.into_iter().unzip();
        Ok(step)
    }

    /// Commits the vectors of a step, row-major, one per text.
    pub fn reembed_put(&self, step: ReembedStep, vectors: &[f32]) -> Result<()> {
        self.write(|txn| {
            let mut state = txn.reembed()?.ok_or_else(not_begun)?;
            let dim = state.embedder.dim;
            if vectors.len() != step.places.len() * dim {
                return Err(Error::Invalid(format!(
                    "{} texts need {} values at {dim} dimensions, but {} were given",
                    step.places.len(),
                    step.places.len() * dim,
                    vectors.len()
                )));
            }
            state.next = step.next.or(state.next);
            state.complete = step.complete;
            state.seq = step.seq;
            let rows = vectors
                .chunks_exact(dim.max(1))
                .map(|row| Arc::new(row.to_vec()));
            txn.put_reembedded(&state, &step.places.into_iter().zip(rows).collect())
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
        Ok(swapped)
    }
}

fn not_begun() -> Error {
    Error::Invalid("no change of embedder is under way; begin one first".to_owned())
}
