//! The languages with a stemmer, and the language of a text.

mod common;
mod detect;

pub use detect::language_of;
pub(crate) use detect::{Count, WHOLE};

/// A language with a stemmer and a stop list of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Language {
    /// Also serves every text of another language.
    English,
    /// German.
    German,
    /// French.
    French,
    /// Spanish.
    Spanish,
    /// Portuguese.
    Portuguese,
    /// Italian.
    Italian,
    /// Dutch.
    Dutch,
    /// Russian.
    Russian,
}

impl Language {
    /// All languages, each at the index of its number.
    pub const ALL: [Self; 8] = [
        Self::English,
        Self::German,
        Self::French,
        Self::Spanish,
        Self::Portuguese,
        Self::Italian,
        Self::Dutch,
        Self::Russian,
    ];
}
