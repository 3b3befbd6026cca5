//! Vectors of rows: cells of a column, JSON lists, and rows of a matrix beside the source.

use arrow_array::cast::AsArray;
use arrow_array::types::{Float32Type, Float64Type};
use arrow_array::{Array, ArrayRef};
use memfast_core::Value;

use crate::cell::{Cell, cell};
use crate::json;

/// The rows of a matrix that is given beside a source: one vector per row.
#[derive(Debug, Clone, Copy)]
pub struct Vectors<'a> {
    values: &'a [f32],
    dim: usize,
}

impl<'a> Vectors<'a> {
    /// Takes the rows, one after the other, each of `dim` values.
    #[must_use]
    pub fn new(values: &'a [f32], dim: usize) -> Self {
        Self { values, dim }
    }

    /// The vector of a row; an error if there are fewer vectors than rows.
    pub fn row(&self, index: usize) -> Result<Vec<f32>, String> {
        let vector = self.values.chunks_exact(self.dim.max(1)).nth(index);
        vector
            .map(<[f32]>::to_vec)
            .ok_or_else(|| "no vector: there are fewer vectors than rows".to_owned())
    }
}

/// Reads a cell as a vector; `None` if it is null.
pub(crate) fn read(array: &dyn Array, index: usize) -> Result<Option<Vec<f32>>, String> {
    if array.is_null(index) {
        return Ok(None);
    }
    if let Some(lists) = array.as_fixed_size_list_opt() {
        let length = usize::try_from(lists.value_length()).unwrap_or(0);
        return floats(lists.values(), index * length, length).map(Some);
    }
    let (items, start, end) = if let Some(lists) = array.as_list_opt::<i32>() {
        let ends = lists.value_offsets();
        (
            lists.values(),
            i64::from(ends[index]),
            i64::from(ends[index + 1]),
        )
    } else if let Some(lists) = array.as_list_opt::<i64>() {
        let ends = lists.value_offsets();
        (lists.values(), ends[index], ends[index + 1])
    } else {
        let Cell::Value(value) = cell(array, index)? else {
            return Err("vector is a time".to_owned());
        };
        return of_value(value).map(Some);
    };
    let start = usize::try_from(start).unwrap_or(0);
    floats(items, start, usize::try_from(end).unwrap_or(0) - start).map(Some)
}

fn floats(items: &ArrayRef, start: usize, length: usize) -> Result<Vec<f32>, String> {
    let range = start..start + length;
    if items.null_count() > 0
        && let Some(at) = range.clone().position(|index| items.is_null(index))
    {
        return Err(format!("vector: component {at} is missing"));
    }
    if let Some(values) = items.as_primitive_opt::<Float32Type>() {
        return Ok(values.values()[range].to_vec());
    }
    if let Some(values) = items.as_primitive_opt::<Float64Type>() {
        return Ok(values.values()[range]
            .iter()
            .map(|value| *value as f32)
            .collect());
    }
    range
        .map(|index| match cell(items, index)? {
            Cell::Value(value) => component(&value),
            Cell::Instant(_) | Cell::Day(_) => Err("vector holds times".to_owned()),
        })
        .collect()
}

fn component(value: &Value) -> Result<f32, String> {
    match value {
        Value::Float(number) => Ok(*number as f32),
        Value::Int(number) => Ok(*number as f32),
        Value::Null | Value::Bool(_) | Value::Text(_) | Value::List(_) | Value::Map(_) => Err(
            format!("vector holds {}, which is not a number", json::brief(value)),
        ),
    }
}

/// Reads a vector from a list, or from the JSON text of one.
pub(crate) fn of_value(value: Value) -> Result<Vec<f32>, String> {
    match value {
        Value::List(values) => values.iter().map(component).collect(),
        Value::Text(text) => match json::parse(&text) {
            Ok(value @ Value::List(_)) => of_value(value),
            Ok(_) => Err("vector is text, but not a JSON list of numbers".to_owned()),
            Err(problem) => Err(format!("vector is not a JSON list of numbers: {problem}")),
        },
        Value::Null | Value::Bool(_) | Value::Int(_) | Value::Float(_) | Value::Map(_) => {
            Err("vector must be a list of numbers".to_owned())
        }
    }
}
