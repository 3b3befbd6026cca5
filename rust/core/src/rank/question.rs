//! A question: what of it does not depend on the partition, and its terms as a partition weighs
//! them.

use std::collections::HashSet;
use std::hash::BuildHasherDefault;

use super::layout::Layout;
use super::when::{self, Span};
use super::{Matches, you};
use crate::text::{self, Language, Stemmer, Term, TermHasher, Thesaurus, term};
use crate::time::Day;

/// Weight of words that ask rather than name (`kind`, `mention`), and of words that name a time.
const MINOR: f32 = 0.3;
/// The weights of a question are shares of the sum of so many of its heaviest terms: a short
/// question shares out 1, a long one does not drown in its length.
const HEAVIEST: usize = 4;
/// Most terms of a question; of a longer one the heaviest count.
const MOST: usize = 64;

/// A question before it meets a partition.
#[derive(Debug)]
pub(crate) struct Question {
    text: String,
    lower: String,
    /// Its distinct stems in English, in their order.
    stems: Vec<String>,
    /// Whether it asks for what the assistant said.
    asks_assistant: bool,
    /// Share of its words that the static table has; 1 with other embedders.
    pub(crate) known: f32,
    /// What "today" is, for dates such as "yesterday"; `None` reads no such dates.
    reference: Option<Day>,
}

/// A term of a question.
#[derive(Debug, Clone)]
pub(super) struct Asked {
    pub(super) weight: f32,
    pub(super) term: Term,
    /// Related terms with their squared cosines, greatest first.
    pub(super) near: Vec<(Term, f32)>,
}

/// A question as a partition reads it.
#[derive(Debug, Default)]
pub(crate) struct Reading {
    pub(super) terms: Vec<Asked>,
    pub(super) spans: Vec<Span>,
    /// The one speaker that it names.
    pub(super) speaker: Option<u16>,
    pub(super) asks_assistant: bool,
    /// Whether it asks for nothing but a time, of a speaker or of all.
    pub(super) only_time: bool,
    /// What the cosine of vectors is multiplied by.
    pub(crate) vector_share: f32,
}

fn distinct(text: &str, language: Language) -> Vec<String> {
    let mut seen: HashSet<Term, BuildHasherDefault<TermHasher>> = HashSet::default();
    let mut stems = Vec::new();
    Stemmer::default().stems_and_terms(text, language, |stem, term| {
        if seen.insert(term) {
            stems.push(stem.to_owned());
        }
    });
    stems
}

fn stem_set(words: &[String], language: Language) -> HashSet<String> {
    let mut stems = HashSet::new();
    if words.is_empty() {
        return stems;
    }
    let mut stemmer = Stemmer::default();
    for word in words {
        stemmer.stems(word, language, |stem| {
            stems.insert(stem.to_owned());
        });
    }
    stems
}

impl Question {
    /// Reads a text. `knows` says which lower-case words the table of the embedder has as wholes;
    /// `None` where another embedder makes the vectors.
    pub(crate) fn new(
        text: &str,
        knows: Option<&dyn Fn(&str) -> bool>,
        reference: Option<Day>,
    ) -> Self {
        let share = knows.map_or(1.0, |knows| {
            let (mut all, mut whole) = (0_u32, 0_u32);
            text::words(text, |word| {
                all += 1;
                whole += u32::from(knows(word));
            });
            whole as f32 / all.max(1) as f32
        });
        let lower = text.to_lowercase();
        Self {
            stems: distinct(text, Language::English),
            asks_assistant: you::asks_assistant(&lower),
            lower,
            text: text.to_owned(),
            known: share,
            reference,
        }
    }

    /// Its distinct stems in a language.
    pub(crate) fn stems(&self, language: Language) -> Vec<String> {
        if language == Language::English {
            self.stems.clone()
        } else {
            distinct(&self.text, language)
        }
    }

    /// Reads the question for a partition in a language.
    pub(crate) fn read(
        &self,
        layout: &Layout,
        language: Language,
        thesaurus: Option<&Thesaurus>,
        matches: &dyn Matches,
    ) -> Reading {
        let english = language == Language::English;
        let stems = self.stems(language);
        let names = &layout.name_stems;
        let is_name = |word: &str| layout.is_name(word);
        let asked = when::asked(&self.text, &layout.years, &is_name, self.reference);
        let time = stem_set(&asked.words, language);
        let is_time = |stem: &str| {
            time.contains(stem) || when::is_time_stem(stem, |stem| names.contains(stem))
        };
        let is_filler = |stem: &str| english && text::is_filler(stem);
        let related = thesaurus.filter(|_| english);
        let counted = f64::from(layout.counted);
        let most = idf(counted, 1.0);
        let mut factors: Vec<f32> = stems
            .iter()
            .map(|stem| {
                if is_filler(stem) || is_time(stem) {
                    MINOR
                } else {
                    1.0
                }
            })
            .collect();
        if factors.iter().all(|factor| *factor < 1.0) {
            factors.fill(1.0);
        }
        let mut terms: Vec<Asked> = stems
            .iter()
            .zip(factors)
            .map(|(stem, factor)| {
                let term = term(stem);
                let rarity = idf(counted, f64::from(matches.holders(term))).min(most);
                Asked {
                    weight: factor * rarity,
                    term,
                    near: related.map_or_else(Vec::new, |related| related.near(term).collect()),
                }
            })
            .collect();
        if terms.len() > MOST {
            // A stable sort: ties go by the place in the question.
            terms.sort_by(|a, b| b.weight.total_cmp(&a.weight));
            terms.truncate(MOST);
        }
        let mut weights: Vec<f32> = terms.iter().map(|term| term.weight).collect();
        weights.sort_unstable_by(|a, b| b.total_cmp(a));
        let size: f32 = weights.iter().take(HEAVIEST).sum();
        for term in &mut terms {
            term.weight /= size.max(1e-6);
        }
        let only_time = stems
            .iter()
            .all(|stem| is_filler(stem) || is_time(stem) || names.contains(stem));
        Reading {
            terms,
            spans: asked.spans,
            speaker: layout.named_in(&self.lower),
            asks_assistant: english && self.asks_assistant,
            only_time,
            vector_share: if english { self.known } else { 0.0 },
        }
    }
}

/// Rarity of a term that `holders` of `count` memories have.
fn idf(count: f64, holders: f64) -> f32 {
    (1.0 + (count - holders + 0.5) / (holders + 0.5)).ln() as f32
}
