//! The approximate index follows the log: it is built, caught up and saved in the background, or by
//! `optimize`.

use super::Inner;
use super::approx::Ready;
use crate::error::{Error, Result};
use crate::store::Snapshot;
use crate::threads::{self, Stop};
use crate::vector::{Hnsw, Stamp, hnsw_file, kernels, key_of};

/// Events that are added under one lock, so that no search waits for long.
const PIECE: usize = 8;
/// Rows that are added at a time while the index is built.
const BUILD_ROWS: usize = 4096;
/// Events after which the index is saved again.
const SAVE_EVERY: u64 = 50_000;

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

/// Whether the log of a snapshot has the last event of an index. The number alone does not decide:
/// after a crash or in a restored backup it may belong to another event.
fn has_event(snapshot: &Snapshot, stamp: &Stamp) -> Result<bool> {
    Ok(snapshot.fingerprint(stamp.seq)? == Some(stamp.event))
}

impl Inner {
    /// Brings the index up to the newest commit; builds it if there is none. Returns early once
    /// `stop` is true. `all_cores` uses all cores for it, else half of them.
    pub(super) fn follow(
        &self,
        all_cores: bool,
        stop: Stop<'_>,
        progress: &mut dyn FnMut(usize, usize),
    ) -> Result<()> {
        let snapshot = self.snapshot()?;
        let dim = snapshot.identity.embedder.dim;
        if dim == 0 || u32::try_from(snapshot.counters.row).is_err() {
            // Nothing to index, or row numbers too large for a key of the index.
            return Ok(());
        }
        let current = {
            let ready = self.approx.ready.read();
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
                // Adding events one by one must be less work than building.
                (snapshot.last_seq() - ready.stamp.seq) as usize <= ready.index.len() / 2 + 1000
            });
            let fresh = match usable {
                Some(ready) => ready,
                None => match Self::build(&snapshot, all_cores, stop, progress)? {
                    Some(ready) => ready,
                    None => return Ok(()),
                },
            };
            *self.approx.ready.write() = Some(fresh);
        }
        self.catch_up(stop)?;
        // A call that was stopped returns at once; a store that is closed saves its index first.
        if stop() && !self.closing() {
            return Ok(());
        }
        self.save_index(false)
    }

    fn build(
        snapshot: &Snapshot,
        all_cores: bool,
        stop: Stop<'_>,
        progress: &mut dyn FnMut(usize, usize),
    ) -> Result<Option<Ready>> {
        let dim = snapshot.identity.embedder.dim;
        let total = snapshot.records_len as usize;
        let stamp = stamp(snapshot)?;
        let mut index = Hnsw::new(dim, total)?;
        let cores = threads::cores();
        let parallel = if all_cores { cores } else { cores.div_ceil(2) };
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
                if !snapshot.vector_if_any((partition, row), &mut vector)? {
                    continue;
                }
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

    /// Adds the events since the index was brought up to date.
    fn catch_up(&self, stop: Stop<'_>) -> Result<()> {
        loop {
            let snapshot = self.snapshot()?;
            let mut guard = self.approx.ready.write();
            let Some(ready) = guard.as_mut().filter(|ready| ready.is_of(&snapshot)) else {
                return Ok(());
            };
            if ready.stamp.seq == snapshot.last_seq() || stop() {
                return Ok(());
            }
            let outcome = ready.advance(&snapshot);
            if outcome.is_err() {
                // It may be half changed: build it again.
                *guard = None;
            }
            outcome?;
        }
    }

    /// Saves the index if much has changed since it was saved, or with `all` if anything has.
    pub(super) fn save_index(&self, all: bool) -> Result<()> {
        let Some(dir) = &self.approx.dir else {
            return Ok(());
        };
        let seq = {
            let ready = self.approx.ready.read();
            // An index of a log that was erased meanwhile is not saved.
            let Some(ready) = ready.as_ref().filter(|ready| ready.is_of(&self.newest())) else {
                return Ok(());
            };
            let changed = ready.stamp.seq - ready.saved;
            let due = ready.saved == 0 || changed >= SAVE_EVERY || (all && changed > 0);
            if !due {
                return Ok(());
            }
            // A directory that was moved away must not be created again.
            self.store.check()?;
            hnsw_file::save(self.store.io(), dir, &ready.index, &ready.stamp)?;
            ready.stamp.seq
        };
        let mut ready = self.approx.ready.write();
        if let Some(ready) = ready.as_mut() {
            ready.saved = seq;
        }
        Ok(())
    }

    /// Erases the index from disk, then the memories by `erase`, then the index from memory. The
    /// index is locked meanwhile, so it cannot be saved again in between.
    pub(super) fn erase_index<T>(&self, erase: impl FnOnce() -> Result<T>) -> Result<T> {
        let mut ready = self.approx.ready.write();
        if let Some(dir) = &self.approx.dir {
            hnsw_file::remove(self.store.io(), dir)?;
        }
        let erased = erase()?;
        *ready = None;
        Ok(erased)
    }
}

impl Ready {
    /// Adds the next few events.
    fn advance(&mut self, snapshot: &Snapshot) -> Result<()> {
        let mut vector = Vec::new();
        for (seq, row) in snapshot.places_after(self.stamp.seq, PIECE)? {
            if let Some(key) = key_of(row) {
                if snapshot.head(row)?.is_none() {
                    self.index.remove(key)?;
                } else if snapshot.vector_if_any(row, &mut vector)? {
                    let inverse_norm = kernels::check(0, &vector, vector.len())?;
                    for value in &mut vector {
                        *value *= inverse_norm;
                    }
                    self.index.add(key, &vector)?;
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
