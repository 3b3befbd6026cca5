//! Texts per second: their vectors by the static table, on one thread and in batches on all; their
//! terms and their language.

use std::hint::black_box;
use std::path::Path;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use memfast_core::embed::StaticEmbedder;
use memfast_core::text::{Language, Stemmer, Thesaurus, language_of};

const WORDS: &[&str] = &[
    "Caroline",
    "went",
    "to",
    "the",
    "support",
    "group",
    "on",
    "Monday",
    "and",
    "prefers",
    "Italian",
    "food",
    "with",
    "friends",
    "from",
    "work",
    "because",
    "she",
    "is",
    "allergic",
    "peanuts",
    "favourite",
    "colour",
    "blue",
    "travelling",
    "grandmother's",
    "photosynthesis",
    "meeting",
    "tomorrow",
    "at",
    "7",
    "pm,",
    "project",
    "deadline.",
    "guitar",
    "lessons",
];

/// Texts of 15 words each, no two the same.
fn texts(count: usize) -> Vec<String> {
    let mut state = 1_u64;
    let mut word = || {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        WORDS[(state >> 33) as usize % WORDS.len()]
    };
    (0..count)
        .map(|_| (0..15).map(|_| word()).collect::<Vec<_>>().join(" "))
        .collect()
}

fn embed(c: &mut Criterion) {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");
    let directory = Path::new(root).join("python/memfast/data/static_embedder");
    let embedder = match StaticEmbedder::open(&directory) {
        Ok(embedder) => embedder,
        Err(error) => return eprintln!("{error}"),
    };
    let mut group = c.benchmark_group("embed");
    // A batch of 100 stays on the calling thread.
    for (name, count) in [("one thread", 100), ("all threads", 100_000)] {
        let texts = texts(count);
        group.throughput(Throughput::Elements(count as u64));
        group.bench_function(name, |b| b.iter(|| embedder.embed(black_box(&texts))));
    }
    group.bench_function("open", |b| {
        b.iter(|| StaticEmbedder::open(black_box(&directory)));
    });
    group.finish();
}

fn text(c: &mut Criterion) {
    let texts = texts(1000);
    let mut group = c.benchmark_group("text");
    group.throughput(Throughput::Elements(texts.len() as u64));
    let mut stemmer = Stemmer::default();
    group.bench_function("terms", |b| {
        b.iter(|| {
            let mut all = 0;
            for text in black_box(&texts) {
                stemmer.terms(text, Language::English, |term| all ^= term);
            }
            all
        });
    });
    group.bench_function("language", |b| {
        b.iter(|| {
            black_box(&texts)
                .iter()
                .filter_map(|text| language_of(text))
                .count()
        });
    });
    group.finish();
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");
    let directory = Path::new(root).join("python/memfast/data/static_embedder");
    c.bench_function("text/open the thesaurus", |b| {
        b.iter(|| Thesaurus::open(black_box(&directory)));
    });
}

criterion_group!(benches, embed, text);
criterion_main!(benches);
