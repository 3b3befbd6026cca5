//! The event log as an Arrow stream, for the history projection.

use std::sync::Arc;

use arrow_array::builder::{
    Date32Builder, StringBuilder, TimestampMicrosecondBuilder, UInt64Builder,
};
use arrow_array::ffi_stream::FFI_ArrowArrayStream;
use arrow_array::{ArrayRef, RecordBatch, RecordBatchIterator};
use arrow_schema::{DataType, Field, Schema, TimeUnit};
use memfast_core::{Event, Kind, Metadata, Record};
use pyo3::prelude::*;
use pyo3::types::PyCapsule;

use crate::record::{event_name, held_after, hex};

/// Events as an object with `__arrow_c_stream__`, which may be read more than once.
#[pyclass(frozen, module = "memfast._core")]
pub(crate) struct EventStream(RecordBatch);

impl EventStream {
    pub(crate) fn new(events: &[Event]) -> Result<Self, arrow_schema::ArrowError> {
        batch(events).map(Self)
    }
}

#[pymethods]
impl EventStream {
    #[pyo3(signature = (requested_schema=None))]
    fn __arrow_c_stream__<'py>(
        &self,
        py: Python<'py>,
        requested_schema: Option<Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyCapsule>> {
        // The protocol lets a producer keep its own schema.
        drop(requested_schema);
        let schema = self.0.schema();
        let reader = RecordBatchIterator::new(std::iter::once(Ok(self.0.clone())), schema);
        let stream = FFI_ArrowArrayStream::new(Box::new(reader));
        PyCapsule::new_with_value(py, stream, c"arrow_array_stream")
    }

    fn __len__(&self) -> usize {
        self.0.num_rows()
    }
}

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

fn batch(events: &[Event]) -> Result<RecordBatch, arrow_schema::ArrowError> {
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
                held_after(event)
            }
            .and_then(get)
        })
    };
    let text = |record: &Record| Some(record.text.clone());
    let metadata = |record: &Record| Some(json(&record.metadata));

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
        events
            .iter()
            .map(|event| Some(event_name(event).to_owned())),
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
            .map(|event| (event_name(event) != "ADD").then_some(event.at)),
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
    columns.texts(
        "kind",
        of(|record| {
            Some(match record.kind {
                Kind::Memory => "memory".to_owned(),
                Kind::Message => "message".to_owned(),
            })
        }),
    );
    RecordBatch::try_new(Arc::new(Schema::new(columns.fields)), columns.arrays)
}

fn json(metadata: &Metadata) -> String {
    memfast_core::to_json(metadata)
}
