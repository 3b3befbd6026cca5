//! Ranking: one linear sum of twelve numbers for each memory of a partition.
//!
//! There is no candidate stage and no fusion of lists: every memory gets its sum, so a search in a
//! scope is exact, and each score can be explained by its parts. BM25 with a floor is that of Lv and
//! Zhai, "Lower-bounding term frequency normalization" (CIKM 2011); the terms' shares, the context
//! of a session and the weights were fitted on conversations (DESIGN.md).

mod doc;
mod layout;
mod numbers;
mod question;
mod score;
mod sum;
pub(crate) mod when;
mod you;

pub(crate) use doc::{Doc, NO_DAY, Role};
pub(crate) use layout::{LaidRow, Layout, Speaker, Votes};
pub use numbers::{NUMBERS, Number, Numbers, Weights};
pub(crate) use question::{Question, Reading};
pub(crate) use score::Common;
pub(crate) use sum::{Sums, lenders};

use crate::text::Term;

/// The rows of a partition by the terms that they have.
pub(crate) trait Matches {
    /// How many memories that count have a term.
    fn holders(&self, term: Term) -> u32;
    /// Calls a function for runs of the rows that have a term; each row is in one run.
    fn each(&self, term: Term, take: &mut dyn FnMut(Run<'_>));
}

/// Rows that have a term, and how often.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Run<'a> {
    /// The number that the rows count from.
    pub(crate) first: u32,
    pub(crate) rows: &'a [u16],
    pub(crate) counts: &'a [u8],
}

impl Run<'_> {
    fn rows(&self) -> impl Iterator<Item = u32> {
        self.rows.iter().map(|at| self.first + u32::from(*at))
    }

    fn counted(&self) -> impl Iterator<Item = (u32, f32)> {
        let counts = self.counts.iter().map(|count| f32::from(*count));
        self.rows().zip(counts)
    }
}
