//! What the ranking's reference reads; examples by language, and laws over any question, beside it.

#![allow(clippy::unwrap_used)]

mod examples;
mod laws;

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use serde::Deserialize;

use super::*;

/// What the reference answers for a question. Days count from 1970-01-01.
#[derive(Deserialize)]
struct Case {
    question: String,
    years: Vec<i32>,
    names: Vec<String>,
    /// First and last day, grace, weight.
    spans: Vec<(Day, Day, f32, f32)>,
    /// The words of the matches, stop words left out.
    words: BTreeSet<String>,
    /// The stems of the question, and whether each names a month or a year by itself.
    stems: Vec<(String, bool)>,
    name_stems: Vec<String>,
}

/// The cases of `tests/data/ranking/when.json`, or of the file that `MEMFAST_WHEN` names.
fn cases() -> Vec<Case> {
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/data/ranking/when.json");
    let path = std::env::var_os("MEMFAST_WHEN").map_or(data, Into::into);
    serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap()
}

#[test]
fn questions_without_extras_ask_for_what_the_reference_reads() {
    let cases = cases();
    assert!(cases.len() >= 300);
    for case in cases {
        let names = |word: &str| case.names.iter().any(|name| name == word);
        let asked = asked(&case.question, &case.years, &names, None);
        let spans = asked.spans.iter();
        let spans: Vec<_> = spans
            .map(|span| (span.first, span.last, span.grace, span.weight))
            .collect();
        assert_eq!(spans, case.spans, "{:?}", case.question);
        let words: BTreeSet<String> = asked.words.into_iter().collect();
        assert_eq!(words, case.words, "{:?}", case.question);
        for (stem, expected) in &case.stems {
            let names = |stem: &str| case.name_stems.iter().any(|name| name == stem);
            assert_eq!(is_time_stem(stem, names), *expected, "{stem}");
        }
    }
}
