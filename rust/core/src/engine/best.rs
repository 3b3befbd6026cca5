//! The best rows of a search so far.

use std::cmp::{Ordering, Reverse};
use std::collections::BinaryHeap;

use crate::rowid::RowId;

/// A row with its score.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Scored {
    pub(super) id: RowId,
    pub(super) score: f32,
}

/// A cosine rounded to six decimals, so that a difference in the last bits of f32 is a tie.
pub(super) fn rounded(cosine: f32) -> f32 {
    ((f64::from(cosine) * 1e6).round() / 1e6) as f32
}

/// The best `limit` scores so far, and what ties with the last of them.
#[derive(Debug)]
pub(super) struct Best {
    limit: usize,
    least: f32,
    scored: Vec<Scored>,
    /// The `limit` highest scores, as a heap with the lowest on top.
    highest: BinaryHeap<Reverse<Ordered>>,
}

#[derive(Debug, Clone, Copy, PartialEq)]
struct Ordered(f32);

impl Eq for Ordered {}

impl PartialOrd for Ordered {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Ordered {
    fn cmp(&self, other: &Self) -> Ordering {
        self.0.total_cmp(&other.0)
    }
}

impl Best {
    pub(super) fn new(limit: usize, least: f32) -> Self {
        Self {
            limit,
            least,
            scored: Vec::new(),
            highest: BinaryHeap::new(),
        }
    }

    /// No row with a lower score than this matters.
    pub(super) fn floor(&self) -> f32 {
        let kth = match self.highest.peek() {
            Some(lowest) if self.highest.len() >= self.limit => lowest.0.0,
            _ => f32::NEG_INFINITY,
        };
        // Rounding may lift a score by half its last decimal.
        kth.max(self.least) - 1e-6
    }

    pub(super) fn push(&mut self, scored: Scored) {
        if scored.score < self.least {
            return;
        }
        self.scored.push(scored);
        self.highest.push(Reverse(Ordered(scored.score)));
        if self.highest.len() > self.limit {
            self.highest.pop();
        }
    }

    pub(super) fn into_scored(self) -> Vec<Scored> {
        let kth = match self.highest.peek() {
            Some(lowest) if self.highest.len() >= self.limit => lowest.0.0,
            _ => f32::NEG_INFINITY,
        };
        let mut scored = self.scored;
        scored.retain(|one| one.score >= kth);
        scored
    }
}
