//! Every kernel of this machine against sums in f64; the best k against a sort.

#![allow(clippy::unwrap_used)]

use memfast_core::Error;
use memfast_core::vector::{kernels, topk};
use proptest::prelude::*;

/// Numbers from -1 to 1, the same for the same seed.
fn numbers(seed: u64, count: usize) -> Vec<f32> {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 40) as f32 / (1_u32 << 23) as f32 - 1.0
    };
    (0..count).map(|_| next()).collect()
}

/// The dot product, and the sum of the sizes of its terms, which bounds the rounding.
fn oracle(a: &[f32], b: &[f32]) -> (f64, f64) {
    let terms = a.iter().zip(b).map(|(a, b)| f64::from(*a) * f64::from(*b));
    terms.fold((0.0, 0.0), |(sum, size), term| {
        (sum + term, size + term.abs())
    })
}

fn assert_kernels(seed: u64, dim: usize, count: usize) {
    let query = numbers(seed, dim);
    let rows = numbers(seed.wrapping_add(1), dim * count);
    for kernel in kernels::available() {
        let mut out = vec![f32::NAN; count];
        kernel.dot_rows(&query, &rows, &mut out);
        for (at, row) in rows.chunks_exact(dim).enumerate() {
            let (want, size) = oracle(&query, row);
            let error = (f64::from(out[at]) - want).abs();
            let name = kernel.name();
            assert!(
                error <= 1e-5 * size + 1e-30,
                "{name}, dim {dim}, row {at}: {} for {want}",
                out[at]
            );
            let alone = kernel.dot(&query, row);
            assert_eq!(
                alone.to_bits(),
                out[at].to_bits(),
                "{name}, dim {dim}, row {at} alone"
            );
        }
    }
}

proptest! {
    #[test]
    fn kernels_agree_with_f64(seed: u64, dim in 1_usize..=2000, count in 0_usize..=9) {
        assert_kernels(seed, dim, count);
    }

    #[test]
    fn at_least_kth_agrees_with_sort(
        scores in prop::collection::vec(prop_oneof![
            -1.0_f32..1.0,
            (-3_i8..3).prop_map(|score| f32::from(score) / 2.0),
            prop::sample::select(vec![0.0, -0.0, f32::INFINITY, f32::NEG_INFINITY, f32::MIN]),
        ], 0..4000),
        k in prop_oneof![0_usize..20, 0_usize..5000, Just(usize::MAX)],
    ) {
        let mut sorted = scores.clone();
        sorted.sort_by(|a, b| b.total_cmp(a));
        let floor = sorted.get(k.min(scores.len()).saturating_sub(1)).copied();
        let want: Vec<usize> = (0..scores.len())
            .filter(|at| k > 0 && floor.is_some_and(|floor| scores[*at] >= floor))
            .collect();
        prop_assert_eq!(topk::at_least_kth(&scores, k), want);
    }

    #[test]
    fn at_least_kth_takes_nan(
        scores in prop::collection::vec(
            prop_oneof![Just(f32::NAN), Just(-f32::NAN), any::<f32>()],
            0..3000,
        ),
        k in 0_usize..3000,
    ) {
        let found = topk::at_least_kth(&scores, k);
        prop_assert!(found.len() >= k.min(scores.len()));
        let numbers = scores.iter().filter(|score| !score.is_nan()).count();
        if numbers >= k {
            prop_assert!(found.iter().all(|at| !scores[*at].is_nan()));
        }
    }
}

#[test]
fn every_small_dimension_and_the_largest() {
    for dim in 1..=130 {
        assert_kernels(7, dim, 6);
    }
    for dim in [65_535, 65_536] {
        assert_kernels(8, dim, 5);
    }
}

#[test]
fn best_is_available_and_scalar_is_last() {
    let names: Vec<&str> = kernels::available()
        .iter()
        .map(|kernel| kernel.name())
        .collect();
    assert_eq!(names.first(), Some(&kernels::best().name()));
    assert_eq!(names.last(), Some(&kernels::scalar().name()));
}

#[test]
fn no_dimension_and_no_rows() {
    for kernel in kernels::available() {
        let mut out = [f32::NAN; 3];
        kernel.dot_rows(&[], &[], &mut out);
        assert_eq!(out.map(f32::to_bits), [0; 3]);
        kernel.dot_rows(&[1.0; 5], &[], &mut []);
        assert_eq!(kernel.dot(&[], &[]).to_bits(), 0);
    }
}

#[test]
fn ascending_scores_pass_the_buffer_many_times() {
    let scores: Vec<f32> = (0..100_000_u32).map(|score| score as f32).collect();
    assert_eq!(topk::at_least_kth(&scores, 3), [99_997, 99_998, 99_999]);
    assert_eq!(topk::at_least_kth(&vec![0.5; 5000], 2).len(), 5000);
}

fn problem(v: &[f32]) -> String {
    match kernels::check(4, v, v.len()) {
        Err(Error::Vector { index: 4, problem }) => problem,
        other => format!("not a vector error: {other:?}"),
    }
}

#[test]
fn check_names_what_is_wrong() {
    assert!(
        matches!(kernels::check(0, &[3.0, 4.0], 2), Ok(inverse) if (inverse - 0.2).abs() < 1e-7)
    );
    assert!(matches!(
        kernels::check(0, &[1.0; 3], 2),
        Err(Error::Dimension { want: 2, got: 3 })
    ));
    let mut v = vec![1.0_f32; 20];
    v[17] = f32::NAN;
    assert!(
        problem(&v).contains("component 17 is NaN"),
        "{}",
        problem(&v)
    );
    v[17] = f32::NEG_INFINITY;
    assert!(
        problem(&v).contains("component 17 is infinite"),
        "{}",
        problem(&v)
    );
    assert!(
        problem(&[0.0, -0.0]).contains("zero"),
        "{}",
        problem(&[0.0])
    );
    assert!(
        problem(&[1e-16, 0.0]).contains("norm is"),
        "{}",
        problem(&[1e-16])
    );
    assert!(problem(&vec![f32::MAX; 65_536]).contains("norm is"));
    assert!(matches!(kernels::check(0, &[1.1e-15], 1), Ok(inverse) if inverse.is_finite()));
    assert!(matches!(kernels::check(0, &[0.9e15], 1), Ok(inverse) if inverse > 0.0));
}

#[test]
fn norm_is_that_of_f64() {
    for dim in [0, 1, 7, 8, 9, 383, 384] {
        let v = numbers(3, dim);
        let want = oracle(&v, &v).0.sqrt();
        assert!(
            (kernels::norm(&v) - want).abs() <= 1e-12 * want,
            "dim {dim}"
        );
    }
}

proptest! {
    #[test]
    fn products_of_codes_are_those_of_plain_integers(
        (query, rows) in (0_usize..200).prop_flat_map(|dim| (
            proptest::collection::vec(any::<i16>(), dim),
            proptest::collection::vec(-127_i8..=127, dim * 5),
        )),
    ) {
        let most = kernels::query_max(query.len());
        let query: Vec<i16> = query.iter().map(|value| (*value).clamp(-most, most)).collect();
        let (mut fast, mut plain) = ([7; 5], [7; 5]);
        kernels::dot_codes(&query, &rows, &mut fast);
        kernels::dot_codes_plain(&query, &rows, &mut plain);
        if !query.is_empty() {
            prop_assert_eq!(fast, plain);
            let at = [4, 0, 3, 3, 1, 2];
            let mut some = [7; 6];
            kernels::dot_codes_at(&query, &rows, &at, &mut some);
            prop_assert_eq!(some.to_vec(), at.map(|at| plain[at as usize]).to_vec());
        }
        let (a, b) = rows.split_at(query.len().min(rows.len()));
        let pair: i32 = a.iter().zip(b).map(|(a, b)| i32::from(*a) * i32::from(*b)).sum();
        prop_assert_eq!(kernels::dot_codes_pair(a, b), pair);
    }
}
