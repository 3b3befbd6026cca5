//! A search of one user's memories, beside commits of the same user.

#![allow(clippy::cast_possible_wrap, clippy::panic)]

use std::collections::BTreeSet;
use std::hint::black_box;
use std::path::Path;

use criterion::{Criterion, criterion_group, criterion_main};
use memfast_core::filter::{ScopeQuery, Select, parse};
use memfast_core::{Engine, Op, Options, Put, Query, Scope, Selection, Value};

const USERS: usize = 200;
const ROWS: usize = 500;
const DIM: usize = 256;

fn vector(seed: usize) -> Vec<f32> {
    let value = |at: usize| ((seed * 31 + at * 17) % 1009) as f32 - 504.0;
    (0..DIM).map(value).collect()
}

fn put(user: usize, row: usize) -> Op {
    Op::Put(Put {
        scope: Scope {
            user_id: Some(format!("user {user}")),
            ..Scope::default()
        },
        text: format!("text {row}"),
        vector: vector(user * 7 + row),
        metadata: [("bucket".to_owned(), Value::Int((row % 10) as i64))].into(),
        ..Put::default()
    })
}

fn query(user: usize, filter: Option<i64>) -> Query {
    let ids = BTreeSet::from([format!("user {user}")]);
    let scope = ScopeQuery::new(Some(Select::In(ids)), None, None);
    let condition = filter.map(|bucket| {
        let condition = Value::Map([("bucket".to_owned(), Value::Int(bucket))].into());
        parse(&condition).unwrap_or_else(|error| panic!("{error}"))
    });
    Query::new(
        Selection {
            filter: condition,
            ..Selection::new(scope.unwrap_or_else(|error| panic!("{error}")))
        },
        vector(user + 3),
        10,
    )
}

fn apply(engine: &Engine, ops: Vec<Op>) {
    engine.apply(ops).unwrap_or_else(|error| panic!("{error}"));
}

fn searches(c: &mut Criterion) {
    let open = Engine::open(Path::new(":memory:"), Options::default());
    let engine = open.unwrap_or_else(|error| panic!("{error}"));
    for user in 0..USERS {
        apply(&engine, (0..ROWS).map(|row| put(user, row)).collect());
    }
    let mut group = c.benchmark_group("search of a scope of 500");
    for (name, filter) in [("unfiltered", None), ("10 %", Some(3))] {
        let query = query(7, filter);
        group.bench_function(name, |b| b.iter(|| engine.search(black_box(&query))));
        let mut row = ROWS;
        let mut after_a_put = || {
            apply(&engine, vec![put(9, row)]);
            row += 1;
        };
        let query = self::query(9, filter);
        group.bench_function(format!("{name}, after each put"), |b| {
            b.iter_batched(
                &mut after_a_put,
                |()| engine.search(black_box(&query)),
                criterion::BatchSize::PerIteration,
            );
        });
    }
    group.finish();
    // Each search reads its shard: the cache has room for none but the newest.
    let small = Options {
        cache_bytes: 0,
        ..Options::default()
    };
    let open = Engine::open(Path::new(":memory:"), small);
    let engine = open.unwrap_or_else(|error| panic!("{error}"));
    for user in 0..2 {
        apply(&engine, (0..ROWS).map(|row| put(user, row)).collect());
    }
    let queries = [query(0, None), query(1, None)];
    let mut turn = 0;
    c.bench_function("load and search of a scope of 500", |b| {
        b.iter(|| {
            turn = 1 - turn;
            engine.search(black_box(&queries[turn]))
        });
    });
}

criterion_group! {
    name = benches;
    config = Criterion::default().sample_size(20);
    targets = searches
}
criterion_main!(benches);
