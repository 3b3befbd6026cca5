//! The words of all languages in one table, made at the first question with a reference day.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::OnceLock;

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use super::languages::{LANGUAGES, UNSPACED};
use super::sense::Sense;

/// A meaning of a word, or of the phrase that it begins.
pub(super) struct Meaning {
    /// The place of the language in [`LANGUAGES`].
    pub(super) language: usize,
    /// The words that follow the first.
    pub(super) rest: Vec<String>,
    pub(super) sense: Sense,
}

/// What is known of a word.
#[derive(Default)]
pub(super) struct Word {
    /// A bit for each language that has the word.
    pub(super) languages: u8,
    /// A bit for each language in which the word alone names a time.
    pub(super) timely: u8,
    /// Whether it names a time, or begins a phrase that does.
    pub(super) begins_time: bool,
    /// Meanings; of each language the longest phrase first.
    pub(super) meanings: Vec<Meaning>,
}

pub(super) struct Lexicon {
    words: HashMap<String, Word>,
    /// Of the languages without blanks: by the first sign, the longest first.
    signs: HashMap<char, Vec<(&'static str, Sense)>>,
}

impl Lexicon {
    pub(super) fn shared() -> &'static Self {
        static LEXICON: OnceLock<Lexicon> = OnceLock::new();
        LEXICON.get_or_init(Self::new)
    }

    fn new() -> Self {
        // Some 800 words; no growing while the first question waits.
        let mut words: HashMap<String, Word> = HashMap::with_capacity(1024);
        for (language, table) in LANGUAGES.iter().enumerate() {
            for (sense, spellings) in table.words {
                for spelling in spellings.split_whitespace() {
                    let folded = folded(spelling);
                    let mut parts = folded.split('_').map(str::to_owned);
                    let word = words.entry(parts.next().unwrap_or_default()).or_default();
                    let rest: Vec<String> = parts.collect();
                    let is_timely = sense.is_timely();
                    word.begins_time |= is_timely;
                    // A phrase's first word does not show the language.
                    word.languages |= u8::from(rest.is_empty()) << language;
                    word.timely |= u8::from(is_timely && rest.is_empty()) << language;
                    let sense = *sense;
                    word.meanings.push(Meaning {
                        language,
                        rest,
                        sense,
                    });
                }
            }
        }
        for word in words.values_mut() {
            word.meanings
                .sort_by_key(|meaning| std::cmp::Reverse(meaning.rest.len()));
        }
        let mut signs: HashMap<char, Vec<(&'static str, Sense)>> = HashMap::new();
        for (sense, spellings) in UNSPACED.into_iter().flatten() {
            for spelling in spellings.split_whitespace() {
                if let Some(first) = spelling.chars().next() {
                    signs.entry(first).or_default().push((spelling, *sense));
                }
            }
        }
        for phrases in signs.values_mut() {
            phrases.sort_by_key(|(spelling, _)| std::cmp::Reverse(spelling.len()));
        }
        Self { words, signs }
    }

    /// What is known of a word, in whatever case and with or without accents.
    pub(super) fn word(&self, text: &str) -> Option<&Word> {
        self.words.get(folded(text).as_ref())
    }

    /// The longest phrase that a text without blanks begins with.
    pub(super) fn phrase(&self, text: &str) -> Option<(&'static str, Sense)> {
        let phrases = self.signs.get(&text.chars().next()?)?;
        let found = phrases
            .iter()
            .find(|(spelling, _)| text.starts_with(spelling));
        found.copied()
    }
}

/// A word in lower case without accents.
pub(super) fn folded(text: &str) -> Cow<'_, str> {
    if !text.is_ascii() {
        let plain = text.nfd().filter(|sign| !is_combining_mark(*sign));
        return Cow::Owned(plain.flat_map(char::to_lowercase).collect());
    }
    if text.bytes().any(|byte| byte.is_ascii_uppercase()) {
        return Cow::Owned(text.to_ascii_lowercase());
    }
    Cow::Borrowed(text)
}
