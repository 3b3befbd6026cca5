//! Which rows of a chunk have a term, and how often.
//!
//! Most rows stand in a compact base that readers and writers share; the newest are in a small
//! sorted list beside it, so that a commit copies and moves little. When the list is long, it is
//! merged into the base.

use std::sync::Arc;

use crate::text::Term;

/// Rows beside the base up to which it stays as it is: so many, and this share of its rows.
const RECENT_ROWS: usize = 64;
const RECENT_SHARE: usize = 8;

/// Terms from the guessed number that are looked at first.
const STEP: usize = 16;

/// A row that has a term so many times (at most 255).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Posting {
    term: Term,
    at: u16,
    count: u8,
}

/// Postings by term, in three arrays.
#[derive(Debug, Default)]
struct Base {
    /// Terms, ascending, with the end of each one's rows; they begin where those of the last end.
    terms: Vec<Term>,
    ends: Vec<u32>,
    rows: Vec<u16>,
    counts: Vec<u8>,
}

impl Base {
    fn find(&self, term: Term) -> std::ops::Range<usize> {
        let (from, to) = self.bounds(term);
        let Ok(offset) = self.terms[from..to].binary_search(&term) else {
            return 0..0;
        };
        let number = from + offset;
        let start = number.checked_sub(1).map_or(0, |last| self.ends[last]);
        start as usize..self.ends[number] as usize
    }

    /// Numbers between which a term is, if it is there. Terms are hashes, so it is near the share
    /// of the numbers that it is of the range of hashes; from there the step doubles.
    fn bounds(&self, term: Term) -> (usize, usize) {
        let len = self.terms.len();
        let guess = ((u128::from(term) * len as u128) >> Term::BITS) as usize;
        let (mut from, mut to, mut step) = (guess, guess, STEP);
        while from > 0 && self.terms[from] > term {
            from = from.saturating_sub(step);
            step *= 2;
        }
        while to < len && self.terms[to] <= term {
            to = (to + step).min(len);
            step *= 2;
        }
        (from, to)
    }

    fn push(&mut self, posting: Posting) {
        if self.terms.last() != Some(&posting.term) {
            self.terms.push(posting.term);
            self.ends.push(self.rows.len() as u32);
        }
        self.rows.push(posting.at);
        self.counts.push(posting.count);
        if let Some(end) = self.ends.last_mut() {
            *end += 1;
        }
    }

    fn iter(&self) -> impl Iterator<Item = Posting> {
        let mut number = 0;
        (0..self.rows.len()).map(move |index| {
            while self.ends[number] as usize <= index {
                number += 1;
            }
            Posting {
                term: self.terms[number],
                at: self.rows[index],
                count: self.counts[index],
            }
        })
    }

    fn shrink(&mut self) {
        self.terms.shrink_to_fit();
        self.ends.shrink_to_fit();
        self.rows.shrink_to_fit();
        self.counts.shrink_to_fit();
    }

    fn bytes(&self) -> usize {
        self.terms.capacity() * size_of::<Term>()
            + self.ends.capacity() * size_of::<u32>()
            + self.rows.capacity() * size_of::<u16>()
            + self.counts.capacity()
    }
}

/// The postings of a chunk.
#[derive(Debug, Clone, Default)]
pub(super) struct Postings {
    base: Arc<Base>,
    base_rows: usize,
    /// Positions whose postings in the base hold no longer, ascending.
    void: Vec<u16>,
    /// Postings that are not in the base, ascending.
    recent: Vec<Posting>,
    recent_rows: usize,
}

/// The terms of a text with their counts, ascending.
fn counted(at: u16, mut terms: Vec<Term>) -> Vec<Posting> {
    terms.sort_unstable();
    let mut postings: Vec<Posting> = Vec::with_capacity(terms.len());
    for term in terms {
        match postings.last_mut() {
            Some(last) if last.term == term => last.count = last.count.saturating_add(1),
            _ => postings.push(Posting { term, at, count: 1 }),
        }
    }
    postings
}

/// Merges two ascending lists.
fn merged(a: Vec<Posting>, b: Vec<Posting>) -> Vec<Posting> {
    if a.is_empty() {
        return b;
    }
    let mut all = Vec::with_capacity(a.len() + b.len());
    let mut b = b.into_iter().peekable();
    for posting in a {
        while let Some(other) = b.next_if(|other| *other < posting) {
            all.push(other);
        }
        all.push(posting);
    }
    all.extend(b);
    all
}

impl Postings {
    /// The postings of rows by position; each row's terms are in any order, with repetitions.
    pub(super) fn of(rows: impl Iterator<Item = (u16, Vec<Term>)>) -> Self {
        let mut all = Vec::new();
        let mut base_rows = 0;
        for (at, terms) in rows {
            base_rows += 1;
            all.append(&mut counted(at, terms));
        }
        all.sort_unstable();
        let mut base = Base::default();
        for posting in all {
            base.push(posting);
        }
        base.shrink();
        Self {
            base: Arc::new(base),
            base_rows,
            ..Self::default()
        }
    }

    /// Adds the terms of a row that has none.
    pub(super) fn add(&mut self, at: u16, terms: Vec<Term>) {
        let postings = counted(at, terms);
        self.recent = merged(std::mem::take(&mut self.recent), postings);
        self.recent_rows += 1;
        if self.recent_rows > RECENT_ROWS + self.base_rows / RECENT_SHARE {
            self.merge();
        }
    }

    /// Drops the terms of a row.
    pub(super) fn remove(&mut self, at: u16) {
        self.recent.retain(|posting| posting.at != at);
        if let Err(index) = self.void.binary_search(&at) {
            self.void.insert(index, at);
        }
        if self.void.len() > RECENT_ROWS + self.base_rows / RECENT_SHARE {
            self.merge();
        }
    }

    fn is_void(&self, at: u16) -> bool {
        self.void.binary_search(&at).is_ok()
    }

    fn merge(&mut self) {
        let old: Vec<Posting> = self
            .base
            .iter()
            .filter(|posting| !self.is_void(posting.at))
            .collect();
        let mut base = Base::default();
        for posting in merged(old, std::mem::take(&mut self.recent)) {
            base.push(posting);
        }
        base.shrink();
        *self = Self {
            base: Arc::new(base),
            base_rows: self.base_rows + self.recent_rows,
            ..Self::default()
        };
    }

    /// Calls a function for the rows that have a term, with the number of times.
    pub(super) fn each(&self, term: Term, mut take: impl FnMut(&[u16], &[u8])) {
        let found = self.base.find(term);
        let (rows, counts) = (&self.base.rows[found.clone()], &self.base.counts[found]);
        if self.void.is_empty() {
            take(rows, counts);
        } else {
            for (at, count) in rows.iter().zip(counts) {
                if !self.is_void(*at) {
                    take(&[*at], &[*count]);
                }
            }
        }
        let first = self.recent.partition_point(|posting| posting.term < term);
        let same = self.recent[first..].iter();
        for posting in same.take_while(|posting| posting.term == term) {
            take(&[posting.at], &[posting.count]);
        }
    }

    pub(super) fn bytes(&self) -> usize {
        self.base.bytes()
            + self.recent.capacity() * size_of::<Posting>()
            + self.void.capacity() * size_of::<u16>()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    fn read(postings: &Postings, terms: Term) -> BTreeMap<(Term, u16), u8> {
        let mut found = BTreeMap::new();
        for term in 0..terms {
            postings.each(term, |rows, counts| {
                for (at, count) in rows.iter().zip(counts) {
                    assert!(found.insert((term, *at), *count).is_none());
                }
            });
        }
        found
    }

    proptest! {
        #[test]
        fn postings_hold_what_a_map_holds(
            steps in proptest::collection::vec(
                (0_u16..400, any::<bool>(), proptest::collection::vec(0_u64..9, 0..12)), 0..600,
            ),
            built in 0_usize..200,
        ) {
            let mut model: BTreeMap<u16, Vec<Term>> = BTreeMap::new();
            let start: Vec<_> = steps.iter().take(built).map(|(at, _, terms)| (*at, terms.clone())).collect();
            model.extend(start);
            let mut postings = Postings::of(model.clone().into_iter());
            for (at, is_removal, terms) in steps.into_iter().skip(built) {
                if model.remove(&at).is_some() {
                    postings.remove(at);
                }
                if !is_removal {
                    postings.add(at, terms.clone());
                    model.insert(at, terms);
                }
            }
            let mut expected = BTreeMap::new();
            for (at, terms) in model {
                for term in terms {
                    *expected.entry((term, at)).or_insert(0) += 1;
                }
            }
            prop_assert_eq!(read(&postings, 9), expected);
        }
    }
}
