//! What an export writes, an import reads back as the same memories.
#![allow(clippy::unwrap_used)]

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;

use arrow_array::Array;
use arrow_array::cast::AsArray;
use memfast_core::filter::ScopeQuery;
use memfast_core::{
    Engine, Exported, Kind, Metadata, Op, Options, Patch, Provenance, Put, Scope, Selection, Told,
    Value,
};
use memfast_transfer::export::{Pages, fields, json_lines, schema};
use memfast_transfer::{
    Batch, Cell, Conflict, Draft, Embeds, Mapping, Pieces, RowReader, Settings, events,
};
use proptest::collection::{btree_map, vec};
use proptest::option;
use proptest::prelude::*;

/// The engine as a stream keeps it.
struct Shared(Arc<Engine>);

impl AsRef<Engine> for Shared {
    fn as_ref(&self) -> &Engine {
        &self.0
    }
}

fn open() -> Arc<Engine> {
    Arc::new(Engine::open(Path::new(":memory:"), Options::default()).unwrap())
}

fn all() -> Selection {
    Selection::new(ScopeQuery::everything())
}

fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        any::<bool>().prop_map(Value::Bool),
        any::<i64>().prop_map(Value::Int),
        any::<f64>()
            .prop_filter("finite", |number| number.is_finite())
            .prop_map(Value::Float),
        ".{0,8}".prop_map(Value::Text),
        Just(Value::Null),
    ];
    leaf.prop_recursive(3, 12, 3, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..3).prop_map(Value::List),
            btree_map("[a-z.]{1,4}", inner, 0..3).prop_map(Value::Map),
        ]
    })
}

fn provenance() -> impl Strategy<Value = Provenance> {
    let time = || option::of(-62_135_596_800_000_000..253_402_300_800_000_000_i64);
    let times = (time(), time(), time(), time());
    let text = || option::of(".{1,8}");
    let texts = (text(), text(), text(), text(), text());
    let day = option::of(-719_162..=2_932_896_i32);
    let lists = (
        vec("[a-z][a-z0-9]{0,5}", 0..3),
        vec(any::<[u8; 16]>(), 0..3),
        vec(".{0,5}", 0..3),
        vec(".{0,5}", 0..3),
        vec("[a-z][a-z0-9]{0,5}", 0..3),
    );
    let told = (text(), text(), text(), text(), 0.0..=1.0);
    let parts = (times, texts, day, lists, any::<bool>(), told);
    parts.prop_map(|(times, texts, expires_on, lists, note, told)| {
        let (event_at, said_at, valid_from, valid_to) = times;
        let (origin, role, actor_id, superseded_by, memory_type) = texts;
        let (source_ids, source_hashes, categories, entities, may_contradict) = lists;
        let (trust, subject, attribute, value, worth) = told;
        Provenance {
            source_ids,
            source_hashes,
            note,
            origin,
            role,
            actor_id,
            said_at,
            valid_from,
            valid_to,
            superseded_by,
            expires_on,
            memory_type,
            categories,
            told: Told {
                event_at,
                worth,
                trust,
                may_contradict,
                subject,
                attribute,
                value,
                entities,
            },
        }
    })
}

fn put() -> impl Strategy<Value = Put> {
    let id = || option::of("[a-z][a-z0-9]{0,5}");
    let scope = (id(), id(), "[a-z][a-z0-9]{0,5}");
    let time = || option::of(-62_135_596_800_000_000..253_402_300_800_000_000_i64);
    let metadata = btree_map("[a-z]{1,5}", value(), 0..4);
    let vector = vec(-1e6_f32..1e6, 3);
    let kind = prop_oneof![Just(Kind::Memory), Just(Kind::Message)];
    let rest = (kind, "[^\u{0}-\u{20}].{0,20}", metadata, vector);
    (scope, (time(), time()), provenance(), rest).prop_map(|(scope, times, provenance, rest)| {
        let (user_id, agent_id, run_id) = scope;
        let (kind, text, metadata, mut vector) = rest;
        vector.push(1.0);
        Put {
            kind,
            scope: Scope {
                user_id,
                agent_id,
                run_id: Some(run_id),
            },
            text,
            vector,
            metadata,
            provenance,
            created_at: times.0,
            updated_at: times.1,
            ..Put::default()
        }
    })
}

fn reader() -> RowReader {
    RowReader::new(Settings {
        mapping: Mapping::new(&HashMap::new(), None).unwrap(),
        scope: Scope::default(),
        conflict: Conflict::Fail,
        embeds: Embeds::Nothing,
        dim: 0,
        max_row_bytes: 1 << 26,
    })
    .unwrap()
}

/// All memories of a store with their vectors, without what depends on the store's log.
fn exported(engine: &Engine) -> Vec<Exported> {
    let mut export = engine.export(all(), true).unwrap();
    let mut rows = engine.export_next(&mut export, usize::MAX).unwrap();
    for row in &mut rows {
        row.record.last_seq = 0;
    }
    rows.sort_by(|a, b| a.record.id.cmp(&b.record.id));
    rows
}

/// Commits a batch into an empty store, and returns what that holds.
fn stored(mut batch: Batch) -> Vec<Exported> {
    assert_eq!(batch.rejects, []);
    let engine = open();
    let space = engine.identity().unwrap().space;
    batch.ready.commit(&engine, space).unwrap();
    exported(&engine)
}

fn of_json(value: &serde_json::Value) -> Value {
    match value {
        serde_json::Value::Null => Value::Null,
        serde_json::Value::Bool(flag) => Value::Bool(*flag),
        serde_json::Value::Number(number) => match number.as_i64() {
            Some(number) => Value::Int(number),
            None => Value::Float(number.as_f64().unwrap()),
        },
        serde_json::Value::String(text) => Value::Text(text.clone()),
        serde_json::Value::Array(items) => Value::List(items.iter().map(of_json).collect()),
        serde_json::Value::Object(map) => Value::Map(object(map)),
    }
}

fn object(map: &serde_json::Map<String, serde_json::Value>) -> Metadata {
    map.iter()
        .map(|(key, value)| (key.clone(), of_json(value)))
        .collect()
}

fn push(reader: &mut RowReader, row: impl IntoIterator<Item = (String, Value)>, out: &mut Batch) {
    let mut draft = Ok(Draft::default());
    for (name, value) in row {
        let part = reader.part(&name);
        draft = draft.and_then(|mut draft: Draft| {
            draft.set(&part, Cell::Value(value))?;
            Ok(draft)
        });
    }
    reader.push(None, draft, || None, out);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn arrow_json_and_csv_give_back_every_memory(puts in vec(put(), 1..6)) {
        let engine = open();
        engine.apply(puts.into_iter().map(Op::Put).collect::<Vec<_>>()).unwrap();
        let expected = exported(&engine);

        let export = engine.export(all(), true).unwrap();
        let mut pieces = Pieces::new(Box::new(Pages::new(Shared(Arc::clone(&engine)), export)));
        let batch = reader().read(&mut pieces, 1000, None).unwrap().unwrap();
        prop_assert_eq!(&stored(batch), &expected, "Arrow");

        let (mut lines, mut rows) = (Batch::default(), Batch::default());
        let (mut json_reader, mut csv_reader) = (reader(), reader());
        for line in json_lines(&expected).lines() {
            let line: serde_json::Value = serde_json::from_str(line).unwrap();
            push(&mut json_reader, object(line.as_object().unwrap()), &mut lines);
        }
        prop_assert_eq!(&stored(lines), &expected, "JSON lines");

        let schema = schema(4);
        for row in &expected {
            let names = schema.fields().iter().map(|field| field.name().clone());
            let cells = names.zip(fields(row, true));
            let cells = cells.filter_map(|(name, text)| Some((name, Value::Text(text?))));
            push(&mut csv_reader, cells, &mut rows);
        }
        prop_assert_eq!(&stored(rows), &expected, "CSV");
    }
}

#[test]
fn an_export_without_vectors_has_no_vector_column() {
    let engine = open();
    let put = Put {
        scope: Scope {
            user_id: Some("ann".into()),
            ..Scope::default()
        },
        text: "tea".into(),
        vector: vec![1.0, 2.0],
        ..Put::default()
    };
    engine.apply(vec![Op::Put(put)]).unwrap();
    for with_vectors in [true, false] {
        let export = engine.export(all(), with_vectors).unwrap();
        let pages = Pages::new(Shared(Arc::clone(&engine)), export);
        let batch = pages.last().unwrap().unwrap();
        assert_eq!(batch.num_rows(), 1);
        assert_eq!(batch.column_by_name("vector").is_some(), with_vectors);
        assert!(batch.column_by_name("role").unwrap().is_null(0));
    }
}

#[test]
fn events_say_what_became_of_a_memory_and_what_it_said_before() {
    let engine = open();
    let scope = Scope {
        user_id: Some("ann".into()),
        ..Scope::default()
    };
    let put = |text: &str| Put {
        id: Some("m".into()),
        scope: scope.clone(),
        text: text.into(),
        vector: vec![1.0, 2.0],
        ..Put::default()
    };
    let update = Patch {
        id: "m".into(),
        metadata: Some(Metadata::from([("k".into(), Value::Int(1))])),
        ..Patch::default()
    };
    let end = Patch {
        id: "m".into(),
        valid_to: Some(5),
        ..Patch::default()
    };
    for op in [
        Op::Put(put("tea")),
        Op::Patch(update),
        Op::Patch(end),
        Op::Delete("m".into()),
    ] {
        engine.apply(vec![op]).unwrap();
    }
    let (_, found) = engine.log_piece(0, 100).unwrap();
    let batch = events::batch(&found).unwrap();
    let column = |name: &str| {
        let texts = batch.column_by_name(name).unwrap().as_string::<i32>();
        texts
            .iter()
            .map(|text| text.map(str::to_owned))
            .collect::<Vec<_>>()
    };
    let some = |texts: &[Option<&str>]| -> Vec<Option<String>> {
        texts.iter().map(|text| text.map(str::to_owned)).collect()
    };
    assert_eq!(
        column("event"),
        some(&[Some("ADD"), Some("UPDATE"), Some("DELETE"), Some("DELETE")])
    );
    assert_eq!(
        column("old_memory"),
        some(&[None, Some("tea"), Some("tea"), Some("tea")])
    );
    assert_eq!(
        column("new_memory"),
        some(&[Some("tea"), Some("tea"), None, None])
    );
    assert_eq!(
        column("new_metadata"),
        some(&[Some("{}"), Some(r#"{"k":1}"#), None, None])
    );
    assert_eq!(column("user_id"), some(&[Some("ann"); 4]));
}
