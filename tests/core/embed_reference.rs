//! The static embedding table against the tokens and vectors of the tool that made it.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use memfast_core::Error;
use memfast_core::embed::StaticEmbedder;
use proptest::prelude::*;
use serde_json::Value;

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");

fn directory() -> PathBuf {
    Path::new(ROOT).join("python/memfast/data/static_embedder")
}

/// Between a component and the reference's, which is from the table before it went into eight
/// bits: those alone move it by up to 1.93e-3. The strict test is
/// `vectors_are_the_means_of_the_shipped_rows`.
const TOLERANCE: f64 = 2e-3;

/// The least cosine to the reference's vector.
const COSINE: f64 = 0.9999;

static EMBEDDER: LazyLock<StaticEmbedder> =
    LazyLock::new(|| StaticEmbedder::open(&directory()).unwrap());

fn length(vector: &[f32]) -> f64 {
    vector
        .iter()
        .map(|value| f64::from(*value).powi(2))
        .sum::<f64>()
        .sqrt()
}

fn assert_unit(vector: &[f32]) {
    assert_eq!(vector.len(), EMBEDDER.dim());
    assert!(vector.iter().all(|value| value.is_finite()));
    assert!(
        (length(vector) - 1.0).abs() < 1e-5,
        "length {}",
        length(vector)
    );
}

#[test]
fn tokens_and_vectors_are_those_of_the_reference() {
    let file = Path::new(ROOT).join("tests/data/static_embedder_reference.json");
    let cases: Vec<Value> = serde_json::from_slice(&fs::read(file).unwrap()).unwrap();
    let vocabulary = fs::read_to_string(directory().join("vocab.txt")).unwrap();
    let vocabulary: Vec<&str> = vocabulary.lines().collect();
    assert!(cases.len() > 20);
    let texts: Vec<&str> = cases
        .iter()
        .map(|case| case["text"].as_str().unwrap())
        .collect();
    let vectors = EMBEDDER.embed(&texts);
    for ((case, text), vector) in cases
        .iter()
        .zip(&texts)
        .zip(vectors.chunks_exact(EMBEDDER.dim()))
    {
        let want: Vec<&str> = case["tokens"]
            .as_array()
            .unwrap()
            .iter()
            .map(|token| token.as_str().unwrap())
            .filter(|token| *token != "[PAD]")
            .collect();
        let tokens = EMBEDDER.tokens(text);
        let got: Vec<&str> = tokens
            .iter()
            .map(|token| vocabulary[*token as usize])
            .collect();
        assert_eq!(got, want, "{text}");
        assert_unit(vector);
        if want.iter().all(|token| *token == "[UNK]") {
            continue; // The reference has a zero vector; here it comes from the characters.
        }
        let want: Vec<f64> = case["vector"]
            .as_array()
            .unwrap()
            .iter()
            .map(|value| value.as_f64().unwrap())
            .collect();
        let mut cosine = 0.0;
        let norm = want.iter().map(|value| value * value).sum::<f64>().sqrt();
        for (at, (got, want)) in vector.iter().zip(&want).enumerate() {
            let error = (f64::from(*got) - want).abs();
            assert!(
                error <= TOLERANCE,
                "{text}, component {at}: {got} for {want}"
            );
            cosine += f64::from(*got) * want / norm;
        }
        assert!(cosine >= COSINE, "{text}: {cosine}");
        assert_eq!(EMBEDDER.embed_weighted(text, &|_| 1.0), vector, "{text}");
    }
}

#[test]
fn vectors_are_the_means_of_the_shipped_rows() {
    const HEADER: usize = 128;
    let rows = fs::read(directory().join("rows_int8.npy")).unwrap();
    let scales = fs::read(directory().join("scales_f32.npy")).unwrap();
    let dim = EMBEDDER.dim();
    let row = |token: u32| {
        let token = token as usize;
        let scale = &scales[HEADER + token * 4..][..4];
        let scale = f64::from(f32::from_le_bytes(scale.try_into().unwrap()));
        let row = &rows[HEADER + token * dim..][..dim];
        row.iter()
            .map(|byte| scale * f64::from(byte.cast_signed()))
            .collect::<Vec<f64>>()
    };
    for text in [
        "x",
        "Hello world",
        "emoji 😀🎉 test",
        "ÀÉÎÕÜ ß straße",
        "don't can't won't it's",
    ] {
        let mut want = vec![0.0; dim];
        for token in EMBEDDER
            .tokens(text)
            .into_iter()
            .filter(|t| *t != EMBEDDER.unknown())
        {
            want.iter_mut()
                .zip(row(token))
                .for_each(|(sum, value)| *sum += value);
        }
        let norm = want.iter().map(|value| value * value).sum::<f64>().sqrt();
        for (got, want) in EMBEDDER.embed(&[text]).iter().zip(want) {
            assert!((f64::from(*got) - want / norm).abs() <= 1e-6, "{text}");
        }
    }
}

#[test]
fn normalisation_is_that_of_bert() {
    let same = |a: &str, b: &str| assert_eq!(EMBEDDER.tokens(a), EMBEDDER.tokens(b), "{a} / {b}");
    same("Cafe\u{301} NAÏVE", "cafe naive");
    same("zero\u{200b}width\u{fffd}\u{0}", "zerowidth");
    same("İstanbul", "istanbul");
    same("a\u{a0}b\u{3000}c\u{2028}d", "a b c d");
    same("what\u{37e}", "what;");
    same("\u{f900}語", "\u{8c48} 語");
    same("up\u{b}down", "updown");
    let word = "a".repeat(100);
    assert!(!EMBEDDER.tokens(&word).contains(&EMBEDDER.unknown()));
    assert_eq!(EMBEDDER.tokens(&format!("{word}a")), [EMBEDDER.unknown()]);
    assert_eq!(EMBEDDER.tokens("\u{1f600}"), [EMBEDDER.unknown()]);
}

#[test]
fn only_whole_words_of_the_vocabulary_are_known() {
    for word in ["dog", "international", "a", "7"] {
        assert!(EMBEDDER.knows(word), "{word}");
    }
    for word in ["", "Dog", "##ing", "dogfishes", "café", "the dog", "�"] {
        assert!(!EMBEDDER.knows(word), "{word}");
    }
}

#[test]
fn equal_texts_without_known_tokens_meet() {
    let texts = [
        "😀🎉",
        "😀🎉",
        " 😀 🎉\n",
        "🚀🚀🚀",
        "",
        "  \t",
        "\u{e000}",
        "😀",
    ];
    let vectors = EMBEDDER.embed(&texts);
    let vectors: Vec<&[f32]> = vectors.chunks_exact(EMBEDDER.dim()).collect();
    for vector in &vectors {
        assert_unit(vector);
    }
    assert_eq!(vectors[0], vectors[1]);
    assert_eq!(vectors[0], vectors[2]);
    assert_eq!(vectors[4], vectors[5]);
    let dot = |a: usize, b: usize| {
        vectors[a]
            .iter()
            .zip(vectors[b])
            .map(|(a, b)| a * b)
            .sum::<f32>()
    };
    assert!(dot(0, 3) < 0.5 && dot(0, 4) < 0.5 && dot(4, 6) < 0.5);
    assert!(dot(0, 7) > 0.3, "shared characters are near: {}", dot(0, 7));
}

#[test]
fn weights_turn_the_vector_and_never_break_it() {
    let text = "the rare zebra";
    let zebra = *EMBEDDER.tokens("zebra").first().unwrap();
    let only = EMBEDDER.embed_weighted(text, &|token| f32::from(u8::from(token == zebra)));
    let alone = EMBEDDER.embed(&["zebra"]);
    assert!(only.iter().zip(&alone).all(|(a, b)| (a - b).abs() < 1e-6));
    for weight in [
        0.0,
        f32::NAN,
        f32::INFINITY,
        f32::MAX,
        -1.0,
        1e-45,
        1e-38,
        1e38,
    ] {
        assert_unit(&EMBEDDER.embed_weighted(text, &|_| weight));
        assert_unit(&EMBEDDER.embed_weighted("😀", &|_| weight));
    }
}

#[test]
fn a_batch_on_all_cores_is_the_texts_one_by_one() {
    let texts: Vec<String> = (0..1000)
        .map(|at| format!("memory {at} of 😀 user {}", at % 7))
        .collect();
    let vectors = EMBEDDER.embed(&texts);
    assert_eq!(vectors.len(), texts.len() * EMBEDDER.dim());
    for (text, vector) in texts.iter().zip(vectors.chunks_exact(EMBEDDER.dim())) {
        assert_eq!(EMBEDDER.embed(&[text]), vector);
    }
    assert!(EMBEDDER.embed::<&str>(&[]).is_empty());
}

proptest! {
    #[test]
    fn every_text_has_a_unit_vector(text: String) {
        assert_unit(&EMBEDDER.embed(&[text]));
    }

    #[test]
    fn every_text_of_odd_characters_has_a_unit_vector(
        text in prop::collection::vec(prop_oneof![
            any::<char>(),
            prop::char::range('\0', '\u{ff}'),
            prop::char::range('\u{300}', '\u{36f}'),
            prop::char::range('\u{4dff}', '\u{4e20}'),
            prop::char::range('\u{ac00}', '\u{ac40}'),
            prop::char::range('\u{f8f0}', '\u{fb10}'),
        ], 0..300),
    ) {
        let text: String = text.into_iter().collect();
        assert_unit(&EMBEDDER.embed(&[&text]));
        prop_assert!(EMBEDDER.tokens(&text).iter().all(|token| *token < 29_525));
    }
}

/// A `.npy` file of format 1.0.
fn npy(descr: &str, shape: &str, data: &[u8]) -> Vec<u8> {
    let header = format!("{{'descr': '{descr}', 'fortran_order': False, 'shape': {shape}, }}\n");
    let mut file = b"\x93NUMPY\x01\x00".to_vec();
    file.extend(u16::try_from(header.len()).unwrap().to_le_bytes());
    file.extend(header.bytes());
    file.extend(data);
    file
}

/// Opens a table of these three files.
fn open(rows: &[u8], scales: &[u8], vocabulary: &[u8]) -> Result<StaticEmbedder, Error> {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("rows_int8.npy"), rows).unwrap();
    fs::write(dir.path().join("scales_f32.npy"), scales).unwrap();
    fs::write(dir.path().join("vocab.txt"), vocabulary).unwrap();
    StaticEmbedder::open(dir.path())
}

fn rows() -> Vec<u8> {
    npy("|i1", "(3, 2)", &[0, 0, 3, 4, 0xfd, 4])
}

fn scales() -> Vec<u8> {
    npy(
        "<f4",
        "(3,)",
        &[0.5_f32, 0.5, 2.0].map(f32::to_le_bytes).concat(),
    )
}

const TOKENS: &[u8] = b"[UNK]\nan\n##t\n";

#[test]
fn a_small_table_opens() {
    let embedder = open(&rows(), &scales(), TOKENS).unwrap();
    assert_eq!(embedder.dim(), 2);
    assert_eq!(embedder.tokens("An ant, ta"), [1, 1, 2, 0, 0]);
    let vector = embedder.embed(&["an"]);
    assert!((vector[0] - 0.6).abs() < 1e-6 && (vector[1] - 0.8).abs() < 1e-6);
    let ant = embedder.embed(&["ant"]);
    assert!(ant[0] < 0.0, "1.5 - 6.0 is below zero: {ant:?}");
    let other = open(&rows(), &scales(), b"[UNK]\nan\n##s\n").unwrap();
    assert_ne!(embedder.fingerprint(), other.fingerprint());
    assert_eq!(embedder.fingerprint().len(), 32);
    assert_eq!(
        open(&rows(), &scales(), TOKENS).unwrap().fingerprint(),
        embedder.fingerprint()
    );
}

/// What is damaged; rows, scales and tokens.
type Case = (&'static str, Vec<u8>, Vec<u8>, &'static [u8]);

#[test]
fn damaged_files_are_typed_errors() {
    let mut version = rows();
    version[6] = 9;
    let mut header = rows();
    header[8..10].copy_from_slice(&u16::MAX.to_le_bytes());
    let huge = format!("({}, {})", usize::MAX, 2);
    let nan = npy("<f4", "(3,)", &[f32::NAN; 3].map(f32::to_le_bytes).concat());
    let cut = rows()[..rows().len() - 1].to_vec();
    let cases: &[Case] = &[
        ("empty rows", Vec::new(), scales(), TOKENS),
        ("version", version, scales(), TOKENS),
        ("header length", header, scales(), TOKENS),
        ("cut rows", cut, scales(), TOKENS),
        ("huge shape", npy("|i1", &huge, &[0; 6]), scales(), TOKENS),
        ("no components", npy("|i1", "(3, 0)", &[]), scales(), TOKENS),
        ("one axis", npy("|i1", "(6,)", &[0; 6]), scales(), TOKENS),
        (
            "malformed shape",
            npy("|i1", "(3, -2", &[0; 6]),
            scales(),
            TOKENS,
        ),
        (
            "type of rows",
            npy("|u1", "(3, 2)", &[0; 6]),
            scales(),
            TOKENS,
        ),
        (
            "type of scales",
            rows(),
            npy(">f4", "(3,)", &[0; 12]),
            TOKENS,
        ),
        (
            "count of scales",
            rows(),
            npy("<f4", "(2,)", &[0; 8]),
            TOKENS,
        ),
        ("NaN scale", rows(), nan, TOKENS),
        ("count of tokens", rows(), scales(), b"[UNK]\nan\n"),
        ("repeated token", rows(), scales(), b"[UNK]\nan\nan\n"),
        ("empty token", rows(), scales(), b"[UNK]\n\nan\n"),
        ("no unknown token", rows(), scales(), b"a\nb\nc\n"),
        ("not UTF-8", rows(), scales(), b"[UNK]\n\xff\nb\n"),
    ];
    for (name, rows, scales, tokens) in cases {
        let error = open(rows, scales, tokens).map(|embedder| embedder.dim());
        assert!(
            matches!(error, Err(Error::Corrupt { .. })),
            "{name}: {error:?}"
        );
    }
    let nowhere = tempfile::tempdir().unwrap();
    assert!(matches!(
        StaticEmbedder::open(nowhere.path()),
        Err(Error::Io { .. })
    ));
}

proptest! {
    #[test]
    fn any_bytes_in_place_of_a_table_are_an_error(bytes: Vec<u8>, at in 0_usize..80, byte: u8) {
        prop_assert!(open(&bytes, &scales(), TOKENS).is_err());
        let mut changed = rows();
        if let Some(slot) = changed.get_mut(at) {
            *slot = byte;
        }
        // Sound or refused, but never a panic.
        if let Ok(embedder) = open(&changed, &scales(), TOKENS) {
            prop_assert!(embedder.embed(&["ant"]).iter().all(|value| value.is_finite()));
        }
    }
}
