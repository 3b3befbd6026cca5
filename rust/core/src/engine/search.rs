//! Vector search: scope, filter to an exact set of rows, exact scan, threshold, top k.

use std::sync::Arc;

use super::read::{select, shows};
use super::{Engine, Inner};
use crate::error::{Error, Result};
use crate::query::{Hit, Query, Selection};
use crate::store::{Place, Snapshot, Target};
use crate::vector::{Shard, kernels, topk};

/// Share of a chunk's rows below which they are scored one by one instead of all together.
const SPARSE: usize = 4;

impl Engine {
    /// The memories of a selection nearest to a vector, best first; equal scores by id.
    pub fn search(&self, query: &Query) -> Result<Vec<Hit>> {
        let inner = self.inner()?;
        loop {
            // A commit between taking the snapshot and its shards makes them differ; take both anew.
            if let Some(hits) = inner.search(query, &inner.snapshot())? {
                return Ok(hits);
            }
        }
    }
}

impl Inner {
    fn search(&self, query: &Query, snapshot: &Arc<Snapshot>) -> Result<Option<Vec<Hit>>> {
        let identity = &snapshot.identity;
        if let Some(given) = query.space.filter(|space| *space != identity.space) {
            return Err(Error::Space {
                given,
                current: identity.space,
            });
        }
        // A store that has no vector yet has no dimension to check against.
        let dim = if identity.embedder.dim == 0 {
            query.vector.len()
        } else {
            identity.embedder.dim
        };
        let inverse_norm = kernels::check(0, &query.vector, dim)?;
        let unit: Vec<f32> = query
            .vector
            .iter()
            .map(|value| value * inverse_norm)
            .collect();
        if query.limit == 0 {
            return Ok(Some(Vec::new()));
        }

        let mut scores = Vec::new();
        let mut places = Vec::new();
        for target in snapshot.targets(&query.selection.scope)? {
            let Some(shard) = self.view(snapshot, target.0)? else {
                return Ok(None);
            };
            let allowed = rows(snapshot, &query.selection, &target)?;
            score(
                &shard,
                &unit,
                &query.selection,
                &target,
                allowed.as_deref(),
                |row, score| {
                    if query
                        .threshold
                        .is_none_or(|threshold| score.max(0.0) >= threshold)
                    {
                        scores.push(score);
                        places.push((target.0, row));
                    }
                },
            );
        }
        hits(snapshot, &scores, &places, query.limit).map(Some)
    }
}

/// The rows of a partition that pass the filter, ascending; `None` where there is no filter.
fn rows(snapshot: &Snapshot, selection: &Selection, target: &Target) -> Result<Option<Vec<u64>>> {
    if selection.filter.is_none() {
        return Ok(None);
    }
    let mut rows = Vec::new();
    snapshot.visit(target.0, 0, |row, bytes| {
        if select(selection, target, bytes)?.is_some() {
            rows.push(row);
        }
        Ok(true)
    })?;
    Ok(Some(rows))
}

/// Scores the rows of a shard that are shown and, where there is a filter, allowed.
fn score(
    shard: &Shard,
    unit: &[f32],
    selection: &Selection,
    target: &Target,
    mut allowed: Option<&[u64]>,
    mut emit: impl FnMut(u64, f32),
) {
    let kernel = kernels::best();
    let dim = unit.len();
    let mut dots = Vec::new();
    let mut wanted = Vec::new();
    for chunk in shard.chunks() {
        wanted.clear();
        for (at, (row, head)) in chunk.rows.iter().zip(&chunk.heads).enumerate() {
            if let Some(rows) = &mut allowed {
                let passed = rows.partition_point(|allowed| allowed < row);
                *rows = &rows[passed..];
                if rows.first() != Some(row) {
                    continue;
                }
            }
            if shows(selection, target, head) {
                wanted.push(at);
            }
        }
        dots.clear();
        dots.resize(chunk.rows.len(), 0.0);
        if wanted.len() * SPARSE >= chunk.rows.len() {
            kernel.dot_rows(unit, &chunk.vectors, &mut dots);
        } else {
            for at in &wanted {
                dots[*at] = kernel.dot(unit, &chunk.vectors[at * dim..(at + 1) * dim]);
            }
        }
        for at in &wanted {
            emit(
                chunk.rows[*at],
                rounded(dots[*at] * chunk.inverse_norms[*at]),
            );
        }
    }
}

/// A cosine to six decimals: what differs in the last bits of f32 is a tie.
fn rounded(cosine: f32) -> f32 {
    ((f64::from(cosine) * 1e6).round() / 1e6) as f32
}

/// The best `limit` of the scored places with their records, best first, ties by id.
fn hits(snapshot: &Snapshot, scores: &[f32], places: &[Place], limit: usize) -> Result<Vec<Hit>> {
    let mut hits = Vec::new();
    for at in topk::at_least_kth(scores, limit) {
        let record = snapshot.record(places[at])?.ok_or_else(|| Error::Corrupt {
            path: "memfast.redb".into(),
            problem: format!("the record at {:?} is missing", places[at]),
        })?;
        hits.push(Hit {
            record,
            score: scores[at],
        });
    }
    hits.sort_by(|a, b| {
        b.score
            .total_cmp(&a.score)
            .then_with(|| a.record.id.cmp(&b.record.id))
    });
    hits.truncate(limit);
    // Negative cosines keep their order but are all told as 0: nothing in common.
    for hit in &mut hits {
        hit.score = hit.score.clamp(0.0, 1.0);
    }
    Ok(hits)
}
