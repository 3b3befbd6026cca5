#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod languages;
mod stems;
mod thesaurus;

use std::fs;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::*;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn read<T: for<'a> Deserialize<'a>>(path: &str) -> T {
    serde_json::from_slice(&fs::read(root().join(path)).unwrap()).unwrap()
}

fn words_of(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    words(text, |word| found.push(word.to_owned()));
    found
}

fn stems_of(stemmer: &mut Stemmer, text: &str, language: Language) -> Vec<String> {
    let mut found = Vec::new();
    stemmer.stems(text, language, |stem| found.push(stem.to_owned()));
    found
}

/// The language of a name in lower case.
fn language(name: &str) -> Language {
    Language::ALL
        .into_iter()
        .find(|language| format!("{language:?}").to_lowercase() == name.to_lowercase())
        .unwrap()
}
