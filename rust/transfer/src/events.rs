//! The event log as record batches, for the history and for exports.

use std::sync::Arc;

use arrow_array::builder::{
    Date32Builder, StringBuilder, TimestampMicrosecondBuilder, UInt64Builder,
};
use arrow_array::{ArrayRef, RecordBatch};
use arrow_schema::{ArrowError, DataType, Field, Schema, TimeUnit};
use memfast_core::{Event, Record, hex, to_json};

fn instant() -> DataType {
    DataType::Timestamp(TimeUnit::Microsecond, None)
}

struct Columns {
    fields: Vec<Field>,
    arrays: Vec<ArrayRef>,
}

impl Columns {
    fn texts(&mut self, name: &str, values: impl Iterator<Item = Option<String>>) {
        let mut builder = StringBuilder::new();
        for value in values {
            builder.append_option(value);
        }
        self.push(name, DataType::Utf8, Arc::new(builder.finish()));
    }

    fn instants(&mut self, name: &str, values: impl Iterator<Item = Option<i64>>) {
        let mut builder = TimestampMicrosecondBuilder::new();
        for value in values {
            builder.append_option(value);
        }
        self.push(name, instant(), Arc::new(builder.finish()));
    }

    fn push(&mut self, name: &str, kind: DataType, array: ArrayRef) {
        self.fields.push(Field::new(name, kind, true));
        self.arrays.push(array);
    }
}

/// Events as a record batch, one row each.
pub fn batch(events: &[Event]) -> Result<RecordBatch, ArrowError> {
    let mut columns = Columns {
        fields: Vec::new(),
        arrays: Vec::new(),
    };
    let record = |event: &Event| event.record().cloned();
    let of = |get: fn(&Record) -> Option<String>| {
        events.iter().map(move |event| event.record().and_then(get))
    };
    let side = |before: bool, get: fn(&Record) -> Option<String>| {
        events.iter().map(move |event| {
            if before {
                event.before.as_ref()
            } else {
                event.held_after()
            }
            .and_then(get)
        })
    };
    let text = |record: &Record| Some(record.text.clone());
    let metadata = |record: &Record| Some(to_json(&record.metadata));

    let mut seqs = UInt64Builder::new();
    for event in events {
        seqs.append_value(event.seq);
    }
    columns.push("seq", DataType::UInt64, Arc::new(seqs.finish()));
    columns.texts(
        "event_id",
        events
            .iter()
            .map(|event| Some(format!("evt_{}", event.seq))),
    );
    columns.texts("memory_id", of(|record| Some(record.id.clone())));
    columns.texts(
        "event",
        events.iter().map(|event| Some(event.name().to_owned())),
    );
    columns.texts("old_memory", side(true, text));
    columns.texts("new_memory", side(false, text));
    columns.instants("at", events.iter().map(|event| Some(event.at)));
    columns.instants(
        "created_at",
        events
            .iter()
            .map(|event| record(event).map(|record| record.created_at)),
    );
    columns.instants(
        "updated_at",
        events
            .iter()
            .map(|event| (event.name() != "ADD").then_some(event.at)),
    );
    columns.texts("user_id", of(|record| record.scope.user_id.clone()));
    columns.texts("agent_id", of(|record| record.scope.agent_id.clone()));
    columns.texts("run_id", of(|record| record.scope.run_id.clone()));
    columns.texts("actor_id", of(|record| record.provenance.actor_id.clone()));
    columns.texts("role", of(|record| record.provenance.role.clone()));
    columns.texts("old_metadata", side(true, metadata));
    columns.texts("new_metadata", side(false, metadata));
    columns.texts("hash", of(|record| Some(hex(&record.hash))));
    columns.instants(
        "event_time",
        events
            .iter()
            .map(|event| event.record().and_then(|record| record.provenance.event_at)),
    );
    let mut days = Date32Builder::new();
    for event in events {
        days.append_option(
            event
                .record()
                .and_then(|record| record.provenance.expires_on),
        );
    }
    columns.push("expiration_date", DataType::Date32, Arc::new(days.finish()));
    columns.texts(
        "memory_type",
        of(|record| record.provenance.memory_type.clone()),
    );
    columns.texts(
        "superseded_by",
        of(|record| record.provenance.superseded_by.clone()),
    );
    columns.texts("kind", of(|record| Some(record.kind.name().to_owned())));
    RecordBatch::try_new(Arc::new(Schema::new(columns.fields)), columns.arrays)
}
