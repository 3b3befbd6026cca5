//! Commits: one memory and a batch, in memory and on disk, beside a plain flush of the same disk.

#![allow(clippy::panic)]

use std::hint::black_box;
use std::io::Write as _;
use std::path::Path;

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use memfast_core::{Engine, Op, Options, Put, Scope, Write};

const DIM: usize = 384;

fn puts(count: usize) -> Write {
    let put = |row: usize| {
        Op::Put(Put {
            scope: Scope {
                user_id: Some(format!("u{}", row % 50)),
                ..Scope::default()
            },
            text: format!("text {row}"),
            vector: (0..DIM)
                .map(|at| ((row + at) % 101) as f32 - 50.0)
                .collect(),
            ..Put::default()
        })
    };
    Write {
        ops: (0..count).map(put).collect(),
        ..Write::default()
    }
}

fn commits(c: &mut Criterion) {
    let place = tempfile::tempdir().unwrap_or_else(|error| panic!("{error}"));
    let open = |path: &Path| {
        Engine::open(path, Options::default()).unwrap_or_else(|error| panic!("{error}"))
    };
    let mut group = c.benchmark_group("commit");
    for (name, engine) in [
        ("memory", open(Path::new(":memory:"))),
        ("disk", open(&place.path().join("store"))),
    ] {
        for count in [1, 5000] {
            group.throughput(Throughput::Elements(count as u64));
            group.bench_function(format!("{name}, {count}"), |b| {
                b.iter_batched(
                    || puts(count),
                    |batch| engine.apply(black_box(batch)),
                    BatchSize::PerIteration,
                );
            });
        }
    }
    group.throughput(Throughput::Elements(1));
    let file = std::fs::File::create(place.path().join("plain"));
    let mut file = file.unwrap_or_else(|error| panic!("{error}"));
    group.bench_function("plain write and flush", |b| {
        b.iter(|| file.write_all(&[1; 4096]).and_then(|()| file.sync_data()));
    });
    group.finish();
}

criterion_group! {
    name = benches;
    config = Criterion::default().sample_size(20);
    targets = commits
}
criterion_main!(benches);
