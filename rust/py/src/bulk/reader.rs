//! `memfast._core.RowReader`: dicts and streams to rows that can be committed.

use std::collections::HashMap;
use std::sync::Mutex;

use memfast_core::Scope;
use memfast_transfer::{
    self as transfer, Batch, Cell, Conflict, Draft, Embeds, Mapping, Part, Settings,
};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList, PyMapping, PyString};

use super::rows::{ArrowRows, Prepared, raised};
use super::{attached, locked};
use crate::error::beside;
use crate::fields::shown;
use crate::foreign::is_missing;
use crate::value::{Room, to_text, to_value};
use crate::vectors;

/// Dicts that are read before another thread may have the interpreter.
const YIELD: usize = 256;

/// Turns the rows of one source into rows that can be committed.
#[pyclass(frozen, module = "memfast._core")]
pub(crate) struct RowReader(Mutex<transfer::RowReader>);

#[pymethods]
impl RowReader {
    #[new]
    #[pyo3(signature = (*, columns, keys, scope, dim, embeds, on_conflict, max_row_bytes))]
    fn new(
        columns: HashMap<String, String>,
        keys: Option<Vec<String>>,
        scope: (Option<String>, Option<String>, Option<String>),
        dim: usize,
        embeds: &str,
        on_conflict: &str,
        max_row_bytes: usize,
    ) -> PyResult<Self> {
        let (user_id, agent_id, run_id) = scope;
        let settings = Settings {
            mapping: Mapping::new(&columns, keys).map_err(raised)?,
            scope: Scope {
                user_id,
                agent_id,
                run_id,
            },
            conflict: Conflict::named(on_conflict).map_err(raised)?,
            embeds: Embeds::named(embeds).map_err(raised)?,
            dim,
            max_row_bytes,
        };
        let reader = transfer::RowReader::new(settings).map_err(raised)?;
        Ok(Self(Mutex::new(reader)))
    }

    /// Names of the parts of a memory that a column may hold.
    #[staticmethod]
    fn parts() -> Vec<&'static str> {
        Mapping::names()
    }

    /// Metadata keys that were left out so far because they name an identity.
    #[getter]
    fn left_out(&self, py: Python<'_>) -> PyResult<u64> {
        Ok(attached(py, &self.0)?.left_out())
    }

    /// Checks that each mapped column has a type that a memory can hold.
    fn check(&self, py: Python<'_>, rows: &ArrowRows) -> PyResult<()> {
        let schema = attached(py, &rows.pieces)?.schema();
        attached(py, &self.0)?.check(&schema).map_err(raised)
    }

    /// The next rows of a stream, at most `limit` and about 64 MiB, with the vectors of a matrix
    /// beside them; None after the last row.
    #[pyo3(signature = (rows, limit, vectors=None))]
    fn arrow(
        &self,
        py: Python<'_>,
        rows: &ArrowRows,
        limit: usize,
        vectors: Option<Bound<'_, PyAny>>,
    ) -> PyResult<Option<Prepared>> {
        let matrix = vectors
            .map(|vectors| vectors::matrix(&vectors))
            .transpose()?;
        let batch = beside(py, || {
            let vectors = matrix.as_ref().map(vectors::Rows::vectors);
            let mut pieces = locked(&rows.pieces)?;
            let mut reader = locked(&self.0)?;
            reader.read(&mut pieces, limit, vectors).map_err(raised)
        })?;
        Ok(batch.map(Prepared::from))
    }

    /// Dicts, with the line of each (default: its number), and the vectors of a matrix beside them.
    #[pyo3(signature = (rows, lines=None, vectors=None))]
    fn dicts(
        &self,
        py: Python<'_>,
        rows: Bound<'_, PyList>,
        lines: Option<Vec<u64>>,
        vectors: Option<Bound<'_, PyAny>>,
    ) -> PyResult<Prepared> {
        let matrix = vectors
            .map(|vectors| vectors::matrix(&vectors))
            .transpose()?;
        let vectors = matrix.as_ref().map(vectors::Rows::vectors);
        let mut reader = attached(py, &self.0)?;
        let mut batch = Batch::with_capacity(rows.len());
        for (index, row) in rows.iter().enumerate() {
            if index % YIELD == YIELD - 1 {
                py.detach(|| ());
            }
            let line = lines.as_ref().and_then(|lines| lines.get(index).copied());
            let read = draft(&reader, &row).and_then(|mut draft| {
                if let Some(vectors) = vectors {
                    draft.vector(vectors.row(index)?);
                }
                Ok(draft)
            });
            reader.push(line, read, || None, &mut batch);
        }
        Ok(batch.into())
    }
}

/// A dict as a draft; the error says what is wrong with it.
fn draft(reader: &transfer::RowReader, row: &Bound<'_, PyAny>) -> Result<Draft, String> {
    let py = row.py();
    let reason = |error: PyErr| error.value(py).to_string();
    let copy;
    let row = if let Ok(row) = row.cast::<PyDict>() {
        row
    } else if let Ok(mapping) = row.cast::<PyMapping>() {
        copy = PyDict::new(py);
        copy.update(mapping).map_err(reason)?;
        &copy
    } else {
        let name = row.get_type().name().map_err(reason)?;
        return Err(format!("not a dict but {name}"));
    };
    let mut draft = Draft::default();
    let room = Room::of(reader.max_row_bytes());
    for (key, value) in row {
        if value.is_none() || is_missing(&value).map_err(reason)? {
            continue;
        }
        let key = key
            .cast::<PyString>()
            .map_err(|_| format!("key {} is not text", shown(&key)))
            .and_then(|key| to_text(key, "a key").map_err(reason))?;
        let part = reader.part(&key);
        if part == Part::Nothing {
            continue;
        }
        if part == Part::Vector && !value.is_instance_of::<PyString>() {
            draft.vector(vectors::vector(&value).map_err(reason)?);
        } else {
            let value = to_value(&value, &key, &room).map_err(reason)?;
            draft.set(&part, Cell::Value(value))?;
        }
    }
    Ok(draft)
}
