//! Metadata and filters between Python objects and the core's values.

use memfast_core::{Metadata, Value};
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyDict, PyFloat, PyInt, PyList, PyString, PyTuple, PyType};

use crate::error::invalid;

/// Deepest nesting taken; deeper objects are refused, cyclic ones with them.
const DEPTH: usize = 64;

/// The value of a Python object; `path` names it in errors.
pub(crate) fn to_value(object: &Bound<'_, PyAny>, path: &str, depth: usize) -> PyResult<Value> {
    if depth > DEPTH {
        return Err(invalid(format!(
            "`{path}` is nested deeper than {DEPTH} levels, or contains itself"
        )));
    }
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
        return Ok(Value::Text(to_text(text, path)?));
    }
    if let Ok(map) = object.cast::<PyDict>() {
        return to_map(map, path, depth).map(Value::Map);
    }
    if object.is_instance_of::<PyList>() || object.is_instance_of::<PyTuple>() {
        let items = object.try_iter()?.enumerate();
        let values =
            items.map(|(index, item)| to_value(&item?, &format!("{path}[{index}]"), depth + 1));
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
    if let Some(plain) = plain(object)? {
        return to_value(&plain, path, depth + 1);
    }
    let name = object.get_type().qualname()?.to_string();
    if name == "UUID" {
        return object.str()?.extract().map(Value::Text);
    }
    Err(invalid(format!(
        "`{path}` is of type {name}; use None, bool, int, float, str, list, dict, datetime or UUID"
    )))
}

/// A number, text or list in place of one of `NumPy`'s, or of another library that has them like it:
/// scalars and arrays with `dtype` and `tolist`, and integers with `__index__`.
fn plain<'py>(object: &Bound<'py, PyAny>) -> PyResult<Option<Bound<'py, PyAny>>> {
    // A type has what its values have, and is none of them.
    if object.is_instance_of::<PyType>() {
        return Ok(None);
    }
    if object.hasattr("dtype")? && object.hasattr("tolist")? {
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

pub(crate) fn to_map(map: &Bound<'_, PyDict>, path: &str, depth: usize) -> PyResult<Metadata> {
    let mut values = Metadata::new();
    for (key, item) in map {
        let Ok(key) = key.cast::<PyString>() else {
            return Err(invalid(format!(
                "`{path}` has the key {key:?}, which is no text"
            )));
        };
        let key = to_text(key, path)?;
        let value = to_value(&item, &format!("{path}.{key}"), depth + 1)?;
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

/// A scope id as it is stored; raises for what is none.
#[pyfunction]
pub(crate) fn scope_id(name: &str, id: &Bound<'_, PyString>) -> PyResult<String> {
    let refuse = |problem: &str| invalid(format!("Invalid {name}: {problem}"));
    let Ok(id) = id.to_cow() else {
        return Err(refuse(
            "holds a lone surrogate, which is no Unicode text. Provide a valid identifier.",
        ));
    };
    let id = memfast_core::ids::scope_id(&id).map_err(|problem| refuse(&problem))?;
    Ok(id.to_owned())
}

/// Metadata as the store would give it back; raises for what it would refuse.
#[pyfunction]
pub(crate) fn stored_metadata<'py>(
    py: Python<'py>,
    metadata: &Bound<'py, PyDict>,
) -> PyResult<Bound<'py, PyDict>> {
    from_map(py, &to_map(metadata, "metadata", 0)?)
}
