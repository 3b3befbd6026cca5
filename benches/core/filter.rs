//! A search of 100,000 rows with a filter that passes 1 % or 30 % of them, and one without.

#![allow(clippy::cast_possible_wrap, clippy::panic)]

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use memfast_core::{Metadata, Value};
use support::{query, store};

mod support;

const ROWS: usize = 100_000;
const DIM: usize = 64;

fn vector(seed: usize) -> Vec<f32> {
    let value = |at: usize| ((seed * 31 + at * 17) % 1009) as f32 - 504.0;
    (0..DIM).map(value).collect()
}

fn metadata(row: usize) -> Metadata {
    [
        ("bucket".to_owned(), Value::Int((row % 100) as i64)),
        ("third".to_owned(), Value::Bool(row % 10 < 3)),
    ]
    .into()
}

fn filters(c: &mut Criterion) {
    let engine = store(ROWS, vector, metadata);
    let mut group = c.benchmark_group("search of 100,000");
    for (name, filter) in [
        ("unfiltered", None),
        ("1 %", Some(("bucket", Value::Int(3)))),
        ("30 %", Some(("third", Value::Bool(true)))),
    ] {
        let query = query(filter, vector(7), true);
        group.bench_function(name, |b| b.iter(|| engine.search(black_box(&query))));
    }
    group.finish();
}

criterion_group! {
    name = benches;
    config = Criterion::default().sample_size(20);
    targets = filters
}
criterion_main!(benches);
