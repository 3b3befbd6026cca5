//! A search of 100,000 rows with a filter that passes 1 % or 30 % of them, and one without.

#![allow(clippy::cast_possible_wrap, clippy::panic)]

use std::hint::black_box;
use std::path::Path;

use criterion::{Criterion, criterion_group, criterion_main};
use memfast_core::filter::{ScopeQuery, parse};
use memfast_core::{Engine, Op, Options, Put, Query, Scope, Selection, Value};

const ROWS: usize = 100_000;
const DIM: usize = 64;

fn vector(seed: usize) -> Vec<f32> {
    let value = |at: usize| ((seed * 31 + at * 17) % 1009) as f32 - 504.0;
    (0..DIM).map(value).collect()
}

fn engine() -> Engine {
    let open = Engine::open(Path::new(":memory:"), Options::default());
    let engine = open.unwrap_or_else(|error| panic!("{error}"));
    let put = |row: usize| {
        Op::Put(Put {
            scope: Scope {
                user_id: Some("u".into()),
                ..Scope::default()
            },
            text: format!("text {row}"),
            vector: vector(row),
            metadata: [
                ("bucket".to_owned(), Value::Int((row % 100) as i64)),
                ("third".to_owned(), Value::Bool(row % 10 < 3)),
            ]
            .into(),
            ..Put::default()
        })
    };
    let ops: Vec<_> = (0..ROWS).map(put).collect();
    let applied = engine.apply(ops);
    applied.unwrap_or_else(|error| panic!("{error}"));
    engine
}

fn filters(c: &mut Criterion) {
    let engine = engine();
    let mut group = c.benchmark_group("search of 100,000");
    for (name, filter) in [
        ("unfiltered", None),
        ("1 %", Some(("bucket", Value::Int(3)))),
        ("30 %", Some(("third", Value::Bool(true)))),
    ] {
        let filter = filter.map(|(key, value)| {
            parse(&Value::Map([(key.to_owned(), value)].into()))
                .unwrap_or_else(|error| panic!("{error}"))
        });
        let query = Query {
            selection: Selection {
                filter,
                ..Selection::new(ScopeQuery::everything())
            },
            vector: vector(7),
            space: None,
            limit: 10,
            threshold: None,
            exact: true,
            ef: None,
        };
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
