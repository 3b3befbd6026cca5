//! Eight-bit codes of vectors, with a proven bound on what they lose.
//!
//! A vector is scaled to length 1 and each component rounded to a multiple of the row's step. The
//! distance between the vector and what its code stands for is kept with the code, so that the
//! cosine with any query lies within a known bound of the one computed from codes (Cauchy-Schwarz).
//! So a scan of codes finds all rows that can be among the best, and only those are compared by
//! their vectors: the result is that of an exact scan.

use super::kernels::{CODE_MAX, dot_codes, dot_codes_at, query_max};

/// What f32 arithmetic on unit vectors may add to the bound.
const ROUNDING: f32 = 4e-6;

/// The numbers kept beside the code of a vector.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Mark {
    /// One over the vector's length; 0 for a row without a vector, whose code is zero.
    pub(crate) inverse_norm: f32,
    /// What one unit of the code stands for, for the vector scaled to length 1.
    pub(crate) step: f32,
    /// Distance between the scaled vector and what its code stands for.
    pub(crate) residual: f32,
}

/// Bytes of a stored mark.
pub(crate) const MARK_BYTES: usize = 12;

impl Mark {
    /// Whether the row has no vector.
    pub(crate) fn is_bare(&self) -> bool {
        self.inverse_norm == 0.0
    }

    pub(crate) fn to_bytes(self) -> [u8; MARK_BYTES] {
        let mut bytes = [0; MARK_BYTES];
        for (part, value) in bytes.as_chunks_mut::<4>().0.iter_mut().zip([
            self.inverse_norm,
            self.step,
            self.residual,
        ]) {
            *part = value.to_le_bytes();
        }
        bytes
    }

    pub(crate) fn from_bytes(bytes: &[u8; MARK_BYTES]) -> Self {
        let value = |at: usize| {
            let [a, b, c, d] = bytes.as_chunks::<4>().0[at];
            f32::from_le_bytes([a, b, c, d])
        };
        Self {
            inverse_norm: value(0),
            step: value(1),
            residual: value(2),
        }
    }
}

fn largest(values: &[f32]) -> f32 {
    values
        .iter()
        .fold(0.0, |most: f32, value| most.max(value.abs()))
}

/// The nearest integer of a small number: at this size the last bit of an f32 counts ones. Unlike
/// `round` it is one instruction on any machine.
fn nearest(value: f32) -> f32 {
    const ONES: f32 = 12_582_912.0;
    (value + ONES) - ONES
}

/// Appends the code of a vector whose inverse length is known.
pub(crate) fn encode(vector: &[f32], inverse_norm: f32, codes: &mut Vec<i8>) -> Mark {
    let top = largest(vector) * inverse_norm;
    let step = top / f32::from(CODE_MAX);
    let per_step = if step > 0.0 { 1.0 / step } else { 0.0 };
    let factor = inverse_norm * per_step;
    // Several sums, so that additions do not wait for each other.
    let mut lost = [0.0_f64; 8];
    for part in vector.chunks(lost.len()) {
        for (value, lost) in part.iter().zip(&mut lost) {
            let code = nearest(value * factor);
            let rest = f64::from(value * inverse_norm - code * step);
            *lost += rest * rest;
            codes.push(code as i8);
        }
    }
    Mark {
        inverse_norm,
        step,
        residual: lost.iter().sum::<f64>().sqrt() as f32,
    }
}

/// A query of length 1 as 16-bit integers.
#[derive(Debug, Clone)]
pub(crate) struct QueryCode {
    code: Vec<i16>,
    step: f32,
    /// Distance between the query and what its code stands for.
    residual: f32,
}

impl QueryCode {
    pub(crate) fn new(unit: &[f32]) -> Self {
        let step = largest(unit) / f32::from(query_max(unit.len()));
        let per_step = if step > 0.0 { 1.0 / step } else { 0.0 };
        let mut lost = 0.0_f64;
        let code = unit
            .iter()
            .map(|value| {
                let code = nearest(value * per_step);
                let rest = value - code * step;
                lost += f64::from(rest) * f64::from(rest);
                code as i16
            })
            .collect();
        Self {
            code,
            step,
            residual: lost.sqrt() as f32,
        }
    }

    /// Products with the codes of rows that lie one after another.
    pub(crate) fn products(&self, codes: &[i8], out: &mut [i32]) {
        dot_codes(&self.code, codes, out);
    }

    /// Products with the codes of the rows at some positions.
    pub(crate) fn products_at(&self, codes: &[i8], at: &[u32], out: &mut [i32]) {
        dot_codes_at(&self.code, codes, at, out);
    }

    /// The cosine that follows from a product, and the most the true one can differ from it.
    pub(crate) fn estimate(&self, product: i32, mark: &Mark) -> (f32, f32) {
        let cosine = product as f32 * (self.step * mark.step);
        // The query has length 1, what the code stands for at most 1 + residual.
        let bound = mark.residual + self.residual * (1.0 + mark.residual) + ROUNDING;
        (cosine, bound)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn the_true_cosine_lies_within_the_bound(
            pair in (1_usize..400).prop_flat_map(|dim| {
                let vector = || proptest::collection::vec(-1.0_f32..1.0, dim);
                (vector(), vector())
            }),
            skew in 0.0_f32..1000.0,
        ) {
            let (mut row, query) = pair;
            row[0] *= skew;
            let length = |v: &[f32]| v.iter().map(|x| f64::from(*x).powi(2)).sum::<f64>().sqrt();
            prop_assume!(length(&row) > 1e-6 && length(&query) > 1e-6);
            let inverse = (1.0 / length(&query)) as f32;
            let unit: Vec<f32> = query.iter().map(|value| value * inverse).collect();
            let mut codes = Vec::new();
            let mark = encode(&row, (1.0 / length(&row)) as f32, &mut codes);
            let coded = QueryCode::new(&unit);
            let mut product = [0];
            coded.products(&codes, &mut product);
            let (cosine, bound) = coded.estimate(product[0], &mark);
            let dot: f64 = row.iter().zip(&query).map(|(a, b)| f64::from(*a) * f64::from(*b)).sum();
            let exact = dot / length(&row) / length(&query);
            prop_assert!((exact - f64::from(cosine)).abs() <= f64::from(bound));
            prop_assert_eq!(Mark::from_bytes(&mark.to_bytes()), mark);
        }
    }
}
