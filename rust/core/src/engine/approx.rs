//! The approximate index of the whole store: when it is used, and how it follows the log.
//!
//! It is wanted once a search over the whole store would gain from it, is built and caught up
//! behind the calls, and answers only while it lags the log by few events, which a search looks
//! through itself.

use std::collections::HashSet;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};

use super::Inner;
use super::read::shows;
use super::scan::{Best, Probe, Rows, Scored, rounded};
use crate::bits::Bits;
use crate::error::{Error, Result};
use crate::query::{Query, Selection};
use crate::rowid::RowId;
use crate::store::Snapshot;
use crate::sync::{RwLock, RwLockReadGuard, RwLockWriteGuard};
use crate::threads::{self, Stop};
use crate::vector::{Hnsw, Stamp, hnsw_file, kernels, key_of, row_of};

/// Bytes of codes from which the index answers faster than a scan (see "The planner" in DESIGN.md).
const FROM_BYTES: usize = 8 << 20;
/// Share of the rows that must pass a filter for the index to be asked: below it a scan of those
/// that pass is faster.
const SHARE: usize = 3;
/// Events that a search looks through beside the index.
const LAG: u64 = 1000;
/// Events that are taken up under one lock, so that no search waits for long.
const PIECE: usize = 8;
/// Rows that are added at a time while the index is built.
const BUILD_ROWS: usize = 4096;
/// Events after which the index is saved again.
const SAVE_EVERY: u64 = 50_000;

/// The index, and the last event that it holds.
#[derive(Debug)]
struct Ready {
    index: Hnsw,
    stamp: Stamp,
    /// The last event of the copy on disk; 0 for none.
    saved: u64,
}

/// The index of an engine.
#[derive(Debug, Default)]
pub(super) struct Approx {
    wanted: AtomicBool,
    ready: RwLock<Option<Ready>>,
    dir: Option<PathBuf>,
}

/// What `optimize` and `stats` tell of the index.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IndexState {
    /// Rows in it.
    pub rows: usize,
    /// Bytes of memory.
    pub bytes: usize,
    /// Events of the log that it does not hold yet.
    pub behind: u64,
}

fn stamp(snapshot: &Snapshot) -> Result<Stamp> {
    let seq = snapshot.last_seq();
    Ok(Stamp {
        log_id: snapshot.identity.log_id.clone(),
        space: snapshot.identity.space,
        dim: snapshot.identity.embedder.dim,
        seq,
        event: snapshot.fingerprint(seq)?.unwrap_or_default(),
    })
}

/// Whether the log of a snapshot has the last event of an index: a number alone may belong to
/// another event, after a crash or in a restored backup.
fn has_event(snapshot: &Snapshot, stamp: &Stamp) -> Result<bool> {
    Ok(snapshot.fingerprint(stamp.seq)? == Some(stamp.event))
}

impl Ready {
    /// Whether it is of the store and vector set of a snapshot, if of an earlier event.
    fn is_of(&self, snapshot: &Snapshot) -> bool {
        let (stamp, identity) = (&self.stamp, &snapshot.identity);
        stamp.log_id == identity.log_id
            && stamp.space == identity.space
            && stamp.dim == identity.embedder.dim
            && stamp.seq <= snapshot.last_seq()
    }
}

/// How many nodes a search looks at where the caller does not say: enough for a recall of 0.97 and
/// more on what was measured (see "The approximate index" in
/// DESIGN.md).
fn default_ef(limit: usize, rows: usize) -> usize {
    let by_size = (32 + rows / 6250).min(192);
    by_size.max(3 * limit)
}

impl Approx {
    /// `dir` is where it is kept; `None` keeps it in memory alone.
    pub(super) fn new(dir: Option<PathBuf>) -> Self {
        Self {
            dir,
            ..Self::default()
        }
    }

    fn read(&self) -> RwLockReadGuard<'_, Option<Ready>> {
        self.ready.read()
    }

    fn write(&self) -> RwLockWriteGuard<'_, Option<Ready>> {
        self.ready.write()
    }

    pub(super) fn state(&self, snapshot: &Snapshot) -> Option<IndexState> {
        let ready = self.read();
        let ready = ready.as_ref().filter(|ready| ready.is_of(snapshot))?;
        Some(IndexState {
            rows: ready.index.len(),
            bytes: ready.index.bytes(),
            behind: snapshot.last_seq() - ready.stamp.seq,
        })
    }
}

impl Inner {
    /// Whether the index would answer faster than a scan of `count` rows of `total`. Asking for it
    /// makes it wanted.
    pub(super) fn prefers_index(&self, query: &Query, count: usize, snapshot: &Snapshot) -> bool {
        let total = snapshot.records_len as usize;
        let dim = snapshot.identity.embedder.dim;
        let gains = !query.exact && count * SHARE >= total && count * dim >= FROM_BYTES;
        if gains && !self.approx.wanted.swap(true, Ordering::Relaxed) {
            self.bell.ring();
        }
        gains
    }

    /// The best rows that the index finds; `None` while there is no index or it lags too far.
    /// `allowed` holds the row numbers that pass a filter.
    pub(super) fn nearest(
        &self,
        query: &Query,
        probe: &Probe,
        snapshot: &Snapshot,
        allowed: Option<&Bits>,
    ) -> Result<Option<Vec<Scored>>> {
        let ready = self.approx.read();
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
        // They come in the order of their codes, which is nearly that of their cosines; what the
        // caller asked to be looked at is all compared.
        let compared = if query.ef.is_some() {
            ef
        } else {
            3 * query.limit + 10
        };
        let mut places: Vec<RowId> = keys.into_iter().take(compared).map(row_of).collect();
        for (_, place) in snapshot.places_after(ready.stamp.seq, lag as usize)? {
            if allowed.is_none_or(|allowed| allowed.get(place.1 as usize)) {
                places.push(place);
            }
        }
        let mut seen = HashSet::new();
        places.retain(|place| seen.insert(*place));
        let (scored, hidden) = compare(snapshot, &query.selection, probe, query.limit, &places)?;
        // What is not shown took the place of rows that might be.
        let enough = hidden == 0 || scored.len() >= query.limit;
        Ok(enough.then_some(scored))
    }

    /// Brings the index up to the newest commit; builds it where there is none. Returns early when
    /// `stop` says so. `by_hand` takes all cores for it, else half of them.
    pub(super) fn follow(
        &self,
        by_hand: bool,
        stop: Stop<'_>,
        progress: &mut dyn FnMut(usize, usize),
    ) -> Result<()> {
        let snapshot = self.snapshot()?;
        let dim = snapshot.identity.embedder.dim;
        if dim == 0 || u32::try_from(snapshot.counters.row).is_err() {
            // Nothing to index, or row numbers that the index has no room for.
            return Ok(());
        }
        let current = {
            let ready = self.approx.read();
            match ready.as_ref().filter(|ready| ready.is_of(&snapshot)) {
                Some(ready) => has_event(&snapshot, &ready.stamp)?,
                None => false,
            }
        };
        if !current {
            let now = stamp(&snapshot)?;
            let wanted = |held: &Stamp| {
                held.precedes(&now) && has_event(&snapshot, held).unwrap_or_default()
            };
            let loaded = self.approx.dir.as_ref().and_then(|dir| {
                let (index, stamp) = hnsw_file::load(self.store.io(), dir, wanted)?;
                let saved = stamp.seq;
                Some(Ready {
                    index,
                    stamp,
                    saved,
                })
            });
            let usable = loaded.filter(|ready| {
                // Catching up one by one must be less work than building.
                (snapshot.last_seq() - ready.stamp.seq) as usize <= ready.index.len() / 2 + 1000
            });
            let fresh = match usable {
                Some(ready) => ready,
                None => match Self::build(&snapshot, by_hand, stop, progress)? {
                    Some(ready) => ready,
                    None => return Ok(()),
                },
            };
            *self.approx.write() = Some(fresh);
        }
        self.catch_up(stop)?;
        // What was asked to end goes at once; what is closed keeps what it has.
        if stop() && !self.closing() {
            return Ok(());
        }
        self.save_index(false)
    }

    fn build(
        snapshot: &Snapshot,
        by_hand: bool,
        stop: Stop<'_>,
        progress: &mut dyn FnMut(usize, usize),
    ) -> Result<Option<Ready>> {
        let dim = snapshot.identity.embedder.dim;
        let total = snapshot.records_len as usize;
        let stamp = stamp(snapshot)?;
        let mut index = Hnsw::new(dim, total)?;
        let cores = threads::cores();
        let parallel = if by_hand { cores } else { cores.div_ceil(2) };
        let mut keys = Vec::with_capacity(BUILD_ROWS);
        let mut units = Vec::with_capacity(BUILD_ROWS * dim);
        let mut vector = Vec::new();
        for partition in snapshot.partitions()? {
            for row in snapshot.rows(partition)? {
                if keys.len() == BUILD_ROWS {
                    index.add_all(&keys, &units, parallel, stop)?;
                    progress(index.len(), total);
                    keys.clear();
                    units.clear();
                }
                if stop() {
                    return Ok(None);
                }
                let Some(key) = key_of((partition, row)) else {
                    return Ok(None);
                };
                snapshot.vector((partition, row), &mut vector)?;
                keys.push(key);
                let inverse_norm = kernels::check(0, &vector, dim)?;
                units.extend(vector.iter().map(|value| value * inverse_norm));
            }
        }
        index.add_all(&keys, &units, parallel, stop)?;
        progress(index.len(), total);
        Ok((!stop()).then(|| Ready {
            index,
            stamp,
            saved: 0,
        }))
    }

    /// Takes up the events since the index was brought up to date.
    fn catch_up(&self, stop: Stop<'_>) -> Result<()> {
        loop {
            let snapshot = self.snapshot()?;
            let mut guard = self.approx.write();
            let Some(ready) = guard.as_mut().filter(|ready| ready.is_of(&snapshot)) else {
                return Ok(());
            };
            if ready.stamp.seq == snapshot.last_seq() || stop() {
                return Ok(());
            }
            let outcome = ready.take_up(&snapshot);
            if outcome.is_err() {
                // What it holds now is not known; it is built anew.
                *guard = None;
            }
            outcome?;
        }
    }

    /// Saves the index where much has changed since, or `all` is set and anything has.
    pub(super) fn save_index(&self, all: bool) -> Result<()> {
        let Some(dir) = &self.approx.dir else {
            return Ok(());
        };
        let seq = {
            let ready = self.approx.read();
            // One of a log that was erased meanwhile is not brought back.
            let Some(ready) = ready.as_ref().filter(|ready| ready.is_of(&self.newest())) else {
                return Ok(());
            };
            let changed = ready.stamp.seq - ready.saved;
            let due = ready.saved == 0 || changed >= SAVE_EVERY || (all && changed > 0);
            if !due {
                return Ok(());
            }
            // A directory that was moved away must not be made again.
            self.store.check()?;
            hnsw_file::save(self.store.io(), dir, &ready.index, &ready.stamp)?;
            ready.stamp.seq
        };
        let mut ready = self.approx.write();
        if let Some(ready) = ready.as_mut() {
            ready.saved = seq;
        }
        Ok(())
    }

    /// Erases the index, from memory and from the disk, around what erases its memories: none of
    /// them is saved in between.
    pub(super) fn erase_index<T>(&self, erase: impl FnOnce() -> Result<T>) -> Result<T> {
        let mut ready = self.approx.write();
        if let Some(dir) = &self.approx.dir {
            hnsw_file::remove(self.store.io(), dir)?;
        }
        let erased = erase()?;
        *ready = None;
        Ok(erased)
    }

    /// Whether a search has asked for the index.
    pub(super) fn wants_index(&self) -> bool {
        self.approx.wanted.load(Ordering::Relaxed)
    }

    pub(super) fn want_index(&self) {
        self.approx.wanted.store(true, Ordering::Relaxed);
    }
}

impl Ready {
    /// Takes up the next few events.
    fn take_up(&mut self, snapshot: &Snapshot) -> Result<()> {
        let mut vector = Vec::new();
        for (seq, place) in snapshot.places_after(self.stamp.seq, PIECE)? {
            if let Some(key) = key_of(place) {
                if snapshot.head(place)?.is_some() {
                    snapshot.vector(place, &mut vector)?;
                    let inverse_norm = kernels::check(0, &vector, vector.len())?;
                    for value in &mut vector {
                        *value *= inverse_norm;
                    }
                    self.index.add(key, &vector)?;
                } else {
                    self.index.remove(key)?;
                }
            }
            self.stamp.seq = seq;
        }
        self.stamp.event = snapshot
            .fingerprint(self.stamp.seq)?
            .ok_or_else(|| Error::Index(format!("the log ends before event {}", self.stamp.seq)))?;
        Ok(())
    }
}

/// The best of some rows that a selection shows, and how many better ones it does not show.
fn compare(
    snapshot: &Snapshot,
    selection: &Selection,
    probe: &Probe,
    limit: usize,
    places: &[RowId],
) -> Result<(Vec<Scored>, usize)> {
    let kernel = kernels::best();
    let mut scored = Vec::with_capacity(places.len());
    let mut vector = Vec::new();
    for place in places {
        // A row that went since the index was brought up to date has no vector any more.
        if !snapshot.find_vector(*place, &mut vector)? {
            continue;
        }
        let inverse_norm = kernels::check(0, &vector, vector.len())?;
        scored.push(Scored {
            place: *place,
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
        let head = snapshot.head(one.place)?;
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
        for place in part.places() {
            bits.set(place.1 as usize, true);
        }
    }
    bits
}
