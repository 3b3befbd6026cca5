//! Laws of the store under power loss, failing calls and damage, on a simulated disk.
#![allow(clippy::unwrap_used, clippy::panic, clippy::expect_used)]

#[allow(dead_code)] // each test file uses its part
mod support;

use std::collections::BTreeMap;
use std::io::ErrorKind;
use std::path::Path;
use std::sync::Arc;

use memfast_core::{
    Embedder, Engine, Error, Op, Options, Patch, Put, Query, Rewrite, Scope, Selection, guarded,
};
use support::{Fault, Random, SimIo};

const DIM: usize = 256;

fn options() -> Options {
    let embedder = Embedder {
        name: "test".into(),
        dim: DIM,
        fingerprint: "1".into(),
    };
    Options {
        embedder: Some(embedder),
        ..Options::default()
    }
}

fn open(io: &SimIo) -> Result<Engine, Error> {
    Engine::open_in(Arc::new(io.clone()), Path::new("/store"), options())
}

fn user(index: u64) -> Scope {
    Scope {
        user_id: Some(format!("u{index}")),
        ..Scope::default()
    }
}

fn everything() -> Selection {
    Selection::parse([Some(vec!["*".into()]), None, None], None).unwrap()
}

fn vector(random: &mut Random) -> Vec<f32> {
    (0..DIM)
        .map(|_| random.below(2000) as f32 / 1000.0 - 0.9995)
        .collect()
}

/// Id to text and revision: what a user can tell of the state.
type State = BTreeMap<String, (String, u32)>;

/// A batch that is right for `state`, and the state after it.
fn step(random: &mut Random, state: &State, number: u64) -> (Vec<Op>, State) {
    let mut after = state.clone();
    let mut ops = Vec::new();
    // Now and then a batch large enough to be written as a segment.
    let count = if random.below(6) == 0 {
        1100
    } else {
        1 + random.below(4)
    };
    for index in 0..count {
        let ids: Vec<String> = after.keys().take(50).cloned().collect();
        let pick = |random: &mut Random| ids[random.below(ids.len() as u64) as usize].clone();
        match random.below(if count > 100 { 1 } else { 4 }) {
            1 if !ids.is_empty() => {
                let id = pick(random);
                let text = format!("changed {number}.{index}");
                let entry = after.get_mut(&id).unwrap();
                *entry = (text.clone(), entry.1 + 1);
                ops.push(Op::Patch(Patch {
                    id,
                    rewrite: Some(Rewrite::Text {
                        text,
                        vector: vector(random),
                    }),
                    ..Patch::default()
                }));
            }
            2 if !ids.is_empty() => {
                let id = pick(random);
                after.remove(&id);
                ops.push(Op::Delete(id));
            }
            _ => {
                let id = format!("m{number}.{index}");
                let text = format!("text {number}.{index}");
                after.insert(id.clone(), (text.clone(), 0));
                let scope = user(random.below(3));
                ops.push(Op::Put(Put {
                    id: Some(id),
                    scope,
                    text,
                    vector: vector(random),
                    ..Put::default()
                }));
            }
        }
    }
    (ops, after)
}

fn state(engine: &Engine) -> State {
    let page = engine.scan(&everything(), None, usize::MAX).unwrap();
    page.records
        .into_iter()
        .map(|record| (record.id, (record.text, record.revision)))
        .collect()
}

/// Asks for all memories.
fn nearest() -> Query {
    Query::new(everything(), vec![1.0; DIM], usize::MAX)
}

/// The log replayed gives the memories, and a search sees each of them.
fn check_projections(engine: &Engine) {
    let state = state(engine);
    let mut replayed = State::new();
    for event in engine.events_after(0, usize::MAX).unwrap() {
        match (&event.before, &event.after) {
            (_, Some(after)) => {
                replayed.insert(after.id.clone(), (after.text.clone(), after.revision));
            }
            (Some(before), None) => {
                replayed.remove(&before.id);
            }
            (None, None) => panic!("event {} is about nothing", event.seq),
        }
    }
    assert_eq!(replayed, state);
    assert_eq!(engine.search(&nearest()).unwrap().len(), state.len());
    assert_eq!(engine.count(&everything()).unwrap() as usize, state.len());
}

/// Runs `steps` batches; returns the acknowledged state and that of a batch under way, if any.
fn run(io: &SimIo, seed: u64, steps: u64) -> (State, Option<State>) {
    let mut acknowledged = State::new();
    let Ok(engine) = open(io) else {
        return (acknowledged, None);
    };
    let mut random = Random(seed);
    for number in 0..steps {
        let (ops, after) = step(&mut random, &acknowledged, number);
        match engine.apply(ops) {
            Ok(_) => acknowledged = after,
            Err(_) => return (acknowledged, Some(after)),
        }
    }
    (acknowledged, None)
}

#[test]
fn after_power_loss_every_acknowledged_batch_is_there_whole() {
    let whole = SimIo::default();
    run(&whole, 7, 12);
    let total = whole.operations();
    assert!(total > 50, "the workload must write, not {total} times");
    let every = std::env::var("MEMFAST_CRASH_EVERY").map_or(3, |text| text.parse().unwrap());
    for crash in (0..total).step_by(every) {
        let io = SimIo::default();
        io.fail_at(crash, Fault::Crash);
        let (acknowledged, under_way) = run(&io, 7, 12);
        for seed in 0..2 {
            let io = io.after_power_loss(crash * 31 + seed);
            let engine =
                open(&io).unwrap_or_else(|error| panic!("crash at {crash}, seed {seed}: {error}"));
            let found = state(&engine);
            assert!(
                found == acknowledged || Some(&found) == under_way.as_ref(),
                "crash at {crash}, seed {seed}: neither the old nor the new state"
            );
            check_projections(&engine);
        }
    }
}

#[test]
fn a_failing_call_is_a_typed_error_and_ends_writing_unless_there_was_no_space() {
    let whole = SimIo::default();
    run(&whole, 3, 6);
    let opened = SimIo::default();
    drop(open(&opened).unwrap());
    for kind in [ErrorKind::StorageFull, ErrorKind::PermissionDenied] {
        for at in (opened.operations()..whole.operations()).step_by(5) {
            let io = SimIo::default();
            let engine = open(&io).unwrap();
            io.fail_at(at, Fault::Once(kind));
            let mut random = Random(3);
            let (mut acknowledged, mut failed) = (State::new(), None);
            for number in 0..6 {
                let (ops, after) = step(&mut random, &acknowledged, number);
                match engine.apply(ops) {
                    Ok(_) => acknowledged = after,
                    Err(Error::Full { .. }) => {
                        assert_eq!(kind, ErrorKind::StorageFull);
                        assert_eq!(state(&engine), acknowledged, "{kind} at {at}");
                    }
                    Err(error) => {
                        assert!(
                            matches!(error, Error::Io { .. } | Error::Database(_)),
                            "{error:?}"
                        );
                        failed = Some(after);
                        break;
                    }
                }
            }
            if failed.is_some() {
                let again = engine.apply(vec![Op::Delete("none".into())]);
                assert!(matches!(again, Err(Error::Poisoned { .. })), "{again:?}");
            }
            drop(engine);
            let engine = open(&io).unwrap();
            let found = state(&engine);
            assert!(
                found == acknowledged || Some(&found) == failed.as_ref(),
                "{kind} at {at}"
            );
            check_projections(&engine);
        }
    }
}

#[test]
fn a_panic_in_a_commit_is_an_error_and_the_next_call_does_not_wait() {
    let whole = SimIo::default();
    run(&whole, 7, 12);
    let opened = SimIo::default();
    drop(open(&opened).unwrap());
    for at in (opened.operations()..whole.operations()).step_by(15) {
        let io = SimIo::default();
        let engine = open(&io).unwrap();
        io.fail_at(at, Fault::Panic);
        let mut random = Random(7);
        let (mut acknowledged, mut failed) = (State::new(), None);
        for number in 0..12 {
            // The commit changes a shard in memory.
            engine.search(&nearest()).unwrap();
            let (ops, after) = step(&mut random, &acknowledged, number);
            match engine.apply(ops) {
                Ok(_) => acknowledged = after,
                Err(error) => {
                    let typed = matches!(
                        error,
                        Error::Internal(_) | Error::Database(_) | Error::Io { .. }
                    );
                    assert!(typed, "{error:?}");
                    failed = Some(after);
                    break;
                }
            }
        }
        let again = engine.apply(vec![Op::Delete("none".into())]);
        assert!(
            matches!(again, Err(Error::Poisoned { .. } | Error::NotFound { .. })),
            "{again:?}"
        );
        drop(engine);
        let engine = open(&io).unwrap();
        let found = state(&engine);
        assert!(
            found == acknowledged || Some(&found) == failed.as_ref(),
            "panic at {at}"
        );
        check_projections(&engine);
    }
}

#[test]
fn a_panic_in_a_commit_leaves_no_caller_waiting() {
    for operation in 0..6 {
        let io = SimIo::default();
        let engine = open(&io).unwrap();
        io.fail_at(io.operations() + operation, Fault::Panic);
        let engine = &engine;
        let put = |caller: u64, at: u64| {
            let put = Put {
                scope: user(caller),
                text: format!("text {at}"),
                vector: vec![1.0; DIM],
                ..Put::default()
            };
            vec![Op::Put(put)].into()
        };
        let failed: usize = std::thread::scope(|scope| {
            let call = |caller| {
                let batches = (0..4).map(|at| put(caller, at)).collect();
                let outcomes = engine.apply_each(batches).unwrap();
                assert_eq!(outcomes.len(), 4);
                outcomes.iter().filter(|outcome| outcome.is_err()).count()
            };
            let calls: Vec<_> = (0..8)
                .map(|caller| scope.spawn(move || call(caller)))
                .collect();
            calls.into_iter().map(|call| call.join().unwrap()).sum()
        });
        assert!(failed > 0);
        engine.close().unwrap();
    }
}

#[test]
fn a_panic_is_reported_with_its_message() {
    let message_of = |outcome: Result<(), Error>| outcome.unwrap_err().to_string();
    assert!(message_of(guarded(|| panic!("row {} is odd", 3))).contains("row 3 is odd"));
    assert!(message_of(guarded(|| panic!("odd"))).contains("odd"));
}

#[test]
fn damage_to_a_segment_is_reported_with_its_file_and_never_answered_wrong() {
    let io = SimIo::default();
    let engine = open(&io).unwrap();
    let mut random = Random(1);
    let put = |index: u64, random: &mut Random| {
        Op::Put(Put {
            scope: user(index % 2),
            text: format!("text {index}"),
            vector: vector(random),
            ..Put::default()
        })
    };
    let ops: Vec<_> = (0..1100).map(|index| put(index, &mut random)).collect();
    engine.apply(ops).unwrap();
    let query = Query {
        limit: 10,
        ..nearest()
    };
    let right = engine.search(&query).unwrap();
    engine.close().unwrap();
    let path = io
        .paths()
        .into_iter()
        .find(|path| path.extension().is_some_and(|end| end == "seg"))
        .unwrap();
    let mut length = 0;
    io.damage(&path, |bytes| length = bytes.len());
    for trial in 0..200 {
        let at = if trial < 60 {
            trial * 7
        } else {
            random.below(length as u64) as usize
        };
        let image = io.after_power_loss(0);
        image.damage(&path, |bytes| bytes[at] ^= 1 << (trial % 8));
        let outcome = open(&image).and_then(|engine| engine.search(&query));
        match outcome {
            // Padding between sections holds nothing.
            Ok(hits) => assert_eq!(hits, right, "byte {at} changed an answer"),
            Err(error) => assert!(error.to_string().contains("00000001.seg"), "{error}"),
        }
    }
    let image = io.after_power_loss(0);
    image.damage(&path, |bytes| bytes.truncate(length / 2));
    assert!(matches!(
        open(&image).and_then(|engine| engine.search(&query)),
        Err(Error::Segment { .. })
    ));
}
