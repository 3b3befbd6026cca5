//! The loops that all kernels share, over the primitives of one instruction set.

/// A vector as pairs of registers, the register left over, and the components left over.
pub(super) type Split<'a, const LANES: usize> =
    (&'a [[[f32; LANES]; 2]], Option<&'a [f32; LANES]>, &'a [f32]);

/// Cuts a vector for two accumulators per row.
#[inline]
pub(super) fn split<const LANES: usize>(v: &[f32]) -> Split<'_, LANES> {
    let (registers, tail) = v.as_chunks::<LANES>();
    let (pairs, single) = registers.as_chunks::<2>();
    (pairs, single.first(), tail)
}

/// The dot product of what no register holds.
#[inline]
pub(super) fn tail(a: &[f32], b: &[f32]) -> f32 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

/// Defines `dot`, `dot_rows` and `KERNEL` in a module with `LANES`, `zero()`,
/// `load(&[f32; LANES])`, `fma(sum, a, b)` and `total(sum, sum)`.
///
/// Four rows at a time load the query once; two accumulators per row hide the latency.
macro_rules! kernel {
    ($name:literal $(, #[$attribute:meta])?) => {
        /// The kernel of this module.
        pub(super) static KERNEL: super::Kernel =
            super::Kernel { name: $name, dot, dot_rows };

        $(#[$attribute])?
        fn dot(query: &[f32], row: &[f32]) -> f32 {
            let (pairs, single, tail) = super::body::split::<LANES>(query);
            let (row_pairs, row_single, row_tail) = super::body::split::<LANES>(row);
            let (mut even, mut odd) = (zero(), zero());
            for (q, r) in pairs.iter().zip(row_pairs) {
                even = fma(even, load(&q[0]), load(&r[0]));
                odd = fma(odd, load(&q[1]), load(&r[1]));
            }
            if let (Some(q), Some(r)) = (single, row_single) {
                even = fma(even, load(q), load(r));
            }
            total(even, odd) + super::body::tail(tail, row_tail)
        }

        $(#[$attribute])?
        #[allow(clippy::many_single_char_names, reason = "four rows, a to d")]
        fn dot_four(query: &[f32], rows: &[f32], out: &mut [f32; 4]) {
            let dim = query.len();
            let (pairs, single, tail) = super::body::split::<LANES>(query);
            let (a, rest) = rows.split_at(dim);
            let (b, rest) = rest.split_at(dim);
            let (c, d) = rest.split_at(dim);
            let (a_pairs, a_single, a_tail) = super::body::split::<LANES>(a);
            let (b_pairs, b_single, b_tail) = super::body::split::<LANES>(b);
            let (c_pairs, c_single, c_tail) = super::body::split::<LANES>(c);
            let (d_pairs, d_single, d_tail) = super::body::split::<LANES>(d);
            let mut even = [zero(); 4];
            let mut odd = [zero(); 4];
            let others = a_pairs.iter().zip(b_pairs).zip(c_pairs.iter().zip(d_pairs));
            for (q, ((a, b), (c, d))) in pairs.iter().zip(others) {
                let (low, high) = (load(&q[0]), load(&q[1]));
                even[0] = fma(even[0], low, load(&a[0]));
                even[1] = fma(even[1], low, load(&b[0]));
                even[2] = fma(even[2], low, load(&c[0]));
                even[3] = fma(even[3], low, load(&d[0]));
                odd[0] = fma(odd[0], high, load(&a[1]));
                odd[1] = fma(odd[1], high, load(&b[1]));
                odd[2] = fma(odd[2], high, load(&c[1]));
                odd[3] = fma(odd[3], high, load(&d[1]));
            }
            if let Some(q) = single {
                let low = load(q);
                for (sum, r) in even.iter_mut().zip([a_single, b_single, c_single, d_single]) {
                    if let Some(r) = r {
                        *sum = fma(*sum, low, load(r));
                    }
                }
            }
            let tails = [a_tail, b_tail, c_tail, d_tail];
            for (((out, row_tail), even), odd) in out.iter_mut().zip(tails).zip(even).zip(odd) {
                *out = total(even, odd) + super::body::tail(tail, row_tail);
            }
        }

        $(#[$attribute])?
        fn dot_rows(query: &[f32], rows: &[f32], out: &mut [f32]) {
            let dim = query.len();
            if dim == 0 {
                return out.fill(0.0);
            }
            let (fours, rest) = out.as_chunks_mut::<4>();
            let (four_rows, rest_rows) = rows.split_at(fours.len() * 4 * dim);
            for (out, rows) in fours.iter_mut().zip(four_rows.chunks_exact(4 * dim)) {
                dot_four(query, rows, out);
            }
            for (out, row) in rest.iter_mut().zip(rest_rows.chunks_exact(dim)) {
                *out = dot(query, row);
            }
        }
    };
}
