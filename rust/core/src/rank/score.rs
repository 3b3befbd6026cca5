//! From the sum to a score between 0 and 1 that compares across questions.

use super::{Number, Weights};

/// Slope and offset, fitted so that 0.5 tells a partition's own questions from those about others.
const SLOPE: f32 = 0.86;
const OFFSET: f32 = 6.4;

/// What the memories of a partition may owe to the question or to their worth, and no score counts.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(crate) struct Common(pub(crate) f32);

impl Common {
    /// `date` is the greatest date number of the partition, 0 where the question asks for nothing
    /// but a time; `named` says whether it names a speaker; `worth` is the mean of the partition.
    pub(crate) fn new(weights: &Weights, date: f32, named: bool, worth: f32) -> Self {
        let speaker = weights.of(Number::Speaker) * f32::from(u8::from(named));
        Self(weights.of(Number::Date) * date + speaker + weights.of(Number::Worth) * worth)
    }

    /// The score of a sum.
    pub(crate) fn score(self, sum: f32) -> f32 {
        let score = 1.0 / (1.0 + (-(SLOPE * (sum - self.0) - OFFSET)).exp());
        ((f64::from(score) * 1e6).round() / 1e6) as f32
    }

    /// The least sum that has a score; minus infinity for one of 0 or less.
    pub(crate) fn sum_of(self, score: f32) -> f32 {
        if score <= 0.0 {
            return f32::NEG_INFINITY;
        }
        // Half of the last decimal is what rounding may add.
        let score = (f64::from(score) - 5.1e-7).max(1e-12);
        let logit = (score / (1.0 - score).max(1e-12)).ln() as f32;
        (logit + OFFSET) / SLOPE + self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_threshold_cuts_no_sum_that_reaches_it(sum in -20.0_f32..40.0, date in 0.0_f32..1.0) {
            let common = Common::new(&Weights::default(), date, true, 0.5);
            prop_assert!(common.sum_of(common.score(sum)) <= sum + 1e-2 * sum.abs().max(1.0));
        }
    }
}
