//! Values of `NumPy`, pandas and libraries like them.

use pyo3::prelude::*;
use pyo3::types::{PyDict, PyFloat, PyInt, PyList, PyString, PyType};

use crate::value::Room;

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

/// The number, text or list of Python for a value of `NumPy`, or of a library with such values:
/// scalars and arrays with `dtype` and `tolist`, and integers with `__index__`.
pub(crate) fn plain<'py>(
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
            && size > room.values()
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
