//! The cosine of two vectors less the mean of their partition.

use super::best::rounded;
use crate::vector::{Mark, Mean, QueryCode, kernels};

/// A difference from the mean shorter than this is rounding, and has no direction.
const SHORTEST: f64 = 1e-4;
/// Below this square of a length, the difference of products loses too many digits.
const CANCELS: f32 = 0.05;
/// Lengths below this leave the cosine open when only codes are known.
const VAGUE: f32 = 0.05;

/// A query less the mean, for vectors of the partition.
#[derive(Debug)]
pub(super) struct Centred<'a> {
    mean: &'a Mean,
    /// The query less the mean, scaled to length 1.
    direction: Vec<f32>,
    direction_code: QueryCode,
    /// Product of mean and direction.
    offset: f32,
}

fn length(vector: &[f32]) -> f64 {
    kernels::norm(vector)
}

impl<'a> Centred<'a> {
    /// `None` for a query that is the mean itself: all cosines are 0.
    pub(super) fn new(unit: &[f32], mean: &'a Mean) -> Option<Self> {
        let pairs = unit.iter().zip(&mean.vector);
        let mut direction: Vec<f32> = pairs.map(|(a, b)| a - b).collect();
        let long = length(&direction);
        if long < SHORTEST {
            return None;
        }
        for value in &mut direction {
            *value = (f64::from(*value) / long) as f32;
        }
        let products = mean.vector.iter().zip(&direction);
        let offset: f64 = products.map(|(a, b)| f64::from(*a) * f64::from(*b)).sum();
        Some(Self {
            mean,
            direction_code: QueryCode::new(&direction),
            direction,
            offset: offset as f32,
        })
    }

    /// The cosine with a vector.
    pub(super) fn cosine(&self, vector: &[f32], inverse_norm: f32) -> f32 {
        let kernel = kernels::best();
        let shared = kernel.dot(vector, &self.mean.vector) * inverse_norm;
        // |v - m|² = 1 - 2 v·m + |m|², for v of length 1.
        let square = 1.0 - 2.0 * shared + self.mean.length * self.mean.length;
        if square < CANCELS {
            return self.cosine_near_mean(vector, inverse_norm);
        }
        let along = kernel.dot(vector, &self.direction) * inverse_norm - self.offset;
        rounded(along / square.sqrt())
    }

    /// The same by differences of components, which lose nothing where a vector is like the mean.
    fn cosine_near_mean(&self, vector: &[f32], inverse_norm: f32) -> f32 {
        // Several sums, so that additions do not wait for each other.
        let (mut dots, mut squares) = ([0.0_f32; 8], [0.0_f32; 8]);
        let parts = vector
            .chunks(8)
            .zip(self.mean.vector.chunks(8))
            .zip(self.direction.chunks(8));
        for ((vector, mean), direction) in parts {
            let values = vector.iter().zip(mean).zip(direction);
            for (((value, mean), direction), (dot, square)) in
                values.zip(dots.iter_mut().zip(&mut squares))
            {
                let apart = value * inverse_norm - mean;
                *dot += apart * direction;
                *square += apart * apart;
            }
        }
        let total = |lanes: [f32; 8]| lanes.iter().map(|lane| f64::from(*lane)).sum::<f64>();
        let long = total(squares).sqrt();
        if long < SHORTEST {
            return 0.0;
        }
        rounded((total(dots) / long) as f32)
    }

    /// Products of the codes of rows with the direction.
    pub(super) fn along(&self, codes: &[i8], at: &[u32], out: &mut Vec<i32>) {
        out.clear();
        out.resize(at.len(), 0);
        self.direction_code.products_at(codes, at, out);
    }

    /// Product of the code of a row with the mean.
    pub(super) fn shared(&self, codes: &[i8], at: u32) -> i32 {
        let mut product = [0];
        self.mean.code.products_at(codes, &[at], &mut product);
        product[0]
    }

    /// The most that the cosine with a row can be, by its product with the direction alone.
    pub(super) fn most_by_direction(&self, along: i32, mark: &Mark) -> f32 {
        let (along, bound) = self.direction_code.estimate(along, mark);
        let top = along + bound - self.offset;
        // The distance of a vector of length 1 to the mean lies between these.
        let divisor = if top > 0.0 {
            1.0 - self.mean.length
        } else {
            1.0 + self.mean.length
        };
        if divisor < VAGUE {
            return 1.0;
        }
        (top / divisor + 1e-5).min(1.0)
    }

    /// The most that the cosine with a row can be, by the products of its code.
    pub(super) fn most(&self, to_direction: i32, to_mean: i32, mark: &Mark) -> f32 {
        let (along, along_bound) = self.direction_code.estimate(to_direction, mark);
        let (shared, shared_bound) = self.mean.code.estimate(to_mean, mark);
        let top = along + along_bound - self.offset;
        // |v - m|² = 1 - 2 v·m + |m|², for v of length 1.
        let length = self.mean.length;
        let square = |shared: f32| 1.0 - 2.0 * length * shared + length * length;
        let least = square(shared + shared_bound).max(0.0).sqrt();
        if least < VAGUE {
            return 1.0;
        }
        let divisor = if top > 0.0 {
            least
        } else {
            square(shared - shared_bound).max(0.0).sqrt()
        };
        (top / divisor + 1e-5).min(1.0)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::vector::encode;

    fn unit(values: Vec<f32>) -> Vec<f32> {
        let long = length(&values).max(1e-9);
        values
            .into_iter()
            .map(|value| (f64::from(value) / long) as f32)
            .collect()
    }

    proptest! {
        #[test]
        fn the_bound_by_codes_is_never_below_the_cosine(
            (row, query, mean) in (2_usize..80).prop_flat_map(|dim| {
                let vector = || proptest::collection::vec(-1.0_f32..1.0, dim);
                (vector(), vector(), vector())
            }),
            share in 0.0_f32..0.9,
        ) {
            let (row, query) = (unit(row), unit(query));
            let mean: Vec<f32> = unit(mean).into_iter().map(|value| value * share).collect();
            prop_assume!(length(&row) > 0.9 && length(&query) > 0.9);
            let mean = Mean::new(mean);
            let Some(centred) = Centred::new(&query, &mean) else { return Ok(()) };
            let mut codes = Vec::new();
            let mark = encode(&row, 1.0, &mut codes);
            let mut along = Vec::new();
            centred.along(&codes, &[0], &mut along);
            let most = centred.most(along[0], centred.shared(&codes, 0), &mark);
            let cosine = centred.cosine(&row, 1.0);
            prop_assert!(cosine <= most);
            prop_assert!(most <= centred.most_by_direction(along[0], &mark) + 1e-4);
            prop_assert!((cosine - centred.cosine_near_mean(&row, 1.0)).abs() < 1e-5);
        }
    }
}
