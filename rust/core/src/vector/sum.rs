//! Sums of vectors that do not depend on the order of what is added and removed.

/// Units of the fixed point in which components are summed: some eight million vectors fit.
const UNITS: f64 = (1_u64 << 40) as f64;
/// A number of this size counts ones with its last bit, so that adding it rounds; unlike `round` it
/// is one instruction on any machine.
const ONES: f64 = 6_755_399_441_055_744.0;

/// A sum of vectors, each scaled to length 1, in 64-bit fixed point: adding, removing and summing
/// again agree to the last bit.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Sum {
    count: u32,
    values: Vec<i64>,
}

fn fixed(value: f32, inverse_norm: f32) -> i64 {
    let scaled = f64::from(value) * f64::from(inverse_norm) * UNITS;
    (scaled + ONES)
        .to_bits()
        .wrapping_sub(ONES.to_bits())
        .cast_signed()
}

impl Sum {
    pub(crate) fn new(dim: usize) -> Self {
        Self {
            count: 0,
            values: vec![0; dim],
        }
    }

    pub(crate) fn add(&mut self, inverse_norm: f32, vector: &[f32]) {
        self.count += 1;
        for (sum, value) in self.values.iter_mut().zip(vector) {
            *sum += fixed(*value, inverse_norm);
        }
    }

    /// Removes a vector that was added.
    pub(crate) fn remove(&mut self, inverse_norm: f32, vector: &[f32]) {
        self.count -= 1;
        for (sum, value) in self.values.iter_mut().zip(vector) {
            *sum -= fixed(*value, inverse_norm);
        }
    }

    pub(crate) fn join(&mut self, other: &Self) {
        self.count += other.count;
        for (sum, value) in self.values.iter_mut().zip(&other.values) {
            *sum += value;
        }
    }

    /// The mean of the vectors; zero for none.
    pub(crate) fn mean(&self) -> Vec<f32> {
        let units = UNITS * f64::from(self.count.max(1));
        self.values
            .iter()
            .map(|sum| (*sum as f64 / units) as f32)
            .collect()
    }

    pub(crate) fn bytes(&self) -> usize {
        self.values.capacity() * size_of::<i64>()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_sum_is_the_same_in_any_order_and_after_removals(
            vectors in proptest::collection::vec(proptest::collection::vec(-1.0_f32..1.0, 5), 1..20),
            removed in 0_usize..20,
        ) {
            let removed = removed.min(vectors.len());
            let mut sum = Sum::new(5);
            for vector in &vectors {
                sum.add(0.5, vector);
            }
            for vector in &vectors[..removed] {
                sum.remove(0.5, vector);
            }
            let mut again = Sum::new(5);
            for vector in vectors[removed..].iter().rev() {
                again.add(0.5, vector);
            }
            prop_assert_eq!(&sum, &again);
            let rest = (vectors.len() - removed).max(1) as f64;
            for (at, mean) in sum.mean().into_iter().enumerate() {
                let total: f64 = vectors[removed..].iter().map(|v| f64::from(v[at]) * 0.5).sum();
                prop_assert!((f64::from(mean) - total / rest).abs() < 1e-6);
            }
        }
    }
}
