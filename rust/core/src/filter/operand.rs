//! The operand of a condition: checked and read once, when the filter is parsed.

use super::ast::{Field, Operand};
use super::eval::fold_case;
use super::parse::{MAX_DEPTH, fail};
use crate::error::Result;
use crate::fields::{self, Set};
use crate::ids;
use crate::record::Value;
use crate::time::{parse_day, parse_instant};

/// What a field holds.
enum Type {
    Text,
    /// The id of a scope, by its name.
    Id(&'static str),
    Instant,
    Day,
    Any,
}

fn type_of(field: &Field) -> Type {
    let Field::Memory(field) = field else {
        return Type::Any;
    };
    if field.shares_name() {
        return Type::Any;
    }
    match (field.set, field.kind()) {
        (Set::ScopeId(_), _) => Type::Id(field.name),
        (_, fields::Type::Text) => Type::Text,
        (_, fields::Type::Instant) => Type::Instant,
        (_, fields::Type::Day) => Type::Day,
        (
            _,
            fields::Type::Texts | fields::Type::Object | fields::Type::Flag | fields::Type::Number,
        ) => Type::Any,
    }
}

/// Whether a text stands for any value; for a scope id it may have whitespace around it.
pub(super) fn is_star(field: &Field, text: &str) -> bool {
    match type_of(field) {
        Type::Id(_) => text.trim_matches(ids::is_space) == "*",
        Type::Text | Type::Instant | Type::Day | Type::Any => text == "*",
    }
}

/// Operand of `eq` and `ne`, and item of a list.
pub(super) fn equality(field: &Field, value: &Value, path: &str) -> Result<Operand> {
    if matches!(type_of(field), Type::Any) || matches!(value, Value::Null) {
        check(value, path, MAX_DEPTH)?;
        return Ok(Operand::Value(value.clone()));
    }
    typed(field, value, path)
}

/// Operand of `gt`, `gte`, `lt` and `lte`.
pub(super) fn ordered(field: &Field, name: &str, value: &Value, path: &str) -> Result<Operand> {
    if !matches!(type_of(field), Type::Any) {
        return typed(field, value, path);
    }
    match value {
        Value::Int(_) | Value::Float(_) => equality(field, value, path),
        Value::Text(text) => Ok(match parse_instant(text) {
            Some(instant) => Operand::Dated {
                text: text.clone(),
                instant,
            },
            None => Operand::Value(value.clone()),
        }),
        Value::Null | Value::Bool(_) | Value::List(_) | Value::Map(_) => {
            let problem = format!(
                "{} has no order; write a number or a text, such as {{\"{name}\": 10}}",
                describe(value)
            );
            fail(path, problem)
        }
    }
}

/// Operands of `in` and `nin`.
pub(super) fn list(field: &Field, items: &[Value], path: &str) -> Result<Vec<Operand>> {
    let item = |(at, value): (usize, &Value)| {
        let path = format!("{path}[{at}]");
        if matches!(value, Value::Null) {
            let problem = "null cannot stand in a list; write \
                           {\"OR\": [{\"key\": null}, {\"key\": [...]}]}";
            return fail(&path, problem.to_owned());
        }
        equality(field, value, &path)
    };
    items.iter().enumerate().map(item).collect()
}

/// Operand of `contains`.
pub(super) fn part(field: &Field, value: &Value, path: &str) -> Result<Value> {
    match (type_of(field), value) {
        (Type::Text | Type::Id(_) | Type::Any, Value::Text(_)) => Ok(value.clone()),
        (Type::Any, Value::Bool(_) | Value::Int(_) | Value::Float(_)) => {
            check(value, path, MAX_DEPTH)?;
            Ok(value.clone())
        }
        (kind, value) => reject_part(&kind, "contains", value, path),
    }
}

/// Operand of `icontains`, with its case folded.
pub(super) fn folded_part(field: &Field, value: &Value, path: &str) -> Result<String> {
    match (type_of(field), value) {
        (Type::Text | Type::Id(_) | Type::Any, Value::Text(text)) => Ok(fold_case(text)),
        (kind, value) => reject_part(&kind, "icontains", value, path),
    }
}

fn reject_part<T>(kind: &Type, name: &str, value: &Value, path: &str) -> Result<T> {
    let problem = match kind {
        Type::Instant | Type::Day => {
            format!("`{name}` does not apply to a time; write `gte` and `lt`")
        }
        Type::Text | Type::Id(_) | Type::Any => format!(
            "{} cannot be searched by `{name}`; write a text, such as {{\"{name}\": \"part\"}}",
            describe(value)
        ),
    };
    fail(path, problem)
}

/// An operand for a field whose type is known.
fn typed(field: &Field, value: &Value, path: &str) -> Result<Operand> {
    let (operand, expected) = match (type_of(field), value) {
        (Type::Id(name), value) => return scope_id(name, value, path),
        (Type::Text | Type::Any, value) => {
            let text = matches!(value, Value::Text(_)).then(|| Operand::Value(value.clone()));
            (text, "a text")
        }
        (Type::Instant, value) => (
            instant(value),
            "an ISO 8601 time, such as \"2026-11-23T06:51:00+00:00\", or unix seconds",
        ),
        (Type::Day, value) => {
            let day = if let Value::Text(text) = value {
                parse_day(text)
            } else {
                None
            };
            (day.map(Operand::Day), "a date, such as \"2026-11-23\"")
        }
    };
    match operand {
        Some(operand) => Ok(operand),
        None => fail(
            path,
            format!(
                "{} does not fit this field; write {expected}",
                describe(value)
            ),
        ),
    }
}

/// A scope id, by the rules for the arguments of a call.
fn scope_id(name: &str, value: &Value, path: &str) -> Result<Operand> {
    let id = match value {
        Value::Text(text) => ids::scope_id(text).map(str::to_owned),
        Value::Int(number) => Ok(number.to_string()),
        Value::Null | Value::Bool(_) | Value::Float(_) | Value::List(_) | Value::Map(_) => {
            Err(format!(
                "{} is neither text, an integer nor a UUID. Provide a valid identifier.",
                describe(value)
            ))
        }
    };
    match id {
        Ok(id) => Ok(Operand::Value(Value::Text(id))),
        Err(problem) => fail(path, format!("Invalid {name}: {problem}")),
    }
}

fn instant(value: &Value) -> Option<Operand> {
    let micros = match value {
        Value::Text(text) => i128::from(parse_instant(text)?),
        Value::Int(seconds) => i128::from(*seconds) * 1_000_000,
        Value::Float(seconds) if seconds.is_finite() => (seconds * 1e6).round() as i128,
        Value::Null | Value::Bool(_) | Value::Float(_) | Value::List(_) | Value::Map(_) => {
            return None;
        }
    };
    Some(Operand::Instant(micros))
}

/// Rejects floats that are not finite, and nesting that is too deep.
fn check(value: &Value, path: &str, depth: usize) -> Result<()> {
    if depth == 0 {
        let problem = format!("the value is nested deeper than {MAX_DEPTH}; compare a part of it");
        return fail(path, problem);
    }
    match value {
        Value::Float(float) if !float.is_finite() => fail(
            path,
            format!("{float} compares with nothing; write a finite number"),
        ),
        Value::List(items) => items
            .iter()
            .try_for_each(|item| check(item, path, depth - 1)),
        Value::Map(map) => map
            .values()
            .try_for_each(|item| check(item, path, depth - 1)),
        Value::Null | Value::Bool(_) | Value::Int(_) | Value::Float(_) | Value::Text(_) => Ok(()),
    }
}

/// A value as an error shows it.
pub(super) fn describe(value: &Value) -> String {
    const SHOWN: usize = 40;
    match value {
        Value::Null => "null".to_owned(),
        Value::Bool(truth) => format!("the truth value {truth}"),
        Value::Int(int) => format!("the number {int}"),
        Value::Float(float) => format!("the number {float:?}"),
        Value::Text(text) if text.chars().count() > SHOWN => {
            let start: String = text.chars().take(SHOWN).collect();
            format!("the text {start:?}...")
        }
        Value::Text(text) => format!("the text {text:?}"),
        Value::List(items) => format!("a list of {}", items.len()),
        Value::Map(map) => {
            let keys: Vec<&str> = map.keys().take(3).map(String::as_str).collect();
            format!("a dict with {} keys ({})", map.len(), keys.join(", "))
        }
    }
}
