//! Metadata and filters between Python objects and the core's values.

use std::cell::Cell;

use memfast_core::ids::brief;
use memfast_core::{Metadata, Value};
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyDict, PyFloat, PyInt, PyList, PyString, PyTuple, PyType};

use crate::error::invalid;
use crate::fields::shown;

/// Deepest nesting taken; deeper objects are refused, cyclic ones with them.
const DEPTH: usize = 64;

/// Bytes that the values of one argument or row may take in all. An object that stands in several
/// places counts in each, as it is written there: a few lists of lists can stand for any amount.
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

    fn take(&self, bytes: usize, path: &str) -> PyResult<()> {
        let left = self.left.get().checked_sub(bytes).ok_or_else(|| {
            let values = self.most / VALUE;
            invalid(format!(
                "`{}` and what comes before it hold more than {values} values or {} MiB of \
                 text, counting each place where a list or dict is used; store less, or a \
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

/// Whether a value is what tables hold where there is none: `NaN`, `NaT`, or `NA` of pandas.
pub(crate) fn is_missing(value: &Bound<'_, PyAny>) -> PyResult<bool> {
    if value.is_exact_instance_of::<PyString>()
        || value.is_exact_instance_of::<PyInt>()
        || value.is_exact_instance_of::<PyList>()
        || value.is_exact_instance_of::<PyDict>()
    {
        return Ok(false);
    }
    if let Ok(number) = value.cast::<PyFloat>() {
        return Ok(number.value().is_nan());
    }
    // The values of NumPy that are none differ from themselves; an array is compared item by item.
    if value.hasattr("dtype")? && !value.hasattr("__len__")? {
        return value.ne(value);
    }
    let kind = value.get_type();
    let name = kind.name()?;
    let is_named = |text: &str| name.to_cow().is_ok_and(|name| name == text);
    if is_named("Decimal") {
        return value.ne(value);
    }
    Ok((is_named("NaTType") || is_named("NAType"))
        && kind
            .module()?
            .to_cow()
            .is_ok_and(|module| module.split('.').next() == Some("pandas")))
}

/// A number, text or list in place of one of `NumPy`'s, or of another library that has them like it:
/// scalars and arrays with `dtype` and `tolist`, and integers with `__index__`.
fn plain<'py>(
    object: &Bound<'py, PyAny>,
    path: &str,
    room: &Room,
) -> PyResult<Option<Bound<'py, PyAny>>> {
    // A type has what its values have, and is none of them.
    if object.is_instance_of::<PyType>() {
        return Ok(None);
    }
    if object.hasattr("dtype")? && object.hasattr("tolist")? {
        // An array may have more elements than memory has bytes: its strides may be zero.
        let size = object.getattr_opt("size")?;
        if let Some(size) = size.and_then(|size| size.extract::<usize>().ok())
            && size > room.left.get() / VALUE
        {
            room.take(usize::MAX, path)?;
        }
        let kind = object
            .getattr("dtype")?
            .getattr_opt("kind")?
            .and_then(|kind| kind.extract::<String>().ok());
        return match kind.as_deref() {
            // As an integer the unit of the times would be lost.
            Some("M") if object.str()?.to_string_lossy().contains("NaT") => Ok(None),
            Some("M") => object
                .call_method1("astype", ("str",))?
                .call_method0("tolist")
                .map(Some),
            Some("m" | "c" | "S" | "V") => Ok(None),
            _ => object.call_method0("tolist").map(Some),
        };
    }
    if object.hasattr("__index__")? {
        return object.call_method0("__index__").map(Some);
    }
    Ok(None)
}

/// Text of a Python string; a lone surrogate is an error that says where.
pub(crate) fn to_text(text: &Bound<'_, PyString>, path: &str) -> PyResult<String> {
    text.to_cow()
        .map(std::borrow::Cow::into_owned)
        .map_err(|_| {
            invalid(format!(
                "`{path}` holds a lone surrogate, which is no Unicode text; replace it first"
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
                "`{path}` has the key {}, which is no text",
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
