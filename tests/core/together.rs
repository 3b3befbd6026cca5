//! Batches that are committed together are each all or nothing, and reported in their order.
#![allow(clippy::unwrap_used)]

use std::path::Path;

use memfast_core::filter::{ScopeQuery, Select};
use memfast_core::{Engine, Error, Op, Options, Put, Scope, Selection, Write};
use proptest::prelude::*;

fn engine() -> Engine {
    Engine::open(Path::new(":memory:"), Options::default()).unwrap()
}

fn batch(ids: &[u8]) -> Write {
    let put = |id: &u8| {
        Op::Put(Put {
            id: Some(format!("m{id}")),
            scope: Scope {
                user_id: Some("u".into()),
                ..Scope::default()
            },
            text: format!("text {id}"),
            vector: vec![1.0, f32::from(*id)],
            ..Put::default()
        })
    };
    ids.iter().map(put).collect::<Vec<_>>().into()
}

fn count(engine: &Engine) -> u64 {
    let scope = ScopeQuery::new(Some(Select::one("u")), None, None).unwrap();
    engine.count(&Selection::new(scope)).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]
    /// An id that is there already makes its batch fail.
    #[test]
    fn together_as_one_after_another(
        batches in proptest::collection::vec(proptest::collection::vec(0_u8..40, 0..4), 0..12)
    ) {
        let (together, apart) = (engine(), engine());
        let outcomes = together
            .apply_each(batches.iter().map(|ids| batch(ids)).collect())
            .unwrap();
        prop_assert_eq!(outcomes.len(), batches.len());
        for (ids, outcome) in batches.iter().zip(outcomes) {
            match (outcome, apart.apply(batch(ids))) {
                (Ok(joined), Ok(alone)) => {
                    let ids = |changes: &[memfast_core::Change]| -> Vec<String> {
                        changes.iter().map(|one| one.after.as_ref().unwrap().id.clone()).collect()
                    };
                    prop_assert_eq!(ids(&joined), ids(&alone));
                }
                (Err(Error::Exists { id: joined }), Err(Error::Exists { id: alone })) => {
                    prop_assert_eq!(joined, alone);
                }
                (joined, alone) => prop_assert!(false, "{joined:?} is not {alone:?}"),
            }
        }
        prop_assert_eq!(count(&together), count(&apart));
    }
}

#[test]
fn callers_of_both_kinds_share_the_writer_and_lose_nothing() {
    let engine = engine();
    let engine = &engine;
    std::thread::scope(|scope| {
        for thread in 0..8_u8 {
            scope.spawn(move || {
                for round in 0..10_u8 {
                    let first = thread * 30 + round * 3;
                    if thread % 2 == 0 {
                        engine.apply(batch(&[first, first + 1, first + 2])).unwrap();
                    } else {
                        let batches = (first..first + 3).map(|id| batch(&[id])).collect();
                        let outcomes = engine.apply_each(batches).unwrap();
                        assert!(outcomes.iter().all(Result::is_ok));
                    }
                }
            });
        }
    });
    assert_eq!(count(engine), 240);
}
