use std::collections::BTreeMap;

use super::*;

/// Sentences by language.
type Sentences = BTreeMap<String, Vec<String>>;

#[derive(Deserialize)]
struct Cases {
    /// In the languages with a stemmer.
    known: Sentences,
    /// English, but hardly to be seen from its function words.
    english_with_foreign_names: Vec<String>,
    /// In languages without a stemmer here.
    others: Sentences,
}

fn cases() -> Cases {
    read("tests/data/text/languages.json")
}

#[test]
fn a_sentence_is_of_its_language() {
    let cases = cases().known;
    assert_eq!(cases.len(), Language::ALL.len());
    for (name, sentences) in cases {
        assert!(sentences.len() > 8, "{name}");
        for sentence in sentences {
            assert_eq!(language_of(&sentence), Some(language(&name)), "{sentence}");
            assert_eq!(
                language_of(&sentence.to_uppercase()),
                Some(language(&name)),
                "{sentence}"
            );
        }
    }
}

#[test]
fn a_sentence_in_a_language_without_a_stemmer_is_of_none() {
    let cases = cases().others;
    assert!(cases.len() > 40);
    for (name, sentences) in cases {
        for sentence in sentences {
            assert_eq!(language_of(&sentence), None, "{name}: {sentence}");
        }
    }
}

#[test]
fn english_is_never_taken_for_another_language() {
    for sentence in cases().english_with_foreign_names {
        assert!(
            matches!(language_of(&sentence), None | Some(Language::English)),
            "{sentence}"
        );
    }
}

#[test]
fn a_text_of_fewer_than_five_words_is_of_no_language() {
    for text in [
        "",
        "...",
        "I was here",
        "she was with you",
        "wir sind da und",
    ] {
        assert_eq!(language_of(text), None, "{text}");
    }
    assert_eq!(
        language_of("she was with you there"),
        Some(Language::English)
    );
    assert_eq!(language_of("wir sind da und hier"), Some(Language::German));
}

#[test]
fn names_and_numbers_are_of_no_language() {
    for text in [
        "7 8 9 10 11 12",
        "Bergen Oslo Trondheim Stavanger Tromso",
        "😀 🎉 😀 🎉 😀 🎉",
        "x86_64 utf8 sha256 v2 b2b",
        "the",
    ] {
        assert_eq!(language_of(text), None, "{text}");
    }
    // One function word in many others shows no language.
    let names = "Bergen ".repeat(100_000);
    assert_eq!(language_of(&format!("{names} und der die das")), None);
}
