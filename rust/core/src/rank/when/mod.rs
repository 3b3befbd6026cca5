//! The time that a question asks for: spans of days, and the words that only name them.
//!
//! [`asked`] reads a question once, in time linear in its length.

// An expression is made of a few meanings; every other meaning ends it.
#![allow(clippy::wildcard_enum_match_arm)]

mod calendar;
mod grammar;
mod items;
mod languages;
mod lexicon;
mod plain;
mod relative;
mod sense;
#[cfg(test)]
mod tests;
mod token;

use std::collections::HashSet;

use self::plain::Rest;
use self::relative::Today;
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
    /// Words of the question that only name its time: as [`crate::text::words`] reads them, each once.
    pub(crate) words: Vec<String>,
}

/// Reads the time that a question asks for.
///
/// `years` are those of the partition's memories, ascending: a month without a year counts in each.
/// `names` says whether a lower-case word is part of a speaker's name. Relative dates count from
/// `reference`; without one, only days, months and years in plain English are read, as in the
/// ranking's reference.
pub(crate) fn asked(
    question: &str,
    years: &[i32],
    names: &dyn Fn(&str) -> bool,
    reference: Option<Day>,
) -> Asked {
    let mut asked = Asked::default();
    let Some(today) = reference.and_then(Today::new) else {
        plain::read(&Tokens::of(question), Rest::all(), years, names, &mut asked);
        return asked.distinct();
    };
    let text = crate::text::composed(question);
    let tokens = Tokens::by_script(&text);
    let Some(items) = items::items(&text, &tokens, names) else {
        return asked;
    };
    let said = grammar::read(&items, years, today);
    asked.spans = said.dated;
    let mut taken = vec![false; tokens.len()];
    for (from, to) in said.ranges {
        let range = &items.list[from..to];
        for item in range {
            let (from, to) = item.tokens;
            taken[from..to].fill(true);
        }
        let bounds = range.first().zip(range.last());
        if let Some((first, last)) = bounds {
            add_words(&mut asked.words, [&text[first.start..last.end]]);
        }
    }
    let rest = Rest {
        taken: &taken,
        months: items.is_english,
    };
    let is_full = plain::read(&tokens, rest, years, names, &mut asked) || said.is_full;
    // "last week, as mentioned on November 6, 2023" counts from another day than the reference.
    if !is_full {
        asked.spans.extend(said.relative);
    }
    if asked.spans.is_empty() {
        asked.spans = said.weak;
    }
    asked.distinct()
}

impl Asked {
    fn distinct(mut self) -> Self {
        let mut seen = HashSet::new();
        self.words.retain(|word| seen.insert(word.clone()));
        self
    }
}

/// Adds the words of some texts.
fn add_words<'a>(words: &mut Vec<String>, texts: impl IntoIterator<Item = &'a str>) {
    for text in texts {
        crate::text::words(text, |word| words.push(word.to_owned()));
    }
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
