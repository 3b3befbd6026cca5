//! Vectors from Python: buffers of f32 or f64 (`NumPy`, array, memoryview) and lists of floats.

use memfast_transfer::Vectors;
use pyo3::buffer::PyBuffer;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList, PyString, PyTuple};

use crate::error::invalid;

/// Most components of a vector; an iterator may have no end.
const LONGEST: usize = 1 << 20;

/// Rows of equal length, one after the other; none of length 0.
pub(crate) struct Rows {
    pub(crate) values: Vec<f32>,
    dim: usize,
}

impl Rows {
    /// The rows, as an import takes them.
    pub(crate) fn vectors(&self) -> Vectors<'_> {
        Vectors::new(&self.values, self.dim)
    }

    /// All rows.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &[f32]> {
        self.values.chunks_exact(self.dim.max(1))
    }
}

/// Reads a matrix: a two-dimensional buffer, or a sequence of vectors.
pub(crate) fn matrix(object: &Bound<'_, PyAny>) -> PyResult<Rows> {
    if let Some((values, shape)) = buffer(object)? {
        return match shape[..] {
            [count, 0] if count > 0 => Err(empty(0)),
            [dim] | [_, dim] => Ok(Rows { values, dim }),
            _ => Err(invalid(format!(
                "vectors have {} axes; give one row per text",
                shape.len()
            ))),
        };
    }
    let mut values = Vec::new();
    let mut dim = None;
    for (index, row) in object.try_iter()?.enumerate() {
        let row = vector(&row?)?;
        if row.is_empty() {
            return Err(empty(index));
        }
        if *dim.get_or_insert(row.len()) != row.len() {
            return Err(invalid(format!(
                "vector {index} has {} dimensions where the first has {}",
                row.len(),
                dim.unwrap_or(0)
            )));
        }
        values.extend(row);
    }
    Ok(Rows {
        values,
        dim: dim.unwrap_or(0),
    })
}

/// Reads one vector: a one-dimensional buffer, or a sequence of numbers.
pub(crate) fn vector(object: &Bound<'_, PyAny>) -> PyResult<Vec<f32>> {
    if let Some((values, shape)) = buffer(object)? {
        return match shape[..] {
            [_] | [1, _] => Ok(values),
            _ => Err(invalid(format!(
                "a vector has shape {shape:?}; give one axis"
            ))),
        };
    }
    numbers(object).map_err(|_| {
        let kind = object
            .get_type()
            .qualname()
            .map_or_else(|_| "?".to_owned(), |name| name.to_string());
        invalid(format!(
            "a vector is of type {kind}; give a list of floats or an array of at most {LONGEST}"
        ))
    })
}

/// Reads a sequence item by item: the length that an object states may be any number.
fn numbers(object: &Bound<'_, PyAny>) -> PyResult<Vec<f32>> {
    if object.is_instance_of::<PyString>()
        || object.is_instance_of::<PyDict>()
        || !object.hasattr("__getitem__")?
    {
        return Err(invalid("not a sequence"));
    }
    let mut values = Vec::new();
    for item in object.try_iter()? {
        if values.len() == LONGEST {
            return Err(invalid("too long"));
        }
        values.push(item?.extract()?);
    }
    Ok(values)
}

fn empty(index: usize) -> PyErr {
    invalid(format!("vector {index} is empty"))
}

fn buffer(object: &Bound<'_, PyAny>) -> PyResult<Option<(Vec<f32>, Vec<usize>)>> {
    let py = object.py();
    // To find out by an exception takes longer than to read a short list.
    if object.is_instance_of::<PyList>() || object.is_instance_of::<PyTuple>() {
        return Ok(None);
    }
    if let Ok(buffer) = PyBuffer::<f32>::get(object) {
        return Ok(Some((buffer.to_vec(py)?, buffer.shape().to_vec())));
    }
    if let Ok(buffer) = PyBuffer::<f64>::get(object) {
        let values = buffer
            .to_vec(py)?
            .into_iter()
            .map(|value| value as f32)
            .collect();
        return Ok(Some((values, buffer.shape().to_vec())));
    }
    Ok(None)
}
