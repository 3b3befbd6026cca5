//! `memfast._core.Engine`: opening, closing, and what a store is.

mod log;
mod read;
mod reembed;
mod write;

use std::path::PathBuf;
use std::sync::atomic::AtomicBool;
use std::sync::mpsc::Sender;

use memfast_core::{Durability, Embedder, Engine, Options, Stage};
use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::error::{briefly, detached, invalid};
use crate::watched::watched;
pub(crate) use reembed::PyReembedStep;

/// Name, dimensions (0 if not known yet) and fingerprint of an embedder.
type EmbedderArgument = (String, usize, String);
/// Name, dimensions and fingerprint of the embedder; space, log id and format.
type Identity = (String, usize, String, u32, String, u32);

#[pyclass(frozen, name = "Engine", module = "memfast._core")]
pub(crate) struct PyEngine(pub(crate) Engine);

fn embedder((name, dim, fingerprint): EmbedderArgument) -> Embedder {
    Embedder {
        name,
        dim,
        fingerprint,
    }
}

#[pymethods]
impl PyEngine {
    #[new]
    #[pyo3(signature = (path, embedder=None, *, read_only=false, durability="commit", cache_bytes=None, lexicon=None))]
    fn new(
        py: Python<'_>,
        path: PathBuf,
        embedder: Option<EmbedderArgument>,
        read_only: bool,
        durability: &str,
        cache_bytes: Option<usize>,
        lexicon: Option<PathBuf>,
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
            lexicon,
        };
        let engine = detached(py, || Engine::open(&path, options))?;
        Ok(Self(engine))
    }

    fn close(&self, py: Python<'_>) -> PyResult<()> {
        detached(py, || self.0.close())
    }

    /// Runs maintenance; `progress` is called with stage, rows done and rows in all.
    #[pyo3(signature = (progress=None))]
    fn optimize(&self, py: Python<'_>, progress: Option<Py<PyAny>>) -> PyResult<()> {
        let optimize = |stop: &AtomicBool, sender: &Sender<_>| {
            self.0.optimize(stop, |stage, done, total| {
                // The receiver outlives the work.
                let _ = sender.send((stage, done, total));
            })
        };
        watched(py, optimize, |(stage, done, total)| {
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
        dict.set_item("write_buffer", stats.write_buffer)?;
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
    fn identity(&self) -> PyResult<Identity> {
        let identity = briefly(|| self.0.identity())?;
        let from = identity.embedder;
        Ok((
            from.name,
            from.dim,
            from.fingerprint,
            identity.space,
            identity.log_id,
            identity.format,
        ))
    }

    fn last_seq(&self) -> PyResult<u64> {
        briefly(|| self.0.last_seq())
    }
}
