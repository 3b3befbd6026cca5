//! An export: record batches for Arrow, lines of JSON, fields for CSV.

use std::sync::{Arc, Mutex};

use arrow_array::builder::{
    Date32Builder, FixedSizeListBuilder, Float32Builder, ListBuilder, StringBuilder,
    TimestampMicrosecondBuilder,
};
use arrow_array::ffi_stream::FFI_ArrowArrayStream;
use arrow_array::{ArrayRef, RecordBatch, RecordBatchReader};
use arrow_schema::{ArrowError, DataType, Field, Schema, SchemaRef, TimeUnit};
use memfast_core::filter::{format_day, format_instant};
use memfast_core::{Day, Engine, Export, Exported, Kind, Micros, Record, guarded, to_json};
use pyo3::prelude::*;
use pyo3::types::{PyCapsule, PyDict};

use super::json::push_vector;
use crate::arrow::EventStream;
use crate::engine::PyEngine;
use crate::error::{PyError, beside, detached, internal};
use crate::record::{hex, history_row};

/// Records of a page of a stream.
const PAGE: usize = 8192;
const UTC: &str = "UTC";

/// A value of a record as it is exported.
enum Out {
    Text(Option<String>),
    Json(Option<String>),
    Instant(Option<Micros>),
    Day(Option<Day>),
    Texts(Vec<String>),
}

type Get = fn(&Record) -> Out;

const COLUMNS: [(&str, Get); 21] = [
    ("id", |r| Out::Text(Some(r.id.clone()))),
    ("memory", |r| Out::Text(Some(r.text.clone()))),
    ("hash", |r| Out::Text(Some(hex(&r.hash)))),
    ("user_id", |r| Out::Text(r.scope.user_id.clone())),
    ("agent_id", |r| Out::Text(r.scope.agent_id.clone())),
    ("run_id", |r| Out::Text(r.scope.run_id.clone())),
    ("actor_id", |r| Out::Text(r.provenance.actor_id.clone())),
    ("role", |r| Out::Text(r.provenance.role.clone())),
    ("memory_type", |r| {
        Out::Text(r.provenance.memory_type.clone())
    }),
    ("categories", |r| {
        Out::Texts(r.provenance.categories.clone())
    }),
    ("kind", |r| Out::Text(Some(kind_name(r.kind).to_owned()))),
    ("metadata", |r| {
        Out::Json((!r.metadata.is_empty()).then(|| to_json(&r.metadata)))
    }),
    ("created_at", |r| Out::Instant(Some(r.created_at))),
    ("updated_at", |r| Out::Instant(Some(r.updated_at))),
    ("expiration_date", |r| Out::Day(r.provenance.expires_on)),
    ("event_time", |r| Out::Instant(r.provenance.event_at)),
    ("valid_from", |r| Out::Instant(r.provenance.valid_from)),
    ("valid_to", |r| Out::Instant(r.provenance.valid_to)),
    ("superseded_by", |r| {
        Out::Text(r.provenance.superseded_by.clone())
    }),
    ("origin", |r| Out::Text(r.provenance.origin.clone())),
    ("source_hashes", |r| {
        Out::Texts(
            r.provenance
                .source_hashes
                .iter()
                .map(|hash| hex(hash))
                .collect(),
        )
    }),
];

fn kind_name(kind: Kind) -> &'static str {
    match kind {
        Kind::Memory => "memory",
        Kind::Message => "message",
    }
}

enum Builder {
    Text(StringBuilder),
    Instant(TimestampMicrosecondBuilder),
    Day(Date32Builder),
    Texts(ListBuilder<StringBuilder>),
}

impl Builder {
    fn for_column(get: Get) -> Self {
        // The kind of a column is that of any of its values.
        match get(&blank()) {
            Out::Text(_) | Out::Json(_) => Self::Text(StringBuilder::new()),
            Out::Instant(_) => Self::Instant(TimestampMicrosecondBuilder::new().with_timezone(UTC)),
            Out::Day(_) => Self::Day(Date32Builder::new()),
            Out::Texts(_) => Self::Texts(ListBuilder::new(StringBuilder::new())),
        }
    }

    fn push(&mut self, out: Out) {
        match (self, out) {
            (Self::Text(builder), Out::Text(text) | Out::Json(text)) => builder.append_option(text),
            (Self::Instant(builder), Out::Instant(instant)) => builder.append_option(instant),
            (Self::Day(builder), Out::Day(day)) => builder.append_option(day),
            (Self::Texts(builder), Out::Texts(texts)) => {
                builder.append_value(texts.into_iter().map(Some));
            }
            // A column has one kind; a row that fits none would show as a wrong length.
            (Self::Text(_) | Self::Instant(_) | Self::Day(_) | Self::Texts(_), _) => {}
        }
    }

    fn finish(self) -> ArrayRef {
        match self {
            Self::Text(mut builder) => Arc::new(builder.finish()),
            Self::Instant(mut builder) => Arc::new(builder.finish()),
            Self::Day(mut builder) => Arc::new(builder.finish()),
            Self::Texts(mut builder) => Arc::new(builder.finish()),
        }
    }

    fn kind(&self) -> DataType {
        match self {
            Self::Text(_) => DataType::Utf8,
            Self::Instant(_) => DataType::Timestamp(TimeUnit::Microsecond, Some(UTC.into())),
            Self::Day(_) => DataType::Date32,
            Self::Texts(_) => DataType::List(Arc::new(Field::new_list_field(DataType::Utf8, true))),
        }
    }
}

fn blank() -> Record {
    Record {
        id: String::new(),
        kind: Kind::Memory,
        scope: memfast_core::Scope::default(),
        text: String::new(),
        hash: [0; 16],
        metadata: memfast_core::Metadata::new(),
        created_at: 0,
        updated_at: 0,
        revision: 0,
        last_seq: 0,
        provenance: memfast_core::Provenance::default(),
    }
}

fn schema(dim: usize) -> SchemaRef {
    let plain = COLUMNS
        .iter()
        .map(|(name, get)| Field::new(*name, Builder::for_column(*get).kind(), true));
    let vector = i32::try_from(dim).ok().filter(|dim| *dim > 0).map(|dim| {
        let item = Arc::new(Field::new_list_field(DataType::Float32, true));
        Field::new("vector", DataType::FixedSizeList(item, dim), true)
    });
    Arc::new(Schema::new(plain.chain(vector).collect::<Vec<_>>()))
}

fn batch(page: Vec<Exported>, schema: &SchemaRef, dim: usize) -> Result<RecordBatch, ArrowError> {
    let mut arrays = Vec::new();
    for (_, get) in COLUMNS {
        let mut builder = Builder::for_column(get);
        for row in &page {
            builder.push(get(&row.record));
        }
        arrays.push(builder.finish());
    }
    if dim > 0 {
        let width = i32::try_from(dim)
            .map_err(|_| ArrowError::InvalidArgumentError(format!("{dim} dimensions")))?;
        let values = Float32Builder::with_capacity(page.len() * dim);
        let mut builder = FixedSizeListBuilder::with_capacity(values, width, page.len());
        for row in page {
            builder.values().append_slice(&row.vector);
            builder.append(true);
        }
        arrays.push(Arc::new(builder.finish()));
    }
    RecordBatch::try_new(Arc::clone(schema), arrays)
}

fn quoted(out: &mut String, text: &str) {
    out.push_str(&serde_json::Value::from(text).to_string());
}

/// A record as one line of JSON; what is not known is left out.
fn push_line(out: &mut String, row: &Exported) {
    out.push('{');
    for (name, get) in COLUMNS {
        let start = out.len();
        if start > 0 && !out.ends_with('{') {
            out.push(',');
        }
        quoted(out, name);
        out.push(':');
        match get(&row.record) {
            Out::Text(Some(text)) => quoted(out, &text),
            Out::Json(Some(json)) => out.push_str(&json),
            Out::Instant(Some(instant)) => quoted(out, &format_instant(instant)),
            Out::Day(Some(day)) => quoted(out, &format_day(day)),
            Out::Texts(texts) if !texts.is_empty() => {
                out.push_str(&serde_json::Value::from(texts).to_string());
            }
            Out::Text(None)
            | Out::Json(None)
            | Out::Instant(None)
            | Out::Day(None)
            | Out::Texts(_) => {
                out.truncate(start);
            }
        }
    }
    if !row.vector.is_empty() {
        out.push_str(",\"vector\":");
        push_vector(out, &row.vector);
    }
    out.push_str("}\n");
}

/// A record as the fields of a CSV row, all text.
fn fields(row: &Exported, with_vector: bool) -> Vec<Option<String>> {
    let plain = COLUMNS.iter().map(|(_, get)| match get(&row.record) {
        Out::Text(text) | Out::Json(text) => text,
        Out::Instant(instant) => instant.map(format_instant),
        Out::Day(day) => day.map(format_day),
        Out::Texts(texts) => {
            (!texts.is_empty()).then(|| serde_json::Value::from(texts).to_string())
        }
    });
    let mut fields: Vec<_> = plain.collect();
    if with_vector {
        let mut text = String::new();
        push_vector(&mut text, &row.vector);
        fields.push(Some(text));
    }
    fields
}

/// What a store held at one moment. As an Arrow stream it may be read more than once.
#[pyclass(frozen, name = "Export", module = "memfast._core")]
pub(crate) struct PyExport {
    engine: Py<PyEngine>,
    begin: Export,
    /// Where the rows and the events that were asked for end.
    at: Mutex<Export>,
}

impl PyExport {
    pub(crate) fn new(engine: Py<PyEngine>, export: Export) -> Self {
        Self {
            engine,
            begin: export.clone(),
            at: Mutex::new(export),
        }
    }

    /// Goes on where the export is.
    fn go_on<T: Send>(
        &self,
        py: Python<'_>,
        next: impl FnOnce(&Engine, &mut Export) -> memfast_core::Result<T> + Send,
    ) -> PyResult<T> {
        beside(py, || {
            let mut at = self
                .at
                .lock()
                .map_err(|_| internal("a user of the export died"))?;
            Ok(next(&self.engine.get().0, &mut at).map_err(PyError)?)
        })
    }

    fn page(&self, py: Python<'_>, limit: usize) -> PyResult<Vec<Exported>> {
        self.go_on(py, |engine, at| engine.export_next(at, limit.max(1)))
    }

    fn events_of(&self, py: Python<'_>, limit: usize) -> PyResult<Vec<memfast_core::Event>> {
        self.go_on(py, |engine, at| engine.export_events(at, limit.max(1)))
    }
}

#[pymethods]
impl PyExport {
    #[pyo3(signature = (requested_schema=None))]
    fn __arrow_c_stream__<'py>(
        &self,
        py: Python<'py>,
        requested_schema: Option<Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyCapsule>> {
        // The protocol lets a producer keep its own schema.
        drop(requested_schema);
        let pages = Pages {
            engine: self.engine.clone_ref(py),
            schema: schema(self.begin.dim()),
            export: self.begin.clone(),
        };
        let stream = FFI_ArrowArrayStream::new(Box::new(pages));
        PyCapsule::new_with_value(py, stream, c"arrow_array_stream")
    }

    /// Names of the columns.
    #[getter]
    fn names(&self) -> Vec<String> {
        let schema = schema(self.begin.dim());
        schema
            .fields()
            .iter()
            .map(|field| field.name().clone())
            .collect()
    }

    /// The next memories as lines of JSON with their number; None after the last.
    fn json_lines(&self, py: Python<'_>, limit: usize) -> PyResult<Option<(String, usize)>> {
        let page = self.page(py, limit)?;
        let lines = detached(py, || {
            Ok(page.iter().fold(String::new(), |mut out, row| {
                push_line(&mut out, row);
                out
            }))
        })?;
        Ok((!page.is_empty()).then_some((lines, page.len())))
    }

    /// The next memories as rows of text fields; none after the last.
    fn fields(&self, py: Python<'_>, limit: usize) -> PyResult<Vec<Vec<Option<String>>>> {
        let page = self.page(py, limit)?;
        let with_vector = self.begin.dim() > 0;
        detached(py, || {
            Ok(page.iter().map(|row| fields(row, with_vector)).collect())
        })
    }

    /// The next events of the export's memories, oldest first; an empty stream after the last.
    fn events_arrow(&self, py: Python<'_>, limit: usize) -> PyResult<EventStream> {
        let events = self.events_of(py, limit)?;
        EventStream::new(&events).map_err(|error| internal(&error.to_string()))
    }

    /// The next events as history rows with the ids of their scope; none after the last.
    fn events<'py>(&self, py: Python<'py>, limit: usize) -> PyResult<Vec<Bound<'py, PyDict>>> {
        let events = self.events_of(py, limit)?;
        let rows = events.iter().map(|event| {
            let row = history_row(py, event)?;
            let scope = event.record().map(|record| &record.scope);
            row.set_item("user_id", scope.and_then(|scope| scope.user_id.as_ref()))?;
            row.set_item("agent_id", scope.and_then(|scope| scope.agent_id.as_ref()))?;
            row.set_item("run_id", scope.and_then(|scope| scope.run_id.as_ref()))?;
            Ok(row)
        });
        rows.collect()
    }
}

/// The pages of an export as record batches.
struct Pages {
    engine: Py<PyEngine>,
    schema: SchemaRef,
    export: Export,
}

impl Iterator for Pages {
    type Item = Result<RecordBatch, ArrowError>;

    fn next(&mut self) -> Option<Self::Item> {
        let engine = &self.engine.get().0;
        // The caller is a C function, which no panic may reach.
        match guarded(|| engine.export_next(&mut self.export, PAGE)) {
            Ok(page) if page.is_empty() => None,
            Ok(page) => Some(batch(page, &self.schema, self.export.dim())),
            Err(error) => Some(Err(ArrowError::ExternalError(Box::new(error)))),
        }
    }
}

impl RecordBatchReader for Pages {
    fn schema(&self) -> SchemaRef {
        Arc::clone(&self.schema)
    }
}
