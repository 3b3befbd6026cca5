use proptest::prelude::*;

use super::*;
use crate::text::stop;

#[test]
fn words_are_those_of_the_reference() {
    let cases: Vec<(String, String)> = read("tests/data/text/words.json");
    assert!(cases.len() > 50);
    for (text, want) in cases {
        assert_eq!(words_of(&text).join(" "), want, "{text:?}");
    }
}

#[test]
fn words_and_stems_of_the_ranking_fixtures_are_those_of_the_reference() {
    let cases: Vec<(String, String, String)> = read("tests/data/text/fixtures.json");
    assert!(cases.len() > 100);
    let mut stemmer = Stemmer::default();
    for (text, want_words, want_stems) in cases {
        assert_eq!(words_of(&text).join(" "), want_words, "{text:?}");
        let stems = stems_of(&mut stemmer, &text, Language::English);
        assert_eq!(stems.join(" "), want_stems, "{text:?}");
    }
}

#[test]
fn stems_of_every_language_are_those_of_snowball() {
    let cases: Vec<(String, String, String)> = read("tests/data/text/stems.json");
    let mut stemmer = Stemmer::default();
    let mut seen = std::collections::BTreeSet::new();
    for (name, word, want) in cases {
        let language = language(&name);
        seen.insert(language);
        if !stop::is_stop(&word, language) {
            assert_eq!(
                stems_of(&mut stemmer, &word, language),
                [want],
                "{name} {word}"
            );
        }
    }
    assert_eq!(seen.len(), Language::ALL.len());
}

#[test]
fn languages_are_numbered_by_their_order() {
    for (at, language) in Language::ALL.into_iter().enumerate() {
        assert_eq!(language as usize, at);
    }
}

#[test]
fn stop_lists_hold_words_as_texts_give_them_and_none_twice() {
    for language in Language::ALL {
        let mut seen = std::collections::HashSet::new();
        for word in stop::list(language) {
            assert_eq!(words_of(word), [word]);
            assert!(seen.insert(word), "{language:?} lists {word} twice");
            assert!(stems_of(&mut Stemmer::default(), word, language).is_empty());
        }
        assert!(seen.len() > 70);
    }
}

#[test]
fn fillers_are_stems_of_the_question_words_in_english() {
    for word in [
        "mention",
        "mentioned",
        "describ",
        "type",
        "befor",
        "convers",
        "happen",
        "chat",
    ] {
        assert!(is_filler(word) == (word != "mentioned"), "{word}");
    }
    for word in ["were", "n", "him"] {
        assert!(is_filler(word));
    }
    for word in ["", "where", "dog", "Kind"] {
        assert!(!is_filler(word));
    }
}

#[test]
fn terms_are_the_hashes_of_stems() {
    let mut stemmer = Stemmer::default();
    let text =
        "Three crooked bowls and a mug for my grandmother, Donaudampfschifffahrtsgesellschaft";
    let stems = stems_of(&mut stemmer, text, Language::English);
    let mut terms = Vec::new();
    stemmer.terms(text, Language::English, |term| terms.push(term));
    assert_eq!(
        terms,
        stems.iter().map(|stem| term(stem)).collect::<Vec<_>>()
    );
    // Terms are stored nowhere, but must not differ between processes.
    assert_eq!(term("bowl"), xxhash_rust::xxh3::xxh3_64(b"bowl"));
    let map: TermMap<usize> = terms.iter().copied().zip(0..).collect();
    assert_eq!(map.get(&term("bowl")), Some(&2));
}

#[test]
fn a_long_text_of_anything_becomes_words_once() {
    let mut stemmer = Stemmer::default();
    for (piece, words) in [
        ("a", 1),
        ("ay", 1),
        ("é", 1),
        ("\u{301}", 0),
        ("a\u{301}", 1),
        ("字", 99_999),
        ("ก", 99_998),
        ("한", 99_999),
        ("😀", 0),
        ("(.*)+", 0),
        ("_", 0),
        ("Σ", 1),
        ("\u{fdfa}", 300_001),
        ("yes ", 100_000),
    ] {
        let text = piece.repeat(100_000);
        for language in [Language::English, Language::German, Language::Dutch] {
            let mut count = 0;
            stemmer.stems(&text, language, |_| count += 1);
            assert_eq!(count, words, "{piece} {language:?}");
        }
    }
}

proptest! {
    /// The general path against the one for ASCII: a letter beyond ASCII before the text changes
    /// the path and nothing else.
    #[test]
    fn ascii_texts_have_the_same_words_on_both_paths(text in "[ -~\t\n]{0,80}") {
        let mut wide = words_of(&format!("é {text}"));
        prop_assert_eq!(wide.remove(0), "é");
        prop_assert_eq!(wide, words_of(&text));
    }

    #[test]
    fn a_stemmer_does_not_remember_other_texts(
        texts in prop::collection::vec(("[a-dA-Dsyingeé ]{0,60}|\\PC{0,40}", 0_usize..8), 0..80),
    ) {
        let mut stemmer = Stemmer::default();
        for (text, language) in &texts {
            let language = Language::ALL[*language];
            let alone = stems_of(&mut Stemmer::default(), text, language);
            prop_assert_eq!(stems_of(&mut stemmer, text, language), alone);
        }
    }
}
