//! Blended vectors.
//!
//! A fact is short, and a question often has the words of the conversation it comes from. So its
//! vector is blended with those of the messages that state it, and less with the messages that
//! these answer: each step away from the fact counts half. A search is not affected: there is one
//! vector per memory, and its cosine is exact.

use super::kernels;

/// Returns a vector blended with the `levels` of its support, scaled to length 1.
///
/// All vectors count by their direction. Those of a level share its weight: 1/2 for the first
/// level, half of the previous weight for each further one. Without support the vector is returned
/// as it is.
#[must_use]
pub fn supported(vector: &[f32], levels: &[Vec<&[f32]>]) -> Vec<f32> {
    let kernel = kernels::best();
    let norm = |vector: &[f32]| kernel.dot(vector, vector).sqrt();
    let own = norm(vector);
    let mut sum = vector.to_vec();
    let (mut weight, mut blended) = (own, false);
    for level in levels {
        weight /= 2.0;
        let share = weight / level.len().max(1) as f32;
        for support in level {
            let length = norm(support);
            if length > 0.0 && support.len() == sum.len() {
                blended = true;
                let scale = share / length;
                for (value, other) in sum.iter_mut().zip(*support) {
                    *value += scale * other;
                }
            }
        }
    }
    let length = norm(&sum);
    if blended && length > 0.0 {
        for value in &mut sum {
            *value /= length;
        }
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cosine(a: &[f32], b: &[f32]) -> f32 {
        let dot = |a: &[f32], b: &[f32]| a.iter().zip(b).map(|(x, y)| x * y).sum::<f32>();
        dot(a, b) / (dot(a, a) * dot(b, b)).sqrt()
    }

    #[test]
    fn a_vector_without_support_is_itself() {
        assert_eq!(supported(&[3.0, 4.0], &[]), [3.0, 4.0]);
        assert_eq!(supported(&[3.0, 4.0], &[vec![], vec![]]), [3.0, 4.0]);
        assert_eq!(supported(&[3.0, 4.0], &[vec![&[0.0, 0.0]]]), [3.0, 4.0]);
    }

    #[test]
    fn each_level_counts_half_of_the_one_before_whatever_its_lengths() {
        let blended = supported(
            &[2.0, 0.0, 0.0],
            &[vec![&[0.0, 9.0, 0.0]], vec![&[0.0, 0.0, 0.1]]],
        );
        let wanted = [1.0, 0.5, 0.25];
        assert!(
            (cosine(&blended, &wanted) - 1.0).abs() < 1e-6,
            "{blended:?}"
        );
        assert!((cosine(&blended, &blended) - 1.0).abs() < 1e-6);
        let shared = supported(
            &[1.0, 0.0, 0.0],
            &[vec![&[0.0, 1.0, 0.0], &[0.0, 0.0, 1.0]]],
        );
        assert!(
            (cosine(&shared, &[1.0, 0.25, 0.25]) - 1.0).abs() < 1e-6,
            "{shared:?}"
        );
    }
}
