//! The shards in memory: read when they are first searched, changed by every commit, and dropped
//! when they were not used for longest and others need the room.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::{Extras, Shard};
use crate::store::RowChanges;

/// Which rows a shard holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Part {
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
pub(crate) struct Cache {
    held: HashMap<Part, Held>,
    budget: usize,
    bytes: usize,
    clock: AtomicU64,
    /// Searches of all shards for the oldest.
    #[cfg(test)]
    passes: usize,
}

impl Cache {
    pub(crate) fn new(budget: usize) -> Self {
        Self {
            held: HashMap::new(),
            budget,
            bytes: 0,
            clock: AtomicU64::new(0),
            #[cfg(test)]
            passes: 0,
        }
    }

    pub(crate) fn get(&self, part: Part) -> Option<Arc<Shard>> {
        let held = self.held.get(&part)?;
        let now = self.clock.fetch_add(1, Ordering::Relaxed);
        held.used.store(now, Ordering::Relaxed);
        Some(Arc::clone(&held.shard))
    }

    pub(crate) fn insert(&mut self, part: Part, shard: Arc<Shard>) {
        self.remove(part);
        let bytes = shard.bytes();
        self.bytes += bytes;
        let used = AtomicU64::new(self.clock.fetch_add(1, Ordering::Relaxed));
        self.held.insert(part, Held { shard, used, bytes });
        self.shrink();
    }

    /// Drops the shards that were not used for longest, but not the newest, until the rest fits.
    fn shrink(&mut self) {
        if self.bytes <= self.budget {
            return;
        }
        #[cfg(test)]
        {
            self.passes += 1;
        }
        // A little more than must go, so that not every insert searches all shards.
        let target = self.budget - self.budget / 16;
        let used = |(part, held): (&Part, &Held)| (held.used.load(Ordering::Relaxed), *part);
        let mut oldest: Vec<(u64, Part)> = self.held.iter().map(used).collect();
        oldest.sort_unstable();
        oldest.pop();
        for (_, part) in oldest {
            if self.bytes <= target {
                return;
            }
            self.remove(part);
        }
    }

    /// Charges a shard what it takes now; columns are made while it is searched.
    pub(crate) fn recharge(&mut self, part: Part) {
        self.measure(part);
        self.shrink();
    }

    fn measure(&mut self, part: Part) {
        if let Some(held) = self.held.get_mut(&part) {
            let bytes = held.shard.bytes();
            self.bytes = self.bytes - held.bytes + bytes;
            held.bytes = bytes;
        }
    }

    fn remove(&mut self, part: Part) {
        if let Some(held) = self.held.remove(&part) {
            self.bytes -= held.bytes;
        }
    }

    pub(crate) fn clear(&mut self) {
        self.held.clear();
        self.bytes = 0;
    }

    pub(crate) fn bytes(&self) -> usize {
        self.bytes
    }

    /// The shard of a part, if it is in memory; it does not count as used.
    pub(crate) fn peek(&self, part: Part) -> Option<&Arc<Shard>> {
        self.held.get(&part).map(|held| &held.shard)
    }

    /// Brings the shards up to a commit.
    pub(crate) fn apply(&mut self, changes: &RowChanges, extras: &Extras) {
        let all = self.held.contains_key(&Part::All);
        for (partition, change) in changes {
            if let Some(held) = self.held.get_mut(&Part::One(*partition)) {
                Arc::make_mut(&mut held.shard).apply(*partition, change, extras);
            }
            if all && let Some(held) = self.held.get_mut(&Part::All) {
                Arc::make_mut(&mut held.shard).apply(*partition, change, extras);
            }
        }
        let parts = changes.iter().map(|(one, _)| Part::One(*one));
        let touched: HashSet<Part> = parts.chain([Part::All]).collect();
        for part in touched {
            let held = self.held.get(&part);
            if held.is_some_and(|held| held.shard.mostly_deleted()) {
                self.remove(part);
            } else {
                self.measure(part);
            }
        }
        self.shrink();
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::record::Kind;
    use crate::store::{Head, RowChange};

    const DIM: usize = 64;

    fn push(partition: u32, row: u64) -> (u32, RowChange) {
        let head = Head {
            scope: partition,
            kind: Kind::Memory,
            superseded: false,
            expires_on: None,
            mark: 0,
        };
        let change = RowChange::Push {
            row,
            head,
            inverse_norm: 1.0 / 8.0,
            vector: Arc::new(vec![1.0; DIM]),
        };
        (partition, change)
    }

    fn cache(budget: usize, parts: u32) -> Cache {
        let mut cache = Cache::new(budget);
        for part in 0..parts {
            cache.insert(Part::One(part), Arc::new(Shard::new(DIM, 0)));
        }
        cache
    }

    fn recounted(cache: &Cache) -> usize {
        cache.held.values().map(|held| held.shard.bytes()).sum()
    }

    #[test]
    fn each_shard_is_charged_its_own_rows() {
        let mut cache = cache(usize::MAX, 300);
        cache.insert(Part::All, Arc::new(Shard::new(DIM, 0)));
        for round in 0..4 {
            let changes = (0..3000).map(|row| push(row % 300, u64::from(round * 3000 + row)));
            cache.apply(&changes.collect(), &Extras::default());
            assert_eq!(cache.bytes(), recounted(&cache));
        }
        // Twice 12,000 rows of codes, vectors, heads and the like.
        let least = 2 * 12_000 * (DIM * 5 + 40);
        assert!(cache.bytes() >= least);
        assert!(
            cache.bytes() < least * 5 / 4,
            "{} of {least}",
            cache.bytes()
        );
    }

    #[test]
    fn shards_are_dropped_by_least_use_and_rarely_looked_through() {
        let each = Shard::new(DIM, 0).bytes();
        let mut cache = cache(1000 * each, 1000);
        assert_eq!(cache.held.len(), 1000);
        cache.get(Part::One(0)).unwrap();
        for part in 1000..2000 {
            cache.insert(Part::One(part), Arc::new(Shard::new(DIM, 0)));
            assert!(cache.bytes() <= 1000 * each);
            assert!(cache.get(Part::One(part)).is_some());
        }
        assert_eq!(cache.bytes(), recounted(&cache));
        assert!(cache.get(Part::One(1)).is_none());
        assert!(cache.held.contains_key(&Part::One(1999)));
        assert!(cache.passes <= 20, "{} passes", cache.passes);
    }
}
