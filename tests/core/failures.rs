//! Laws of reading after a failed read or write, on a simulated disk.
#![allow(clippy::unwrap_used, clippy::panic, clippy::expect_used)]

#[allow(dead_code)] // each test file uses its part
mod support;

use std::io::ErrorKind;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use memfast_core::{Durability, Embedder, Engine, Error, Op, Options, Query, Selection};
use support::{Fault, SimIo};

const DIM: usize = 64;
const ROWS: u64 = 400;

fn open(io: &SimIo, durability: Durability) -> Engine {
    let options = Options {
        embedder: Some(Embedder {
            name: "test".into(),
            dim: DIM,
            fingerprint: "1".into(),
        }),
        durability,
        ..Options::default()
    };
    Engine::open_in(Arc::new(io.clone()), Path::new("/store"), options).unwrap()
}

fn put(index: u64) -> Op {
    support::put(index, 5, 200, DIM)
}

/// A disk with a store that was closed, so that nothing of it is in memory.
fn stored() -> SimIo {
    let io = SimIo::default();
    let engine = open(&io, Durability::Commit);
    engine
        .apply((0..ROWS).map(put).collect::<Vec<_>>())
        .unwrap();
    engine
        .optimize(&AtomicBool::new(false), |_, _, _| ())
        .unwrap();
    engine
        .apply((ROWS..ROWS + 20).map(put).collect::<Vec<_>>())
        .unwrap();
    engine.close().unwrap();
    io
}

fn everything() -> Selection {
    Selection::parse([Some(vec!["*".into()]), None, None], None).unwrap()
}

fn query() -> Query {
    Query::new(everything(), vec![1.0; DIM], 1000)
}

/// What every way of reading sees; the first error where one fails.
fn look(engine: &Engine) -> Vec<Result<usize, Error>> {
    let export = || {
        let mut export = engine.export(everything(), true)?;
        Ok(engine.export_next(&mut export, usize::MAX)?.len())
    };
    vec![
        engine.count(&everything()).map(|count| count as usize),
        engine
            .scan(&everything(), None, usize::MAX)
            .map(|page| page.records.len()),
        engine.search(&query()).map(|hits| hits.len()),
        export(),
        engine.history("m3").map(|events| events.len()),
        engine
            .get("m399")
            .map(|record| usize::from(record.is_some())),
        engine
            .events_after(0, usize::MAX)
            .map(|events| events.len()),
    ]
}

fn seen(engine: &Engine) -> Vec<usize> {
    look(engine).into_iter().map(Result::unwrap).collect()
}

#[test]
fn reads_go_on_over_the_last_commit_after_any_failed_write() {
    let disk = stored();
    let before = seen(&open(&disk.after_power_loss(0), Durability::Commit));
    let whole = disk.after_power_loss(0);
    let engine = open(&whole, Durability::Commit);
    let first = whole.operations();
    engine.apply(vec![put(1000)]).unwrap();
    let last = whole.operations();
    assert!(
        last - first > 4,
        "a commit writes more than {}",
        last - first
    );
    drop(engine);
    for at in first..last {
        let io = disk.after_power_loss(0);
        let engine = open(&io, Durability::Commit);
        io.fail_at(at, Fault::Once(ErrorKind::PermissionDenied));
        let failed = engine.apply(vec![put(1000)]);
        assert!(
            matches!(failed, Err(Error::Io { .. })),
            "write {at}: {failed:?}"
        );
        // Twice: once from the disk, once from memory.
        assert_eq!(seen(&engine), before, "write {at}");
        assert_eq!(seen(&engine), before, "write {at}");
        let written = io.operations();
        let again = engine.apply(vec![Op::Delete("m3".into())]);
        assert!(matches!(again, Err(Error::Poisoned { .. })), "{again:?}");
        engine.close().unwrap();
        assert_eq!(
            io.operations(),
            written,
            "nothing is written after write {at} failed"
        );
        let found = seen(&open(&io.after_power_loss(at), Durability::Commit));
        assert!(
            found[0] == before[0] || found[0] == before[0] + 1,
            "write {at}: {found:?}"
        );
    }
}

#[test]
fn a_failed_read_is_the_error_of_one_call_and_the_next_call_works() {
    let disk = stored();
    let whole = disk.after_power_loss(0);
    let engine = open(&whole, Durability::Commit);
    let first = whole.reads();
    let right = seen(&engine);
    let last = whole.reads();
    assert!(last - first > 20, "{} reads", last - first);
    drop(engine);
    for at in first..last {
        let io = disk.after_power_loss(0);
        let engine = open(&io, Durability::Commit);
        io.fail_reads(at..at + 1);
        let mut failures = 0;
        for (outcome, right) in look(&engine).into_iter().zip(&right) {
            match outcome {
                Ok(count) => assert_eq!(count, *right, "read {at}"),
                Err(Error::Read { .. }) => failures += 1,
                Err(error) => panic!("read {at}: {error:?}"),
            }
        }
        assert_eq!(failures, 1, "read {at}");
        assert_eq!(seen(&engine), right, "read {at}");
        engine.apply(vec![put(1000)]).unwrap();
        assert_eq!(seen(&engine)[0], right[0] + 1);
    }
}

#[test]
fn a_read_that_fails_inside_a_write_fails_that_write_alone() {
    let disk = stored();
    let whole = disk.after_power_loss(0);
    let engine = open(&whole, Durability::Commit);
    let first = whole.reads();
    let change = || {
        vec![
            put(1000),
            Op::Delete("m7".into()),
            Op::Delete("m399".into()),
        ]
    };
    engine.apply(change()).unwrap();
    let last = whole.reads();
    assert!(last > first);
    let after = seen(&engine)[0];
    drop(engine);
    for at in first..last {
        let io = disk.after_power_loss(0);
        let engine = open(&io, Durability::Commit);
        io.fail_reads(at..at + 1);
        let failed = engine.apply(change());
        assert!(
            matches!(failed, Err(Error::Read { .. })),
            "read {at}: {failed:?}"
        );
        let right = seen(&engine);
        assert_eq!(right[0], after + 1, "read {at}: nothing of it was kept");
        engine.apply(change()).unwrap();
        assert_eq!(seen(&engine)[0], after, "read {at}");
        engine.close().unwrap();
        assert_eq!(
            seen(&open(&io.after_power_loss(at), Durability::Commit))[0],
            after
        );
    }
}

#[test]
fn a_failed_read_of_one_thread_is_no_error_of_another() {
    let disk = stored();
    let right = seen(&open(&disk.after_power_loss(0), Durability::Commit));
    for round in 0..30 {
        let io = disk.after_power_loss(0);
        let engine = open(&io, Durability::Commit);
        io.fail_reads(io.reads() + 3 * round..io.reads() + 3 * round + 1);
        let failures: usize = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..4).map(|_| scope.spawn(|| look(&engine))).collect();
            let outcomes = threads
                .into_iter()
                .flat_map(|thread| thread.join().unwrap());
            outcomes
                .zip(right.iter().cycle())
                .filter(|(outcome, right)| match outcome {
                    Ok(count) => {
                        assert_eq!(count, *right);
                        false
                    }
                    Err(Error::Read { .. }) => true,
                    Err(error) => panic!("{error:?}"),
                })
                .count()
        });
        assert!(failures <= 1, "round {round}: {failures} calls failed");
        assert_eq!(seen(&engine), right);
    }
}

#[test]
fn a_disk_that_never_answers_is_an_error_of_every_call_until_it_does() {
    let disk = stored();
    let engine = open(&disk, Durability::Commit);
    disk.fail_reads(0..u64::MAX);
    for _ in 0..3 {
        assert!(matches!(
            engine.count(&everything()),
            Err(Error::Read { .. })
        ));
        assert!(engine.apply(vec![put(1000)]).is_err());
    }
    disk.fail_reads(0..0);
    assert_eq!(seen(&engine)[0] as u64, ROWS + 20);
    engine.apply(vec![put(1000)]).unwrap();
    assert_eq!(seen(&engine)[0] as u64, ROWS + 21);
}

#[test]
fn changes_that_a_failed_read_takes_before_they_are_durable_are_reported_as_lost() {
    let disk = stored();
    let engine = open(&disk, Durability::None);
    engine.apply(vec![put(1000)]).unwrap();
    disk.fail_reads(disk.reads()..disk.reads() + 1);
    assert!(look(&engine).iter().any(Result::is_err));
    assert_eq!(seen(&engine)[0] as u64, ROWS + 20);
    let refused = engine.apply(vec![put(1001)]);
    assert!(
        matches!(&refused, Err(Error::Poisoned { cause }) if cause.contains("lost")),
        "{refused:?}"
    );
    assert!(matches!(engine.flush(), Err(Error::Poisoned { .. })));
}
