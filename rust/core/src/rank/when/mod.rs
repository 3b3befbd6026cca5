//! The time that a question asks for: spans of days, and the words that only name them.
//!
//! [`asked`] reads a question once, in time linear in its length.

#![cfg_attr(not(test), expect(dead_code, reason = "the ranking uses it next"))]

mod calendar;
mod plain;
#[cfg(test)]
mod tests;
mod token;

use std::collections::HashSet;

use self::token::Tokens;
use crate::time::Day;

/// Days that a question asks for, and how far a memory beside them still counts.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Span {
    pub(crate) first: Day,
    /// Not before `first`.
    pub(crate) last: Day,
    /// Days after which the closeness of a memory falls to 1/e.
    pub(crate) grace: f32,
    /// The closeness of a memory inside the span.
    pub(crate) weight: f32,
}

/// The time of a question.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Asked {
    pub(crate) spans: Vec<Span>,
    /// Words of the question that only name its time: NFKC, lower case, not stemmed, each once.
    pub(crate) words: Vec<String>,
}

/// Reads the time that a question asks for.
///
/// `years` are those of the partition's memories, ascending: a month without a year counts in each.
/// `names` says whether a lower-case word is part of a speaker's name.
pub(crate) fn asked(
    question: &str,
    years: &[i32],
    names: &dyn Fn(&str) -> bool,
    _reference: Option<Day>,
) -> Asked {
    let mut asked = Asked::default();
    plain::read(&Tokens::of(question), &[], years, names, &mut asked);
    asked.distinct()
}

impl Asked {
    fn distinct(mut self) -> Self {
        let mut seen = HashSet::new();
        self.words.retain(|word| seen.insert(word.clone()));
        self
    }
}

/// Adds the texts of tokens as words.
fn add_words<'a>(words: &mut Vec<String>, texts: impl IntoIterator<Item = &'a str>) {
    let lower = |text: &str| token::composed(text).to_lowercase();
    words.extend(texts.into_iter().map(lower));
}

/// The stems of the months, except May's.
const MONTH_STEMS: [&str; 12] = [
    "januari", "februari", "march", "april", "june", "juli", "august", "septemb", "octob",
    "novemb", "decemb", "sept",
];

/// Whether a stem of a question names a month or a year wherever it stands. `names` says whether a
/// stem is that of a speaker's name.
pub(crate) fn is_time_stem(stem: &str, names: impl Fn(&str) -> bool) -> bool {
    let year = matches!(stem.get(..2), Some("19" | "20"))
        && token::digits(stem).and_then(token::Digits::four).is_some();
    year || MONTH_STEMS.contains(&stem) && !names(stem)
}
