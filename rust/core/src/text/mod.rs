//! Texts as search by words sees them: words, stems, the language of a text, the thesaurus.
//!
//! A text becomes [`words`]; a [`Stemmer`] leaves out the stop words of a language and stems the
//! rest. A stem is numbered by its hash, a [`Term`], so that no dictionary is kept. The work is
//! linear in the length of the text, whatever it holds.

mod filler;
mod language;
mod stem;
mod stop;
mod term;
#[cfg(test)]
mod tests;
mod thesaurus;
mod words;

pub use filler::is_filler;
pub(crate) use language::{Count, WHOLE};
pub use language::{Language, language_of};
pub use stem::Stemmer;
pub use term::{Term, TermHasher, TermMap, term};
pub use thesaurus::Thesaurus;
pub use words::words;
pub(crate) use words::{composed, is_letter};
