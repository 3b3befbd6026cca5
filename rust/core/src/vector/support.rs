//! Vectors that lean on what supports them.
//!
//! A fact is short, and a question often has the words of the conversation it comes from. So its
//! vector is drawn toward those of the messages that tell it, and less toward the messages that
//! these answer: what is one step further from the fact counts half. Nothing changes for a search:
//! there is one vector per memory, and its cosine is exact.

use super::kernels;

/// Returns a vector drawn toward the `levels` of what supports it, scaled to length 1.
///
/// All vectors count by their direction; those of a level share its weight, which is 1/2 for the
/// first and half of the one before for each other. Without support the vector is returned as it is.
#[must_use]
pub fn supported(vector: &[f32], levels: &[Vec<&[f32]>]) -> Vec<f32> {
    let kernel = kernels::best();
    let norm = |vector: &[f32]| kernel.dot(vector, vector).sqrt();
    let own = norm(vector);
    let mut sum = vector.to_vec();
    let (mut weight, mut leans) = (own, false);
    for level in levels {
        weight /= 2.0;
        let share = weight / level.len().max(1) as f32;
        for support in level {
            let length = norm(support);
            if length > 0.0 && support.len() == sum.len() {
                leans = true;
                let scale = share / length;
                for (value, other) in sum.iter_mut().zip(*support) {
                    *value += scale * other;
                }
            }
        }
    }
    let length = norm(&sum);
    if leans && length > 0.0 {
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
        let leaning = supported(
            &[2.0, 0.0, 0.0],
            &[vec![&[0.0, 9.0, 0.0]], vec![&[0.0, 0.0, 0.1]]],
        );
        let wanted = [1.0, 0.5, 0.25];
        assert!(
            (cosine(&leaning, &wanted) - 1.0).abs() < 1e-6,
            "{leaning:?}"
        );
        assert!((cosine(&leaning, &leaning) - 1.0).abs() < 1e-6);
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
