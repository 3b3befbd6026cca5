//! The approximate index of the whole store: when a search uses it, and how.
//!
//! It is wanted once a search of the whole store would gain from it. [`follow`](super::follow)
//! builds it and brings it up to date in the background. It answers only while it lags the log by
//! few events, whose rows the search compares itself.

use std::collections::HashSet;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};

use super::Inner;
use super::best::{Best, Scored, rounded};
use super::read::shows;
use super::scan::{Probe, Rows};
use crate::bits::Bits;
use crate::error::Result;
use crate::query::{Query, Selection};
use crate::rowid::RowId;
use crate::store::Snapshot;
use crate::sync::RwLock;
use crate::vector::{Hnsw, Stamp, kernels, row_of};

/// Bytes of codes from which the index answers faster than a scan (see "The planner" in DESIGN.md).
const FROM_BYTES: usize = 8 << 20;
/// One in so many rows must pass a filter for the index to be used; else a scan of those that pass
/// is faster.
const SHARE: usize = 3;
/// Most events behind the log at which the index is used.
const LAG: u64 = 1000;

/// The index, and the last event that it holds.
#[derive(Debug)]
pub(super) struct Ready {
    pub(super) index: Hnsw,
    pub(super) stamp: Stamp,
    /// The last event of the copy on disk; 0 for none.
    pub(super) saved: u64,
}

/// The index of an engine.
#[derive(Debug, Default)]
pub(super) struct Approx {
    wanted: AtomicBool,
    /// `None` until it is built or loaded.
    pub(super) ready: RwLock<Option<Ready>>,
    /// Where it is saved; `None` keeps it in memory alone.
    pub(super) dir: Option<PathBuf>,
}

/// The state of the index, as `stats` reports it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IndexState {
    /// Rows in it.
    pub rows: usize,
    /// Bytes of memory.
    pub bytes: usize,
    /// Events of the log that it does not hold yet.
    pub behind: u64,
}

impl Ready {
    /// Whether it belongs to the log and vector set of a snapshot, perhaps at an earlier event.
    pub(super) fn is_of(&self, snapshot: &Snapshot) -> bool {
        let (stamp, identity) = (&self.stamp, &snapshot.identity);
        stamp.log_id == identity.log_id
            && stamp.space == identity.space
            && stamp.dim == identity.embedder.dim
            && stamp.seq <= snapshot.last_seq()
    }
}

/// Nodes that a search visits if the caller names no number: enough for a recall of 0.97 and more
/// on what was measured (see "The approximate index" in DESIGN.md).
fn default_ef(limit: usize, rows: usize) -> usize {
    let by_size = (32 + rows / 6250).min(192);
    by_size.max(3 * limit)
}

impl Approx {
    /// An index that nothing wants yet.
    pub(super) fn new(dir: Option<PathBuf>) -> Self {
        Self {
            dir,
            ..Self::default()
        }
    }

    pub(super) fn state(&self, snapshot: &Snapshot) -> Option<IndexState> {
        let ready = self.ready.read();
        let ready = ready.as_ref().filter(|ready| ready.is_of(snapshot))?;
        Some(IndexState {
            rows: ready.index.len(),
            bytes: ready.index.bytes(),
            behind: snapshot.last_seq() - ready.stamp.seq,
        })
    }
}

impl Inner {
    /// Whether the index would answer faster than a scan of `count` rows. If so, it is wanted from
    /// now on.
    pub(super) fn prefers_index(&self, query: &Query, count: usize, snapshot: &Snapshot) -> bool {
        let total = snapshot.records_len as usize;
        let dim = snapshot.identity.embedder.dim;
        let gains = !query.exact && count * SHARE >= total && count * dim >= FROM_BYTES;
        if gains && !self.approx.wanted.swap(true, Ordering::Relaxed) {
            self.bell.ring();
        }
        gains
    }

    /// The best rows that the index finds; `None` if there is no index, it lags too far, or a scan
    /// must decide.
    /// `allowed` holds the row numbers that pass a filter.
    pub(super) fn nearest(
        &self,
        query: &Query,
        probe: &Probe,
        snapshot: &Snapshot,
        allowed: Option<&Bits>,
    ) -> Result<Option<Vec<Scored>>> {
        let ready = self.approx.ready.read();
        let Some(ready) = ready.as_ref().filter(|ready| ready.is_of(snapshot)) else {
            return Ok(None);
        };
        let lag = snapshot.last_seq() - ready.stamp.seq;
        if lag > LAG {
            return Ok(None);
        }
        let ef = query
            .ef
            .unwrap_or_else(|| default_ef(query.limit, ready.index.len()))
            .max(query.limit);
        let passes = |key: u64| {
            let row = row_of(key).1 as usize;
            allowed.is_none_or(|allowed| allowed.get(row))
        };
        let predicate: Option<&dyn Fn(u64) -> bool> = allowed.is_some().then_some(&passes as _);
        let keys = ready.index.search(&probe.unit, ef, predicate)?;
        // The order of the codes is nearly that of the cosines, so the first few are compared; all
        // of them if the caller named a number.
        let compared = if query.ef.is_some() {
            ef
        } else {
            3 * query.limit + 10
        };
        let mut rows: Vec<RowId> = keys.into_iter().take(compared).map(row_of).collect();
        for (_, row) in snapshot.places_after(ready.stamp.seq, lag as usize)? {
            if allowed.is_none_or(|allowed| allowed.get(row.1 as usize)) {
                rows.push(row);
            }
        }
        let mut seen = HashSet::new();
        rows.retain(|row| seen.insert(*row));
        let (scored, hidden) = compare(snapshot, &query.selection, probe, query.limit, &rows)?;
        // Hidden rows used up result slots: fall back to the scan.
        let enough = hidden == 0 || scored.len() >= query.limit;
        Ok(enough.then_some(scored))
    }

    /// Whether a search would have gained from the index.
    pub(super) fn wants_index(&self) -> bool {
        self.approx.wanted.load(Ordering::Relaxed)
    }

    pub(super) fn want_index(&self) {
        self.approx.wanted.store(true, Ordering::Relaxed);
    }
}

/// The best of some rows that a selection shows, and how many better ones it hides.
fn compare(
    snapshot: &Snapshot,
    selection: &Selection,
    probe: &Probe,
    limit: usize,
    rows: &[RowId],
) -> Result<(Vec<Scored>, usize)> {
    let kernel = kernels::best();
    let mut scored = Vec::with_capacity(rows.len());
    let mut vector = Vec::new();
    for row in rows {
        // A row deleted since the index was brought up to date may have no vector any more.
        if !snapshot.find_vector(*row, &mut vector)? {
            continue;
        }
        let inverse_norm = kernels::check(0, &vector, vector.len())?;
        scored.push(Scored {
            id: *row,
            score: rounded(kernel.dot(&probe.unit, &vector) * inverse_norm),
        });
    }
    scored.sort_by(|a, b| b.score.total_cmp(&a.score));
    let mut best = Best::new(limit, probe.floor());
    let mut hidden = 0;
    for one in scored {
        if one.score < best.floor() {
            break;
        }
        let head = snapshot.head(one.id)?;
        if head.is_some_and(|head| shows(selection, &head)) {
            best.push(one);
        } else {
            hidden += 1;
        }
    }
    Ok((best.into_scored(), hidden))
}

/// The row numbers of parts of a scan as a set.
pub(super) fn row_set(parts: &[Rows], rows: u64) -> Bits {
    let mut bits = Bits::none(rows as usize);
    for part in parts {
        for id in part.ids() {
            bits.set(id.1 as usize, true);
        }
    }
    bits
}
