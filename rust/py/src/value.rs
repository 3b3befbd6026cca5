//! Metadata and filters between Python objects and the core's values.

use std::cell::Cell;

use memfast_core::ids::brief;
use memfast_core::{Metadata, Value};
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyDict, PyFloat, PyInt, PyList, PyString, PyTuple};

use crate::error::invalid;
use crate::fields::shown;
use crate::foreign::plain;

/// Deepest nesting taken; deeper objects are refused, cyclic ones with them.
const DEPTH: usize = 64;

/// Bytes that the values of one argument or row may take in all. An object that is used several
/// times counts each time, as it is written each time: a few lists of lists can make any amount.
const ROOM: usize = 64 << 20;
/// What a value takes beside the bytes of its text.
const VALUE: usize = 64;

/// The room that is left for the values of an argument or row.
pub(crate) struct Room {
    most: usize,
    left: Cell<usize>,
}

impl Room {
    /// Room for values of the default size, or larger where a caller says so.
    pub(crate) fn of(bytes: usize) -> Self {
        let most = bytes.max(ROOM);
        Self {
            most,
            left: Cell::new(most),
        }
    }

    /// How many values there is room for, without the bytes of their texts.
    pub(crate) fn values(&self) -> usize {
        self.left.get() / VALUE
    }

    pub(crate) fn take(&self, bytes: usize, path: &str) -> PyResult<()> {
        let left = self.left.get().checked_sub(bytes).ok_or_else(|| {
            let values = self.most / VALUE;
            invalid(format!(
                "`{}` and what comes before it hold more than {values} values or {} MiB of \
                 text, counting a list or dict each time it is used; store less, or a \
                 reference to it",
                brief(path),
                self.most >> 20
            ))
        })?;
        self.left.set(left);
        Ok(())
    }
}

/// The value of a Python object; `path` names it in errors.
pub(crate) fn to_value(object: &Bound<'_, PyAny>, path: &str, room: &Room) -> PyResult<Value> {
    nested_value(object, path, 0, room)
}

/// The values of a dict; `path` names it in errors.
pub(crate) fn to_map(map: &Bound<'_, PyDict>, path: &str) -> PyResult<Metadata> {
    nested_map(map, path, 0, &Room::of(0))
}

fn nested_value(
    object: &Bound<'_, PyAny>,
    path: &str,
    depth: usize,
    room: &Room,
) -> PyResult<Value> {
    if depth > DEPTH {
        return Err(invalid(format!(
            "`{path}` is nested deeper than {DEPTH} levels, or contains itself"
        )));
    }
    room.take(VALUE, path)?;
    if object.is_none() {
        return Ok(Value::Null);
    }
    if let Ok(flag) = object.cast::<PyBool>() {
        return Ok(Value::Bool(flag.is_true()));
    }
    if object.is_instance_of::<PyInt>() {
        return object.extract::<i64>().map(Value::Int).map_err(|_| {
            invalid(format!(
                "`{path}` is an integer beyond 64 bits; store it as text"
            ))
        });
    }
    if object.is_instance_of::<PyFloat>() {
        let number: f64 = object.extract()?;
        return if number.is_finite() {
            Ok(Value::Float(number))
        } else {
            Err(invalid(format!(
                "`{path}` is {number}, which JSON cannot hold; leave it out or store it as text"
            )))
        };
    }
    if let Ok(text) = object.cast::<PyString>() {
        let text = to_text(text, path)?;
        room.take(text.len(), path)?;
        return Ok(Value::Text(text));
    }
    if let Ok(map) = object.cast::<PyDict>() {
        return nested_map(map, path, depth, room).map(Value::Map);
    }
    if object.is_instance_of::<PyList>() || object.is_instance_of::<PyTuple>() {
        let items = object.try_iter()?.enumerate();
        let values = items.map(|(index, item)| {
            nested_value(&item?, &format!("{path}[{index}]"), depth + 1, room)
        });
        return values.collect::<PyResult<_>>().map(Value::List);
    }
    // datetime, date and time; UUID
    if object.hasattr("isoformat")? {
        let text: String = object.call_method0("isoformat")?.extract()?;
        return if text == "NaT" {
            Err(invalid(format!(
                "`{path}` is NaT, not a time; leave it out"
            )))
        } else {
            Ok(Value::Text(text))
        };
    }
    if let Some(plain) = plain(object, path, room)? {
        return nested_value(&plain, path, depth + 1, room);
    }
    let name = object.get_type().qualname()?.to_string();
    if name == "UUID" {
        return object.str()?.extract().map(Value::Text);
    }
    Err(invalid(format!(
        "`{path}` is of type {name}; use None, bool, int, float, str, list, dict, datetime or UUID"
    )))
}

/// Text of a Python string; a lone surrogate is an error that says where.
pub(crate) fn to_text(text: &Bound<'_, PyString>, path: &str) -> PyResult<String> {
    text.to_cow()
        .map(std::borrow::Cow::into_owned)
        .map_err(|_| {
            invalid(format!(
                "`{path}` holds a lone surrogate, which is not Unicode text; replace it first"
            ))
        })
}

fn nested_map(
    map: &Bound<'_, PyDict>,
    path: &str,
    depth: usize,
    room: &Room,
) -> PyResult<Metadata> {
    let mut values = Metadata::new();
    for (key, item) in map {
        let Ok(text) = key.cast::<PyString>() else {
            return Err(invalid(format!(
                "`{path}` has the key {}, which is not text",
                shown(&key)
            )));
        };
        let key = to_text(text, path)?;
        room.take(key.len(), path)?;
        let value = nested_value(&item, &format!("{path}.{key}"), depth + 1, room)?;
        values.insert(key, value);
    }
    Ok(values)
}

pub(crate) fn from_value<'py>(py: Python<'py>, value: &Value) -> PyResult<Bound<'py, PyAny>> {
    Ok(match value {
        Value::Null => py.None().into_bound(py),
        Value::Bool(flag) => PyBool::new(py, *flag).to_owned().into_any(),
        Value::Int(number) => number.into_pyobject(py)?.into_any(),
        Value::Float(number) => PyFloat::new(py, *number).into_any(),
        Value::Text(text) => PyString::new(py, text).into_any(),
        Value::List(values) => {
            let list = PyList::empty(py);
            for value in values {
                list.append(from_value(py, value)?)?;
            }
            list.into_any()
        }
        Value::Map(map) => from_map(py, map)?.into_any(),
    })
}

pub(crate) fn from_map<'py>(py: Python<'py>, map: &Metadata) -> PyResult<Bound<'py, PyDict>> {
    let dict = PyDict::new(py);
    for (key, value) in map {
        dict.set_item(key, from_value(py, value)?)?;
    }
    Ok(dict)
}

/// Metadata as the store would give it back; raises for what it would refuse.
#[pyfunction]
pub(crate) fn stored_metadata<'py>(
    py: Python<'py>,
    metadata: &Bound<'py, PyDict>,
) -> PyResult<Bound<'py, PyDict>> {
    from_map(py, &to_map(metadata, "metadata")?)
}

/// An id for a new memory.
#[pyfunction]
pub(crate) fn new_id() -> String {
    memfast_core::new_id()
}
