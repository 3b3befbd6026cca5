//! Laws of opening: what is not a store is refused, and not a byte of it is changed.
#![allow(clippy::unwrap_used, clippy::panic, clippy::expect_used)]

#[allow(dead_code)] // each test file uses its part
mod support;

use std::path::Path;
use std::sync::Arc;

use memfast_core::io::{Access, Io};
use memfast_core::{Engine, Error, Op, Options, Put, Scope, Selection};
use support::SimIo;

const DATABASE: &str = "/store/memfast.redb";

fn open(io: &SimIo) -> Result<Engine, Error> {
    Engine::open_in(
        Arc::new(io.clone()),
        Path::new("/store"),
        Options::default(),
    )
}

fn put(engine: &Engine, count: usize) {
    let put = |index| {
        Op::Put(Put {
            scope: Scope {
                user_id: Some("ann".into()),
                ..Scope::default()
            },
            text: format!("text {index}"),
            vector: vec![1.0, index as f32],
            ..Put::default()
        })
    };
    engine
        .apply((0..count).map(put).collect::<Vec<_>>())
        .unwrap();
}

fn count(engine: &Engine) -> u64 {
    let all = Selection::parse([Some(vec!["*".into()]), None, None], None).unwrap();
    engine.count(&all).unwrap()
}

/// A disk whose store has this database file.
fn disk(bytes: &[u8]) -> SimIo {
    let io = SimIo::default();
    let file = io.open(Path::new(DATABASE), Access::Create).unwrap();
    file.write_at(0, bytes).unwrap();
    io
}

fn bytes_of(io: &SimIo, path: &str) -> Vec<u8> {
    let mut copy = Vec::new();
    io.damage(Path::new(path), |bytes| copy.clone_from(bytes));
    copy
}

fn store_bytes() -> Vec<u8> {
    let io = SimIo::default();
    let engine = open(&io).unwrap();
    put(&engine, 100);
    engine.close().unwrap();
    bytes_of(&io, DATABASE)
}

fn foreign_redb() -> Vec<u8> {
    let file = tempfile::NamedTempFile::new().unwrap();
    let table: redb::TableDefinition<'_, u64, u64> = redb::TableDefinition::new("numbers");
    let database = redb::Database::create(file.path()).unwrap();
    let write = database.begin_write().unwrap();
    write.open_table(table).unwrap().insert(1, 2).unwrap();
    write.commit().unwrap();
    drop(database);
    std::fs::read(file.path()).unwrap()
}

#[test]
fn a_file_that_is_no_store_is_refused_and_not_changed() {
    let foreign = foreign_redb();
    let cases: [(&[u8], &str); 4] = [
        (b"", "it is empty"),
        (b"SQLite format 3\0 and more", "SQLite format 3"),
        (b"re", "it begins with \"re\""),
        (&foreign, "another program"),
    ];
    for (bytes, problem) in cases {
        let io = disk(bytes);
        for _ in 0..2 {
            let error = open(&io).unwrap_err();
            assert!(matches!(error, Error::NotStore { .. }), "{error:?}");
            let message = error.to_string();
            assert!(message.contains(problem), "{message}");
            assert!(message.contains(DATABASE), "{message}");
            assert_eq!(bytes_of(&io, DATABASE), bytes, "{problem}");
        }
    }
}

#[test]
fn a_store_that_is_cut_off_is_refused_and_not_changed() {
    let whole = store_bytes();
    for len in [
        9,
        64,
        320,
        4095,
        4096,
        5000,
        8192,
        whole.len() / 2,
        whole.len() - 1,
    ] {
        let io = disk(&whole[..len]);
        let error = open(&io).unwrap_err();
        assert!(
            matches!(error, Error::Corrupt { .. } | Error::NotStore { .. }),
            "{len}: {error:?}"
        );
        assert_eq!(bytes_of(&io, DATABASE), whole[..len], "{len}");
    }
}

#[test]
fn a_store_that_was_not_closed_is_recovered_when_it_is_opened() {
    let io = SimIo::default();
    let engine = open(&io).unwrap();
    put(&engine, 100);
    // The image of a process that was killed now.
    let killed = io.after_power_loss(1);
    drop(engine);
    for _ in 0..2 {
        let engine = open(&killed).unwrap();
        assert!(count(&engine) >= 100);
        put(&engine, 10);
        engine.close().unwrap();
    }
    assert_eq!(count(&open(&killed).unwrap()), 120);
}
