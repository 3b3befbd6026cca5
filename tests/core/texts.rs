//! A text is kept once for a scope, whatever happened to the store before.
#![allow(clippy::unwrap_used)]

use std::collections::BTreeMap;
use std::path::Path;

use memfast_core::filter::{ScopeQuery, Select};
use memfast_core::{Engine, Existing, Op, Options, Patch, Put, Rewrite, Scope, Selection};
use proptest::prelude::*;

#[derive(Debug, Clone)]
enum Step {
    /// Keep a text for one of two runs of a user.
    Keep(u8, u8),
    /// Put it whatever is there.
    Put(u8, u8),
    Rewrite(usize, u8),
    End(usize),
    Delete(usize),
    DeleteAll,
}

fn steps() -> impl Strategy<Value = Vec<Vec<Step>>> {
    let step = prop_oneof![
        6 => (0_u8..2, 0_u8..5).prop_map(|(run, text)| Step::Keep(run, text)),
        1 => (0_u8..2, 0_u8..5).prop_map(|(run, text)| Step::Put(run, text)),
        2 => (any::<usize>(), 0_u8..5).prop_map(|(at, text)| Step::Rewrite(at, text)),
        1 => any::<usize>().prop_map(Step::End),
        2 => any::<usize>().prop_map(Step::Delete),
        1 => Just(Step::DeleteAll),
    ];
    proptest::collection::vec(proptest::collection::vec(step, 1..4), 1..25)
}

fn put(run: u8, text: u8, existing: Existing) -> Op {
    Op::Put(Put {
        scope: Scope {
            user_id: Some("u".into()),
            run_id: Some(format!("r{run}")),
            ..Scope::default()
        },
        text: format!("text {text}"),
        vector: vec![1.0, 2.0],
        existing,
        ..Put::default()
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]
    #[test]
    fn a_text_is_kept_where_its_scope_does_not_hold_it(batches in steps()) {
        let engine = Engine::open(Path::new(":memory:"), Options::default()).unwrap();
        let scope = ScopeQuery::new(Some(Select::one("u")), None, None).unwrap();
        // Id to run and text, of what holds.
        let mut held: BTreeMap<String, (u8, u8)> = BTreeMap::new();
        for batch in batches {
            // Each step sees the ones before it in its batch, but ids are known only after it.
            let ids: Vec<String> = held.keys().cloned().collect();
            let mut after = held.clone();
            let mut gone = Vec::new();
            let (mut ops, mut wanted) = (Vec::new(), Vec::new());
            for step in batch {
                let pick = |at: usize| (!ids.is_empty()).then(|| ids[at % ids.len()].clone());
                let pick = |at: usize| pick(at).filter(|id| !gone.contains(id));
                match step {
                    Step::Keep(run, text) | Step::Put(run, text) => {
                        let keep = matches!(step, Step::Keep(..));
                        let is_held = after.values().any(|one| *one == (run, text));
                        let existing = if keep { Existing::KeepText } else { Existing::Refuse };
                        ops.push(put(run, text, existing));
                        let new = !(keep && is_held);
                        wanted.push(Some(!new));
                        if new {
                            after.insert(format!("new {}", ops.len()), (run, text));
                        }
                    }
                    Step::Rewrite(at, text) => if let Some(id) = pick(at) {
                        after.get_mut(&id).unwrap().1 = text;
                        ops.push(Op::Patch(Patch {
                            id,
                            rewrite: Some(Rewrite::Text {
                                text: format!("text {text}"),
                                vector: vec![1.0, 2.0],
                            }),
                            ..Patch::default()
                        }));
                        wanted.push(None);
                    },
                    Step::End(at) => if let Some(id) = pick(at) {
                        after.remove(&id);
                        gone.push(id.clone());
                        ops.push(Op::Patch(Patch {
                            id,
                            valid_to: Some(1),
                            ..Patch::default()
                        }));
                        wanted.push(None);
                    },
                    Step::Delete(at) => if let Some(id) = pick(at) {
                        after.remove(&id);
                        gone.push(id.clone());
                        ops.push(Op::Delete(id));
                        wanted.push(None);
                    },
                    Step::DeleteAll if ops.is_empty() => {
                        engine.delete_all(&Selection::new(scope.clone())).unwrap();
                        after.clear();
                        gone.clone_from(&ids);
                    }
                    Step::DeleteAll => {}
                }
            }
            let changes = engine.apply(ops).unwrap();
            held.clear();
            for (id, value) in after {
                if let Some(at) = id.strip_prefix("new ") {
                    let at: usize = at.parse().unwrap();
                    let record = changes[at - 1].after.as_ref().unwrap();
                    held.insert(record.id.clone(), value);
                } else {
                    held.insert(id, value);
                }
            }
            for (change, wanted) in changes.iter().zip(&wanted) {
                if let Some(kept) = wanted {
                    prop_assert_eq!(change.kept(), *kept);
                }
            }
            let count = engine.count(&Selection::new(scope.clone())).unwrap();
            prop_assert_eq!(count, held.len() as u64);
        }
    }
}

#[test]
fn a_text_that_is_no_longer_shown_does_not_keep_it_out() {
    let directory = tempfile::tempdir().unwrap();
    let open = || Engine::open(directory.path(), Options::default()).unwrap();
    let keep = |expires_on: Option<i32>| {
        let Op::Put(mut one) = put(0, 0, Existing::KeepText) else {
            unreachable!()
        };
        one.provenance.expires_on = expires_on;
        Op::Put(one)
    };
    let kept = |engine: &Engine, op: Op| engine.apply(vec![op]).unwrap()[0].kept();
    let engine = open();
    assert!(!kept(&engine, keep(Some(1))));
    // One that would not be shown either adds nothing: an import may be run again.
    assert!(kept(&engine, keep(Some(1))));
    assert!(!kept(&engine, keep(None)));
    assert!(kept(&engine, keep(None)));
    engine.close().unwrap();
    let engine = open();
    assert!(kept(&engine, keep(None)));
    assert!(kept(&engine, keep(Some(1))));
}
