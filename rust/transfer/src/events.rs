//! The event log as record batches, for the history and for exports.

use std::borrow::Cow;
use std::sync::Arc;

use arrow_array::{ArrayRef, RecordBatch, UInt64Array};
use arrow_schema::{ArrowError, DataType, Field, Schema};
use memfast_core::fields::{FIELDS, Held, Type};
use memfast_core::{Event, Record, to_json};

use crate::column;

/// Events as a record batch, one row each: what happened, then the fields of the memory that the
/// history has.
pub fn batch(events: &[Event]) -> Result<RecordBatch, ArrowError> {
    let mut columns = Columns::default();
    let seqs = events.iter().map(|event| event.seq);
    columns.push(
        "seq",
        DataType::UInt64,
        Arc::new(UInt64Array::from_iter_values(seqs)),
    );
    columns.add("event_id", Type::Text, events, |event| {
        owned(format!("evt_{}", event.seq))
    });
    columns.add("memory_id", Type::Text, events, |event| {
        event
            .record()
            .map_or(Held::Missing, |record| text(&record.id))
    });
    columns.add("event", Type::Text, events, |event| text(event.name()));
    columns.add("old_memory", Type::Text, events, |event| {
        said(event.before.as_ref())
    });
    columns.add("new_memory", Type::Text, events, |event| {
        said(event.held_after())
    });
    columns.add("at", Type::Instant, events, |event| Held::Instant(event.at));
    columns.add("updated_at", Type::Instant, events, |event| {
        if event.name() == "ADD" {
            Held::Missing
        } else {
            Held::Instant(event.at)
        }
    });
    columns.add("old_metadata", Type::Text, events, |event| {
        metadata(event.before.as_ref())
    });
    columns.add("new_metadata", Type::Text, events, |event| {
        metadata(event.held_after())
    });
    for field in FIELDS.iter().filter(|field| field.in_history) {
        columns.add(field.name, field.kind(), events, |event| {
            event.record().map_or(Held::Missing, field.get)
        });
    }
    RecordBatch::try_new(Arc::new(Schema::new(columns.fields)), columns.arrays)
}

#[derive(Default)]
struct Columns {
    fields: Vec<Field>,
    arrays: Vec<ArrayRef>,
}

impl Columns {
    fn add<'a>(
        &mut self,
        name: &str,
        kind: Type,
        events: &'a [Event],
        get: impl Fn(&'a Event) -> Held<'a>,
    ) {
        let array = column::array(kind, None, events.iter().map(get));
        self.push(name, column::data_type(kind, None), array);
    }

    fn push(&mut self, name: &str, kind: DataType, array: ArrayRef) {
        self.fields.push(Field::new(name, kind, true));
        self.arrays.push(array);
    }
}

fn text(text: &str) -> Held<'_> {
    Held::Text(Cow::Borrowed(text))
}

fn owned<'a>(text: String) -> Held<'a> {
    Held::Text(Cow::Owned(text))
}

fn said(record: Option<&Record>) -> Held<'_> {
    record.map_or(Held::Missing, |record| text(&record.text))
}

fn metadata(record: Option<&Record>) -> Held<'_> {
    record.map_or(Held::Missing, |record| owned(to_json(&record.metadata)))
}
