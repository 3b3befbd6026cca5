//! Searches against a brute-force model, while the store changes, is optimized and reopened.
#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used)]

#[allow(dead_code)] // each test file uses its part
#[path = "support/mod.rs"]
mod support;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Barrier;
use std::sync::atomic::AtomicBool;

use memfast_core::filter::{ScopeQuery, Select};
use memfast_core::{
    Engine, Existing, Kind, Op, Options, Patch, Put, Query, Rewrite, Scope, Selection, Value,
};
use support::Random;

/// More than is kept beside the codes at 512 dimensions, so that vectors are read from disk.
const ROWS: u64 = 7000;

struct Model {
    dim: usize,
    random: Random,
    /// Id to user, group and vector.
    rows: BTreeMap<String, (String, i64, Vec<f32>)>,
}

impl Model {
    fn vector(&mut self) -> Vec<f32> {
        // Clustered, so that there are near ties.
        let cluster = self.random.below(20);
        let mut noise = Random(cluster);
        (0..self.dim)
            .map(|_| noise.below(2000) as f32 - 1000.0 + self.random.below(600) as f32 - 300.0)
            .collect()
    }

    /// New rows, and kept messages without vectors between them, which no search finds.
    fn puts(&mut self, count: u64) -> Vec<Op> {
        (0..count)
            .flat_map(|number| {
                let id = format!("m{}", self.random.below(u64::MAX));
                let user = format!("u{}", self.random.below(3));
                let group = self.random.below(10).cast_signed();
                let vector = self.vector();
                self.rows
                    .insert(id.clone(), (user.clone(), group, vector.clone()));
                let put = Put {
                    id: Some(id),
                    scope: Scope {
                        user_id: Some(user),
                        ..Scope::default()
                    },
                    text: "text".into(),
                    vector,
                    metadata: [("group".to_owned(), Value::Int(group))].into(),
                    ..Put::default()
                };
                let message = Put {
                    id: None,
                    kind: Kind::Message,
                    vector: Vec::new(),
                    ..put.clone()
                };
                let said = number.is_multiple_of(8).then_some(message);
                said.into_iter().chain([put]).map(Op::Put)
            })
            .collect()
    }

    fn any_id(&mut self) -> String {
        let at = self.random.below(self.rows.len() as u64) as usize;
        self.rows.keys().nth(at).unwrap().clone()
    }

    /// The scores of the best, by f64 arithmetic over all.
    fn best(
        &self,
        query: &[f32],
        user: Option<&str>,
        group: Option<i64>,
        limit: usize,
    ) -> Vec<f64> {
        let dot = |a: &[f32], b: &[f32]| -> f64 {
            a.iter()
                .zip(b)
                .map(|(a, b)| f64::from(*a) * f64::from(*b))
                .sum()
        };
        let mut scores: Vec<f64> = self
            .rows
            .values()
            .filter(|row| user.is_none_or(|user| row.0 == user))
            .filter(|row| group.is_none_or(|group| row.1 == group))
            .map(|row| dot(query, &row.2) / (dot(query, query) * dot(&row.2, &row.2)).sqrt())
            .collect();
        scores.sort_by(|a, b| b.total_cmp(a));
        scores.truncate(limit);
        scores.iter().map(|score| score.clamp(0.0, 1.0)).collect()
    }
}

fn query(vector: Vec<f32>, user: Option<&str>, group: Option<i64>, limit: usize) -> Query {
    let scope = match user {
        Some(user) => ScopeQuery::new(Some(Select::one(user)), None, None).unwrap(),
        None => ScopeQuery::everything(),
    };
    let filter = group.map(|group| {
        let filter = Value::Map([("group".to_owned(), Value::Int(group))].into());
        memfast_core::filter::parse(&filter).unwrap()
    });
    Query {
        exact: true,
        ..Query::new(
            Selection {
                filter,
                include_messages: true,
                ..Selection::new(scope)
            },
            vector,
            limit,
        )
    }
}

fn check(engine: &Engine, model: &mut Model) {
    for (user, group) in [
        (Some("u1"), None),
        (Some("u2"), Some(3)),
        (None, None),
        (None, Some(7)),
    ] {
        for limit in [1, 10, 150] {
            let vector = model.vector();
            let want = model.best(&vector, user, group, limit);
            let hits = engine.search(&query(vector, user, group, limit)).unwrap();
            assert_eq!(hits.len(), want.len());
            for (hit, want) in hits.iter().zip(&want) {
                let difference = (f64::from(hit.score) - want).abs();
                assert!(difference < 2e-6, "{} instead of {want}", hit.score);
                let row = &model.rows[&hit.record.id];
                assert!(user.is_none_or(|user| row.0 == user));
                assert!(group.is_none_or(|group| row.1 == group));
            }
        }
    }
}

#[test]
fn a_search_is_exact_whatever_happened_to_the_store() {
    let dir = tempfile::tempdir().unwrap();
    let open = || Engine::open(dir.path(), Options::default()).unwrap();
    for dim in [24, 512] {
        let path = dir.path().join(dim.to_string());
        let open = || Engine::open(&path, Options::default()).unwrap();
        let mut model = Model {
            dim,
            random: Random(dim as u64),
            rows: BTreeMap::new(),
        };
        let mut engine = open();
        for round in 0..6 {
            let ops = model.puts(if round % 2 == 0 { ROWS / 3 } else { 40 });
            engine.apply(ops).unwrap();
            check(&engine, &mut model);
            for _ in 0..30 {
                let id = model.any_id();
                let vector = model.vector();
                model.rows.get_mut(&id).unwrap().2.clone_from(&vector);
                let update = Op::Patch(Patch {
                    id,
                    rewrite: Some(Rewrite::Text {
                        text: "changed".into(),
                        vector,
                    }),
                    ..Patch::default()
                });
                let gone = model.any_id();
                model.rows.remove(&gone);
                let ops = vec![update, Op::Delete(gone)];
                // The row that was updated may be the one that goes.
                engine.apply(ops).unwrap();
            }
            check(&engine, &mut model);
            match round {
                1 => engine
                    .optimize(&AtomicBool::new(false), |_, _, _| ())
                    .unwrap(),
                2 => {
                    engine.close().unwrap();
                    engine = open();
                }
                4 => {
                    let user = query(vec![1.0; dim], Some("u2"), None, 1).selection;
                    engine.delete_all(&user).unwrap();
                    model.rows.retain(|_, row| row.0 != "u2");
                    let ops = model.puts(30);
                    engine.apply(ops).unwrap();
                }
                _ => {}
            }
            check(&engine, &mut model);
        }
        engine
            .optimize(&AtomicBool::new(false), |_, _, _| ())
            .unwrap();
        assert_eq!(engine.stats().unwrap().segments, 1);
        check(&engine, &mut model);
    }
    drop(open());
}

#[test]
fn the_index_finds_nearly_all_and_never_what_is_gone() {
    let dim = 400;
    let mut model = Model {
        dim,
        random: Random(9),
        rows: BTreeMap::new(),
    };
    let dir = tempfile::tempdir().unwrap();
    let open = || Engine::open(dir.path(), Options::default()).unwrap();
    let mut engine = open();
    // Enough that a search over the whole store asks the index.
    let ops = model.puts(22_000);
    engine.apply(ops).unwrap();
    engine
        .optimize(&AtomicBool::new(false), |_, _, _| ())
        .unwrap();
    for round in 0..4 {
        let index = engine.stats().unwrap().index.expect("an index");
        assert!(index.behind <= 1000 && index.rows > 20_000);
        let mut found = 0.0;
        let mut all = 0.0;
        for _ in 0..20 {
            let vector = model.vector();
            let want = model.best(&vector, None, None, 10);
            let approximate = Query {
                exact: false,
                ef: Some(96),
                ..query(vector, None, None, 10)
            };
            let hits = engine.search(&approximate).unwrap();
            assert_eq!(hits.len(), 10);
            let last = want[9] - 2e-6;
            found += hits
                .iter()
                .filter(|hit| f64::from(hit.score) >= last)
                .count() as f64;
            all += 10.0;
            assert!(
                hits.iter()
                    .all(|hit| model.rows.contains_key(&hit.record.id))
            );
        }
        assert!(found / all >= 0.9, "recall {}", found / all);
        let gone: Vec<String> = model.rows.keys().take(300).cloned().collect();
        let mut ops: Vec<Op> = gone.iter().cloned().map(Op::Delete).collect();
        model.rows.retain(|id, _| !gone.contains(id));
        ops.extend(model.puts(300));
        engine.apply(ops).unwrap();
        if round == 1 {
            engine.close().unwrap();
            engine = open();
        }
        engine
            .optimize(&AtomicBool::new(false), |_, _, _| ())
            .unwrap();
    }
}

#[test]
fn a_damaged_index_is_built_anew() {
    let dir = tempfile::tempdir().unwrap();
    let mut model = Model {
        dim: 32,
        random: Random(3),
        rows: BTreeMap::new(),
    };
    let open = || Engine::open(dir.path(), Options::default()).unwrap();
    let engine = open();
    let ops = model.puts(500);
    engine.apply(ops).unwrap();
    engine
        .optimize(&AtomicBool::new(false), |_, _, _| ())
        .unwrap();
    engine.close().unwrap();
    let file = dir.path().join("hnsw/index.hnsw");
    let whole = std::fs::read(&file).unwrap();
    for damage in 0..12 {
        let mut bytes = whole.clone();
        let at = bytes.len() * damage / 12;
        if damage % 3 == 0 {
            bytes.truncate(at);
        } else {
            bytes[at] ^= 0x40;
        }
        std::fs::write(&file, bytes).unwrap();
        let engine = open();
        engine
            .optimize(&AtomicBool::new(false), |_, _, _| ())
            .unwrap();
        assert_eq!(engine.stats().unwrap().index.unwrap().rows, 500);
        engine.close().unwrap();
        // What stands there now is whole: it is loaded as it is.
        assert!(std::fs::read(&file).unwrap().len() > 500 * 32);
    }
}

fn copy_store(from: &Path, to: &Path) {
    for part in ["", "vectors"] {
        std::fs::create_dir_all(to.join(part)).unwrap();
        for entry in std::fs::read_dir(from.join(part)).unwrap() {
            let entry = entry.unwrap();
            if entry.file_type().unwrap().is_file() {
                std::fs::copy(entry.path(), to.join(part).join(entry.file_name())).unwrap();
            }
        }
    }
}

#[test]
fn an_index_of_other_events_is_built_again() {
    let dir = tempfile::tempdir().unwrap();
    let (path, backup) = (dir.path().join("store"), dir.path().join("backup"));
    let mut model = Model {
        dim: 4096,
        random: Random(5),
        rows: BTreeMap::new(),
    };
    let open = || Engine::open(&path, Options::default()).unwrap();
    let engine = open();
    engine.apply(model.puts(2100)).unwrap();
    engine.close().unwrap();
    copy_store(&path, &backup);
    let kept = model.rows.clone();
    let engine = open();
    engine.apply(model.puts(100)).unwrap();
    engine
        .optimize(&AtomicBool::new(false), |_, _, _| ())
        .unwrap();
    engine.close().unwrap();

    // The backup has no index; the one that is left holds as many events, but not the same.
    copy_store(&backup, &path);
    model.rows = kept;
    let engine = open();
    let later = model.puts(100);
    engine.apply(later).unwrap();
    engine
        .optimize(&AtomicBool::new(false), |_, _, _| ())
        .unwrap();
    let index = engine.stats().unwrap().index.unwrap();
    assert_eq!((index.rows, index.behind), (2200, 0));
    let known = model.rows.clone();
    for (id, (_, _, vector)) in known.iter().step_by(11) {
        let approximate = Query {
            exact: false,
            ..query(vector.clone(), None, None, 1)
        };
        let hits = engine.search(&approximate).unwrap();
        assert_eq!(&hits[0].record.id, id);
    }
}

#[test]
fn the_fingerprint_of_an_event_is_its_own() {
    let engine = Engine::open(Path::new(":memory:"), Options::default()).unwrap();
    let put = |text: &str| {
        Op::Put(Put {
            scope: Scope {
                user_id: Some("u".into()),
                ..Scope::default()
            },
            text: text.into(),
            vector: vec![1.0, 2.0],
            ..Put::default()
        })
    };
    engine.apply(vec![put("a"), put("b"), put("b")]).unwrap();
    let first: Vec<_> = (0..5).map(|seq| engine.log_state(seq).unwrap()).collect();
    assert_eq!(first[0].fingerprint, Some(0));
    assert_eq!(first[4].fingerprint, None);
    let known: std::collections::BTreeSet<_> = first.iter().map(|one| one.fingerprint).collect();
    assert_eq!(known.len(), 5);
    engine.apply(vec![put("c")]).unwrap();
    let (state, events) = engine.log_piece(1, 2).unwrap();
    assert_eq!((state.seq, events.len(), state.last_seq), (3, 2, 4));
    assert_eq!(state.fingerprint, first[3].fingerprint);
}

#[test]
fn batches_of_many_callers_are_each_all_or_nothing() {
    let engine = Engine::open(Path::new(":memory:"), Options::default()).unwrap();
    let callers = 16;
    let barrier = Barrier::new(callers);
    let put = |caller: usize, number: usize, id: Option<String>| {
        Op::Put(Put {
            id,
            scope: Scope {
                user_id: Some(format!("u{caller}")),
                ..Scope::default()
            },
            text: format!("{caller} {number}"),
            vector: vec![1.0, 2.0],
            ..Put::default()
        })
    };
    engine.apply(vec![put(0, 0, Some("taken".into()))]).unwrap();
    std::thread::scope(|scope| {
        for caller in 0..callers {
            let (engine, barrier) = (&engine, &barrier);
            scope.spawn(move || {
                barrier.wait();
                for number in 0..50 {
                    // Every third batch fails at its end.
                    let last = (number % 3 == 0).then(|| "taken".to_owned());
                    let ops = vec![put(caller, number, None), put(caller, number, last)];
                    let outcome = engine.apply(ops);
                    assert_eq!(outcome.is_err(), number % 3 == 0);
                }
            });
        }
    });
    for caller in 0..callers {
        let scope = ScopeQuery::new(Some(Select::one(format!("u{caller}"))), None, None).unwrap();
        let count = engine.count(&Selection::new(scope)).unwrap();
        assert_eq!(count, 33 * 2 + u64::from(caller == 0));
    }
    let events = engine.events_after(0, usize::MAX).unwrap();
    assert_eq!(events.len(), callers * 66 + 1);
    assert!((1..).zip(&events).all(|(seq, event)| event.seq == seq));
}

#[test]
fn a_put_that_keeps_what_is_there_changes_nothing() {
    let engine = Engine::open(Path::new(":memory:"), Options::default()).unwrap();
    let put = |id: Option<&str>, text: &str, existing| {
        Op::Put(Put {
            id: id.map(str::to_owned),
            scope: Scope {
                user_id: Some("u".into()),
                ..Scope::default()
            },
            text: text.into(),
            vector: vec![1.0, 2.0],
            existing,
            ..Put::default()
        })
    };
    let apply = |ops: Vec<Op>| engine.apply(ops).unwrap();
    let ops = vec![
        put(Some("a"), "one", Existing::Refuse),
        put(Some("a"), "other", Existing::KeepId),
        put(None, "one", Existing::KeepText),
        put(Some("b"), "one", Existing::KeepId),
        put(None, "two", Existing::KeepText),
        put(None, "two", Existing::KeepText),
    ];
    let kept: Vec<bool> = apply(ops).iter().map(memfast_core::Change::kept).collect();
    assert_eq!(kept, [false, true, true, false, false, true]);
    assert_eq!(engine.last_seq().unwrap(), 3);
    let again = apply(vec![put(None, "two", Existing::KeepText)]);
    assert!(again[0].kept());
    // Rows that were changed or deleted cannot be kept.
    let id = again[0].after.as_ref().unwrap().id.clone();
    apply(vec![Op::Delete(id)]);
    assert!(!apply(vec![put(None, "two", Existing::KeepText)])[0].kept());
}
