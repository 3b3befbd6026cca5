//! Scan of 10,000 rows of 384 dimensions by each kernel, against a plain sum of the same bytes.

#![allow(clippy::cast_possible_wrap)]

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use memfast_core::vector::{kernels, topk};

const ROWS: usize = 10_000;
const DIM: usize = 384;

fn scan(c: &mut Criterion) {
    let rows: Vec<f32> = (0..ROWS * DIM)
        .map(|at| (at % 1013) as f32 / 1013.0 - 0.5)
        .collect();
    let query: Vec<f32> = (0..DIM).map(|at| (at % 97) as f32 / 97.0 - 0.5).collect();
    let mut out = vec![0.0; ROWS];
    let mut group = c.benchmark_group("scan");
    group.throughput(Throughput::Bytes((rows.len() * size_of::<f32>()) as u64));
    for kernel in kernels::available() {
        group.bench_function(kernel.name(), |b| {
            b.iter(|| kernel.dot_rows(black_box(&query), black_box(&rows), black_box(&mut out)));
        });
    }
    let codes: Vec<i8> = (0..ROWS * DIM).map(|at| (at % 251) as u8 as i8).collect();
    let code: Vec<i16> = (0..DIM).map(|at| (at % 997) as i16 - 498).collect();
    let mut products = vec![0; ROWS];
    group.bench_function("codes", |b| {
        b.iter(|| kernels::dot_codes(black_box(&code), black_box(&codes), &mut products));
    });
    group.bench_function("sum", |b| {
        b.iter(|| {
            let (chunks, _) = black_box(&rows[..]).as_chunks::<32>();
            let mut lanes = [0.0_f32; 32];
            for chunk in chunks {
                for (lane, value) in lanes.iter_mut().zip(chunk) {
                    *lane += value;
                }
            }
            lanes.iter().sum::<f32>()
        });
    });
    group.finish();
}

fn best_k(c: &mut Criterion) {
    let scores: Vec<f32> = (0..100_000_u32)
        .map(|at| (at.wrapping_mul(2_654_435_761) >> 8) as f32)
        .collect();
    let mut group = c.benchmark_group("best of 100,000");
    for k in [10, 1000] {
        group.bench_function(k.to_string(), |b| {
            b.iter(|| topk::at_least_kth(black_box(&scores), k));
        });
    }
    group.finish();
}

criterion_group!(benches, scan, best_k);
criterion_main!(benches);
