//! The shards in memory: read when they are first searched, changed by every commit, and dropped
//! when they are not used and others need the room.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::error::Result;
use crate::store::{Head, Place, ShardChanges, Snapshot, Source, locate, missing_vector};
use crate::vector::{Mark, NewRow, Shard};

/// Which rows a shard holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Part {
    /// Those of a partition.
    One(u32),
    /// Those of the whole store.
    All,
}

#[derive(Debug)]
struct Held {
    shard: Arc<Shard>,
    used: AtomicU64,
    bytes: usize,
}

/// Shards by part, up to a number of bytes.
#[derive(Debug)]
pub(super) struct Cache {
    held: HashMap<Part, Held>,
    budget: usize,
    bytes: usize,
    clock: AtomicU64,
}

impl Cache {
    pub(super) fn new(budget: usize) -> Self {
        Self {
            held: HashMap::new(),
            budget,
            bytes: 0,
            clock: AtomicU64::new(0),
        }
    }

    pub(super) fn get(&self, part: Part) -> Option<Arc<Shard>> {
        let held = self.held.get(&part)?;
        let now = self.clock.fetch_add(1, Ordering::Relaxed);
        held.used.store(now, Ordering::Relaxed);
        Some(Arc::clone(&held.shard))
    }

    pub(super) fn insert(&mut self, part: Part, shard: Arc<Shard>) {
        self.remove(part);
        let bytes = shard.bytes();
        self.bytes += bytes;
        let used = AtomicU64::new(self.clock.fetch_add(1, Ordering::Relaxed));
        self.held.insert(part, Held { shard, used, bytes });
        self.shrink(part);
    }

    /// Drops what was not used for longest, but not `keep`, until the rest fits.
    fn shrink(&mut self, keep: Part) {
        while self.bytes > self.budget {
            let others = self.held.iter().filter(|(part, _)| **part != keep);
            let oldest = others.min_by_key(|(_, held)| held.used.load(Ordering::Relaxed));
            let Some(part) = oldest.map(|(part, _)| *part) else {
                return;
            };
            self.remove(part);
        }
    }

    fn remove(&mut self, part: Part) {
        if let Some(held) = self.held.remove(&part) {
            self.bytes -= held.bytes;
        }
    }

    pub(super) fn clear(&mut self) {
        self.held.clear();
        self.bytes = 0;
    }

    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }

    /// Brings the shards up to a commit.
    pub(super) fn apply(&mut self, changes: &ShardChanges) {
        let all = self.held.contains_key(&Part::All);
        for (partition, change) in changes {
            if let Some(held) = self.held.get_mut(&Part::One(*partition)) {
                Arc::make_mut(&mut held.shard).apply(*partition, change);
            }
            if all && let Some(held) = self.held.get_mut(&Part::All) {
                Arc::make_mut(&mut held.shard).apply(*partition, change);
            }
        }
        let mut touched: Vec<Part> = changes.iter().map(|(one, _)| Part::One(*one)).collect();
        touched.push(Part::All);
        touched.dedup();
        for part in touched {
            let Some(held) = self.held.get_mut(&part) else {
                continue;
            };
            if held.shard.mostly_dead() {
                self.remove(part);
                continue;
            }
            let grown = changes.len() * held.shard.row_bytes();
            held.bytes += grown;
            self.bytes += grown;
            self.shrink(part);
        }
    }
}

/// A record's row, and where its vector lies.
struct Entry {
    place: Place,
    head: Head,
    source: Source,
    /// Number of its vector in the tail, where it lies there.
    in_tail: usize,
}

/// Reads the rows of a part as of a snapshot.
pub(super) fn load(snapshot: &Snapshot, part: Part) -> Result<Shard> {
    let partitions = match part {
        Part::One(partition) => vec![partition],
        Part::All => snapshot.partitions()?,
    };
    let mut tail = Vec::new();
    let mut entries = Vec::new();
    for partition in partitions {
        let heads = snapshot.heads(partition)?;
        let rows: Vec<u64> = heads.iter().map(|(row, _)| *row).collect();
        let mut in_tail = tail.len();
        let sources = locate(snapshot, partition, &rows, &mut tail)?;
        for ((row, head), source) in heads.into_iter().zip(sources) {
            entries.push(Entry {
                place: (partition, row),
                head,
                source,
                in_tail,
            });
            in_tail += usize::from(source == Source::Tail);
        }
    }
    let codes = codes(snapshot, &entries)?;
    let mut order: Vec<usize> = (0..entries.len()).collect();
    order.sort_unstable_by_key(|at| entries[*at].place.1);
    let dim = snapshot.identity.embedder.dim;
    let mut shard = Shard::new(dim, entries.len());
    let mut vector = Vec::new();
    let mut fresh = Vec::new();
    for at in order {
        let entry = &entries[at];
        let (mark, code): (Mark, &[i8]) = match entry.source {
            Source::Unknown => return Err(missing_vector(entry.place)),
            Source::Tail => {
                vector.clone_from(&tail[entry.in_tail]);
                fresh.clear();
                let inverse_norm = crate::vector::kernels::check(0, &vector, dim)?;
                let mark = crate::vector::encode(&vector, inverse_norm, &mut fresh);
                (mark, &fresh)
            }
            Source::Segment(number, position) => {
                let segment = snapshot.segments[number].segment()?;
                if shard.resident() {
                    vector.clear();
                    segment.vector(position, &mut vector)?;
                }
                let (first, codes) = &codes[number];
                let start = (position - first) * dim;
                (segment.mark(position)?, &codes[start..start + dim])
            }
        };
        shard.push(NewRow {
            place: entry.place,
            head: entry.head,
            mark,
            code,
            vector: shard.resident().then_some(&vector),
        });
    }
    Ok(shard)
}

/// Codes of each segment from the first to the last position that is needed, with the first.
fn codes(snapshot: &Snapshot, entries: &[Entry]) -> Result<Vec<(usize, Vec<i8>)>> {
    let mut needed = vec![None; snapshot.segments.len()];
    for entry in entries {
        if let Source::Segment(number, position) = entry.source {
            let (from, to) = needed[number].get_or_insert((position, position + 1));
            *from = position.min(*from);
            *to = (position + 1).max(*to);
        }
    }
    needed
        .into_iter()
        .zip(&snapshot.segments)
        .map(|(range, named)| {
            let (from, to) = range.unwrap_or((0, 0));
            Ok((from, named.segment()?.codes(from..to)?))
        })
        .collect()
}
