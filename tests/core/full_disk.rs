//! Laws of a store on a full disk, simulated. A real one is filled in `tests/python/test_full_disk.py`.
#![allow(clippy::unwrap_used, clippy::panic, clippy::expect_used)]

#[allow(dead_code)] // each test file uses its part
mod support;

use std::path::Path;
use std::sync::{Arc, Barrier};

use memfast_core::{Durability, Embedder, Engine, Error, Op, Options, Query, Selection};
use support::{Fault, SimIo};

const DIM: usize = 64;

fn try_open(io: &SimIo, durability: Durability) -> Result<Engine, Error> {
    let options = Options {
        embedder: Some(Embedder {
            name: "test".into(),
            dim: DIM,
            fingerprint: "1".into(),
        }),
        durability,
        ..Options::default()
    };
    Engine::open_in(Arc::new(io.clone()), Path::new("/store"), options)
}

fn open(io: &SimIo) -> Engine {
    try_open(io, Durability::Commit).unwrap()
}

fn id(index: u64) -> String {
    format!("m{index}")
}

fn put(index: u64) -> Op {
    support::put(index, 3, 2000, DIM)
}

fn of(user: &str) -> Selection {
    Selection::parse([Some(vec![user.into()]), None, None], None).unwrap()
}

fn count(engine: &Engine) -> u64 {
    engine.count(&of("*")).unwrap()
}

fn searched(engine: &Engine) -> usize {
    let query = Query::new(of("*"), vec![1.0; DIM], usize::MAX);
    engine.search(&query).unwrap().len()
}

/// Adds memories one after another until there is no space; returns how many were stored.
fn fill(engine: &Engine, first: u64) -> u64 {
    for index in first..first + 1_000_000 {
        match engine.apply(vec![put(index)]) {
            Ok(_) => {}
            Err(error @ Error::Full { .. }) => {
                let message = error.to_string();
                assert!(
                    message.contains("disk is full") && message.contains("free"),
                    "{message}"
                );
                return index;
            }
            Err(error) => panic!("add {index}: {error:?}"),
        }
    }
    panic!("the disk takes everything");
}

/// A disk of a few megabytes that a store has filled.
fn full() -> (SimIo, Engine, u64) {
    let io = SimIo::default();
    let engine = open(&io);
    io.limit(io.used() + (1 << 20));
    let stored = fill(&engine, 0);
    assert!(stored > 50, "{stored} fit");
    (io, engine, stored)
}

#[test]
fn a_full_disk_refuses_adds_and_takes_deletions_down_to_the_last() {
    let (io, engine, stored) = full();
    for index in 0..stored {
        engine
            .apply(vec![Op::Delete(id(index))])
            .unwrap_or_else(|error| {
                panic!("deletion {index} of {stored}: {error:?}");
            });
        if index % 50 == 0 {
            assert_eq!(count(&engine), stored - index - 1);
            assert_eq!(searched(&engine) as u64, stored - index - 1);
        }
    }
    assert_eq!(count(&engine), 0);
    engine.close().unwrap();
    assert_eq!(count(&open(&io.after_power_loss(1))), 0);
}

#[test]
fn delete_all_works_on_a_full_disk_and_after_many_refused_adds() {
    let (io, engine, stored) = full();
    for index in 0..20 {
        let refused = engine.apply(vec![put(stored + index)]);
        assert!(matches!(refused, Err(Error::Full { .. })), "{refused:?}");
        assert_eq!(count(&engine), stored);
    }
    let of_user = engine.count(&of("u1")).unwrap();
    assert_eq!(engine.delete_all(&of("u1")).unwrap() as u64, of_user);
    assert_eq!(count(&engine), stored - of_user);
    assert_eq!(
        engine.delete_all(&of("*")).unwrap() as u64,
        stored - of_user
    );
    engine.close().unwrap();
    assert_eq!(count(&open(&io.after_power_loss(1))), 0);
}

#[test]
fn writing_resumes_when_there_is_space_without_opening_the_store_again() {
    let (io, engine, stored) = full();
    let mut next = stored;
    for round in 0..4 {
        assert!(matches!(
            engine.apply(vec![put(next)]),
            Err(Error::Full { .. })
        ));
        io.limit(io.used() + (2 << 20));
        engine
            .apply(vec![put(next)])
            .unwrap_or_else(|error| panic!("round {round}: {error:?}"));
        next = fill(&engine, next + 1);
    }
    assert_eq!(count(&engine), next);
    assert_eq!(searched(&engine) as u64, next);
    engine.close().unwrap();
    let engine = open(&io.after_power_loss(1));
    assert_eq!(count(&engine), next);
    assert_eq!(
        engine.events_after(0, usize::MAX).unwrap().len() as u64,
        next
    );
}

#[test]
fn what_deletions_free_inside_the_store_may_be_used_once_their_reserve_is_back() {
    let (io, engine, stored) = full();
    engine.delete_all(&of("*")).unwrap();
    // The space kept for deletions has been used, and comes before anything else.
    let refused = engine.apply(vec![put(stored)]);
    assert!(matches!(refused, Err(Error::Full { .. })), "{refused:?}");
    io.limit(io.used() + (1 << 20));
    let again = fill(&engine, stored) - stored;
    assert!(again > stored / 2, "{again} of {stored} fit again");
    engine.apply(vec![Op::Delete(id(stored))]).unwrap();
    assert_eq!(count(&engine), again - 1);
}

#[test]
fn what_was_committed_without_a_flush_survives_a_full_disk() {
    let io = SimIo::default();
    let engine = try_open(&io, Durability::None).unwrap();
    io.limit(io.used() + (1 << 20));
    let stored = 3000;
    for index in 0..stored {
        engine.apply(vec![put(index)]).unwrap();
    }
    let flushed = engine.flush();
    assert!(
        matches!(flushed, Err(Error::Full { .. })),
        "{stored} fit: {flushed:?}"
    );
    assert_eq!(count(&engine), stored);
    assert!(matches!(
        engine.apply(vec![put(stored)]),
        Err(Error::Full { .. })
    ));
    io.limit(io.used() + (64 << 20));
    engine.flush().unwrap();
    assert_eq!(count(&engine), stored);
    let lost = io.after_power_loss(5);
    assert_eq!(count(&open(&lost)), stored);
    engine.apply(vec![put(stored)]).unwrap();
    engine.close().unwrap();
    assert_eq!(count(&open(&io.after_power_loss(6))), stored + 1);
}

#[test]
fn deletions_go_through_beside_adds_that_are_refused() {
    let (_io, engine, stored) = full();
    let start = Barrier::new(8);
    std::thread::scope(|scope| {
        for thread in 0..8 {
            let (engine, start) = (&engine, &start);
            scope.spawn(move || {
                start.wait();
                for step in 0..10 {
                    if thread % 2 == 0 {
                        let refused = engine.apply(vec![put(stored + thread * 100 + step)]);
                        assert!(matches!(refused, Err(Error::Full { .. })), "{refused:?}");
                    } else {
                        engine
                            .apply(vec![Op::Delete(id(thread * 10 + step))])
                            .unwrap();
                    }
                }
            });
        }
    });
    assert_eq!(count(&engine), stored - 40);
}

#[test]
fn reset_works_on_a_full_disk_and_gives_its_space_back() {
    let (io, engine, _) = full();
    let used = io.used();
    engine.reset().unwrap();
    assert_eq!(count(&engine), 0);
    assert!(
        io.used() < used / 2,
        "{} of {used} bytes are in use",
        io.used()
    );
    assert!(fill(&engine, 0) > 50);
}

#[test]
fn power_loss_while_a_full_disk_is_dealt_with_loses_nothing() {
    let (disk, engine, stored) = full();
    engine.close().unwrap();
    let begin = || {
        let io = disk.copy();
        io.limit(io.used());
        let engine = open(&io);
        let refused = engine.apply(vec![put(stored)]);
        assert!(matches!(refused, Err(Error::Full { .. })), "{refused:?}");
        (io, engine)
    };
    let delete = |engine: &Engine| {
        let deletion = |index: &u64| engine.apply(vec![Op::Delete(id(*index))]).is_ok();
        (0..3).take_while(deletion).count() as u64
    };
    let (whole, engine) = begin();
    let first = whole.operations();
    assert_eq!(delete(&engine), 3);
    let last = whole.operations();
    for crash in first..last {
        let (io, engine) = begin();
        io.fail_at(crash, Fault::Crash);
        let deleted = delete(&engine);
        let after = io.after_power_loss(crash);
        drop(engine);
        let found = stored - count(&open(&after));
        assert!(
            found == deleted || found == deleted + 1,
            "crash at {crash}: {deleted} deletions were acknowledged, {found} are found"
        );
    }
}
