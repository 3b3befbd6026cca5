//! What changes the order of hits after the threshold: age, boosts and diversity.

use super::best::rounded;
use crate::error::Result;
use crate::query::{Adjustments, Hit};
use crate::store::Snapshot;
use crate::time::{DAY_MICROS, Micros};
use crate::vector::kernels;

/// The part of a score that fades with age.
const FADES: f64 = 0.2;
/// Hits looked at for each that is returned, and the least number.
const FETCHED: usize = 4;
const LEAST: usize = 200;
/// Cosine from which two hits say the same.
const DOUBLE: f32 = 0.97;

/// Hits that a search finds before adjustments, so that `limit` are left after them.
pub(super) fn fetched(adjustments: &Adjustments, limit: usize) -> usize {
    if adjustments.is_none() {
        limit
    } else {
        limit.saturating_mul(FETCHED).max(LEAST)
    }
}

/// What the age of a memory leaves of its score: 1 when it is new, 0.8 when it is old.
fn freshness(age: Micros, half_life: f64) -> f64 {
    let days = age.max(0) as f64 / DAY_MICROS as f64;
    1.0 - FADES + FADES * (-days / half_life).exp2()
}

/// A hit with its unclamped score and its vector of length 1, where diversity needs it.
struct Weighed {
    hit: Hit,
    score: f64,
    unit: Vec<f32>,
}

/// Adjusts the scores of hits, sorts them again, and cuts them at `limit`.
pub(super) fn adjust(
    adjustments: &Adjustments,
    hits: Vec<Hit>,
    limit: usize,
    snapshot: &Snapshot,
) -> Result<Vec<Hit>> {
    if adjustments.is_none() {
        return Ok(hits);
    }
    let mut weighed = Vec::with_capacity(hits.len());
    for hit in hits {
        let mut score = f64::from(hit.score);
        if let Some(half_life) = adjustments.half_life {
            score *= freshness(adjustments.now - hit.record.dates_from(), half_life);
        }
        for (filter, factor) in &adjustments.boosts {
            if filter.matches(&hit.record) {
                score *= f64::from(*factor);
            }
        }
        weighed.push(Weighed {
            hit,
            score,
            unit: Vec::new(),
        });
    }
    weighed.sort_by(|a, b| {
        let by_score = b.score.total_cmp(&a.score);
        by_score.then_with(|| a.hit.record.id.cmp(&b.hit.record.id))
    });
    if let Some(balance) = adjustments.mmr {
        for one in &mut weighed {
            one.unit = unit(&one.hit, snapshot)?;
        }
        weighed = diverse(weighed, f64::from(balance), limit);
    }
    weighed.truncate(limit);
    let hits = weighed.into_iter().map(|one| Hit {
        score: rounded(one.score as f32).clamp(0.0, 1.0),
        ..one.hit
    });
    Ok(hits.collect())
}

/// The vector of a hit scaled to length 1; empty where it has none.
fn unit(hit: &Hit, snapshot: &Snapshot) -> Result<Vec<f32>> {
    let mut vector = Vec::new();
    if let Some(id) = snapshot.row_id(&hit.record.id)?
        && snapshot.find_vector(id, &mut vector)?
    {
        let inverse_norm = kernels::check(0, &vector, vector.len())?;
        for value in &mut vector {
            *value *= inverse_norm;
        }
    }
    Ok(vector)
}

/// Maximal marginal relevance (Carbonell and Goldstein, "The use of MMR", SIGIR 1998): one after
/// the other, the hit with the greatest `balance` × score - (1 - `balance`) × likeness to those
/// before it. A hit that says what one before it says is left out.
fn diverse(mut rest: Vec<Weighed>, balance: f64, limit: usize) -> Vec<Weighed> {
    let kernel = kernels::best();
    let mut chosen: Vec<Weighed> = Vec::new();
    let mut likeness = vec![f64::NEG_INFINITY; rest.len()];
    while chosen.len() < limit && !rest.is_empty() {
        let value = |at: usize| balance * rest[at].score - (1.0 - balance) * likeness[at].max(0.0);
        // The first of equal ones, which has the better score.
        let best = (1..rest.len()).fold(
            0,
            |best, at| if value(at) > value(best) { at } else { best },
        );
        let next = rest.remove(best);
        likeness.remove(best);
        let mut at = 0;
        rest.retain(|other| {
            let alike = if other.unit.len() == next.unit.len() && !next.unit.is_empty() {
                kernel.dot(&other.unit, &next.unit)
            } else {
                0.0
            };
            let double = alike >= DOUBLE || other.hit.record.hash == next.hit.record.hash;
            if double {
                likeness.remove(at);
            } else {
                likeness[at] = likeness[at].max(f64::from(alike));
                at += 1;
            }
            !double
        });
        chosen.push(next);
    }
    chosen
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_score_fades_by_a_fifth_and_by_half_of_that_in_a_half_life() {
        assert!((freshness(0, 30.0) - 1.0).abs() < 1e-9);
        assert!((freshness(30 * DAY_MICROS, 30.0) - 0.9).abs() < 1e-9);
        assert!((freshness(3000 * DAY_MICROS, 30.0) - 0.8).abs() < 1e-9);
        assert!((freshness(-5 * DAY_MICROS, 30.0) - 1.0).abs() < 1e-9);
    }
}
