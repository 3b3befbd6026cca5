//! Which language a text is in, by its function words and letters.
//!
//! A frequent word counts for each language that has it, the less the more they are. The languages
//! without a stemmer take part, so that a text of theirs is not taken for another's.

use std::sync::LazyLock;

use super::Language;
use super::common::{FREQUENT, OTHER_LETTERS, OTHERS};
use crate::text::stop;
use crate::text::term::{TermMap, term};
use crate::text::words::words;

/// Texts of fewer words are of no language.
const FEWEST_WORDS: usize = 5;

/// What a word counts that one language alone has; divides by the numbers up to 10.
pub(crate) const WHOLE: u32 = 2520;

/// The languages with a stemmer, the others, and one for letters that only others use.
const COUNT: usize = Language::ALL.len() + OTHERS.len() + 1;
const BY_LETTERS: usize = COUNT - 1;

/// The languages of a word, one bit each.
type Languages = u64;

const _: () = assert!(COUNT <= Languages::BITS as usize);

static WORDS: LazyLock<TermMap<Languages>> = LazyLock::new(|| {
    let mut words = TermMap::default();
    let mut add =
        |word: &str, language: usize| *words.entry(term(word)).or_default() |= 1 << language;
    for language in Language::ALL {
        stop::list(language).for_each(|word| add(word, language as usize));
    }
    for (language, list) in FREQUENT {
        list.split_whitespace()
            .for_each(|word| add(word, language as usize));
    }
    for (language, list) in (Language::ALL.len()..).zip(OTHERS) {
        list.split_whitespace().for_each(|word| add(word, language));
    }
    words
});

/// Letters that only languages without a stemmer use, sorted.
static LETTERS: LazyLock<Vec<char>> = LazyLock::new(|| {
    let mut letters: Vec<char> = OTHER_LETTERS.chars().collect();
    letters.sort_unstable();
    letters
});

/// What words count for each language that has them.
pub(crate) struct Count {
    scores: [u32; COUNT],
}

impl Count {
    pub(crate) fn new() -> Self {
        Self { scores: [0; COUNT] }
    }

    /// Adds a word in lower case: [`WHOLE`], shared among its languages.
    pub(crate) fn add(&mut self, word: &str) {
        let languages = WORDS.get(&term(word)).copied().unwrap_or_default();
        let share = WHOLE / languages.count_ones().max(1);
        let mut rest = languages;
        while rest != 0 {
            self.scores[rest.trailing_zeros() as usize] += share;
            rest &= rest - 1;
        }
    }

    /// The sum of a language.
    pub(crate) fn of(&self, language: Language) -> u32 {
        self.scores[language as usize]
    }
}

/// The language of one text, if it has a stemmer and the text shows it clearly.
///
/// None for texts of fewer than five words, without enough function words, or in another language.
/// A wrong answer is worse than none; English is never taken for another language.
#[must_use]
pub fn language_of(text: &str) -> Option<Language> {
    let mut sums = Count::new();
    let mut count = 0_usize;
    words(text, |word| {
        count += 1;
        sums.add(word);
        if !word.is_ascii() && word.chars().any(|c| LETTERS.binary_search(&c).is_ok()) {
            sums.scores[BY_LETTERS] += WHOLE / 2;
        }
    });
    if count < FEWEST_WORDS {
        return None;
    }
    let best = Language::ALL
        .into_iter()
        .max_by_key(|language| sums.of(*language))?;
    let second = (0..COUNT).filter(|at| *at != best as usize);
    let second = second.map(|at| sums.scores[at]).max().unwrap_or_default();
    let (score, length) = (sums.of(best), count as u32 * WHOLE);
    let clear = if best == Language::English {
        score >= WHOLE && score * 2 >= second * 3
    } else {
        score >= WHOLE * 3 / 2 && score >= length / 8 && score * 2 >= second * 3 + WHOLE
    };
    clear.then_some(best)
}
