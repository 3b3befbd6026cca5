//! Dot products of a 16-bit query with 8-bit codes.
//!
//! Sums are of integers, so every implementation gives the same result. Memory bounds the scan, so
//! there is one version for AVX2, which machines with AVX-512 use too, and one for all others.

use std::sync::OnceLock;

/// Largest component of a code.
pub const CODE_MAX: i8 = 127;

/// Largest component of a query with which the products of `dim` components fit in 32 bits.
#[must_use]
pub fn query_max(dim: usize) -> i16 {
    let room = i32::MAX as usize / (usize::from(CODE_MAX.unsigned_abs()) * dim.max(1));
    i16::try_from(room).unwrap_or(i16::MAX)
}

type DotRows = unsafe fn(&[i16], &[i8], &mut [i32]);

fn dot(query: &[i16], row: &[i8]) -> i32 {
    query
        .iter()
        .zip(row)
        .map(|(q, r)| i32::from(*q) * i32::from(*r))
        .sum()
}

fn plain(query: &[i16], rows: &[i8], out: &mut [i32]) {
    for (out, row) in out.iter_mut().zip(rows.chunks_exact(query.len().max(1))) {
        *out = dot(query, row);
    }
}

#[cfg(target_arch = "x86_64")]
mod avx2 {
    use std::arch::x86_64::{
        __m256i, _MM_HINT_T0, _mm_add_epi32, _mm_cvtsi128_si32, _mm_loadu_si128, _mm_prefetch,
        _mm_shuffle_epi32, _mm256_add_epi32, _mm256_castsi256_si128, _mm256_cvtepi8_epi16,
        _mm256_extracti128_si256, _mm256_loadu_si256, _mm256_madd_epi16, _mm256_setzero_si256,
    };

    const LANES: usize = 16;

    #[inline]
    #[target_feature(enable = "avx2")]
    fn products(query: &[i16; LANES], row: &[i8; LANES]) -> __m256i {
        // SAFETY: the arrays have the values read; the loads need no alignment.
        let (query, row) = unsafe {
            (
                _mm256_loadu_si256(query.as_ptr().cast()),
                _mm_loadu_si128(row.as_ptr().cast()),
            )
        };
        _mm256_madd_epi16(query, _mm256_cvtepi8_epi16(row))
    }

    #[inline]
    #[target_feature(enable = "avx2")]
    fn total(lanes: __m256i) -> i32 {
        let four = _mm_add_epi32(
            _mm256_castsi256_si128(lanes),
            _mm256_extracti128_si256::<1>(lanes),
        );
        let two = _mm_add_epi32(four, _mm_shuffle_epi32::<0b00_00_11_10>(four));
        _mm_cvtsi128_si32(_mm_add_epi32(two, _mm_shuffle_epi32::<0b00_00_00_01>(two)))
    }

    #[inline]
    #[target_feature(enable = "avx2")]
    fn pair_products(a: &[i8; LANES], b: &[i8; LANES]) -> __m256i {
        // SAFETY: the arrays have the values read; the loads need no alignment.
        let (a, b) = unsafe {
            (
                _mm_loadu_si128(a.as_ptr().cast()),
                _mm_loadu_si128(b.as_ptr().cast()),
            )
        };
        _mm256_madd_epi16(_mm256_cvtepi8_epi16(a), _mm256_cvtepi8_epi16(b))
    }

    #[target_feature(enable = "avx2")]
    pub(super) fn dot_pair(a: &[i8], b: &[i8]) -> i32 {
        let (a_parts, a_tail) = a.as_chunks::<LANES>();
        let (b_parts, b_tail) = b.as_chunks::<LANES>();
        let (a_pairs, a_single) = a_parts.as_chunks::<2>();
        let (b_pairs, b_single) = b_parts.as_chunks::<2>();
        let (mut even, mut odd) = (_mm256_setzero_si256(), _mm256_setzero_si256());
        for (a, b) in a_pairs.iter().zip(b_pairs) {
            even = _mm256_add_epi32(even, pair_products(&a[0], &b[0]));
            odd = _mm256_add_epi32(odd, pair_products(&a[1], &b[1]));
        }
        if let (Some(a), Some(b)) = (a_single.first(), b_single.first()) {
            even = _mm256_add_epi32(even, pair_products(a, b));
        }
        total(_mm256_add_epi32(even, odd)) + super::pair_plain(a_tail, b_tail)
    }

    #[inline]
    #[target_feature(enable = "avx2")]
    fn dot(query: &[i16], row: &[i8]) -> i32 {
        let (parts, tail) = query.as_chunks::<LANES>();
        let (pairs, single) = parts.as_chunks::<2>();
        let (row_parts, row_tail) = row.as_chunks::<LANES>();
        let (row_pairs, row_single) = row_parts.as_chunks::<2>();
        let (mut even, mut odd) = (_mm256_setzero_si256(), _mm256_setzero_si256());
        for (query, row) in pairs.iter().zip(row_pairs) {
            even = _mm256_add_epi32(even, products(&query[0], &row[0]));
            odd = _mm256_add_epi32(odd, products(&query[1], &row[1]));
        }
        if let (Some(query), Some(row)) = (single.first(), row_single.first()) {
            even = _mm256_add_epi32(even, products(query, row));
        }
        total(_mm256_add_epi32(even, odd)) + super::dot(tail, row_tail)
    }

    #[target_feature(enable = "avx2")]
    pub(super) fn dot_rows(query: &[i16], rows: &[i8], out: &mut [i32]) {
        for (out, row) in out.iter_mut().zip(rows.chunks_exact(query.len().max(1))) {
            *out = dot(query, row);
        }
    }

    /// Bytes that are fetched together.
    const LINE: usize = 64;
    /// Rows that are prefetched: they lie apart, so the processor does not predict them.
    const AHEAD: usize = 4;

    #[allow(unused_unsafe)] // newer compilers know that fetching ahead is safe
    #[target_feature(enable = "avx2")]
    pub(super) fn dot_some(query: &[i16], rows: &[i8], at: &[u32], out: &mut [i32]) {
        let dim = query.len();
        let row = |at: u32| &rows[at as usize * dim..(at as usize + 1) * dim];
        let fetch = |at: u32| {
            for line in row(at).chunks(LINE) {
                // SAFETY: the address lies in the slice, and nothing is read.
                unsafe { _mm_prefetch::<_MM_HINT_T0>(line.as_ptr()) };
            }
        };
        at.iter().take(AHEAD).copied().for_each(fetch);
        for (number, (out, now)) in out.iter_mut().zip(at).enumerate() {
            if let Some(next) = at.get(number + AHEAD) {
                fetch(*next);
            }
            *out = dot(query, row(*now));
        }
    }
}

fn best() -> DotRows {
    static BEST: OnceLock<DotRows> = OnceLock::new();
    *BEST.get_or_init(|| {
        #[cfg(target_arch = "x86_64")]
        if std::arch::is_x86_feature_detected!("avx2") {
            return avx2::dot_rows;
        }
        plain
    })
}

/// The dot product of the query with every row of `rows`, which lie one after another, as many as
/// there is room for in `out`.
#[inline]
pub fn dot_codes(query: &[i16], rows: &[i8], out: &mut [i32]) {
    // SAFETY: `best` gives out a function only after it detected the instructions it uses.
    unsafe { best()(query, rows, out) }
}

type DotSome = unsafe fn(&[i16], &[i8], &[u32], &mut [i32]);

fn some_plain(query: &[i16], rows: &[i8], at: &[u32], out: &mut [i32]) {
    let dim = query.len();
    for (out, at) in out.iter_mut().zip(at) {
        *out = dot(query, &rows[*at as usize * dim..(*at as usize + 1) * dim]);
    }
}

/// The dot product of the query with the rows at some positions of `rows`, which lie one after
/// another; as many as there is room for in `out`.
///
/// # Panics
///
/// A position lies beyond the rows.
#[inline]
pub fn dot_codes_at(query: &[i16], rows: &[i8], at: &[u32], out: &mut [i32]) {
    static BEST: OnceLock<DotSome> = OnceLock::new();
    let best = *BEST.get_or_init(|| {
        #[cfg(target_arch = "x86_64")]
        if std::arch::is_x86_feature_detected!("avx2") {
            return avx2::dot_some;
        }
        some_plain
    });
    // SAFETY: a function that needs instructions is taken only after they were detected.
    unsafe { best(query, rows, at, out) }
}

fn pair_plain(a: &[i8], b: &[i8]) -> i32 {
    a.iter()
        .zip(b)
        .map(|(a, b)| i32::from(*a) * i32::from(*b))
        .sum()
}

type DotPair = unsafe fn(&[i8], &[i8]) -> i32;

/// The dot product of two codes; of the common length, if they differ.
#[must_use]
#[inline]
pub fn dot_codes_pair(a: &[i8], b: &[i8]) -> i32 {
    static BEST: OnceLock<DotPair> = OnceLock::new();
    let best = *BEST.get_or_init(|| {
        #[cfg(target_arch = "x86_64")]
        if std::arch::is_x86_feature_detected!("avx2") {
            return avx2::dot_pair;
        }
        pair_plain
    });
    let len = a.len().min(b.len());
    // SAFETY: a function that needs instructions is taken only after they were detected.
    unsafe { best(&a[..len], &b[..len]) }
}

/// The same without special instructions, to check against.
pub fn dot_codes_plain(query: &[i16], rows: &[i8], out: &mut [i32]) {
    plain(query, rows, out);
}
