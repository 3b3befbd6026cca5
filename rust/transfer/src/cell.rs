//! One cell of an Arrow array as a value.

use arrow_array::cast::AsArray;
use arrow_array::types::{
    ArrowPrimitiveType, Date32Type, Date64Type, Float16Type, Float32Type, Float64Type, Int8Type,
    Int16Type, Int32Type, Int64Type, TimestampMicrosecondType, TimestampMillisecondType,
    TimestampNanosecondType, TimestampSecondType, UInt8Type, UInt16Type, UInt32Type, UInt64Type,
};
use arrow_array::{Array, ArrayRef};
use arrow_schema::{DataType, TimeUnit};
use memfast_core::time::{DAY_MICROS, Day, Micros, SECOND_MICROS, format_day, format_instant};
use memfast_core::{Metadata, Value};

const DAY_MILLIS: i64 = DAY_MICROS / 1000;

/// A cell: a value, or a time whose column is typed as one.
#[derive(Debug, Clone)]
pub enum Cell {
    /// Null, a truth value, a number, text, a list or an object.
    Value(Value),
    /// An instant.
    Instant(Micros),
    /// A day.
    Day(Day),
}

impl Cell {
    /// The value that metadata stores: times become ISO 8601 text.
    #[must_use]
    pub fn into_value(self) -> Value {
        match self {
            Self::Value(value) => value,
            Self::Instant(instant) => Value::Text(format_instant(instant)),
            Self::Day(day) => Value::Text(format_day(day)),
        }
    }

    pub(crate) fn is_null(&self) -> bool {
        matches!(self, Self::Value(Value::Null))
    }
}

/// Whether cells of a type can be read.
#[allow(clippy::wildcard_enum_match_arm)] // types that Arrow adds later are not readable
pub(crate) fn is_readable(kind: &DataType) -> bool {
    match kind {
        DataType::List(field) | DataType::LargeList(field) | DataType::FixedSizeList(field, _) => {
            is_readable(field.data_type())
        }
        DataType::Struct(fields) => fields.iter().all(|field| is_readable(field.data_type())),
        DataType::Dictionary(_, values) => is_readable(values),
        DataType::Null
        | DataType::Boolean
        | DataType::Utf8
        | DataType::LargeUtf8
        | DataType::Utf8View
        | DataType::Timestamp(_, _)
        | DataType::Date32
        | DataType::Date64 => true,
        other => {
            other.is_integer()
                || matches!(
                    other,
                    DataType::Float16 | DataType::Float32 | DataType::Float64
                )
        }
    }
}

fn number<T: ArrowPrimitiveType>(array: &dyn Array, index: usize) -> T::Native {
    array.as_primitive::<T>().value(index)
}

fn int<T: ArrowPrimitiveType<Native: Into<i64>>>(array: &dyn Array, index: usize) -> Value {
    Value::Int(number::<T>(array, index).into())
}

fn list(items: &ArrayRef) -> Result<Value, String> {
    let values = (0..items.len()).map(|index| cell(items, index).map(Cell::into_value));
    values.collect::<Result<_, _>>().map(Value::List)
}

/// Reads a key of a dictionary; `None` if it is null or negative.
pub(crate) fn key(keys: &dyn Array, index: usize) -> Option<usize> {
    match cell(keys, index) {
        Ok(Cell::Value(Value::Int(key))) => usize::try_from(key).ok(),
        _ => None,
    }
}

/// Reads a cell of an array whose type [`is_readable`].
#[allow(clippy::wildcard_enum_match_arm)] // `is_readable` refuses the rest first
pub(crate) fn cell(array: &dyn Array, index: usize) -> Result<Cell, String> {
    if array.is_null(index) {
        return Ok(Cell::Value(Value::Null));
    }
    let value = match array.data_type() {
        DataType::Null => Value::Null,
        DataType::Boolean => Value::Bool(array.as_boolean().value(index)),
        DataType::Int8 => int::<Int8Type>(array, index),
        DataType::Int16 => int::<Int16Type>(array, index),
        DataType::Int32 => int::<Int32Type>(array, index),
        DataType::Int64 => int::<Int64Type>(array, index),
        DataType::UInt8 => int::<UInt8Type>(array, index),
        DataType::UInt16 => int::<UInt16Type>(array, index),
        DataType::UInt32 => int::<UInt32Type>(array, index),
        DataType::UInt64 => {
            let wide = number::<UInt64Type>(array, index);
            let number = i64::try_from(wide).map_err(|_| {
                format!("{wide} is an integer beyond signed 64 bits; store it as text")
            })?;
            Value::Int(number)
        }
        DataType::Float16 => Value::Float(number::<Float16Type>(array, index).to_f64()),
        DataType::Float32 => Value::Float(number::<Float32Type>(array, index).into()),
        DataType::Float64 => Value::Float(number::<Float64Type>(array, index)),
        DataType::Utf8 => Value::Text(array.as_string::<i32>().value(index).to_owned()),
        DataType::LargeUtf8 => Value::Text(array.as_string::<i64>().value(index).to_owned()),
        DataType::Utf8View => Value::Text(array.as_string_view().value(index).to_owned()),
        DataType::Timestamp(unit, _) => return instant(array, index, *unit).map(Cell::Instant),
        DataType::Date32 => return Ok(Cell::Day(number::<Date32Type>(array, index))),
        DataType::Date64 => {
            let days = number::<Date64Type>(array, index).div_euclid(DAY_MILLIS);
            let day = Day::try_from(days).map_err(|_| format!("day {days} is out of range"))?;
            return Ok(Cell::Day(day));
        }
        DataType::List(_) => list(&array.as_list::<i32>().value(index))?,
        DataType::LargeList(_) => list(&array.as_list::<i64>().value(index))?,
        DataType::FixedSizeList(_, _) => list(&array.as_fixed_size_list().value(index))?,
        DataType::Struct(fields) => {
            let columns = array.as_struct().columns();
            let mut map = Metadata::new();
            for (field, column) in fields.iter().zip(columns) {
                map.insert(field.name().clone(), cell(column, index)?.into_value());
            }
            Value::Map(map)
        }
        DataType::Dictionary(_, _) => {
            let dictionary = array.as_any_dictionary();
            // Converts one key only: converting all of them would cost a column per row.
            let key = key(dictionary.keys(), index)
                .filter(|key| *key < dictionary.values().len())
                .ok_or("a dictionary key is out of range")?;
            return cell(dictionary.values(), key);
        }
        other => return Err(format!("a column of type {other} cannot be read")),
    };
    Ok(Cell::Value(value))
}

fn instant(array: &dyn Array, index: usize, unit: TimeUnit) -> Result<Micros, String> {
    let (value, factor) = match unit {
        TimeUnit::Second => (number::<TimestampSecondType>(array, index), SECOND_MICROS),
        TimeUnit::Millisecond => (number::<TimestampMillisecondType>(array, index), 1000),
        TimeUnit::Microsecond => (number::<TimestampMicrosecondType>(array, index), 1),
        TimeUnit::Nanosecond => {
            return Ok(number::<TimestampNanosecondType>(array, index).div_euclid(1000));
        }
    };
    value
        .checked_mul(factor)
        .ok_or_else(|| format!("time {value} is out of range"))
}
