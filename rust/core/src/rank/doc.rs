//! What ranking knows of a memory beside its words.

use crate::time::Day;

/// The day of a memory that has no date.
pub(crate) const NO_DAY: Day = Day::MIN;

/// A memory as ranking sees it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Doc {
    /// Stems of its text, with repetitions.
    pub(crate) stems: u32,
    /// When it was said, else when what it tells happened, or [`NO_DAY`].
    pub(crate) day: Day,
    /// When what it tells happened, where `day` is when it was said; else [`NO_DAY`].
    pub(crate) event: Day,
    /// How useful it is on its own, from 0 to 1.
    pub(crate) worth: f32,
    /// Its speaker by position in the speakers of its chunk; 0 for nobody.
    pub(crate) speaker: u16,
    /// Its language, which votes for that of the partition.
    pub(crate) vote: Option<crate::text::Language>,
    /// What it counts as.
    pub(crate) role: Role,
    /// A kept message: it lends context, but the counts of the partition are without it.
    pub(crate) kept: bool,
}

/// What a memory counts as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    /// Nobody said it: it has no neighbours.
    Note,
    /// Somebody said it, or it was made of what somebody said.
    Said,
    /// The assistant said it.
    Assistant,
}
