//! Laws of `reset`: nothing of what was erased is left in a file, whatever happens meanwhile.
#![allow(clippy::unwrap_used, clippy::panic, clippy::expect_used)]

#[allow(dead_code)] // each test file uses its part
mod support;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use memfast_core::{
    Embedder, Engine, Error, Op, Options, Pending, Put, Query, Scope, Selection, Write,
};
use support::{Fault, Random, SimIo};

const DIM: usize = 64;

fn options() -> Options {
    Options {
        embedder: Some(Embedder {
            name: "test".into(),
            dim: DIM,
            fingerprint: "1".into(),
        }),
        ..Options::default()
    }
}

fn open(io: &SimIo) -> Result<Engine, Error> {
    Engine::open_in(Arc::new(io.clone()), Path::new("/store"), options())
}

fn vector(index: u64) -> Vec<f32> {
    let mut random = Random(index);
    (0..DIM)
        .map(|_| random.below(2_000_000) as f32 / 1e6 - 0.9995)
        .collect()
}

/// A text that no other bytes contain, and that no packing can shorten away.
fn text(index: u64) -> String {
    format!("secret-{:016x}", Random(index + 77).below(u64::MAX))
}

fn put(index: u64) -> Op {
    Op::Put(Put {
        id: Some(format!("id-of-{}", text(index))),
        scope: Scope {
            user_id: Some("ann".into()),
            ..Scope::default()
        },
        text: text(index),
        vector: vector(index),
        ..Put::default()
    })
}

fn everything() -> Selection {
    Selection::parse([Some(vec!["*".into()]), None, None], None).unwrap()
}

fn query(index: u64) -> Query {
    Query::new(everything(), vector(index), 5)
}

/// A store with memories in a segment, in the tail, deleted ones, waiting input and an index.
fn fill(engine: &Engine) {
    engine
        .apply((0..1500).map(put).collect::<Vec<_>>())
        .unwrap();
    engine
        .optimize(&AtomicBool::new(false), |_, _, _| ())
        .unwrap();
    engine
        .apply((1500..1510).map(put).collect::<Vec<_>>())
        .unwrap();
    engine
        .apply(vec![Op::Delete(format!("id-of-{}", text(3)))])
        .unwrap();
    let pending = Pending {
        scope: Scope {
            user_id: Some("ann".into()),
            ..Scope::default()
        },
        id: 0,
        at: 0,
        reason: "refused".into(),
        body: text(9999),
    };
    engine
        .apply(Write {
            pending: vec![pending],
            ..Write::default()
        })
        .unwrap();
}

/// Bytes that stand for what is stored: texts, vectors and codes.
fn traces() -> Vec<Vec<u8>> {
    let mut traces = Vec::new();
    for index in [0, 3, 700, 1499, 1505, 9999] {
        traces.push(text(index).into_bytes());
        let vector = vector(index);
        traces.push(
            vector[..4]
                .iter()
                .flat_map(|value| value.to_le_bytes())
                .collect(),
        );
        let greatest = vector
            .iter()
            .fold(0f32, |most, value| most.max(value.abs()));
        let codes = vector
            .iter()
            .map(|value| ((value / greatest * 127.0).round() as i8).cast_unsigned());
        traces.push(codes.take(12).collect());
    }
    traces
}

fn found(files: &BTreeMap<PathBuf, Vec<u8>>) -> Vec<(PathBuf, usize)> {
    let mut found = Vec::new();
    for (path, bytes) in files {
        for (number, trace) in traces().iter().enumerate() {
            if bytes.windows(trace.len()).any(|window| window == trace) {
                found.push((path.clone(), number));
            }
        }
    }
    found
}

fn files_of(dir: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut files = BTreeMap::new();
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(files_of(&path));
        } else {
            files.insert(path.clone(), std::fs::read(&path).unwrap());
        }
    }
    files
}

fn simulated(io: &SimIo) -> BTreeMap<PathBuf, Vec<u8>> {
    let paths = io.paths().into_iter();
    paths
        .map(|path| (path.clone(), io.content(&path)))
        .collect()
}

fn data_files(files: &BTreeMap<PathBuf, Vec<u8>>) -> Vec<&PathBuf> {
    let data = |path: &&PathBuf| {
        path.extension()
            .is_some_and(|end| end == "seg" || end == "hnsw")
    };
    files.keys().filter(data).collect()
}

#[test]
fn no_file_holds_a_byte_of_an_erased_memory_after_reset() {
    let parent = tempfile::tempdir().unwrap();
    let dir = parent.path().join("store");
    let engine = Engine::open(&dir, options()).unwrap();
    fill(&engine);
    let before = files_of(&dir);
    assert_eq!(data_files(&before).len(), 2);
    let kinds = |end: &str| {
        found(&before)
            .iter()
            .any(|(path, _)| path.to_str().unwrap().ends_with(end))
    };
    assert!(
        kinds(".redb") && kinds(".seg"),
        "the search must find what is there: {:?}",
        found(&before)
    );
    let old = engine.identity().unwrap();

    engine.reset().unwrap();
    let after = files_of(&dir);
    assert_eq!(found(&after), []);
    assert_eq!(data_files(&after), Vec::<&PathBuf>::new());
    let new = engine.identity().unwrap();
    assert_ne!(old.log_id, new.log_id);
    assert_eq!(old.embedder, new.embedder);
    assert_eq!(engine.last_seq().unwrap(), 0);
    assert_eq!(engine.count(&everything()).unwrap(), 0);
    assert_eq!(engine.search(&query(0)).unwrap(), []);
    assert_eq!(engine.history(&format!("id-of-{}", text(3))).unwrap(), []);
    assert_eq!(engine.pending(&everything().scope).unwrap(), []);

    engine.apply(vec![put(2000)]).unwrap();
    engine.close().unwrap();
    assert_eq!(found(&files_of(&dir)), []);
    let engine = Engine::open(&dir, options()).unwrap();
    assert_eq!(engine.search(&query(2000)).unwrap().len(), 1);
    assert_eq!(engine.identity().unwrap().log_id, new.log_id);
    engine.close().unwrap();
}

#[test]
fn power_loss_during_reset_leaves_the_old_or_the_new_store_whole() {
    let disk = SimIo::default();
    let engine = open(&disk).unwrap();
    fill(&engine);
    let (old, count) = (
        engine.identity().unwrap(),
        engine.count(&everything()).unwrap(),
    );
    engine.close().unwrap();
    let disk = disk.after_power_loss(0);
    let whole = disk.after_power_loss(0);
    let engine = open(&whole).unwrap();
    let first = whole.operations();
    engine.reset().unwrap();
    let last = whole.operations();
    drop(engine);
    let (mut kept, mut erased) = (0, 0);
    for crash in first..=last {
        for seed in 0..2 {
            let io = disk.after_power_loss(0);
            let engine = open(&io).unwrap();
            io.fail_at(crash, Fault::Crash);
            let outcome = engine.reset();
            let after = io.after_power_loss(crash * 31 + seed);
            drop(engine);
            let engine = open(&after).unwrap_or_else(|error| panic!("crash at {crash}: {error}"));
            if engine.identity().unwrap().log_id == old.log_id {
                assert!(
                    outcome.is_err(),
                    "crash at {crash}: the reset was acknowledged"
                );
                assert_eq!(engine.count(&everything()).unwrap(), count);
                assert_eq!(engine.search(&query(5)).unwrap()[0].record.text, text(5));
                kept += 1;
            } else {
                assert_eq!(engine.count(&everything()).unwrap(), 0);
                assert_eq!(
                    found(&simulated(&after)),
                    [],
                    "crash at {crash}, seed {seed}"
                );
                erased += 1;
            }
            engine.apply(vec![put(2000)]).unwrap();
            engine.close().unwrap();
        }
    }
    assert!(kept > 5 && erased > 5, "{kept} kept, {erased} erased");
}

#[test]
fn an_export_under_way_ends_with_what_it_began_with_and_then_the_files_go() {
    let io = SimIo::default();
    let engine = open(&io).unwrap();
    fill(&engine);
    let mut export = engine.export(everything(), true).unwrap();
    let begun = engine.export_next(&mut export, 10).unwrap();
    engine.reset().unwrap();
    engine
        .apply((3000..3020).map(put).collect::<Vec<_>>())
        .unwrap();
    let rest = engine.export_next(&mut export, usize::MAX).unwrap();
    assert_eq!(begun.len() + rest.len(), 1509);
    drop(export);
    assert_eq!(found(&simulated(&io)), []);
    assert_eq!(engine.count(&everything()).unwrap(), 20);
}

#[test]
fn a_reset_while_vectors_are_tidied_leaves_no_file_of_them() {
    for round in 0..6 {
        let io = SimIo::default();
        let engine = open(&io).unwrap();
        fill(&engine);
        let stop = AtomicBool::new(false);
        std::thread::scope(|scope| {
            scope.spawn(|| {
                while !stop.load(Ordering::Relaxed) {
                    engine
                        .optimize(&AtomicBool::new(false), |_, _, _| ())
                        .unwrap();
                }
            });
            std::thread::sleep(std::time::Duration::from_millis(7 * round));
            engine.reset().unwrap();
            stop.store(true, Ordering::Relaxed);
        });
        assert_eq!(found(&simulated(&io)), [], "round {round}");
        let files = simulated(&io);
        for path in data_files(&files) {
            // An index of the empty store may have been built after the reset.
            let empty = path.ends_with("index.hnsw") && files[path].len() < 64 * 64;
            assert!(
                empty,
                "round {round}: {path:?} has {} bytes",
                files[path].len()
            );
        }
    }
}
