//! New ids of memories and stores.

use uuid::{ContextV7, Timestamp, Uuid};

use crate::sync::Mutex;
use crate::time::Micros;

/// Makes the ids of new memories (UUID version 7), which ascend in the order they are made.
#[derive(Debug)]
pub(super) struct NewIds {
    context: Mutex<ContextV7>,
    process: u32,
}

impl NewIds {
    pub(super) fn new() -> Self {
        Self {
            context: Mutex::default(),
            process: std::process::id(),
        }
    }

    /// The next id, made at a time.
    pub(super) fn next(&self, now: Micros) -> Uuid {
        // The context takes its counter from random numbers at its first time that is not 0.
        let micros = now.max(1000).unsigned_abs();
        let nanos = (micros % 1_000_000) as u32 * 1000;
        let context = self.context.lock();
        let stamp = Timestamp::from_unix(&*context, micros / 1_000_000, nanos);
        of_process(Uuid::new_v7(stamp), self.process)
    }
}

/// An id of a new memory that no store has made (UUID version 7).
#[must_use]
pub fn new_id() -> String {
    of_process(Uuid::now_v7(), std::process::id()).to_string()
}

/// A random id (UUID version 4).
pub(super) fn random() -> Uuid {
    of_process(Uuid::new_v4(), std::process::id())
}

/// Processes forked from one parent draw the same random numbers; their own numbers keep the ids
/// apart. The last 32 bits are random in both versions, and no order depends on them.
fn of_process(id: Uuid, process: u32) -> Uuid {
    Uuid::from_u128(id.as_u128() ^ u128::from(process))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn ids_ascend_and_differ_whatever_the_clock_says() {
        for now in [i64::MIN, -1, 0, 1, 1_700_000_000_000_000, i64::MAX] {
            let ids = NewIds::new();
            let made: Vec<Uuid> = (0..1000).map(|_| ids.next(now)).collect();
            assert!(made.is_sorted(), "at {now}");
            assert_eq!(made.iter().collect::<BTreeSet<_>>().len(), made.len());
            assert!(made.iter().all(|id| id.get_version_num() == 7));
        }
    }

    #[test]
    fn processes_that_draw_the_same_random_numbers_make_different_ids() {
        let id = Uuid::new_v4();
        assert_ne!(of_process(id, 100), of_process(id, 101));
        assert_eq!(of_process(id, 100).get_version_num(), 4);
    }
}
