//! Rows of a source as puts that are ready to be committed.

use std::collections::{HashMap, HashSet};
use std::sync::{Mutex, MutexGuard};

use arrow_array::ffi_stream::{FFI_ArrowArrayStream, RecordBatchStreamReader};
use arrow_array::{RecordBatch, RecordBatchReader};
use arrow_schema::ArrowError;
use memfast_core::threads::spread;
use memfast_core::{Batch, Error, Existing, Op, Put, Scope, Value, message_hash};
use pyo3::prelude::*;
use pyo3::types::{PyCapsule, PyDict, PyList, PyMapping, PyString};
use rayon::prelude::*;

use super::cells::{self, Cell};
use super::draft::{Conflict, Draft, scope_id};
use super::mapping::{Mapping, Part};
use super::sizes;
use crate::engine::PyEngine;
use crate::error::{PyError, beside, internal, invalid};
use crate::fields::shown;
use crate::value::{Room, is_missing, to_text, to_value};
use crate::vectors::{self, Rows};

/// Dicts that are read before another thread, such as the embedder's, may have the interpreter.
const YIELD: usize = 256;
/// Bytes of a stream's rows that are prepared together.
const PIECE: usize = 64 << 20;
const STREAM: &std::ffi::CStr = c"arrow_array_stream";

fn locked<T>(mutex: &Mutex<T>) -> PyResult<MutexGuard<'_, T>> {
    mutex
        .lock()
        .map_err(|_| internal("a user of these rows died"))
}

fn unreadable(error: &ArrowError) -> PyErr {
    invalid(format!("the source cannot be read: {error}"))
}

/// A stream of record batches, taken in pieces of any size.
#[pyclass(frozen, module = "memfast._core")]
pub(crate) struct ArrowRows {
    names: Vec<String>,
    state: Mutex<Stream>,
}

struct Stream {
    reader: RecordBatchStreamReader,
    held: Option<RecordBatch>,
    /// Bytes of the rows that were taken.
    taken: usize,
}

impl Stream {
    /// The next rows: at most `limit`, and of at most `room` bytes, but for the first if it `must`
    /// be taken. `None` after the last; no rows if the first does not fit.
    fn next(
        &mut self,
        limit: usize,
        room: usize,
        must: bool,
    ) -> Result<Option<(RecordBatch, usize)>, ArrowError> {
        let batch = loop {
            let batch = match self.held.take() {
                Some(batch) => batch,
                None => match self.reader.next() {
                    Some(batch) => batch?,
                    None => return Ok(None),
                },
            };
            if batch.num_rows() > 0 {
                break batch;
            }
        };
        let (rows, bytes) = sizes::fitting(&batch, limit, room, must);
        self.taken = self.taken.saturating_add(bytes);
        if rows < batch.num_rows() {
            self.held = Some(batch.slice(rows, batch.num_rows() - rows));
        }
        Ok(Some((batch.slice(0, rows), bytes)))
    }
}

#[pymethods]
impl ArrowRows {
    /// Takes the stream of an object with `__arrow_c_stream__`.
    #[new]
    fn new(source: Bound<'_, PyAny>) -> PyResult<Self> {
        let object = source.call_method0("__arrow_c_stream__")?;
        let capsule = object.cast::<PyCapsule>().map_err(|_| {
            invalid("`__arrow_c_stream__` did not return a capsule of the Arrow C stream interface")
        })?;
        let pointer = capsule.pointer_checked(Some(STREAM))?;
        // SAFETY: a capsule of this name holds a valid FFI_ArrowArrayStream (the Arrow PyCapsule
        // interface); from_raw moves it out and leaves a released one behind.
        let reader = unsafe {
            RecordBatchStreamReader::from_raw(pointer.cast::<FFI_ArrowArrayStream>().as_ptr())
        };
        let reader = reader.map_err(|error| unreadable(&error))?;
        let schema = reader.schema();
        Ok(Self {
            names: schema
                .fields()
                .iter()
                .map(|field| field.name().clone())
                .collect(),
            state: Mutex::new(Stream {
                reader,
                held: None,
                taken: 0,
            }),
        })
    }

    /// Names of the columns.
    #[getter]
    fn names(&self) -> Vec<String> {
        self.names.clone()
    }

    /// Bytes of the rows read so far; a text that several rows share counts in each.
    #[getter]
    fn taken(&self) -> PyResult<usize> {
        Ok(locked(&self.state)?.taken)
    }
}

/// Turns rows into puts; remembers the ids of a source.
#[pyclass(frozen, module = "memfast._core")]
pub(crate) struct RowReader {
    mapping: Mapping,
    scope: Scope,
    conflict: Conflict,
    embeds: bool,
    max_row_bytes: usize,
    state: Mutex<Seen>,
}

struct Seen {
    dim: usize,
    rows: u64,
    ids: HashSet<[u8; 16]>,
    left_out: u64,
}

/// A bad row: its number or line, what is wrong, and its JSON text where the caller has not got it.
type Reject = (u64, String, Option<String>);

#[derive(Default)]
struct Rowset {
    puts: Vec<Put>,
    lines: Vec<u64>,
    /// Numbers of the puts whose vectors `give_vectors` gave.
    embedded: Vec<usize>,
}

/// Rows that are ready to be committed, and those that are bad.
#[pyclass(frozen, module = "memfast._core")]
pub(crate) struct Prepared {
    rows: usize,
    rejects: Vec<Reject>,
    state: Mutex<Rowset>,
}

fn row_vector(rows: Option<&Rows>, index: usize) -> Result<Option<Vec<f32>>, String> {
    let Some(rows) = rows else { return Ok(None) };
    rows.row(index)
        .map(|vector| Some(vector.to_vec()))
        .ok_or_else(|| "no vector: there are fewer vectors than rows".to_owned())
}

fn raw(batch: &RecordBatch, index: usize) -> String {
    let schema = batch.schema();
    let columns = schema.fields().iter().zip(batch.columns());
    let row = columns.map(|(field, column)| {
        let value = cells::cell(column, index).map(Cell::into_value);
        (field.name().clone(), value.unwrap_or_else(Value::Text))
    });
    super::json::show(row.collect())
}

impl RowReader {
    fn finish(
        &self,
        mut draft: Draft,
        line: u64,
        seen: &mut Seen,
        out: &mut Rowset,
    ) -> Result<(), String> {
        draft.count_left_out();
        let left_out = draft.left_out;
        let put = draft.finish(&self.scope, self.conflict, self.embeds, &mut seen.dim)?;
        if let Some(id) = &put.id
            && !seen.ids.insert(message_hash(id))
        {
            return Err(format!(
                "id {id:?} stands in the source twice; the first row counts"
            ));
        }
        seen.left_out += left_out;
        out.puts.push(put);
        out.lines.push(line);
        Ok(())
    }

    fn read(
        &self,
        batch: &RecordBatch,
        given: Option<&Rows>,
        at: usize,
        seen: &mut Seen,
        out: &mut Rowset,
        rejects: &mut Vec<Reject>,
    ) {
        let schema = batch.schema();
        let parts = schema
            .fields()
            .iter()
            .map(|field| self.mapping.part(field.name()));
        let columns: Vec<_> = parts
            .zip(batch.columns())
            .filter(|(part, _)| *part != Part::Nothing)
            .collect();
        let heavy = sizes::of(batch, 0, batch.num_rows()) > self.max_row_bytes;
        let too_large = |index: usize| heavy && sizes::of(batch, index, 1) > self.max_row_bytes;
        let draft = |index: usize| {
            if too_large(index) {
                return Err(format!(
                    "the row takes {} bytes; max_row_bytes is {}",
                    sizes::of(batch, index, 1),
                    self.max_row_bytes
                ));
            }
            let mut draft = Draft::default();
            for (part, column) in &columns {
                if *part == Part::Vector {
                    if let Some(vector) = cells::vector(column, index)? {
                        draft.vector(vector);
                    }
                } else {
                    draft.set(part, cells::cell(column, index)?)?;
                }
            }
            if let Some(vector) = row_vector(given, at + index)? {
                draft.vector(vector);
            }
            Ok::<_, String>(draft)
        };
        // Cells are read on all cores; ids and dimensions depend on the rows before.
        let drafts: Vec<_> = spread(
            batch.num_rows() > 1,
            0..batch.num_rows(),
            |rows| rows.into_par_iter().map(draft).collect(),
            |rows| rows.map(draft).collect(),
        );
        for (index, draft) in drafts.into_iter().enumerate() {
            seen.rows += 1;
            let line = seen.rows;
            if let Err(reason) = draft.and_then(|draft| self.finish(draft, line, seen, out)) {
                let raw = (!too_large(index)).then(|| raw(batch, index));
                rejects.push((line, reason, raw));
            }
        }
    }
}

#[pymethods]
impl RowReader {
    #[new]
    #[pyo3(signature = (*, columns, keys, scope, dim, embeds, on_conflict, max_row_bytes))]
    fn new(
        columns: HashMap<String, String>,
        keys: Option<Vec<String>>,
        scope: (Option<String>, Option<String>, Option<String>),
        dim: usize,
        embeds: bool,
        on_conflict: &str,
        max_row_bytes: usize,
    ) -> PyResult<Self> {
        let (with_id, without_id) = match on_conflict {
            "id" => (Existing::KeepId, Existing::KeepText),
            "hash" => (Existing::KeepText, Existing::KeepText),
            "fail" => (Existing::Refuse, Existing::Refuse),
            other => {
                return Err(invalid(format!(
                    "on_conflict must be \"id\", \"hash\" or \"fail\", not {other:?}"
                )));
            }
        };
        let id = |what: &str, id: Option<String>| {
            id.map(|id| scope_id(what, Cell::Value(Value::Text(id))))
                .transpose()
                .map_err(invalid)
        };
        Ok(Self {
            mapping: Mapping::new(&columns, keys).map_err(|name| {
                invalid(format!(
                    "columns: {name:.80?} is no part of a memory; known are {}",
                    Mapping::names().join(", ")
                ))
            })?,
            scope: Scope {
                user_id: id("user_id", scope.0)?,
                agent_id: id("agent_id", scope.1)?,
                run_id: id("run_id", scope.2)?,
            },
            conflict: Conflict {
                with_id,
                without_id,
            },
            embeds,
            max_row_bytes,
            state: Mutex::new(Seen {
                dim,
                rows: 0,
                ids: HashSet::new(),
                left_out: 0,
            }),
        })
    }

    /// Names of the parts of a memory that a column may hold.
    #[staticmethod]
    fn parts() -> Vec<&'static str> {
        Mapping::names()
    }

    /// Metadata keys that name an identity and were left out so far.
    #[getter]
    fn left_out(&self) -> PyResult<u64> {
        Ok(locked(&self.state)?.left_out)
    }

    /// Refuses columns whose type no part can hold, before any row is read.
    fn check(&self, rows: &ArrowRows) -> PyResult<()> {
        let schema = locked(&rows.state)?.reader.schema();
        for field in schema.fields() {
            let kind = field.data_type();
            if self.mapping.part(field.name()) != Part::Nothing && !cells::is_readable(kind) {
                return Err(invalid(format!(
                    "column {:?} is of type {kind}, which a memory cannot hold; cast it, or name \
                     the columns that become metadata with columns={{\"metadata\": [...]}}",
                    field.name()
                )));
            }
        }
        Ok(())
    }

    /// The next rows of a stream, at most `limit` and about 64 MiB, with the vectors given beside
    /// them; None after the last.
    #[pyo3(signature = (rows, limit, vectors=None))]
    fn arrow(
        &self,
        py: Python<'_>,
        rows: &ArrowRows,
        limit: usize,
        vectors: Option<Bound<'_, PyAny>>,
    ) -> PyResult<Option<Prepared>> {
        let given = vectors
            .map(|vectors| vectors::matrix(&vectors))
            .transpose()?;
        beside(py, || {
            let mut stream = locked(&rows.state)?;
            let mut seen = locked(&self.state)?;
            let mut out = Rowset::default();
            let mut rejects = Vec::new();
            let mut count = 0;
            let mut room = PIECE;
            while count < limit {
                let next = stream
                    .next(limit - count, room, count == 0)
                    .map_err(|error| unreadable(&error))?;
                let Some((batch, bytes)) = next else { break };
                if batch.num_rows() == 0 {
                    break;
                }
                room = room.saturating_sub(bytes);
                self.read(
                    &batch,
                    given.as_ref(),
                    count,
                    &mut seen,
                    &mut out,
                    &mut rejects,
                );
                count += batch.num_rows();
            }
            Ok((count > 0).then_some(Prepared {
                rows: count,
                rejects,
                state: Mutex::new(out),
            }))
        })
    }

    /// Dicts, with the line each stands in (default: they are counted), and the vectors given
    /// beside them.
    #[pyo3(signature = (rows, lines=None, vectors=None))]
    fn dicts(
        &self,
        py: Python<'_>,
        rows: Bound<'_, PyList>,
        lines: Option<Vec<u64>>,
        vectors: Option<Bound<'_, PyAny>>,
    ) -> PyResult<Prepared> {
        let given = vectors
            .map(|vectors| vectors::matrix(&vectors))
            .transpose()?;
        let mut seen = locked(&self.state)?;
        let mut out = Rowset {
            puts: Vec::with_capacity(rows.len()),
            lines: Vec::with_capacity(rows.len()),
            embedded: Vec::new(),
        };
        let mut rejects = Vec::new();
        for (index, row) in rows.iter().enumerate() {
            if index % YIELD == YIELD - 1 {
                py.detach(|| ());
            }
            seen.rows += 1;
            let line = lines
                .as_ref()
                .and_then(|lines| lines.get(index).copied())
                .unwrap_or(seen.rows);
            let read = self.dict(&row).and_then(|mut draft| {
                if let Some(vector) = row_vector(given.as_ref(), index)? {
                    draft.vector(vector);
                }
                self.finish(draft, line, &mut seen, &mut out)
            });
            if let Err(reason) = read {
                rejects.push((line, reason, None));
            }
        }
        Ok(Prepared {
            rows: rows.len(),
            rejects,
            state: Mutex::new(out),
        })
    }
}

impl RowReader {
    fn dict(&self, row: &Bound<'_, PyAny>) -> Result<Draft, String> {
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
        let room = Room::of(self.max_row_bytes);
        for (key, value) in row {
            if value.is_none() || is_missing(&value).map_err(reason)? {
                continue;
            }
            let key = key
                .cast::<PyString>()
                .map_err(|_| format!("key {} is no text", shown(&key)))
                .and_then(|key| to_text(key, "a key").map_err(reason))?;
            let part = self.mapping.part(&key);
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
}

#[pymethods]
impl Prepared {
    /// How many rows were read for it, bad ones too.
    #[getter]
    fn rows(&self) -> usize {
        self.rows
    }

    /// Line, reason and, for rows of a stream, JSON text of each bad row.
    #[getter]
    fn rejects(&self) -> Vec<Reject> {
        self.rejects.clone()
    }

    /// Leaves out rows whose id is in the store already; returns how many. The commit decides;
    /// this saves embedding them.
    fn leave_out_known(&self, py: Python<'_>, engine: &PyEngine) -> PyResult<usize> {
        beside(py, || {
            let mut set = locked(&self.state)?;
            let ids = set.puts.iter().map(|put| match put.existing {
                Existing::Refuse | Existing::Update { .. } => "",
                Existing::KeepId | Existing::KeepText => put.id.as_deref().unwrap_or_default(),
            });
            let known = engine.0.holds(ids).map_err(PyError)?;
            let before = set.puts.len();
            let mut keep = known.iter().map(|known| !known);
            set.puts.retain(|_| keep.next().unwrap_or(true));
            let mut keep = known.iter().map(|known| !known);
            set.lines.retain(|_| keep.next().unwrap_or(true));
            Ok(before - set.puts.len())
        })
    }

    /// Up to `limit` texts that have no vector yet, in order.
    fn texts(&self, limit: usize) -> PyResult<Vec<String>> {
        let set = locked(&self.state)?;
        let bare = set.puts.iter().filter(|put| put.vector.is_empty());
        Ok(bare.take(limit).map(|put| put.text.clone()).collect())
    }

    /// Gives the first texts without a vector theirs, one row each.
    fn give_vectors(&self, vectors: Bound<'_, PyAny>) -> PyResult<()> {
        let rows = vectors::matrix(&vectors)?;
        let mut set = locked(&self.state)?;
        let Rowset { puts, embedded, .. } = &mut *set;
        let bare = puts.iter_mut().enumerate();
        let bare = bare.filter(|(_, put)| put.vector.is_empty());
        for ((index, put), vector) in bare.zip(rows.iter()) {
            put.vector = vector.to_vec();
            embedded.push(index);
        }
        Ok(())
    }

    /// Takes the given vectors back, so that the texts can be embedded again.
    fn take_back_vectors(&self) -> PyResult<()> {
        let mut set = locked(&self.state)?;
        for index in std::mem::take(&mut set.embedded) {
            if let Some(put) = set.puts.get_mut(index) {
                put.vector = Vec::new();
            }
        }
        Ok(())
    }

    /// Commits the rows; returns how many were added and how many were there before.
    fn commit(&self, py: Python<'_>, engine: &PyEngine, space: u32) -> PyResult<(usize, usize)> {
        beside(py, || {
            let mut set = locked(&self.state)?;
            if set.puts.is_empty() {
                return Ok((0, 0));
            }
            let ids: Vec<_> = set.puts.iter().map(|put| put.id.clone()).collect();
            let ops = std::mem::take(&mut set.puts)
                .into_iter()
                .map(Op::Put)
                .collect();
            let changes = engine
                .0
                .apply(Batch {
                    ops,
                    space: Some(space),
                    ..Batch::default()
                })
                .map_err(|error| {
                    if let Error::Exists { id } = &error
                        && let Some(at) = ids.iter().position(|known| known.as_ref() == Some(id))
                        && let Some(line) = set.lines.get(at)
                    {
                        return exists(*line, id);
                    }
                    PyError(error).into()
                })?;
            let kept = changes
                .iter()
                .filter(|change| change.before.is_some())
                .count();
            Ok((changes.len() - kept, kept))
        })
    }
}

fn exists(line: u64, id: &str) -> PyErr {
    Python::attach(|py| {
        let reason = format!("a memory with id {id:?} is in the store already");
        let class = py
            .import("memfast.errors")
            .and_then(|errors| errors.getattr("RowError"));
        class
            .and_then(|class| class.call_method1("at", (line, reason)))
            .map_or_else(|failure| failure, PyErr::from_value)
    })
}
