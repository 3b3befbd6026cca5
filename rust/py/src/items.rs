//! Memories as dicts, by the table of their fields.

use memfast_core::fields::{FIELDS, Held};
use memfast_core::time::{format_day, format_instant};
use memfast_core::{Record, hex};
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyDict, PyString};

use crate::value::from_map;

/// The names of the fields as Python strings, in the order of the table.
static KEYS: PyOnceLock<Vec<Py<PyString>>> = PyOnceLock::new();

/// A record in the shape of mem0's items; a hit has its score.
pub(crate) fn item<'py>(
    py: Python<'py>,
    record: &Record,
    score: Option<f32>,
) -> PyResult<Bound<'py, PyDict>> {
    let keys = KEYS.get_or_init(py, || {
        let names = FIELDS.iter().map(|field| field.name);
        names
            .map(|name| PyString::intern(py, name).unbind())
            .collect()
    });
    let item = PyDict::new(py);
    for (field, key) in FIELDS.iter().zip(keys) {
        let key = key.bind(py);
        match field.for_dict(record) {
            None | Some(Held::Missing) => {}
            Some(Held::Text(text)) => item.set_item(key, text)?,
            Some(Held::Instant(instant)) => item.set_item(key, format_instant(instant))?,
            Some(Held::Day(day)) => item.set_item(key, format_day(day))?,
            Some(Held::Texts(texts)) => item.set_item(key, texts)?,
            Some(Held::Hashes(hashes)) => {
                let hashes: Vec<String> = hashes.iter().map(|hash| hex(hash)).collect();
                item.set_item(key, hashes)?;
            }
            Some(Held::Object(map)) => item.set_item(key, from_map(py, map)?)?,
            Some(Held::Flag(flag)) => item.set_item(key, flag)?,
            Some(Held::Number(number)) => item.set_item(key, number)?,
        }
    }
    if let Some(score) = score {
        item.set_item(pyo3::intern!(py, "score"), rounded(score))?;
    }
    Ok(item)
}

/// A number with six decimals, which are exact in Python; the f32 itself would show its noise.
pub(crate) fn rounded(number: f32) -> f64 {
    (f64::from(number) * 1e6).round() / 1e6
}

/// A field of a memory, as the core's table has it.
#[pyclass(frozen, get_all, module = "memfast._core")]
pub(crate) struct MemoryField {
    name: &'static str,
    kind: &'static str,
    in_dicts: &'static str,
    filterable: bool,
    in_history: bool,
    is_identity: bool,
    since: u32,
}

/// The fields of a memory.
#[pyfunction]
pub(crate) fn memory_fields() -> Vec<MemoryField> {
    let fields = FIELDS.iter().map(|field| MemoryField {
        name: field.name,
        kind: field.kind().name(),
        in_dicts: field.in_dicts.name(),
        filterable: field.filterable,
        in_history: field.in_history,
        is_identity: field.is_identity(),
        since: field.since,
    });
    fields.collect()
}
