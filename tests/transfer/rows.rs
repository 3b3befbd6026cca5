//! Rows of Arrow streams and of plain values become the puts that they describe, or rejects.
#![allow(clippy::unwrap_used)]

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;

use arrow_array::builder::{FixedSizeListBuilder, Float32Builder, ListBuilder, StringBuilder};
use arrow_array::types::Int8Type;
use arrow_array::{
    ArrayRef, BooleanArray, Date32Array, Date64Array, DictionaryArray, Float32Array, Float64Array,
    Int16Array, Int64Array, LargeStringArray, NullArray, RecordBatch, RecordBatchIterator,
    StringArray, StringViewArray, StructArray, TimestampMillisecondArray, TimestampNanosecondArray,
    TimestampSecondArray, UInt64Array,
};
use arrow_schema::{DataType, Field, Schema};
use memfast_core::time::{DAY_MICROS, SECOND_MICROS};
use memfast_core::{Engine, Kind, Metadata, Options, Put, Scope, Value};
use memfast_transfer::{
    Batch, Cell, Conflict, Draft, Embeds, Error, Mapping, Part, Pieces, RowReader, Settings,
    Vectors,
};

const NOON: i64 = 1_717_243_200;

fn settings() -> Settings {
    Settings {
        mapping: Mapping::new(&HashMap::new(), None).unwrap(),
        scope: Scope {
            user_id: Some("ann".into()),
            ..Scope::default()
        },
        conflict: Conflict::Id,
        embeds: Embeds::All,
        dim: 0,
        max_row_bytes: 1 << 20,
    }
}

fn reader() -> RowReader {
    RowReader::new(settings()).unwrap()
}

fn pieces(batches: Vec<RecordBatch>) -> Pieces {
    let schema = batches[0].schema();
    let batches = batches.into_iter().map(Ok);
    Pieces::new(Box::new(RecordBatchIterator::new(batches, schema)))
}

fn table(columns: Vec<(&str, ArrayRef)>) -> RecordBatch {
    RecordBatch::try_from_iter(columns).unwrap()
}

fn texts(values: &[Option<&str>]) -> ArrayRef {
    Arc::new(StringArray::from(values.to_vec()))
}

fn read(reader: &mut RowReader, columns: Vec<(&str, ArrayRef)>) -> Batch {
    reader
        .read(&mut pieces(vec![table(columns)]), 1000, None)
        .unwrap()
        .unwrap()
}

fn put(column: &str, array: ArrayRef) -> Put {
    let batch = read(
        &mut reader(),
        vec![("memory", texts(&[Some("tea")])), (column, array)],
    );
    assert_eq!(batch.rejects, [], "{column}");
    batch.ready.puts()[0].clone()
}

fn reason(column: &str, array: ArrayRef) -> String {
    let batch = read(
        &mut reader(),
        vec![("memory", texts(&[Some("tea")])), (column, array)],
    );
    batch.rejects[0].reason.clone()
}

fn draft(parts: &[(&str, Value)]) -> Result<Draft, String> {
    let mut draft = Draft::default();
    let text = ("memory", Value::Text("tea".into()));
    for (name, value) in std::iter::once(&text).chain(parts) {
        let part = Part::named(name).unwrap();
        draft.set(&part, Cell::Value(value.clone()))?;
    }
    Ok(draft)
}

#[test]
fn columns_of_every_readable_type_become_metadata() {
    let mut lists = ListBuilder::new(StringBuilder::new());
    lists.append_value([Some("a"), None]);
    let object = StructArray::from(vec![(
        Arc::new(Field::new("deep", DataType::Int16, true)),
        Arc::new(Int16Array::from(vec![7])) as ArrayRef,
    )]);
    let shared: DictionaryArray<Int8Type> = vec!["green"].into_iter().collect();
    let columns: Vec<(ArrayRef, Value)> = vec![
        (Arc::new(NullArray::new(1)), Value::Null),
        (Arc::new(BooleanArray::from(vec![true])), Value::Bool(true)),
        (Arc::new(UInt64Array::from(vec![9])), Value::Int(9)),
        (Arc::new(Float32Array::from(vec![0.5])), Value::Float(0.5)),
        (
            Arc::new(LargeStringArray::from(vec!["x"])),
            Value::Text("x".into()),
        ),
        (
            Arc::new(StringViewArray::from(vec!["y"])),
            Value::Text("y".into()),
        ),
        (
            Arc::new(Date32Array::from(vec![19_875])),
            Value::Text("2024-06-01".into()),
        ),
        (
            Arc::new(Date64Array::from(vec![19_875 * 86_400_000])),
            Value::Text("2024-06-01".into()),
        ),
        (
            Arc::new(TimestampMillisecondArray::from(vec![NOON * 1000])),
            Value::Text("2024-06-01T12:00:00.000000+00:00".into()),
        ),
        (
            Arc::new(lists.finish()),
            Value::List(vec![Value::Text("a".into()), Value::Null]),
        ),
        (
            Arc::new(object),
            Value::Map(Metadata::from([("deep".into(), Value::Int(7))])),
        ),
        (Arc::new(shared), Value::Text("green".into())),
    ];
    for (array, value) in columns {
        let kind = array.data_type().clone();
        let found = put("extra", array).metadata.remove("extra");
        let expected = (value != Value::Null).then_some(value);
        assert_eq!(found, expected, "{kind}");
    }
}

#[test]
fn times_of_any_unit_and_form_are_the_same_instant() {
    let micros = NOON * SECOND_MICROS;
    let columns: Vec<ArrayRef> = vec![
        Arc::new(TimestampSecondArray::from(vec![NOON])),
        Arc::new(TimestampNanosecondArray::from(vec![NOON * 1_000_000_000])),
        Arc::new(Int64Array::from(vec![NOON])),
        Arc::new(Float64Array::from(vec![NOON as f64])),
        texts(&[Some("2024-06-01T14:00:00+02:00")]),
    ];
    for array in columns {
        let kind = array.data_type().clone();
        assert_eq!(put("created_at", array).created_at, Some(micros), "{kind}");
    }
    let day: ArrayRef = Arc::new(Date32Array::from(vec![19_875]));
    assert_eq!(put("updated_at", day).updated_at, Some(19_875 * DAY_MICROS));
    let local = texts(&[Some("2024-06-01T23:30:00-08:00")]);
    let expires = put("expiration_date", local).provenance.expires_on;
    assert_eq!(expires, Some(19_875), "the day that a local time writes");
}

#[test]
fn times_outside_the_years_1_to_9999_are_rejected() {
    for array in [
        Arc::new(Int64Array::from(vec![i64::MAX])) as ArrayRef,
        Arc::new(Int64Array::from(vec![253_402_300_800])),
        Arc::new(Float64Array::from(vec![f64::INFINITY])),
        Arc::new(TimestampSecondArray::from(vec![-62_135_596_801])),
        texts(&[Some("yesterday")]),
    ] {
        let reason = reason("event_time", array);
        assert!(reason.starts_with("event_time "), "{reason}");
        assert!(reason.contains("is not a valid time"), "{reason}");
    }
    let overflowing: ArrayRef = Arc::new(TimestampSecondArray::from(vec![i64::MAX]));
    assert!(reason("event_time", overflowing).contains("out of range"));
}

#[test]
fn a_bad_row_is_rejected_alone_with_its_number_and_json() {
    let batch = read(
        &mut reader(),
        vec![
            ("memory", texts(&[Some("a"), Some(" "), Some("c")])),
            (
                "score_of",
                Arc::new(Float64Array::from(vec![1.0, f64::NAN, 2.0])),
            ),
        ],
    );
    assert_eq!(batch.rows, 3);
    let kept: Vec<_> = batch.ready.puts().iter().map(|put| &put.text).collect();
    assert_eq!(kept, ["a", "c"]);
    assert_eq!(batch.rejects.len(), 1);
    let reject = &batch.rejects[0];
    assert_eq!(reject.line, 2);
    assert_eq!(
        reject.reason,
        "score_of is NaN, which JSON cannot hold; leave it out or store it as text"
    );
    assert_eq!(
        reject.raw.as_deref(),
        Some(r#"{"memory":" ","score_of":"NaN"}"#)
    );
}

#[test]
fn an_id_that_repeats_in_a_source_counts_once_across_batches() {
    let ids = |ids: &[&str]| {
        let ids: Vec<_> = ids.iter().map(|id| Some(*id)).collect();
        table(vec![("id", texts(&ids)), ("memory", texts(&ids))])
    };
    let mut source = pieces(vec![ids(&["a", "b"]), ids(&["c", "a"])]);
    let mut reader = reader();
    let first = reader.read(&mut source, 2, None).unwrap().unwrap();
    let second = reader.read(&mut source, 2, None).unwrap().unwrap();
    assert!(reader.read(&mut source, 2, None).unwrap().is_none());
    assert_eq!(first.rejects, []);
    assert_eq!(second.rejects[0].line, 4);
    let reason = &second.rejects[0].reason;
    assert_eq!(
        reason,
        "id \"a\" is in the source twice; the first row counts"
    );
}

#[test]
fn scope_ids_are_trimmed_and_the_ids_of_all_scopes_are_rejected() {
    assert_eq!(
        put("agent_id", texts(&[Some(" bot\t")])).scope.agent_id,
        Some("bot".into())
    );
    let number: ArrayRef = Arc::new(Int64Array::from(vec![42]));
    assert_eq!(put("run_id", number).scope.run_id, Some("42".into()));
    for (id, problem) in [
        ("*", "'*' names all scopes"),
        ("a\nb", "cannot contain whitespace"),
        ("\u{a0}", "cannot be empty"),
    ] {
        let reason = reason("user_id", texts(&[Some(id)]));
        assert!(reason.starts_with("Invalid user_id: "), "{reason}");
        assert!(reason.contains(problem), "{reason}");
    }
    let mut all = settings();
    all.scope.user_id = Some("*".into());
    assert!(matches!(RowReader::new(all), Err(Error::Invalid(_))));
}

#[test]
fn metadata_keys_that_name_an_identity_are_left_out_and_counted() {
    let mut reader = reader();
    let batch = read(
        &mut reader,
        vec![
            ("memory", texts(&[Some("a")])),
            (
                "metadata",
                texts(&[Some(r#"{"user_id": "eve", "run_id": 1, "k": 2}"#)]),
            ),
        ],
    );
    let put = &batch.ready.puts()[0];
    assert_eq!(put.scope.user_id.as_deref(), Some("ann"));
    assert_eq!(put.metadata, Metadata::from([("k".into(), Value::Int(2))]));
    assert_eq!(reader.left_out(), 2);
}

#[test]
fn json_integers_beyond_64_bits_are_rejected_and_not_rounded() {
    let huge = texts(&[Some(r#"{"n": 9223372036854775808}"#)]);
    assert!(reason("metadata", huge).contains("9223372036854775808"));
    let large = texts(&[Some(r#"{"n": 9223372036854775807}"#)]);
    assert_eq!(put("metadata", large).metadata["n"], Value::Int(i64::MAX));
}

#[test]
fn a_row_beyond_the_size_limit_is_rejected_without_its_text() {
    let mut small = settings();
    small.max_row_bytes = 100;
    let mut reader = RowReader::new(small).unwrap();
    let long = "x".repeat(101);
    let batch = read(
        &mut reader,
        vec![("memory", texts(&[Some("a"), Some(&long)]))],
    );
    assert_eq!(batch.ready.puts().len(), 1);
    assert_eq!(
        batch.rejects[0].reason,
        "the row takes 101 bytes; max_row_bytes is 100"
    );
    assert_eq!(batch.rejects[0].raw, None);
}

#[test]
fn pieces_have_at_most_the_rows_asked_for_and_64_mib_of_shared_texts() {
    let long = "x".repeat(1 << 20);
    let shared: DictionaryArray<Int8Type> = std::iter::repeat_n(long.as_str(), 100).collect();
    let mut settings = settings();
    settings.max_row_bytes = 2 << 20;
    let mut reader = RowReader::new(settings).unwrap();
    let mut source = pieces(vec![table(vec![("memory", Arc::new(shared) as ArrayRef)])]);
    let mut counts = Vec::new();
    while let Some(batch) = reader.read(&mut source, 50, None).unwrap() {
        counts.push(batch.rows);
    }
    assert_eq!(counts, [50, 50]);
    assert_eq!(source.taken(), 100 << 20);
    let shared: DictionaryArray<Int8Type> = std::iter::repeat_n(long.as_str(), 100).collect();
    let mut source = pieces(vec![table(vec![("memory", Arc::new(shared) as ArrayRef)])]);
    let batch = reader.read(&mut source, 1000, None).unwrap().unwrap();
    assert_eq!(batch.rows, 64);
}

#[test]
fn columns_of_other_types_are_refused_unless_nothing_uses_them() {
    let schema = Schema::new(vec![
        Field::new("memory", DataType::Utf8, true),
        Field::new("blob", DataType::Binary, true),
    ]);
    let error = reader().check(&schema).unwrap_err().to_string();
    assert!(
        error.contains(r#"column "blob" is of type Binary"#),
        "{error}"
    );
    let mut named = settings();
    named.mapping = Mapping::new(&HashMap::new(), Some(Vec::new())).unwrap();
    RowReader::new(named).unwrap().check(&schema).unwrap();
}

#[test]
fn columns_are_mapped_by_the_names_given() {
    let columns = HashMap::from([("memory".into(), "body".into())]);
    let mapping = Mapping::new(&columns, Some(vec!["tag".into()])).unwrap();
    assert_eq!(Some(mapping.part("body")), Part::named("memory"));
    assert_eq!(mapping.part("tag"), Part::Key("tag".into()));
    assert_eq!(mapping.part("other"), Part::Nothing);
    let all = Mapping::new(&HashMap::new(), None).unwrap();
    assert_eq!(all.part("other"), Part::Key("other".into()));
    for derived in ["hash", "score", "__index_level_0__"] {
        assert_eq!(all.part(derived), Part::Nothing, "{derived}");
    }
    let unknown = HashMap::from([("memroy".into(), "body".into())]);
    let error = Mapping::new(&unknown, None).unwrap_err().to_string();
    assert!(error.starts_with(r#"columns: "memroy" is not a part of a memory"#));
}

#[test]
fn vectors_of_lists_json_and_a_matrix_are_the_same() {
    let mut fixed = FixedSizeListBuilder::new(Float32Builder::new(), 2);
    fixed.values().append_slice(&[3.0, 4.0]);
    fixed.append(true);
    let mut lists = ListBuilder::new(arrow_array::builder::Int64Builder::new());
    lists.append_value([Some(3), Some(4)]);
    for array in [
        Arc::new(fixed.finish()) as ArrayRef,
        Arc::new(lists.finish()),
        texts(&[Some("[3, 4.0]")]),
    ] {
        assert_eq!(put("vector", array).vector, [3.0, 4.0]);
    }
    let two = table(vec![("memory", texts(&[Some("a"), Some("b")]))]);
    let matrix = [3.0, 4.0];
    let batch = reader()
        .read(&mut pieces(vec![two]), 10, Some(Vectors::new(&matrix, 2)))
        .unwrap()
        .unwrap();
    assert_eq!(batch.ready.puts()[0].vector, [3.0, 4.0]);
    assert_eq!(
        batch.rejects[0].reason,
        "no vector: there are fewer vectors than rows"
    );
}

#[test]
fn vectors_that_do_not_fit_are_rejected() {
    let mut lists = ListBuilder::new(Float32Builder::new());
    lists.append_value([Some(1.0), Some(2.0)]);
    lists.append_value([Some(1.0)]);
    lists.append_value([Some(1.0), None]);
    lists.append_value([Some(1.0), Some(f32::NAN)]);
    let batch = read(
        &mut reader(),
        vec![
            ("memory", texts(&[Some("a"); 4])),
            ("vector", Arc::new(lists.finish())),
        ],
    );
    assert_eq!(batch.ready.puts().len(), 1);
    let lines: Vec<_> = batch.rejects.iter().map(|reject| reject.line).collect();
    assert_eq!(lines, [2, 3, 4]);
    assert_eq!(batch.rejects[1].reason, "vector: component 1 is missing");
    let mut bare = settings();
    bare.embeds = Embeds::Nothing;
    let mut reader = RowReader::new(bare).unwrap();
    let batch = read(&mut reader, vec![("memory", texts(&[Some("a")]))]);
    assert_eq!(
        batch.rejects[0].reason,
        "no vector, and the memory has no embedder"
    );
}

#[test]
fn every_part_of_a_plain_row_reaches_the_put() {
    let text = |text: &str| Value::Text(text.into());
    let hash = "000102030405060708090a0b0c0d0e0f";
    let row = draft(&[
        ("id", text(" m1 ")),
        ("actor_id", text("bo")),
        ("role", text("user")),
        ("memory_type", text("semantic")),
        ("superseded_by", Value::Int(7)),
        ("origin", text("crm")),
        ("kind", text("message")),
        ("categories", text(r#"["a", "b"]"#)),
        ("source_ids", text(r#"["m2", 3]"#)),
        ("source_hashes", Value::List(vec![text(hash)])),
        ("is_note", text("True")),
        ("valid_from", Value::Int(NOON)),
        ("valid_to", Value::Null),
    ]);
    let mut batch = Batch::default();
    reader().push(Some(5), row, || None, &mut batch);
    assert_eq!(batch.rejects, []);
    let put = &batch.ready.puts()[0];
    let from = &put.provenance;
    assert_eq!(put.id.as_deref(), Some("m1"));
    assert_eq!(put.kind, Kind::Message);
    assert_eq!(from.actor_id.as_deref(), Some("bo"));
    assert_eq!(from.role.as_deref(), Some("user"));
    assert_eq!(from.memory_type.as_deref(), Some("semantic"));
    assert_eq!(from.superseded_by.as_deref(), Some("7"));
    assert_eq!(from.origin.as_deref(), Some("crm"));
    assert_eq!(from.categories, ["a", "b"]);
    assert_eq!(from.source_ids, ["m2", "3"]);
    assert!(from.note);
    assert_eq!(
        from.source_hashes,
        [[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15]]
    );
    assert_eq!(from.valid_from, Some(NOON * SECOND_MICROS));
    assert_eq!(from.valid_to, None);
}

#[test]
fn categories_that_are_not_texts_are_metadata() {
    let row = draft(&[("categories", Value::List(vec![Value::Int(1)]))]);
    let mut batch = Batch::default();
    reader().push(None, row, || None, &mut batch);
    let put = &batch.ready.puts()[0];
    assert_eq!(put.provenance.categories, Vec::<String>::new());
    assert_eq!(put.metadata["categories"], Value::List(vec![Value::Int(1)]));
}

#[test]
fn a_stored_id_is_skipped_or_an_error_that_names_its_line() {
    let engine = Engine::open(Path::new(":memory:"), Options::default()).unwrap();
    let space = engine.identity().unwrap().space;
    let rows = |conflict: Conflict, rows: &[(&str, &str)]| {
        let mut settings = settings();
        settings.conflict = conflict;
        let mut reader = RowReader::new(settings).unwrap();
        let mut batch = Batch::default();
        for (line, (id, memory)) in (10..).zip(rows) {
            let row = draft(&[
                ("id", Value::Text((*id).into())),
                ("memory", Value::Text((*memory).into())),
                ("vector", Value::List(vec![Value::Int(1), Value::Int(2)])),
            ]);
            reader.push(Some(line), row, || None, &mut batch);
        }
        batch.ready
    };
    let both = [("a", "one"), ("b", "two")];
    let commit = |conflict, found: &[(&str, &str)]| rows(conflict, found).commit(&engine, space);
    assert_eq!(commit(Conflict::Fail, &both).unwrap(), (2, 0));
    assert_eq!(commit(Conflict::Id, &both).unwrap(), (0, 2));
    assert_eq!(commit(Conflict::Id, &[("c", "two")]).unwrap(), (1, 0));
    assert_eq!(commit(Conflict::Hash, &[("d", "two")]).unwrap(), (0, 1));
    let error = commit(Conflict::Fail, &[("e", "three"), ("b", "four")]).unwrap_err();
    assert!(
        matches!(&error, Error::Exists { line: 11, id } if id == "b"),
        "{error}"
    );
    assert_eq!(engine.holds(["d", "e"]).unwrap(), [false, false]);
    let mut known = rows(Conflict::Id, &[("a", "one"), ("f", "six")]);
    assert_eq!(known.leave_out_known(&engine).unwrap(), 1);
    assert_eq!(known.commit(&engine, space).unwrap(), (1, 0));
}

#[test]
fn vectors_given_to_texts_can_be_taken_back() {
    let mut batch = read(
        &mut reader(),
        vec![
            ("memory", texts(&[Some("a"), Some("b"), Some("c")])),
            ("vector", texts(&[None, Some("[1, 2]"), None])),
        ],
    );
    let rows = &mut batch.ready;
    assert_eq!(rows.texts(1), ["a"]);
    assert_eq!(rows.texts(9), ["a", "c"]);
    rows.give_vectors([&[3.0, 4.0][..]]);
    assert_eq!(rows.texts(9), ["c"]);
    rows.take_back_vectors();
    assert_eq!(rows.texts(9), ["a", "c"]);
    assert_eq!(rows.puts()[1].vector, [1.0, 2.0]);
}
