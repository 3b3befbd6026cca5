//! The exact search of shards: codes bound which rows can be among the best, vectors decide.

use std::sync::Arc;

use rayon::prelude::*;

use super::best::{Best, Scored, rounded};
use super::read::shows;
use crate::bits::Bits;
use crate::error::Result;
use crate::filter::{Field, Filter};
use crate::query::Selection;
use crate::rowid::RowId;
use crate::shard::{Chunk, Shard};
use crate::store::Snapshot;
use crate::threads;
use crate::vector::{QueryCode, kernels};

/// Share of a chunk's rows below which they are scored one by one instead of all together.
const SPARSE: usize = 2;
/// Bytes of codes from which a scan is spread over the cores.
pub(super) const PARALLEL_BYTES: usize = 3 << 20;
/// Chunks from which their columns are made by all cores.
const PARALLEL_CHUNKS: usize = 16;
/// Chunks from which existing columns are read by all cores too.
const LARGE: usize = 1024;

/// A query of length 1, with its code.
#[derive(Debug)]
pub(super) struct Probe {
    pub(super) unit: Vec<f32>,
    code: QueryCode,
    limit: usize,
    /// Least cosine wanted.
    floor: f32,
}

impl Probe {
    pub(super) fn new(unit: Vec<f32>, limit: usize, threshold: Option<f32>) -> Self {
        Self {
            code: QueryCode::new(&unit),
            unit,
            limit,
            // Negative cosines are returned as 0, so a threshold of 0 cuts nothing.
            floor: threshold
                .filter(|threshold| *threshold > 0.0)
                .unwrap_or(f32::NEG_INFINITY),
        }
    }

    /// Least cosine wanted.
    pub(super) fn floor(&self) -> f32 {
        self.floor
    }
}

/// A chunk and the rows of it that are searched.
pub(super) struct Rows {
    pub(super) chunk: Arc<Chunk>,
    /// Number of the chunk's first row in its shard.
    pub(super) first: u32,
    pub(super) chosen: Bits,
    count: usize,
}

impl Rows {
    /// `None` where no row is chosen.
    pub(super) fn new(chunk: Arc<Chunk>, first: u32, chosen: Bits) -> Option<Self> {
        let count = chosen.count();
        (count > 0).then_some(Self {
            chunk,
            first,
            chosen,
            count,
        })
    }

    pub(super) fn count(&self) -> usize {
        self.count
    }

    pub(super) fn ids(&self) -> impl Iterator<Item = RowId> {
        self.chosen.iter().map(|at| self.chunk.id(at))
    }
}

/// A filter with the fields it names.
pub(super) struct Prepared<'a> {
    filter: &'a Filter,
    fields: Vec<Field>,
}

impl<'a> Prepared<'a> {
    pub(super) fn new(filter: &'a Filter) -> Self {
        Self {
            filter,
            fields: filter.fields(),
        }
    }
}

/// The rows of a shard that a selection shows and that pass all filters: its own, and that of its
/// scope if it has one.
pub(super) fn select(
    snapshot: &Snapshot,
    shard: &Shard,
    selection: &Selection,
    scopes: Option<&Bits>,
    filters: &[Prepared<'_>],
) -> Result<Vec<Rows>> {
    let fetch = |row: RowId| snapshot.record(row);
    let part = |(chunk, first): (&Arc<Chunk>, u32)| -> Result<Option<Rows>> {
        let mut rows = chunk.shown(|head| shows(selection, head), scopes);
        for prepared in filters {
            rows.and(&chunk.matching(prepared.filter, &prepared.fields, &fetch)?);
        }
        Ok(Rows::new(Arc::clone(chunk), first, rows))
    };
    let (chunks, firsts) = (shard.chunks(), shard.firsts());
    let indexed =
        |prepared: &Prepared<'_>| chunks.iter().all(|chunk| chunk.knows(&prepared.fields));
    let indexed = chunks.len() < LARGE && filters.iter().all(indexed);
    let parts: Result<Vec<Option<Rows>>> = threads::spread(
        chunks.len() >= PARALLEL_CHUNKS && !indexed,
        chunks,
        |chunks| {
            let numbered = chunks.par_iter().zip(firsts.par_iter().copied());
            numbered.with_min_len(8).map(part).collect()
        },
        |chunks| {
            chunks
                .iter()
                .zip(firsts.iter().copied())
                .map(part)
                .collect()
        },
    );
    Ok(parts?.into_iter().flatten().collect())
}

/// A row that may be among the best: its cosine lies within `bound` of `cosine`.
#[derive(Debug, Clone, Copy)]
struct Candidate {
    cosine: f32,
    bound: f32,
    part: u32,
    at: u32,
}

/// The candidates of a scan so far.
#[derive(Debug)]
struct Candidates {
    limit: usize,
    floor: f32,
    kept: Vec<Candidate>,
    /// Length at which those below the floor are dropped.
    full: usize,
}

impl Candidates {
    fn new(limit: usize, floor: f32) -> Self {
        Self {
            limit,
            floor,
            kept: Vec::new(),
            full: limit.saturating_mul(4).max(256),
        }
    }

    fn push(&mut self, candidate: Candidate) {
        if candidate.cosine + candidate.bound < self.floor {
            return;
        }
        self.kept.push(candidate);
        if self.kept.len() >= self.full {
            self.cut();
        }
    }

    /// Raises the floor to the k-th highest lower bound and drops what lies below it.
    fn cut(&mut self) {
        if self.kept.len() > self.limit {
            let at = self.limit - 1;
            let lower = |candidate: &Candidate| candidate.cosine - candidate.bound;
            let (_, kth, _) = self
                .kept
                .select_nth_unstable_by(at, |a, b| lower(b).total_cmp(&lower(a)));
            self.floor = self.floor.max(lower(kth));
        }
        let floor = self.floor;
        self.kept
            .retain(|candidate| candidate.cosine + candidate.bound >= floor);
        self.full = (self.kept.len() * 2)
            .max(self.limit.saturating_mul(4))
            .max(256);
    }
}

fn scan(probe: &Probe, parts: &[Rows], first: usize, out: &mut Candidates) {
    let (mut products, mut some) = (Vec::new(), Vec::new());
    for (number, part) in (first as u32..).zip(parts) {
        let chunk = &part.chunk;
        let full = chunk.has_all_vectors();
        let mut emit = |at: usize, product: i32| {
            let mark = chunk.mark(at);
            if !full && mark.is_bare() {
                return; // it has no cosine
            }
            let (cosine, bound) = probe.code.estimate(product, mark);
            out.push(Candidate {
                cosine,
                bound,
                part: number,
                at: at as u32,
            });
        };
        if part.count * SPARSE >= chunk.len() {
            products.clear();
            products.resize(chunk.len(), 0);
            probe.code.products(chunk.codes(), &mut products);
            if part.count == chunk.len() {
                for (at, product) in products.iter().enumerate() {
                    emit(at, *product);
                }
            } else {
                for at in part.chosen.iter() {
                    emit(at, products[at]);
                }
            }
        } else {
            some.clear();
            some.extend(part.chosen.iter().map(|at| at as u32));
            products.clear();
            products.resize(some.len(), 0);
            probe.code.products_at(chunk.codes(), &some, &mut products);
            for (at, product) in some.iter().zip(&products) {
                emit(*at as usize, *product);
            }
        }
    }
}

/// The best rows of parts by their exact cosine: at least `limit` where there are as many, and all
/// that tie with the last.
pub(super) fn best(snapshot: &Snapshot, probe: &Probe, parts: &[Rows]) -> Result<Vec<Scored>> {
    let count: usize = parts.iter().map(|part| part.count).sum();
    let pieces = |parts: &[Rows]| -> Vec<Candidates> {
        let piece = parts.len().div_ceil(4 * threads::count());
        let piecewise = parts.par_chunks(piece).enumerate();
        let found = piecewise.map(|(number, parts)| {
            let mut found = Candidates::new(probe.limit, probe.floor);
            scan(probe, parts, number * piece, &mut found);
            found.cut();
            found
        });
        found.collect()
    };
    let whole = |parts: &[Rows]| {
        let mut found = Candidates::new(probe.limit, probe.floor);
        scan(probe, parts, 0, &mut found);
        vec![found]
    };
    let large = count * probe.unit.len() >= PARALLEL_BYTES && parts.len() > 1;
    let mut found = threads::spread(large, parts, pieces, whole).into_iter();
    let mut candidates = found
        .next()
        .unwrap_or_else(|| Candidates::new(probe.limit, probe.floor));
    for found in found {
        found.kept.into_iter().for_each(|one| candidates.push(one));
    }
    candidates.cut();
    rerank(snapshot, probe, parts, candidates.kept)
}

/// Compares candidates by their vectors, best first, until no other can be among the best.
fn rerank(
    snapshot: &Snapshot,
    probe: &Probe,
    parts: &[Rows],
    mut candidates: Vec<Candidate>,
) -> Result<Vec<Scored>> {
    let upper = |candidate: &Candidate| candidate.cosine + candidate.bound;
    candidates.sort_unstable_by(|a, b| upper(b).total_cmp(&upper(a)));
    let kernel = kernels::best();
    let mut best = Best::new(probe.limit, probe.floor);
    let mut vector = Vec::new();
    for candidate in &candidates {
        if upper(candidate) < best.floor() {
            break;
        }
        let chunk = &parts[candidate.part as usize].chunk;
        let at = candidate.at as usize;
        let id = chunk.id(at);
        let dot = if let Some(vector) = chunk.vector(at) {
            kernel.dot(&probe.unit, vector)
        } else {
            snapshot.vector(id, &mut vector)?;
            kernel.dot(&probe.unit, &vector)
        };
        best.push(Scored {
            id,
            score: rounded(dot * chunk.mark(at).inverse_norm),
        });
    }
    Ok(best.into_scored())
}
