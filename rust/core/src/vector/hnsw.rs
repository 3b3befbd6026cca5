//! The approximate index over a whole store: the only file that names usearch.
//!
//! An HNSW graph (Malkov and Yashunin, 2018) over 8-bit codes. It accelerates and is never the
//! truth: what it finds is compared by the vectors themselves, and it can be built again at any
//! time.
//!
//! All codes have one step, so that their products order rows as cosines do; the step is that of
//! the values that occur, not of the largest, and what is larger is cut. Adding from several
//! threads can leave a node that no search reaches (usearch issue 735; one of 2,000 in 30,000 rows
//! here), so [`Hnsw::add_all`] looks for every row by its own code afterwards and adds again what
//! is not found.

use std::sync::atomic::{AtomicUsize, Ordering};

use usearch::{Index, IndexOptions, MetricKind, ScalarKind};

use super::kernels::dot_codes_pair;
use crate::error::{Error, Result};
use crate::rowid::RowId;
use crate::sync::{Condvar, Mutex};
use crate::threads::{self, Stop};

/// Links of a node on the upper levels; twice as many on the lowest.
const CONNECTIVITY: usize = 16;
/// Nodes visited to find the links of a new one.
const EXPANSION_ADD: usize = 128;
/// Calls that may be inside the index at once; others wait.
const CALLERS: usize = 64;
/// A component of a unit vector of `dim` dimensions is mostly within this many times 1/sqrt(dim).
const SPREAD: f32 = 4.5;
/// Nodes visited when a row is searched by its own code.
const OWN: usize = 32;

/// The key of a row in the index; `None` if its number needs more than 32 bits.
pub(crate) fn key_of((partition, row): RowId) -> Option<u64> {
    let row = u32::try_from(row).ok()?;
    Some(u64::from(partition) << 32 | u64::from(row))
}

/// The row id that a key stands for.
pub(crate) fn row_of(key: u64) -> RowId {
    ((key >> 32) as u32, key & u64::from(u32::MAX))
}

/// Admits no more callers than usearch has room for; one more would be an error there.
#[derive(Debug)]
struct Gate {
    free: Mutex<usize>,
    left: Condvar,
}

impl Gate {
    fn pass<T>(&self, work: impl FnOnce() -> T) -> T {
        let mut free = self.left.wait_while(self.free.lock(), |free| *free == 0);
        *free -= 1;
        drop(free);
        let result = work();
        *self.free.lock() += 1;
        self.left.notify_one();
        result
    }
}

/// An approximate index.
pub(crate) struct Hnsw {
    index: Index,
    dim: usize,
    gate: Gate,
}

impl std::fmt::Debug for Hnsw {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Hnsw")
            .field("dim", &self.dim)
            .field("len", &self.len())
            .finish_non_exhaustive()
    }
}

fn failed(error: impl std::fmt::Display) -> Error {
    Error::Index(error.to_string())
}

impl Hnsw {
    /// An empty index with room for `capacity` rows.
    pub(crate) fn new(dim: usize, capacity: usize) -> Result<Self> {
        let mut index = Index::new(&IndexOptions {
            dimensions: dim,
            metric: MetricKind::IP,
            quantization: ScalarKind::I8,
            connectivity: CONNECTIVITY,
            expansion_add: EXPANSION_ADD,
            // The caller of a search names the number of nodes to visit.
            expansion_search: 1,
            multi: false,
        })
        .map_err(failed)?;
        set_metric(&mut index, dim);
        index
            .reserve_capacity_and_threads(capacity.max(64), CALLERS)
            .map_err(failed)?;
        Ok(Self {
            index,
            dim,
            gate: Gate {
                free: Mutex::new(CALLERS),
                left: Condvar::new(),
            },
        })
    }

    pub(crate) fn len(&self) -> usize {
        self.index.size()
    }

    /// Bytes of memory it takes.
    pub(crate) fn bytes(&self) -> usize {
        self.index.memory_usage()
    }

    fn code(&self, unit: &[f32]) -> Vec<i8> {
        let scale = 127.0 * (self.dim as f32).sqrt() / SPREAD;
        unit.iter()
            .map(|value| (value * scale).round().clamp(-127.0, 127.0) as i8)
            .collect()
    }

    fn grow(&self, more: usize) -> Result<()> {
        let wanted = self.len() + more;
        if wanted > self.index.capacity() {
            let capacity = wanted.max(self.index.capacity() * 3 / 2);
            self.index
                .reserve_capacity_and_threads(capacity, CALLERS)
                .map_err(failed)?;
        }
        Ok(())
    }

    /// Adds a vector of length 1, or replaces that of the key.
    pub(crate) fn add(&mut self, key: u64, unit: &[f32]) -> Result<()> {
        self.grow(1)?;
        self.index.remove(key).map_err(failed)?;
        self.index.add(key, &self.code(unit)).map_err(failed)
    }

    /// Removes a key; not an error if it is missing.
    pub(crate) fn remove(&mut self, key: u64) -> Result<()> {
        self.index.remove(key).map(|_| ()).map_err(failed)
    }

    /// Adds vectors of length 1 that lie one after another, under keys that are not there yet, from
    /// several threads. Ends early once `stop` is true.
    pub(crate) fn add_all(
        &mut self,
        keys: &[u64],
        units: &[f32],
        parallel: usize,
        stop: Stop<'_>,
    ) -> Result<()> {
        self.grow(keys.len())?;
        let row = |at: usize| self.code(&units[at * self.dim..(at + 1) * self.dim]);
        let all = |work: &(dyn Fn(usize) -> Result<()> + Sync)| -> Result<()> {
            let next = AtomicUsize::new(0);
            let run = || {
                loop {
                    let at = next.fetch_add(1, Ordering::Relaxed);
                    if at >= keys.len() || stop() {
                        return Ok(());
                    }
                    work(at)?;
                }
            };
            threads::together(parallel.min(CALLERS), run)
                .into_iter()
                .collect()
        };
        all(&|at| self.index.add(keys[at], &row(at)).map_err(failed))?;
        if parallel < 2 {
            return Ok(());
        }
        let lost = Mutex::new(Vec::new());
        all(&|at| {
            let found = self.index.search(&row(at), OWN).map_err(failed)?;
            if !found.keys.contains(&keys[at]) {
                lost.lock().push(at);
            }
            Ok(())
        })?;
        for at in lost.into_inner() {
            self.index.remove(keys[at]).map_err(failed)?;
            self.index.add(keys[at], &row(at)).map_err(failed)?;
        }
        Ok(())
    }

    /// Up to `count` keys near a vector of length 1, nearest first; the more, the more surely the
    /// first of them are the nearest.
    pub(crate) fn search(
        &self,
        unit: &[f32],
        count: usize,
        allowed: Option<&dyn Fn(u64) -> bool>,
    ) -> Result<Vec<u64>> {
        let code = self.code(unit);
        let found = self.gate.pass(|| match allowed {
            Some(allowed) => self.index.filtered_search(&code, count, allowed),
            None => self.index.search(&code, count),
        });
        found.map(|found| found.keys).map_err(failed)
    }

    /// The index as bytes.
    pub(crate) fn to_bytes(&self) -> Result<Vec<u8>> {
        let mut bytes = vec![0; self.index.serialized_length()];
        self.index.save_to_buffer(&mut bytes).map_err(failed)?;
        Ok(bytes)
    }

    /// The index that [`Hnsw::to_bytes`] wrote; the bytes must be known to be whole.
    pub(crate) fn from_bytes(dim: usize, bytes: &[u8]) -> Result<Self> {
        let mut index = Self::new(dim, 64)?;
        index.index.load_from_buffer(bytes).map_err(failed)?;
        if index.index.dimensions() != dim {
            return Err(failed("it has other dimensions"));
        }
        // Loading brings back the metric of the file, and room for no more than is in it.
        set_metric(&mut index.index, dim);
        index.index.change_expansion_search(1);
        index.index.change_expansion_add(EXPANSION_ADD);
        let capacity = index.len() + 64;
        index
            .index
            .reserve_capacity_and_threads(capacity, CALLERS)
            .map_err(failed)?;
        Ok(index)
    }
}

#[allow(unsafe_code)] // the index passes vectors as pointers
fn set_metric(index: &mut Index, dim: usize) {
    index.change_metric::<i8>(Box::new(move |a, b| {
        // SAFETY: usearch gives the metric two vectors of the index, which have `dim` components,
        // and holds them through the call.
        let (a, b) = unsafe {
            (
                std::slice::from_raw_parts(a, dim),
                std::slice::from_raw_parts(b, dim),
            )
        };
        -(dot_codes_pair(a, b) as f32)
    }));
}
