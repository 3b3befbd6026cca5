//! Bulk import and export: record batches and dicts to puts, records to record batches and lines.

mod cells;
mod draft;
mod export;
mod json;
mod mapping;
mod reader;
mod sizes;

pub(crate) use export::PyExport;
pub(crate) use reader::{ArrowRows, Prepared, RowReader};
