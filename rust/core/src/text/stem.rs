//! Stems: the words of a text less the stop words of a language, by its Snowball algorithm.

use snowstem::Algorithm;

use super::language::Language;
use super::stop;
use super::term::{Term, term};
use super::words::words_in;

/// Longer words, in bytes, are their own stem: some algorithms edit a word once for each letter.
const LONGEST_WORD: usize = 256;

/// Words and stems of more bytes are not cached.
const CACHED_BYTES: usize = 24;

/// Slots of the cache, a power of two.
const SLOTS: usize = 2048;

/// Words that are stemmed before a cache is worth its memory.
const BEFORE_CACHE: usize = 64;

/// Stems one text after another, with a buffer and a cache of 128 KiB for frequent words.
///
/// What it returns does not depend on what it stemmed before.
#[derive(Debug, Default)]
pub struct Stemmer {
    lower: String,
    stem: String,
    stemmed: usize,
    /// Empty at first, then of `SLOTS`; a word's slot is the low bits of its hash.
    cache: Vec<Slot>,
}

/// A word and what becomes of it.
#[derive(Debug, Clone, Copy)]
struct Slot {
    term: Term,
    word: [u8; CACHED_BYTES],
    stem: [u8; CACHED_BYTES],
    /// Zero in an empty slot.
    word_length: u8,
    stem_length: u8,
    language: Language,
    stop: bool,
}

impl Slot {
    const EMPTY: Self = Self {
        term: 0,
        word: [0; CACHED_BYTES],
        stem: [0; CACHED_BYTES],
        word_length: 0,
        stem_length: 0,
        language: Language::English,
        stop: false,
    };

    fn is_of(&self, word: &str, language: Language) -> bool {
        self.language == language && self.word[..usize::from(self.word_length)] == *word.as_bytes()
    }

    fn stem(&self) -> &str {
        std::str::from_utf8(&self.stem[..usize::from(self.stem_length)]).unwrap_or_default()
    }
}

impl Stemmer {
    /// Calls `emit` with the stem of each word of a text that is not a stop word, in order.
    pub fn stems(&mut self, text: &str, language: Language, mut emit: impl FnMut(&str)) {
        self.stems_and_terms(text, language, |stem, _| emit(stem));
    }

    /// As [`stems`](Self::stems), with the terms of the stems.
    pub fn terms(&mut self, text: &str, language: Language, mut emit: impl FnMut(Term)) {
        self.stems_and_terms(text, language, |_, term| emit(term));
    }

    /// As [`stems`](Self::stems), with stems and terms.
    pub(crate) fn stems_and_terms(
        &mut self,
        text: &str,
        language: Language,
        mut emit: impl FnMut(&str, Term),
    ) {
        let Self {
            lower,
            stem,
            stemmed,
            cache,
        } = self;
        words_in(text, lower, |word| {
            if word.len() > CACHED_BYTES {
                if !stop::is_stop(word, language) {
                    stem_into(word, language, stem);
                    emit(stem, term(stem));
                }
                return;
            }
            if cache.is_empty() {
                *stemmed += 1;
                if *stemmed < BEFORE_CACHE {
                    if !stop::is_stop(word, language) {
                        stem_into(word, language, stem);
                        emit(stem, term(stem));
                    }
                    return;
                }
                *cache = vec![Slot::EMPTY; SLOTS];
            }
            let slot = &mut cache[term(word) as usize % SLOTS];
            if !slot.is_of(word, language) {
                stem.clear();
                let stop = stop::is_stop(word, language);
                if !stop {
                    stem_into(word, language, stem);
                }
                if stem.len() > CACHED_BYTES {
                    return emit(stem, term(stem));
                }
                slot.word[..word.len()].copy_from_slice(word.as_bytes());
                slot.stem[..stem.len()].copy_from_slice(stem.as_bytes());
                slot.word_length = word.len() as u8;
                slot.stem_length = stem.len() as u8;
                slot.term = term(stem);
                slot.language = language;
                slot.stop = stop;
            }
            if !slot.stop {
                emit(slot.stem(), slot.term);
            }
        });
    }
}

/// The stem of one word in lower case.
pub(super) fn stem_alone(word: &str, language: Language) -> String {
    let mut stem = String::new();
    stem_into(word, language, &mut stem);
    stem
}

/// Writes the stem of a word over `stem`.
fn stem_into(word: &str, language: Language, stem: &mut String) {
    if word.len() > LONGEST_WORD {
        stem.clear();
        stem.push_str(word);
        return;
    }
    let algorithm = match language {
        Language::English => Algorithm::English,
        Language::German => Algorithm::German,
        Language::French => Algorithm::French,
        Language::Spanish => Algorithm::Spanish,
        Language::Portuguese => Algorithm::Portuguese,
        Language::Italian => Algorithm::Italian,
        Language::Dutch => Algorithm::Dutch,
        Language::Russian => Algorithm::Russian,
    };
    snowstem::Stemmer::create(algorithm).stem_into(word, stem);
}
