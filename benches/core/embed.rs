//! Texts per second of the static embedding table: on one thread, and in batches on all.

use std::hint::black_box;
use std::path::Path;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use memfast_core::embed::StaticEmbedder;

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

criterion_group!(benches, embed);
criterion_main!(benches);
