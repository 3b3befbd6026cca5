//! The words of time by language: data that one grammar reads.
//!
//! A row is a meaning and the words that have it, separated by blanks; `_` joins the words of a
//! phrase. Case and accents do not count. Of two meanings of a word in one language the longer
//! phrase wins.

pub(super) mod chinese;
pub(super) mod english;
pub(super) mod french;
pub(super) mod german;
pub(super) mod italian;
pub(super) mod japanese;
pub(super) mod portuguese;
pub(super) mod spanish;

use super::sense::Sense;
use crate::text::Language;

/// Where a language lets a weekday alone mean the last such day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Weekday {
    /// Only behind a preposition ("on Monday").
    AfterPreposition,
    /// Not behind an article, which makes it a habit ("le lundi").
    WithoutArticle,
    Anywhere,
}

/// The words of time of a language that writes blanks between words.
pub(super) struct Vocabulary {
    pub(super) language: Language,
    pub(super) words: &'static [(Sense, &'static str)],
    pub(super) weekday: Weekday,
    /// Whether "last" may stand behind what it belongs to ("la semaine dernière").
    pub(super) adjectives_follow: bool,
    /// Whether a month with a capital letter is a name ("Mars", not "mars").
    pub(super) capital_is_name: bool,
}

/// The languages with blanks; English, the first, is that of a question without marks of another.
pub(super) const LANGUAGES: [&Vocabulary; 6] = [
    &english::ENGLISH,
    &german::GERMAN,
    &french::FRENCH,
    &spanish::SPANISH,
    &portuguese::PORTUGUESE,
    &italian::ITALIAN,
];

/// The place of English in [`LANGUAGES`].
pub(super) const ENGLISH: usize = 0;

/// The languages without blanks. They share signs, so both are read together.
pub(super) const UNSPACED: [&[(Sense, &str)]; 2] = [chinese::WORDS, japanese::WORDS];
