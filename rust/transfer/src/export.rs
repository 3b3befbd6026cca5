//! Exports: record batches for Arrow, JSON lines, fields for CSV.

use std::sync::Arc;

use arrow_array::builder::{FixedSizeListBuilder, Float32Builder};
use arrow_array::{ArrayRef, RecordBatch, RecordBatchReader};
use arrow_schema::{ArrowError, DataType, Field, Schema, SchemaRef};
use memfast_core::fields::FIELDS;
use memfast_core::{Engine, Export, Exported, guarded};

use crate::column;
use crate::json::push_vector;
use crate::mapping::VECTOR;

/// Records of a page of a stream.
const PAGE: usize = 8192;
const UTC: Option<&str> = Some("UTC");

/// The columns of an export whose vectors have `dim` components; 0 for none.
#[must_use]
pub fn schema(dim: usize) -> SchemaRef {
    let fields = FIELDS
        .iter()
        .map(|field| Field::new(field.name, column::data_type(field.kind(), UTC), true));
    let vector = i32::try_from(dim).ok().filter(|dim| *dim > 0).map(|dim| {
        let item = Arc::new(Field::new_list_field(DataType::Float32, true));
        Field::new(VECTOR, DataType::FixedSizeList(item, dim), true)
    });
    Arc::new(Schema::new(fields.chain(vector).collect::<Vec<_>>()))
}

fn batch(page: &[Exported], schema: &SchemaRef, dim: usize) -> Result<RecordBatch, ArrowError> {
    let columns = FIELDS.iter().map(|field| {
        let values = page.iter().map(|row| (field.get)(&row.record));
        column::array(field.kind(), UTC, values)
    });
    let mut columns: Vec<ArrayRef> = columns.collect();
    if dim > 0 {
        columns.push(vectors(page, dim)?);
    }
    RecordBatch::try_new(Arc::clone(schema), columns)
}

fn vectors(page: &[Exported], dim: usize) -> Result<ArrayRef, ArrowError> {
    let width = i32::try_from(dim)
        .map_err(|_| ArrowError::InvalidArgumentError(format!("{dim} dimensions")))?;
    let values = Float32Builder::with_capacity(page.len() * dim);
    let mut builder = FixedSizeListBuilder::with_capacity(values, width, page.len());
    for row in page {
        if row.vector.is_empty() {
            builder.values().append_nulls(dim);
        } else {
            builder.values().append_slice(&row.vector);
        }
        builder.append(!row.vector.is_empty());
    }
    Ok(Arc::new(builder.finish()))
}

/// Records as lines of JSON; fields without a value are left out.
#[must_use]
pub fn json_lines(page: &[Exported]) -> String {
    let mut out = String::new();
    for row in page {
        let mut next = '{';
        for field in &FIELDS {
            if let Some(json) = column::json(&(field.get)(&row.record)) {
                out.push(next);
                next = ',';
                // Names of fields need no escapes.
                out.push('"');
                out.push_str(field.name);
                out.push_str("\":");
                out.push_str(&json);
            }
        }
        if !row.vector.is_empty() {
            out.push_str(",\"vector\":");
            push_vector(&mut out, &row.vector);
        }
        out.push_str("}\n");
    }
    out
}

/// A record as the fields of a CSV row, in the order of [`schema`].
#[must_use]
pub fn fields(row: &Exported, with_vector: bool) -> Vec<Option<String>> {
    let held = FIELDS.iter().map(|field| (field.get)(&row.record));
    let mut fields: Vec<_> = held.map(|held| column::text(&held)).collect();
    if with_vector {
        let mut text = String::new();
        push_vector(&mut text, &row.vector);
        fields.push((!row.vector.is_empty()).then_some(text));
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
            Ok(page) => Some(batch(&page, &self.schema, self.export.dim())),
            Err(error) => Some(Err(ArrowError::ExternalError(Box::new(error)))),
        }
    }
}

impl<E: AsRef<Engine>> RecordBatchReader for Pages<E> {
    fn schema(&self) -> SchemaRef {
        Arc::clone(&self.schema)
    }
}
