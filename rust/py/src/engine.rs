//! `memfast._core.Engine`: extract, detach, call, wrap.

use std::path::PathBuf;
use std::sync::Mutex;
use std::sync::atomic::AtomicBool;
use std::sync::mpsc::Sender;

use memfast_core::{
    Batch, Cursor, Durability, Engine, Hit, Options, Order, Query, ReembedStep, SortKey, Stage,
};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict, PyList};

use crate::arguments::{
    BatchArgument, EmbedderArgument, ScopeArgument, batch, embedder, narrowed, selection,
};
use crate::bulk::{EventStream, PyExport};
use crate::error::{PyError, briefly, detached, internal, invalid};
use crate::items::item;
use crate::record::{Outcome, history_row, outcome, pending_item, receipt};
use crate::vectors::{matrix, vector};
use crate::watched::watched;

/// Items, and where the next page starts.
type Page<'py> = (Bound<'py, PyList>, Option<(u32, u64)>);

#[pyclass(frozen, name = "Engine", module = "memfast._core")]
pub(crate) struct PyEngine(pub(crate) Engine);

fn hex(fingerprint: u128) -> String {
    format!("{fingerprint:032x}")
}

fn hits<'py>(py: Python<'py>, hits: &[Hit]) -> PyResult<Bound<'py, PyList>> {
    let items = hits
        .iter()
        .map(|hit| item(py, &hit.record, Some(hit.score)));
    PyList::new(py, items.collect::<PyResult<Vec<_>>>()?)
}

#[pymethods]
impl PyEngine {
    #[new]
    #[pyo3(signature = (path, embedder=None, *, read_only=false, durability="commit", cache_bytes=None))]
    fn new(
        py: Python<'_>,
        path: PathBuf,
        embedder: Option<EmbedderArgument>,
        read_only: bool,
        durability: &str,
        cache_bytes: Option<usize>,
    ) -> PyResult<Self> {
        let durability = match durability {
            "commit" => Durability::Commit,
            "batch" => Durability::Batch,
            "none" => Durability::None,
            other => {
                return Err(invalid(format!(
                    "durability is {other:?}; it must be \"commit\", \"batch\" or \"none\""
                )));
            }
        };
        let options = Options {
            embedder: embedder.map(self::embedder),
            read_only,
            durability,
            cache_bytes: cache_bytes.unwrap_or(Options::default().cache_bytes),
        };
        let engine = detached(py, || Engine::open(&path, options))?;
        Ok(Self(engine))
    }

    fn close(&self, py: Python<'_>) -> PyResult<()> {
        detached(py, || self.0.close())
    }

    /// Tidies the store; `progress` is called with stage, rows done and rows in all.
    #[pyo3(signature = (progress=None))]
    fn optimize(&self, py: Python<'_>, progress: Option<Py<PyAny>>) -> PyResult<()> {
        let tidy = |stop: &AtomicBool, sender: &Sender<_>| {
            self.0.optimize(stop, |stage, done, total| {
                // The receiver outlives the work.
                let _ = sender.send((stage, done, total));
            })
        };
        watched(py, tidy, |(stage, done, total)| {
            let Some(progress) = &progress else {
                return Ok(());
            };
            let stage = match stage {
                Stage::Merge => "merge",
                Stage::Index => "index",
            };
            progress.call1(py, (stage, done, total)).map(drop)
        })
    }

    /// What the store is made of.
    fn stats<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let stats = briefly(|| self.0.stats())?;
        let dict = PyDict::new(py);
        dict.set_item("records", stats.records)?;
        dict.set_item("events", stats.events)?;
        dict.set_item("segments", stats.segments)?;
        dict.set_item("segment_bytes", stats.segment_bytes)?;
        dict.set_item("tail", stats.tail)?;
        dict.set_item("cache_bytes", stats.cache_bytes)?;
        let index = stats
            .index
            .map(|index| {
                let dict = PyDict::new(py);
                dict.set_item("rows", index.rows)?;
                dict.set_item("bytes", index.bytes)?;
                dict.set_item("behind", index.behind)?;
                Ok::<_, PyErr>(dict)
            })
            .transpose()?;
        dict.set_item("index", index)?;
        dict.set_item("trouble", stats.trouble)?;
        Ok(dict)
    }

    fn flush(&self, py: Python<'_>) -> PyResult<()> {
        detached(py, || self.0.flush())
    }

    /// Embedder, vector space, log id and format of the store.
    fn identity<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let identity = briefly(|| self.0.identity())?;
        let dict = PyDict::new(py);
        let from = identity.embedder;
        dict.set_item("embedder", (from.name, from.dim, from.fingerprint))?;
        dict.set_item("space", identity.space)?;
        dict.set_item("log_id", identity.log_id)?;
        dict.set_item("format", identity.format)?;
        Ok(dict)
    }

    fn last_seq(&self) -> PyResult<u64> {
        briefly(|| self.0.last_seq())
    }

    #[pyo3(signature = (ops, vectors=None, space=None, pending=Vec::new(), settled=Vec::new(), receipt=None))]
    #[allow(clippy::too_many_arguments)] // keyword arguments
    fn apply(
        &self,
        py: Python<'_>,
        ops: Vec<Bound<'_, PyDict>>,
        vectors: Option<Bound<'_, PyAny>>,
        space: Option<u32>,
        pending: Vec<Bound<'_, PyDict>>,
        settled: Vec<u64>,
        receipt: Option<Bound<'_, PyDict>>,
    ) -> PyResult<Vec<Outcome>> {
        let batch = batch((ops, vectors, space, pending, settled, receipt))?;
        let changes = detached(py, || self.0.apply(batch))?;
        Ok(changes.into_iter().map(outcome).collect())
    }

    /// Commits batches, each given as the arguments of `apply`, with one flush. What became of each
    /// stands in its place: what `apply` returns, or the exception that it raises.
    fn apply_each<'py>(
        &self,
        py: Python<'py>,
        batches: Vec<BatchArgument<'py>>,
    ) -> PyResult<Vec<Bound<'py, PyAny>>> {
        let read: Vec<PyResult<Batch>> = batches.into_iter().map(batch).collect();
        let mut good = Vec::with_capacity(read.len());
        let mut failed = Vec::with_capacity(read.len());
        for batch in read {
            match batch {
                Ok(batch) => {
                    good.push(batch);
                    failed.push(None);
                }
                Err(error) => failed.push(Some(error)),
            }
        }
        let outcomes = detached(py, || self.0.apply_each(good))?;
        let mut outcomes = outcomes.into_iter();
        let told = failed.into_iter().map(|failed| {
            let changes = match failed {
                Some(error) => Err(error),
                None => match outcomes.next() {
                    Some(done) => done.map_err(|error| PyErr::from(PyError(error))),
                    None => Err(internal("a batch was not told of")),
                },
            };
            match changes {
                Ok(changes) => {
                    let changes: Vec<_> = changes.into_iter().map(outcome).collect();
                    changes.into_pyobject(py)
                }
                Err(error) => Ok(error.into_value(py).into_bound(py).into_any()),
            }
        });
        told.collect()
    }

    #[pyo3(signature = (scope, filter=None))]
    fn delete_all(
        &self,
        py: Python<'_>,
        scope: ScopeArgument,
        filter: Option<Bound<'_, PyAny>>,
    ) -> PyResult<usize> {
        let selection = selection(scope, filter.as_ref(), (true, true, false))?;
        detached(py, || self.0.delete_all(&selection))
    }

    fn reset(&self, py: Python<'_>) -> PyResult<()> {
        detached(py, || self.0.reset())
    }

    /// Input of a scope that waits for another attempt.
    fn pending<'py>(
        &self,
        py: Python<'py>,
        scope: ScopeArgument,
    ) -> PyResult<Vec<Bound<'py, PyDict>>> {
        let selection = selection(scope, None, (true, true, false))?;
        let found = detached(py, || self.0.pending(&selection.scope))?;
        found.iter().map(|one| pending_item(py, one)).collect()
    }

    /// The ids and the note that are kept of the batch of this name; `None` where there is none.
    fn signed(
        &self,
        receipt: &Bound<'_, PyDict>,
    ) -> PyResult<Option<(Vec<Option<String>>, String)>> {
        let receipt = self::receipt(receipt)?;
        let signed = briefly(|| self.0.signed(&receipt))?;
        Ok(signed.map(|signed| (signed.ids, signed.note)))
    }

    /// Vectors of memories as little-endian f32; `None` for one that is not there.
    fn vectors<'py>(
        &self,
        py: Python<'py>,
        ids: Vec<String>,
    ) -> PyResult<Vec<Option<Bound<'py, PyBytes>>>> {
        let found = detached(py, || self.0.vectors(&ids))?;
        let bytes = |vector: Vec<f32>| {
            let bytes: Vec<u8> = vector
                .iter()
                .flat_map(|value| value.to_le_bytes())
                .collect();
            PyBytes::new(py, &bytes)
        };
        Ok(found.into_iter().map(|vector| vector.map(bytes)).collect())
    }

    /// The memories with these ids; `None` for one that is not there.
    fn get_many<'py>(
        &self,
        py: Python<'py>,
        ids: Vec<String>,
    ) -> PyResult<Vec<Option<Bound<'py, PyDict>>>> {
        let records = detached(py, || self.0.get_many(&ids))?;
        let items = records.iter().map(|record| {
            let record = record.as_ref();
            record.map(|record| item(py, record, None)).transpose()
        });
        items.collect()
    }

    fn get<'py>(&self, py: Python<'py>, id: &str) -> PyResult<Option<Bound<'py, PyDict>>> {
        let record = detached(py, || self.0.get(id))?;
        record.map(|record| item(py, &record, None)).transpose()
    }

    /// The kept messages that a memory comes from.
    fn sources<'py>(&self, py: Python<'py>, id: &str) -> PyResult<Vec<Bound<'py, PyDict>>> {
        let messages = detached(py, || self.0.sources(id))?;
        let items = messages.iter().map(|message| item(py, message, None));
        items.collect()
    }

    #[pyo3(signature = (scope, filter=None, *, show_expired=false, include_superseded=false, include_messages=false, after=None, limit=100))]
    #[allow(clippy::too_many_arguments, clippy::fn_params_excessive_bools)] // keyword arguments
    fn scan<'py>(
        &self,
        py: Python<'py>,
        scope: ScopeArgument,
        filter: Option<Bound<'py, PyAny>>,
        show_expired: bool,
        include_superseded: bool,
        include_messages: bool,
        after: Option<(u32, u64)>,
        limit: usize,
    ) -> PyResult<Page<'py>> {
        let selection = selection(
            scope,
            filter.as_ref(),
            (show_expired, include_superseded, include_messages),
        )?;
        let after = after.map(|(partition, row)| Cursor { partition, row });
        let page = detached(py, || self.0.scan(&selection, after, limit))?;
        let items = PyList::empty(py);
        for record in &page.records {
            items.append(item(py, record, None)?)?;
        }
        Ok((
            items,
            page.next.map(|cursor| (cursor.partition, cursor.row)),
        ))
    }

    /// Memories of a scope from number `offset` on, in an order, and how many it has.
    #[pyo3(signature = (scope, filter=None, *, show_expired=false, include_superseded=false, include_messages=false, sort=None, descending=false, offset=0, limit=100))]
    #[allow(clippy::too_many_arguments, clippy::fn_params_excessive_bools)] // keyword arguments
    fn slice<'py>(
        &self,
        py: Python<'py>,
        scope: ScopeArgument,
        filter: Option<Bound<'py, PyAny>>,
        show_expired: bool,
        include_superseded: bool,
        include_messages: bool,
        sort: Option<&str>,
        descending: bool,
        offset: usize,
        limit: usize,
    ) -> PyResult<(Bound<'py, PyList>, u64)> {
        let selection = selection(
            scope,
            filter.as_ref(),
            (show_expired, include_superseded, include_messages),
        )?;
        let by = |key| Order::By { key, descending };
        let order = match sort {
            None => Order::Added,
            Some("created_at") => by(SortKey::CreatedAt),
            Some("updated_at") => by(SortKey::UpdatedAt),
            Some("event_time") => by(SortKey::EventTime),
            Some(other) => return Err(invalid(format!("{other:?} is no order"))),
        };
        let slice = py
            .detach(|| self.0.slice(&selection, order, offset, limit))
            .map_err(PyError)?;
        let items = slice.records.iter().map(|record| item(py, record, None));
        let items = PyList::new(py, items.collect::<PyResult<Vec<_>>>()?)?;
        Ok((items, slice.total))
    }

    #[pyo3(signature = (scope, filter=None, *, show_expired=false, include_superseded=false, include_messages=false))]
    fn count(
        &self,
        py: Python<'_>,
        scope: ScopeArgument,
        filter: Option<Bound<'_, PyAny>>,
        show_expired: bool,
        include_superseded: bool,
        include_messages: bool,
    ) -> PyResult<u64> {
        let selection = selection(
            scope,
            filter.as_ref(),
            (show_expired, include_superseded, include_messages),
        )?;
        detached(py, || self.0.count(&selection))
    }

    /// How many rows a search of a scope looks through; None where some would have to be read first.
    #[pyo3(signature = (scope, filter=None, *, exact_scope=false))]
    fn rows_at_hand(
        &self,
        scope: ScopeArgument,
        filter: Option<Bound<'_, PyAny>>,
        exact_scope: bool,
    ) -> PyResult<Option<usize>> {
        let selection = selection(scope, filter.as_ref(), (true, true, false))?;
        let selection = narrowed(selection, exact_scope);
        briefly(|| self.0.rows_at_hand(&selection.scope))
    }

    #[pyo3(signature = (scope, query, filter=None, *, limit=100, threshold=None, show_expired=false, include_superseded=false, include_messages=false, exact=false, ef=None, space=None))]
    #[allow(clippy::too_many_arguments, clippy::fn_params_excessive_bools)] // keyword arguments
    fn search<'py>(
        &self,
        py: Python<'py>,
        scope: ScopeArgument,
        query: Bound<'py, PyAny>,
        filter: Option<Bound<'py, PyAny>>,
        limit: usize,
        threshold: Option<f32>,
        show_expired: bool,
        include_superseded: bool,
        include_messages: bool,
        exact: bool,
        ef: Option<usize>,
        space: Option<u32>,
    ) -> PyResult<Bound<'py, PyList>> {
        let query = Query {
            selection: selection(
                scope,
                filter.as_ref(),
                (show_expired, include_superseded, include_messages),
            )?,
            vector: vector(&query)?,
            space,
            limit,
            threshold,
            exact,
            ef,
        };
        let hits = detached(py, || self.0.search(&query))?;
        self::hits(py, &hits)
    }

    #[pyo3(signature = (scope, queries, filter=None, *, limit=100, threshold=None, show_expired=false, include_superseded=false, include_messages=false, exact=false, ef=None, space=None, exact_scope=false))]
    #[allow(clippy::too_many_arguments, clippy::fn_params_excessive_bools)] // keyword arguments
    fn search_many<'py>(
        &self,
        py: Python<'py>,
        scope: ScopeArgument,
        queries: Bound<'py, PyAny>,
        filter: Option<Bound<'py, PyAny>>,
        limit: usize,
        threshold: Option<f32>,
        show_expired: bool,
        include_superseded: bool,
        include_messages: bool,
        exact: bool,
        ef: Option<usize>,
        space: Option<u32>,
        exact_scope: bool,
    ) -> PyResult<Vec<Bound<'py, PyList>>> {
        let rows = matrix(&queries)?;
        let shown = (show_expired, include_superseded, include_messages);
        let query = Query {
            selection: narrowed(selection(scope, filter.as_ref(), shown)?, exact_scope),
            vector: Vec::new(),
            space,
            limit,
            threshold,
            exact,
            ef,
        };
        let vectors: Vec<Vec<f32>> = rows.iter().map(<[f32]>::to_vec).collect();
        let answers = detached(py, || self.0.search_many(&query, &vectors))?;
        answers.iter().map(|hits| self::hits(py, hits)).collect()
    }

    fn history<'py>(&self, py: Python<'py>, id: &str) -> PyResult<Vec<Bound<'py, PyDict>>> {
        let events = detached(py, || self.0.history(id))?;
        events.iter().map(|event| history_row(py, event)).collect()
    }

    /// Log id, number of the last event, and fingerprint of the event `seq` (None if the log has
    /// no such event).
    fn log_state(&self, seq: u64) -> PyResult<(String, u64, Option<String>)> {
        let state = briefly(|| self.0.log_state(seq))?;
        Ok((state.log_id, state.last_seq, state.fingerprint.map(hex)))
    }

    /// Events after a number, with the log id and the number and fingerprint of the last of them.
    fn events_arrow(
        &self,
        py: Python<'_>,
        after_seq: u64,
        limit: usize,
    ) -> PyResult<(String, u64, Option<String>, EventStream)> {
        let (state, stream) = detached(py, || {
            let (state, events) = self.0.log_piece(after_seq, limit)?;
            Ok((state, EventStream::new(&events)))
        })?;
        let stream = stream?;
        let fingerprint = state.fingerprint.map(hex);
        Ok((state.log_id, state.seq, fingerprint, stream))
    }

    /// All that a scope and a filter name as of now, to be read in pieces.
    #[pyo3(signature = (scope, filter=None, *, vectors=true))]
    fn export(
        slf: &Bound<'_, Self>,
        scope: ScopeArgument,
        filter: Option<Bound<'_, PyAny>>,
        vectors: bool,
    ) -> PyResult<PyExport> {
        let selection = selection(scope, filter.as_ref(), (true, true, false))?;
        let engine = &slf.get().0;
        let export = detached(slf.py(), || engine.export(selection, vectors))?;
        Ok(PyExport::new(slf.clone().unbind(), export))
    }

    fn reembed_begin(&self, py: Python<'_>, embedder: EmbedderArgument) -> PyResult<()> {
        let embedder = self::embedder(embedder);
        detached(py, || self.0.reembed_begin(&embedder))
    }

    fn reembed_next(&self, py: Python<'_>, limit: usize) -> PyResult<PyReembedStep> {
        let step = detached(py, || self.0.reembed_next(limit))?;
        Ok(PyReembedStep(Mutex::new(Some(step))))
    }

    #[pyo3(signature = (step, vectors=None))]
    fn reembed_put(
        &self,
        py: Python<'_>,
        step: &PyReembedStep,
        vectors: Option<Bound<'_, PyAny>>,
    ) -> PyResult<()> {
        let values = vectors
            .map(|vectors| matrix(&vectors))
            .transpose()?
            .map_or(Vec::new(), |rows| rows.values);
        let taken = step
            .0
            .lock()
            .map_err(|_| internal("a user of the step died"))?
            .take();
        let step =
            taken.ok_or_else(|| invalid("this step was committed before; ask for the next"))?;
        detached(py, || self.0.reembed_put(step, &values))
    }

    fn reembed_finish(&self, py: Python<'_>) -> PyResult<bool> {
        detached(py, || self.0.reembed_finish())
    }
}

/// Texts that a change of embedder needs vectors for next.
#[pyclass(frozen, name = "ReembedStep", module = "memfast._core")]
pub(crate) struct PyReembedStep(Mutex<Option<ReembedStep>>);

#[pymethods]
impl PyReembedStep {
    #[getter]
    fn texts(&self) -> PyResult<Vec<String>> {
        let step = self
            .0
            .lock()
            .map_err(|_| internal("a user of the step died"))?;
        Ok(step.as_ref().map_or(Vec::new(), |step| step.texts.clone()))
    }

    /// How many memories and messages it is about.
    fn __len__(&self) -> PyResult<usize> {
        let step = self
            .0
            .lock()
            .map_err(|_| internal("a user of the step died"))?;
        Ok(step.as_ref().map_or(0, ReembedStep::len))
    }
}
