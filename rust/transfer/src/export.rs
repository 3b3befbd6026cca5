//! Exports: record batches for Arrow, JSON lines, fields for CSV.

use std::sync::Arc;

use arrow_array::builder::{
    Date32Builder, FixedSizeListBuilder, Float32Builder, ListBuilder, StringBuilder,
    TimestampMicrosecondBuilder,
};
use arrow_array::{ArrayRef, RecordBatch, RecordBatchReader};
use arrow_schema::{ArrowError, DataType, Field, Schema, SchemaRef, TimeUnit};
use memfast_core::time::{Day, Micros, format_day, format_instant};
use memfast_core::{Engine, Export, Exported, Kind, Record, guarded, hex, to_json};

use crate::json::push_vector;

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
    ("kind", |r| Out::Text(Some(r.kind.name().to_owned()))),
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

/// The columns of an export whose vectors have `dim` components; 0 for none.
#[must_use]
pub fn schema(dim: usize) -> SchemaRef {
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

/// Records as lines of JSON; fields without a value are left out.
#[must_use]
pub fn json_lines(page: &[Exported]) -> String {
    page.iter().fold(String::new(), |mut out, row| {
        push_line(&mut out, row);
        out
    })
}

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

/// A record as the fields of a CSV row, in the order of [`schema`].
#[must_use]
pub fn fields(row: &Exported, with_vector: bool) -> Vec<Option<String>> {
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

/// The pages of an export as record batches.
pub struct Pages<E> {
    engine: E,
    schema: SchemaRef,
    export: Export,
}

impl<E: AsRef<Engine>> Pages<E> {
    /// Reads an export from where it is.
    #[must_use]
    pub fn new(engine: E, export: Export) -> Self {
        let schema = schema(export.dim());
        Self {
            engine,
            schema,
            export,
        }
    }
}

impl<E: AsRef<Engine>> Iterator for Pages<E> {
    type Item = Result<RecordBatch, ArrowError>;

    fn next(&mut self) -> Option<Self::Item> {
        let engine = self.engine.as_ref();
        // The caller is a C function, which no panic may reach.
        match guarded(|| engine.export_next(&mut self.export, PAGE)) {
            Ok(page) if page.is_empty() => None,
            Ok(page) => Some(batch(page, &self.schema, self.export.dim())),
            Err(error) => Some(Err(ArrowError::ExternalError(Box::new(error)))),
        }
    }
}

impl<E: AsRef<Engine>> RecordBatchReader for Pages<E> {
    fn schema(&self) -> SchemaRef {
        Arc::clone(&self.schema)
    }
}
