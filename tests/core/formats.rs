//! Laws of formats: a store of any earlier format is converted when it is opened for writing, read
//! as it is with `read_only`, and one of a newer format is refused untouched.
//!
//! `tests/data/formats/N` holds a store of format N, what it holds (`expected.json`) and the fields
//! of its rows (`layout.txt`, from format 2 on). When `FORMAT` is raised, write those of the new
//! format with `cargo test -p memfast-core -- --ignored write_the`, and commit them.
#![allow(clippy::unwrap_used, clippy::panic, clippy::expect_used)]

#[allow(dead_code)] // each test file uses its part
mod support;

use std::collections::BTreeMap;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use memfast_core::filter::{ScopeQuery, Select};
use memfast_core::io::{Access, Io};
use memfast_core::{
    CountsAs, Embedder, Engine, Error, Event, EventKind, Kind, Op, Options, Patch, Pending,
    Provenance, Put, Receipt, Record, Rewrite, Scope, Selection, Told, Value, Write,
};
use redb::ReadableTable;
use serde_json::{Value as Json, json};
use support::{Fault, SimIo};

const DIM: usize = 4;
const DATABASE: &str = "/store/memfast.redb";
const META: redb::TableDefinition<'_, &str, &[u8]> = redb::TableDefinition::new("meta");

fn golden() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/data/formats")
}

/// A store of a format: the disk it lies on, and what it holds.
fn stored(format: u32) -> (SimIo, Json) {
    let directory = golden().join(format.to_string());
    let io = SimIo::default();
    for name in ["memfast.redb", "vectors/00000001.seg"] {
        let bytes = std::fs::read(directory.join(name)).unwrap();
        let file = io.open(&Path::new("/store").join(name), Access::Create);
        file.unwrap().write_at(0, &bytes).unwrap();
    }
    let expected = std::fs::read(directory.join("expected.json")).unwrap();
    (io.copy(), serde_json::from_slice(&expected).unwrap())
}

/// The stores of all formats.
fn all() -> Vec<(u32, SimIo, Json)> {
    let formats = std::fs::read_dir(golden()).unwrap();
    let names = formats.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut formats: Vec<u32> = names.map(|name| name.parse().unwrap()).collect();
    formats.sort_unstable();
    let all = formats.into_iter().map(|format| {
        let (io, expected) = stored(format);
        (format, io, expected)
    });
    all.collect()
}

/// The bytes of the files of a store.
fn files(io: &SimIo) -> Vec<Vec<u8>> {
    let names = ["memfast.redb", "vectors/00000001.seg"];
    let bytes = names.map(|name| io.content(&Path::new("/store").join(name)));
    bytes.into()
}

/// Changes the database of a closed store behind its back.
fn change_database(io: &SimIo, change: impl FnOnce(&redb::WriteTransaction)) {
    let copy = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(copy.path(), io.content(Path::new(DATABASE))).unwrap();
    let database = redb::Database::open(copy.path()).unwrap();
    let write = database.begin_write().unwrap();
    change(&write);
    write.commit().unwrap();
    drop(database);
    let changed = std::fs::read(copy.path()).unwrap();
    io.damage(Path::new(DATABASE), |bytes| *bytes = changed);
}

/// The format that the identity in a closed store's database says.
fn format_on(io: &SimIo) -> u32 {
    let mut format = None;
    change_database(&io.copy(), |write| {
        let meta = write.open_table(META).unwrap();
        let identity = meta.get("identity").unwrap().unwrap();
        let identity: Json = serde_json::from_slice(identity.value()).unwrap();
        format = identity["format"].as_u64();
    });
    u32::try_from(format.unwrap()).unwrap()
}

fn open(io: &SimIo, read_only: bool) -> Result<Engine, Error> {
    let options = Options {
        embedder: Some(Embedder {
            name: "test".into(),
            dim: DIM,
            fingerprint: "1".into(),
        }),
        read_only,
        ..Options::default()
    };
    Engine::open_in(Arc::new(io.clone()), Path::new("/store"), options)
}

fn scope(user: &str, agent: &str, run: &str) -> Scope {
    let id = |id: &str| (!id.is_empty()).then(|| id.to_owned());
    Scope {
        user_id: id(user),
        agent_id: id(agent),
        run_id: id(run),
    }
}

fn everything() -> Selection {
    Selection::parse([Some(vec!["*".into()]), None, None], None).unwrap()
}

fn receipts() -> [Receipt; 2] {
    [("ann", "first"), ("bob", "second")].map(|(user, key)| Receipt {
        scope: scope(user, "", ""),
        key: key.into(),
        note: format!("note of {key}"),
    })
}

fn plain(id: &str, scope: Scope, number: u64) -> Put {
    Put {
        id: Some(id.into()),
        scope,
        text: format!("memory {number} of {id}"),
        vector: vec![1.0, number as f32 / 4.0, -0.5, 0.25],
        created_at: Some(1_700_000_000_000_000 + number.cast_signed()),
        ..Put::default()
    }
}

/// A memory with all that is stored of one.
fn rich() -> Put {
    let map = [("inner".to_owned(), Value::Text("é".into()))];
    let metadata = [
        ("flag", Value::Bool(true)),
        ("none", Value::Null),
        ("count", Value::Int(-42)),
        ("share", Value::Float(0.1)),
        ("name", Value::Text("Ann \u{1F600}".into())),
        (
            "list",
            Value::List(vec![Value::Int(1), Value::Text("two".into())]),
        ),
        ("map", Value::Map(BTreeMap::from(map))),
    ];
    Put {
        metadata: metadata.map(|(key, value)| (key.to_owned(), value)).into(),
        provenance: Provenance {
            source_ids: vec!["message".into(), "gone".into()],
            source_hashes: vec![[1; 16], [255; 16]],
            note: true,
            origin: Some("an import".into()),
            role: Some("user".into()),
            actor_id: Some("Ann".into()),
            said_at: Some(-2),
            valid_from: Some(i64::MIN),
            valid_to: None,
            superseded_by: Some("another".into()),
            expires_on: Some(40_000),
            memory_type: Some("semantic".into()),
            categories: vec!["work".into(), "Zürich".into()],
            told: Told {
                event_at: Some(-1),
                worth: 0.75,
                trust: Some("untrusted".into()),
                may_contradict: vec!["another".into()],
                subject: Some("user's sister".into()),
                attribute: Some("live".into()),
                value: Some("Zürich".into()),
                entities: vec!["Zürich".into(), "Ann".into()],
            },
        },
        updated_at: Some(1_700_000_000_999_999),
        ..plain("rich", scope("ann", "helper", "run 1"), 1)
    }
}

/// Fills a store with something in every table.
fn fill(engine: &Engine) {
    let uuid = |number: u64| format!("0190a2b4-0000-7000-8000-{number:012x}");
    let mut puts = vec![
        rich(),
        plain("agent's", scope("", "helper", ""), 2),
        plain("run's", scope("", "", "run 1"), 3),
        Put {
            kind: Kind::Message,
            ..plain("message", scope("ann", "", ""), 4)
        },
        Put {
            kind: Kind::Message,
            vector: Vec::new(),
            ..plain("without a vector", scope("ann", "", ""), 4)
        },
    ];
    puts.extend((5..25).map(|number| plain(&uuid(number), scope("ann", "", ""), number)));
    puts.extend((25..45).map(|number| plain(&uuid(number), scope("cat", "", ""), number)));
    let put = |puts: Vec<Put>| puts.into_iter().map(Op::Put).collect::<Vec<_>>();
    engine.apply(put(puts)).unwrap();
    let never = AtomicBool::new(false);
    engine.optimize(&never, |_, _, _| ()).unwrap();
    // The rest of the vectors lies in the write buffer.
    engine
        .apply(vec![
            Op::Patch(Patch {
                id: uuid(5),
                rewrite: Some(Rewrite::Text {
                    text: "rewritten".into(),
                    vector: vec![0.0, 0.0, 1.0, 0.0],
                }),
                metadata: Some([("new".to_owned(), Value::Int(7))].into()),
                categories: Some(vec!["changed".into()]),
                ..Patch::default()
            }),
            Op::Patch(Patch {
                id: uuid(6),
                valid_to: Some(1_700_000_001_000_000),
                ..Patch::default()
            }),
            Op::Delete(uuid(7)),
            Op::Delete("run's".into()),
            Op::Delete(uuid(8)),
        ])
        .unwrap();
    engine
        .apply(put(vec![plain(&uuid(8), scope("ann", "", ""), 8)]))
        .unwrap();
    let cat = ScopeQuery::new(Some(Select::one("cat".to_owned())), None, None).unwrap();
    engine.delete_all(&Selection::new(cat)).unwrap();
    for (number, receipt) in (50..).zip(receipts()) {
        let pending = Pending {
            id: 0,
            scope: receipt.scope.clone(),
            at: 0,
            reason: format!("reason {number}"),
            body: "{\"messages\": []}".into(),
        };
        engine
            .apply(Write {
                ops: put(vec![plain(&uuid(number), receipt.scope.clone(), number)]),
                pending: vec![pending],
                receipt: Some(receipt),
                ..Write::default()
            })
            .unwrap();
    }
    let next = Embedder {
        name: "next".into(),
        dim: 2,
        fingerprint: "2".into(),
    };
    engine.reembed_begin(&next).unwrap();
    let step = engine.reembed_next(5).unwrap();
    let vectors = vec![0.5; step.texts.len() * next.dim];
    engine.reembed_put(step, &vectors).unwrap();
}

fn shown(record: &Record) -> Json {
    let mut shown = serde_json::to_value(record).unwrap();
    let hex = |hash: &[u8; 16]| format!("{:032x}", u128::from_be_bytes(*hash));
    let sources = record.provenance.source_hashes.iter().map(hex);
    shown["hash"] = json!(hex(&record.hash));
    let from = &mut shown["provenance"];
    from["source_hashes"] = json!(sources.collect::<Vec<_>>());
    from["categories"] = Json::Null;
    // Up to format 3 the time of the event stood beside the other times.
    from["event_at"] = from["told"]["event_at"].take();
    shown["last_seq"] = json!(record.last_seq);
    shown["categories"] = json!(record.provenance.categories);
    shown
}

fn shown_event(event: &Event) -> Json {
    json!({
        "seq": event.seq,
        "kind": event.kind,
        "at": event.at,
        "prev_seq": event.prev_seq,
        "before": event.before.as_ref().map(shown),
        "after": event.after.as_ref().map(shown),
    })
}

/// Drops what is empty, so that a field that a later format adds changes nothing.
fn prune(json: Json) -> Option<Json> {
    match json {
        Json::Object(map) => {
            let map = map.into_iter().filter_map(|(k, v)| Some((k, prune(v)?)));
            let map: serde_json::Map<_, _> = map.collect();
            (!map.is_empty()).then_some(Json::Object(map))
        }
        Json::Array(values) => (!values.is_empty()).then(|| {
            let values = values.into_iter();
            Json::Array(values.map(|v| prune(v).unwrap_or(Json::Null)).collect())
        }),
        Json::Null | Json::Bool(false) => None,
        Json::String(text) => (!text.is_empty()).then_some(Json::String(text)),
        Json::Number(number) => (number.as_f64() != Some(0.0)).then_some(Json::Number(number)),
        Json::Bool(true) => Some(json),
    }
}

/// All that a store holds.
fn content(engine: &Engine) -> Json {
    let mut export = engine.export(everything(), true).unwrap();
    let exported = engine.export_next(&mut export, usize::MAX).unwrap();
    let events = engine.events_after(0, usize::MAX).unwrap();
    let deleted = ["run's", "0190a2b4-0000-7000-8000-000000000020"];
    let identity = engine.identity().unwrap();
    let state = engine.log_state(events.len() as u64).unwrap();
    let content = json!({
        "records": exported.iter().map(|one| {
            let mut shown = shown(&one.record);
            shown["vector"] = json!(one.vector);
            shown
        }).collect::<Vec<_>>(),
        "events": events.iter().map(shown_event).collect::<Vec<_>>(),
        "deleted": deleted.map(|id| {
            let history = engine.history(id).unwrap();
            history.iter().map(shown_event).collect::<Vec<_>>()
        }),
        "pending": engine.pending(&everything().scope).unwrap(),
        "receipts": receipts().map(|receipt| engine.signed(&receipt).unwrap()),
        "log_id": identity.log_id,
        "embedder": identity.embedder,
        "space": identity.space,
        "log": [json!(state.last_seq), json!(state.fingerprint.map(|hash| format!("{hash:032x}")))],
        "to_reembed": engine.reembed_next(100).unwrap().texts,
    });
    prune(content).unwrap()
}

/// Changes a store in every table, and checks what must hold after a conversion.
fn goes_on(engine: &Engine) {
    let ann = scope("ann", "", "");
    let rich = engine.get("rich").unwrap().unwrap();
    engine
        .apply(vec![
            Op::Put(plain("new", ann.clone(), 60)),
            // A deleted id keeps its history.
            Op::Put(plain("run's", scope("", "", "run 1"), 61)),
            Op::Patch(Patch {
                id: "rich".into(),
                metadata: Some([("more".to_owned(), Value::Bool(true))].into()),
                ..Patch::default()
            }),
        ])
        .unwrap();
    let history = engine.history("run's").unwrap();
    let kinds: Vec<_> = history.iter().map(|event| event.kind).collect();
    assert_eq!(kinds, [EventKind::Add, EventKind::Delete, EventKind::Add]);
    let mut after = engine.get("rich").unwrap().unwrap();
    assert_eq!(after.metadata.remove("more"), Some(Value::Bool(true)));
    assert_eq!(
        (after.revision, after.last_seq),
        (rich.revision + 1, engine.last_seq().unwrap())
    );
    let times = (rich.updated_at, rich.revision, rich.last_seq);
    (after.updated_at, after.revision, after.last_seq) = times;
    assert_eq!(after, rich);
    for receipt in receipts() {
        let repeated = engine.apply(Write {
            receipt: Some(receipt),
            ..Write::default()
        });
        assert!(
            matches!(repeated, Err(Error::Repeated { .. })),
            "{repeated:?}"
        );
    }
    let pending = engine.pending(&everything().scope).unwrap();
    engine
        .apply(Write {
            processed: vec![pending[0].id],
            pending: vec![pending[0].clone()],
            ..Write::default()
        })
        .unwrap();
    let after = engine.pending(&everything().scope).unwrap();
    assert!(after.iter().all(|one| one.id > pending[0].id), "{after:?}");
    engine
        .optimize(&AtomicBool::new(false), |_, _, _| ())
        .unwrap();
}

#[test]
fn each_format_has_a_store() {
    let (io, _) = stored(1);
    let newest = open(&io, false).unwrap().identity().unwrap().format;
    for format in 1..=newest {
        assert!(golden().join(format.to_string()).exists(), "{format}");
        let (io, expected) = stored(format);
        // None of its parts is missing, or the other laws would say less than they seem to.
        for part in [
            "records",
            "events",
            "deleted",
            "pending",
            "receipts",
            "to_reembed",
        ] {
            assert!(expected.get(part).is_some(), "format {format}: {part}");
        }
        assert_eq!(format_on(&io), format);
    }
    assert!(!golden().join((newest + 1).to_string()).exists());
}

#[test]
fn a_memory_of_an_older_format_is_a_message_where_somebody_is_named_else_a_note() {
    for (format, io, _) in all() {
        let engine = open(&io, true).unwrap();
        let counts_as = |id: &str| engine.get(id).unwrap().unwrap().counts_as();
        let rich = if format < 3 {
            CountsAs::Fact
        } else {
            CountsAs::Note
        };
        assert_eq!(counts_as("rich"), rich, "format {format}");
        assert_eq!(counts_as("agent's"), CountsAs::Note, "format {format}");
        assert_eq!(counts_as("message"), CountsAs::Message, "format {format}");
    }
}

/// Gives records of a closed store a role and the time `at` as they were stored up to format 3.
fn backdate(io: &SimIo, ids: &[&str], role: Option<&str>, at: i64) {
    const RECORDS: redb::TableDefinition<'_, (u32, u64), &[u8]> =
        redb::TableDefinition::new("records");
    // Tags 14 and 12, and the values by position.
    let mut fields = vec![14];
    fields.extend(postcard::to_allocvec(&Some(at)).unwrap());
    if let Some(role) = role {
        fields.push(12);
        fields.extend(postcard::to_allocvec(&Some(role)).unwrap());
    }
    change_database(io, |write| {
        let mut records = write.open_table(RECORDS).unwrap();
        let mut changed = Vec::new();
        for entry in records.iter().unwrap() {
            let (key, bytes) = entry.unwrap();
            let bytes = bytes.value();
            // The id is the first field behind the head.
            let id = |id: &&str| {
                bytes[36..].starts_with(&[&[1, id.len() as u8], id.as_bytes()].concat())
            };
            if ids.iter().any(id) {
                changed.push((key.value(), [bytes, fields.as_slice()].concat()));
            }
        }
        assert_eq!(changed.len(), ids.len());
        for (key, bytes) in changed {
            records.insert(key, bytes.as_slice()).unwrap();
        }
    });
}

#[test]
fn the_time_of_a_message_of_an_older_format_is_when_it_was_said() {
    let at = 1_600_000_000_000_000;
    for format in [2, 3] {
        let (io, _) = stored(format);
        backdate(&io, &["message"], None, at);
        backdate(&io, &["agent's"], Some("assistant"), at);
        for read_only in [true, false] {
            let engine = open(&io, read_only).unwrap();
            let times = |id: &str| {
                let from = engine.get(id).unwrap().unwrap().provenance;
                (from.said_at, from.told.event_at)
            };
            for id in ["message", "agent's"] {
                assert_eq!(times(id), (Some(at), None), "format {format}, {id}");
            }
            // A fact or a note.
            assert_eq!(times("rich"), (None, Some(-1)), "format {format}");
        }
        // Once converted, a time of an event of a message is one.
        let engine = open(&io, false).unwrap();
        let told = Told {
            event_at: Some(at + 1),
            ..Told::default()
        };
        let patch = Patch {
            id: "agent's".into(),
            told: Some(told),
            ..Patch::default()
        };
        engine.apply(vec![Op::Patch(patch)]).unwrap();
        engine.close().unwrap();
        let engine = open(&io, false).unwrap();
        let from = engine.get("agent's").unwrap().unwrap().provenance;
        assert_eq!((from.said_at, from.told.event_at), (Some(at), Some(at + 1)));
    }
}

#[test]
fn a_store_of_any_format_is_converted_and_goes_on() {
    for (format, io, expected) in all() {
        let engine = open(&io, false).unwrap();
        let newest = engine.identity().unwrap().format;
        assert_eq!(content(&engine), expected, "format {format}");
        goes_on(&engine);
        let after = content(&engine);
        engine.close().unwrap();
        assert_eq!(format_on(&io), newest);
        let engine = open(&io, false).unwrap();
        assert_eq!(content(&engine), after, "format {format}, reopened");
    }
}

#[test]
fn a_store_of_any_format_is_read_as_it_is_with_read_only() {
    for (format, io, expected) in all() {
        let before = files(&io);
        let engine = open(&io, true).unwrap();
        assert_eq!(content(&engine), expected, "format {format}");
        let refused = engine.apply(vec![Op::Delete("rich".into())]);
        assert!(matches!(refused, Err(Error::ReadOnly)), "{refused:?}");
        engine.close().unwrap();
        assert_eq!(files(&io), before, "format {format}");
        assert_eq!(io.operations(), 0, "format {format}");
    }
}

#[test]
fn a_conversion_that_is_cut_short_anywhere_loses_nothing_and_goes_on_at_the_next_open() {
    for (format, disk, expected) in all() {
        let probe = disk.copy();
        // What is left in memory is lost with it.
        std::mem::forget(open(&probe, false).unwrap());
        let operations = probe.operations();
        for at in 0..operations {
            let cut = disk.copy();
            cut.fail_at(at, Fault::Crash);
            let outcome = open(&cut, false).map(std::mem::forget);
            for seed in 0..3 {
                let again = cut.after_power_loss(at * 3 + seed);
                let read_only = open(&again.copy(), true).unwrap();
                let context = format!("format {format}, operation {at}: {outcome:?}");
                assert_eq!(content(&read_only), expected, "{context}");
                let engine = open(&again, false).unwrap();
                assert_eq!(content(&engine), expected, "{context}");
                goes_on(&engine);
                engine.close().unwrap();
            }
        }
    }
}

#[test]
fn a_conversion_that_a_disk_refuses_is_reported_and_made_at_the_next_open() {
    for (format, disk, expected) in all() {
        let probe = disk.copy();
        std::mem::forget(open(&probe, false).unwrap());
        for kind in [ErrorKind::StorageFull, ErrorKind::Other] {
            let mut refused = 0;
            for at in 0..probe.operations() {
                let io = disk.copy();
                io.fail_at(at, Fault::Once(kind));
                match open(&io, false).map(drop) {
                    Ok(()) => {}
                    Err(Error::Full { .. }) if kind == ErrorKind::StorageFull => refused += 1,
                    Err(Error::Io { .. }) => refused += 1,
                    Err(error) => panic!("format {format}, operation {at}: {error:?}"),
                }
                let engine = open(&io, false).unwrap();
                assert_eq!(
                    content(&engine),
                    expected,
                    "format {format}, operation {at}"
                );
            }
            assert!(refused > 0, "format {format}, {kind}");
        }
    }
}

#[test]
fn a_store_of_format_1_without_the_tables_that_came_later_is_converted() {
    let (io, mut expected) = stored(1);
    change_database(&io, |write| {
        for name in ["signed", "dropped"] {
            let table: redb::TableDefinition<'_, u64, u64> = redb::TableDefinition::new(name);
            assert!(write.delete_table(table).unwrap());
        }
    });
    let none = json!({"ids": [], "note": ""});
    expected["receipts"] = prune(json!([none, none])).unwrap();
    let read_only = open(&io.copy(), true).unwrap();
    assert_eq!(content(&read_only), expected);
    let engine = open(&io, false).unwrap();
    assert_eq!(content(&engine), expected);
    goes_on(&engine);
}

#[test]
fn a_newer_format_is_refused_and_not_changed() {
    let (_, io, _) = all().pop().unwrap();
    let newest = open(&io.copy(), false).unwrap().identity().unwrap().format;
    change_database(&io, |write| {
        // Of a newer format nothing is known but where its number stands.
        let identity = json!({"format": newest + 7, "log_id": 1, "embedder": "another shape"});
        let mut meta = write.open_table(META).unwrap();
        let bytes = serde_json::to_vec(&identity).unwrap();
        meta.insert("identity", bytes.as_slice()).unwrap();
        meta.insert("counters", [255; 9].as_slice()).unwrap();
        drop(meta);
        let records: redb::TableDefinition<'_, (u32, u64), &[u8]> =
            redb::TableDefinition::new("records");
        assert!(write.delete_table(records).unwrap());
    });
    let before = files(&io);
    for read_only in [false, true] {
        let error = open(&io, read_only).unwrap_err();
        let Error::Format { found, known, .. } = &error else {
            panic!("{error:?}");
        };
        assert_eq!((*found, *known), (newest + 7, newest));
        let message = error.to_string();
        for part in [DATABASE, &found.to_string(), &known.to_string(), "upgrade"] {
            assert!(message.contains(part), "{message}");
        }
        assert_eq!(files(&io), before);
    }
}

#[test]
#[ignore = "writes tests/data/formats, once for each format"]
fn write_the_store_of_this_format() {
    let io = SimIo::default();
    let engine = open(&io, false).unwrap();
    fill(&engine);
    let expected = content(&engine);
    let format = engine.identity().unwrap().format;
    engine.close().unwrap();
    let directory = golden().join(format.to_string());
    let frozen = directory.join("memfast.redb").exists();
    assert!(!frozen, "{} is frozen", directory.display());
    std::fs::create_dir_all(directory.join("vectors")).unwrap();
    for name in ["memfast.redb", "vectors/00000001.seg"] {
        let bytes = io.content(&Path::new("/store").join(name));
        std::fs::write(directory.join(name), bytes).unwrap();
    }
    let mut database = redb::Database::open(directory.join("memfast.redb")).unwrap();
    database.compact().unwrap();
    let mut json = serde_json::to_string_pretty(&expected).unwrap();
    json.push('\n');
    std::fs::write(directory.join("expected.json"), json).unwrap();
}
