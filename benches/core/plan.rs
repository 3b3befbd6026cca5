//! The two ways of the planner on the same searches: the scan, and the index with a predicate. Where
//! they cross is what the planner's limits rest on.

#![allow(clippy::cast_possible_wrap, clippy::panic)]

use std::hint::black_box;
use std::sync::atomic::AtomicBool;

use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use memfast_core::{Metadata, Value};
use support::{query, store};

mod support;

const ROWS: usize = 60_000;
/// Codes of more than 8 MiB, from which the index is asked.
const DIM: usize = 256;

fn vector(seed: usize) -> Vec<f32> {
    // Around 64 centres: an index of rows without any shape would tell nothing.
    let centre = seed % 64;
    let value = |at: usize| {
        let base = ((centre * 7919 + at * 104_729) % 1009) as f32 - 504.0;
        base + ((seed * 31 + at * 17) % 601) as f32 - 300.0
    };
    (0..DIM).map(value).collect()
}

fn metadata(row: usize) -> Metadata {
    [("percent".to_owned(), Value::Int((row % 100) as i64))].into()
}

fn ways(c: &mut Criterion) {
    let engine = store(ROWS, vector, metadata);
    let optimized = engine.optimize(&AtomicBool::new(false), |_, _, _| ());
    optimized.unwrap_or_else(|error| panic!("{error}"));
    let mut group = c.benchmark_group("search of 60,000 by share that passes");
    for percent in [100, 75, 50, 34] {
        let below = Value::Map([("lt".to_owned(), Value::Int(percent))].into());
        for (way, exact) in [("scan", true), ("index", false)] {
            let query = query(Some(("percent", below.clone())), vector(7), exact);
            let id = BenchmarkId::new(way, percent);
            group.bench_function(id, |b| b.iter(|| engine.search(black_box(&query))));
        }
    }
    group.finish();
}

criterion_group! {
    name = benches;
    config = Criterion::default().sample_size(20);
    targets = ways
}
criterion_main!(benches);
