//! The best k of a scan.

/// Keys kept before the lower ones are dropped, for small k.
const ROOM: usize = 1024;

/// The positions of all scores at least as high as the k-th highest, in order of position.
///
/// All scores equal to the k-th are included, so the caller can break ties; there may be more than
/// k. NaN counts as lower than every number.
#[must_use]
pub fn at_least_kth(scores: &[f32], k: usize) -> Vec<usize> {
    if k == 0 {
        return Vec::new();
    }
    if k >= scores.len() {
        return (0..scores.len()).collect();
    }
    let floor = kth(scores, k);
    let at_least = scores
        .iter()
        .enumerate()
        .filter(|(_, score)| key(**score) >= floor);
    at_least.map(|(at, _)| at).collect()
}

/// The key of the k-th highest of at least k scores, k not zero.
///
/// Keeps the highest keys so far in a buffer; each time it fills, selects k and drops the rest.
fn kth(scores: &[f32], k: usize) -> i32 {
    let room = k.saturating_mul(2).max(ROOM).min(scores.len());
    let mut kept: Vec<i32> = Vec::with_capacity(room);
    let mut floor = None;
    for score in scores {
        let key = key(*score);
        if floor.is_some_and(|floor| key <= floor) {
            continue;
        }
        if kept.len() == room {
            floor = Some(keep_highest(&mut kept, k));
            if floor.is_some_and(|floor| key <= floor) {
                continue;
            }
        }
        kept.push(key);
    }
    keep_highest(&mut kept, k)
}

/// Cuts to the k highest and returns the lowest of them.
fn keep_highest(keys: &mut Vec<i32>, k: usize) -> i32 {
    let last = k.min(keys.len()).saturating_sub(1);
    let (_, lowest, _) = keys.select_nth_unstable_by(last, |a, b| b.cmp(a));
    let lowest = *lowest;
    keys.truncate(k);
    lowest
}

/// An integer in the order of the score: both zeros equal, NaN lowest.
#[inline]
fn key(score: f32) -> i32 {
    if score.is_nan() {
        return i32::MIN;
    }
    let bits = (score + 0.0).to_bits().cast_signed();
    if bits < 0 { bits ^ i32::MAX } else { bits }
}
