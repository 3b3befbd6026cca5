//! The parts of a memory, read from cells; an error says what is wrong with the cell.

// A cell of any other kind is an error, whatever kinds are added.
#![allow(clippy::wildcard_enum_match_arm)]

use memfast_core::ids;
use memfast_core::time::{
    Day, Micros, SECOND_MICROS, YEARS, day_of, format_day, midnight, read_day, read_moment,
};
use memfast_core::{Kind, Metadata, Value};

use crate::cell::Cell;
use crate::json;

pub(crate) fn text(cell: Cell, what: &str) -> Result<String, String> {
    match cell.into_value() {
        Value::Text(text) => Ok(text),
        other => Err(format!("{what} must be text, not {}", json::brief(&other))),
    }
}

/// Text, or an integer as text: tables often number their rows.
pub(crate) fn name(cell: Cell, what: &str) -> Result<String, String> {
    match cell {
        Cell::Value(Value::Int(number)) => Ok(number.to_string()),
        other => text(other, what),
    }
}

pub(crate) fn memory_id(cell: Cell, what: &str) -> Result<String, String> {
    let id = name(cell, what)?;
    checked(ids::memory_id(&id), what)
}

/// Ids as a list, or the JSON text of one.
pub(crate) fn memory_ids(cell: Cell, what: &str) -> Result<Vec<String>, String> {
    let ids = match cell.into_value() {
        Value::Text(text) => {
            json::parse(&text).map_err(|_| format!("{what} is text, but not a JSON list"))?
        }
        other => other,
    };
    match ids {
        Value::List(ids) => {
            let ids = ids.into_iter().map(Cell::Value);
            ids.map(|id| memory_id(id, what)).collect()
        }
        other => Err(format!(
            "{what} must be a list, not {}",
            json::brief(&other)
        )),
    }
}

pub(crate) fn scope_id(cell: Cell, what: &str) -> Result<String, String> {
    let id = name(cell, what)?;
    checked(ids::owner_id(&id), what)
}

fn checked(id: Result<&str, String>, what: &str) -> Result<String, String> {
    id.map(str::to_owned)
        .map_err(|problem| format!("Invalid {what}: {problem}"))
}

/// An object, or the JSON text of one; blank text is an empty one.
pub(crate) fn object(cell: Cell, what: &str) -> Result<Metadata, String> {
    let value = match cell.into_value() {
        Value::Text(text) if text.trim().is_empty() => Value::Null,
        Value::Text(text) => json::parse(&text)
            .map_err(|problem| format!("{what} is not a JSON object: {problem}"))?,
        other => other,
    };
    finite(&value, what)?;
    match value {
        Value::Map(map) => Ok(map),
        Value::Null => Ok(Metadata::new()),
        other => Err(format!(
            "{what} must be an object, not {}",
            json::brief(&other)
        )),
    }
}

pub(crate) fn finite(value: &Value, path: &str) -> Result<(), String> {
    match value {
        Value::Float(number) if !number.is_finite() => Err(format!(
            "{path} is {number}, which JSON cannot hold; leave it out or store it as text"
        )),
        Value::List(values) => values.iter().try_for_each(|value| finite(value, path)),
        Value::Map(map) => map
            .iter()
            .try_for_each(|(key, value)| finite(value, &format!("{path}.{key}"))),
        Value::Null | Value::Bool(_) | Value::Int(_) | Value::Float(_) | Value::Text(_) => Ok(()),
    }
}

pub(crate) fn instant(cell: Cell, what: &str) -> Result<Micros, String> {
    let instant = match &cell {
        Cell::Instant(instant) => Some(*instant),
        Cell::Day(day) => Some(midnight(*day)),
        Cell::Value(Value::Text(text)) => read_moment(text).map(|moment| moment.instant),
        Cell::Value(Value::Int(seconds)) => seconds.checked_mul(SECOND_MICROS),
        Cell::Value(Value::Float(seconds)) => {
            let micros = seconds * SECOND_MICROS as f64;
            // Larger values do not fit into an i64, and are far beyond the year 9999.
            (micros.abs() < 9e18).then(|| micros.round() as i64)
        }
        Cell::Value(_) => None,
    };
    instant
        .filter(|instant| YEARS.contains(instant))
        .ok_or_else(|| {
            let value = json::brief(&cell.into_value());
            format!(
                "{what} {value} is not a valid time; write ISO 8601 or Unix seconds, from the year \
                 1 to 9999"
            )
        })
}

pub(crate) fn day(cell: Cell, what: &str) -> Result<Day, String> {
    let day = match &cell {
        Cell::Day(day) => Some(*day),
        Cell::Instant(instant) => day_of(*instant),
        // A local time counts as the day that it writes.
        Cell::Value(Value::Text(text)) => {
            read_day(text).or_else(|| read_moment(text).map(|moment| moment.day))
        }
        Cell::Value(_) => None,
    };
    day.filter(|day| YEARS.contains(&midnight(*day)))
        .ok_or_else(|| match cell {
            Cell::Day(day) => format!("{what} {} is out of range", format_day(day)),
            other => format!(
                "{what} {} is not a valid date; write YYYY-MM-DD",
                json::brief(&other.into_value())
            ),
        })
}

/// A text or a list of texts, also as JSON text.
pub(crate) fn texts(value: Value, what: &str) -> Result<Vec<String>, String> {
    match value {
        Value::Text(written) => match json::parse(&written) {
            Ok(list @ Value::List(_)) => texts(list, what),
            _ => Ok(vec![written]),
        },
        Value::List(values) => {
            let values = values.into_iter().map(Cell::Value);
            values.map(|value| text(value, what)).collect()
        }
        other => Err(format!(
            "{what} must be a text or a list of texts, not {}",
            json::brief(&other)
        )),
    }
}

/// A number from 0 to 1, also as text.
pub(crate) fn share(cell: Cell, what: &str) -> Result<f64, String> {
    let value = cell.into_value();
    let number = match &value {
        Value::Float(number) => Some(*number),
        Value::Int(number) => Some(*number as f64),
        Value::Text(text) => text.trim().parse().ok(),
        _ => None,
    };
    number
        .filter(|number| (0.0..=1.0).contains(number))
        .ok_or_else(|| {
            format!(
                "{what} must be a number from 0 to 1, not {}",
                json::brief(&value)
            )
        })
}

pub(crate) fn kind(cell: Cell, what: &str) -> Result<Kind, String> {
    let name = text(cell, what)?;
    Kind::named(&name).ok_or_else(|| {
        format!(
            "{what} must be \"memory\" or \"message\", not {:?}",
            ids::brief(&name)
        )
    })
}

/// A truth value, or its name in any case.
pub(crate) fn flag(cell: Cell, what: &str) -> Result<bool, String> {
    let value = cell.into_value();
    let found = match &value {
        Value::Bool(flag) => Some(*flag),
        Value::Text(text) if text.eq_ignore_ascii_case("true") => Some(true),
        Value::Text(text) if text.eq_ignore_ascii_case("false") => Some(false),
        _ => None,
    };
    let problem = || format!("{what} must be true or false, not {}", json::brief(&value));
    found.ok_or_else(problem)
}

/// A list of hexadecimal hashes, or the JSON text of one.
pub(crate) fn hashes(value: Value, what: &str) -> Result<Vec<[u8; 16]>, String> {
    match value {
        Value::Text(text) => match json::parse(&text)? {
            list @ Value::List(_) => hashes(list, what),
            _ => Err(format!("{what} is text, but not a JSON list")),
        },
        Value::List(values) => values
            .iter()
            .map(|value| {
                let digits = match value {
                    Value::Text(digits) if digits.len() == 32 && digits.is_ascii() => digits,
                    other => return Err(format!("{what} holds {}", json::brief(other))),
                };
                u128::from_str_radix(digits, 16)
                    .map(u128::to_be_bytes)
                    .map_err(|_| format!("{what} holds {digits:?}, which is not hexadecimal"))
            })
            .collect(),
        other => Err(format!(
            "{what} must be a list, not {}",
            json::brief(&other)
        )),
    }
}
