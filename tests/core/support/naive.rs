//! The naive evaluator of filters, written from the grammar alone.

use std::cmp::Ordering;
use std::collections::BTreeSet;

use memfast_core::{Record, Value};

use crate::values::TIMES;

pub(crate) const DAYS: [(&str, i32); 3] = [
    ("2024-01-01", 19_723),
    ("2023-12-31", 19_722),
    ("0001-01-01", -719_162),
];

pub(crate) fn naive(filter: &Value, record: &Record) -> bool {
    let Value::Map(map) = filter else {
        panic!("no filter: {filter:?}")
    };
    map.iter().all(|(key, value)| {
        let branches = || match value {
            Value::List(filters) => filters.clone(),
            single => vec![single.clone()],
        };
        match key.as_str() {
            "AND" => branches().iter().all(|part| naive(part, record)),
            "OR" => branches().iter().any(|part| naive(part, record)),
            "NOT" => branches().iter().all(|part| !naive(part, record)),
            field => naive_field(field, value, record),
        }
    })
}

fn naive_field(field: &str, value: &Value, record: &Record) -> bool {
    let held = naive_held(field, record);
    let timed = matches!(field, "created_at" | "updated_at" | "expiration_date");
    let value = if matches!(field, "user_id" | "agent_id" | "run_id") {
        &naive_ids(value)
    } else {
        value
    };
    match value {
        Value::Map(operators) => operators
            .iter()
            .all(|(name, operand)| naive_operator(timed, &held, name, operand)),
        Value::List(_) => naive_operator(timed, &held, "in", value),
        Value::Text(star) if star == "*" => held != Value::Null,
        scalar => naive_operator(timed, &held, "eq", scalar),
    }
}

/// The ids of a condition as calls take them: trimmed, and integers as text.
fn naive_ids(value: &Value) -> Value {
    match value {
        Value::Text(id) => Value::Text(id.trim().to_owned()),
        Value::Int(id) => Value::Text(id.to_string()),
        Value::List(ids) => Value::List(ids.iter().map(naive_ids).collect()),
        Value::Map(operators) => {
            let operators = operators.iter().map(|(name, operand)| {
                let operand = match name.as_str() {
                    "contains" | "icontains" => operand.clone(),
                    _ => naive_ids(operand),
                };
                (name.clone(), operand)
            });
            Value::Map(operators.collect())
        }
        other => other.clone(),
    }
}

/// What a record holds, null where it is missing; times as integers.
fn naive_held(field: &str, record: &Record) -> Value {
    let text = |text: &Option<String>| text.clone().map_or(Value::Null, Value::Text);
    match field {
        "user_id" => text(&record.scope.user_id),
        "agent_id" => text(&record.scope.agent_id),
        "run_id" => text(&record.scope.run_id),
        "actor_id" => text(&record.provenance.actor_id),
        "role" => text(&record.provenance.role),
        "memory_type" => text(&record.provenance.memory_type),
        "categories" if !record.provenance.categories.is_empty() => {
            let categories = record.provenance.categories.iter();
            Value::List(categories.cloned().map(Value::Text).collect())
        }
        "hash" => Value::Text(record.hash.map(|byte| format!("{byte:02x}")).concat()),
        "created_at" => Value::Int(record.created_at),
        "updated_at" => Value::Int(record.updated_at),
        "expiration_date" => {
            let day = record.provenance.expires_on;
            day.map_or(Value::Null, |day| {
                Value::Int(i64::from(day) * 86_400_000_000)
            })
        }
        key => match record.metadata.get(key) {
            None | Some(Value::Null) => {
                let mut value = Value::Map(record.metadata.clone());
                for part in key.split('.') {
                    value = match value {
                        Value::Map(map) => map.get(part).cloned().unwrap_or(Value::Null),
                        _ => Value::Null,
                    };
                }
                value
            }
            Some(value) => value.clone(),
        },
    }
}

fn naive_operator(timed: bool, held: &Value, name: &str, operand: &Value) -> bool {
    let missing = *held == Value::Null;
    let equal = |operand: &Value| {
        let operand = if timed {
            naive_time(operand)
        } else {
            operand.clone()
        };
        let item_equals = match held {
            Value::List(items) if operand != Value::Null => {
                items.iter().any(|item| naive_equal(item, &operand))
            }
            _ => false,
        };
        naive_equal(held, &operand) || item_equals
    };
    let any = |operand: &Value| match operand {
        Value::List(items) => items.iter().any(equal),
        other => panic!("no list: {other:?}"),
    };
    let order = || {
        let operand = if timed {
            naive_time(operand)
        } else {
            operand.clone()
        };
        match (held, &operand) {
            (Value::Text(left), Value::Text(right)) => {
                Some(match (naive_instant(left), naive_instant(right)) {
                    (Some(left), Some(right)) => left.cmp(&right),
                    _ => left.chars().cmp(right.chars()),
                })
            }
            _ => naive_numbers(held, &operand),
        }
    };
    match name {
        "eq" => equal(operand),
        "ne" => !equal(operand),
        "in" => !missing && any(operand),
        "nin" => missing || !any(operand),
        "gt" => order() == Some(Ordering::Greater),
        "gte" => matches!(order(), Some(Ordering::Greater | Ordering::Equal)),
        "lt" => order() == Some(Ordering::Less),
        "lte" => matches!(order(), Some(Ordering::Less | Ordering::Equal)),
        "contains" => match (held, operand) {
            (Value::Text(whole), Value::Text(part)) => whole.contains(part),
            (Value::List(items), part) => items.iter().any(|item| naive_equal(item, part)),
            _ => false,
        },
        "icontains" => match (held, operand) {
            (Value::Text(whole), Value::Text(part)) => {
                whole.to_lowercase().contains(&part.to_lowercase())
            }
            (Value::List(items), Value::Text(part)) => items.iter().any(
                |item| matches!(item, Value::Text(text) if text.to_lowercase() == part.to_lowercase()),
            ),
            _ => false,
        },
        other => panic!("no operator: {other}"),
    }
}

fn naive_instant(text: &str) -> Option<i64> {
    TIMES
        .iter()
        .find(|(known, _)| *known == text)
        .map(|(_, instant)| *instant)
}

/// The operand of a time field as microseconds.
fn naive_time(operand: &Value) -> Value {
    match operand {
        Value::Text(text) => Value::Int(naive_instant(text).unwrap_or_else(|| {
            let known = DAYS.iter().find(|(known, _)| known == text);
            i64::from(known.expect("a known day").1) * 86_400_000_000
        })),
        Value::Int(seconds) => Value::Int(seconds * 1_000_000),
        Value::Float(seconds) => Value::Float(seconds * 1e6),
        other => other.clone(),
    }
}

pub(crate) fn naive_numbers(left: &Value, right: &Value) -> Option<Ordering> {
    // Halves are the finest fraction generated; doubled, every number is a whole one.
    let doubled = |value: &Value| match value {
        Value::Int(int) => Some(i128::from(*int) * 2),
        Value::Float(float) => Some((*float * 2.0) as i128),
        _ => None,
    };
    Some(doubled(left)?.cmp(&doubled(right)?))
}

fn naive_equal(left: &Value, right: &Value) -> bool {
    match (left, right) {
        (Value::List(left), Value::List(right)) => {
            left.len() == right.len()
                && (0..left.len()).all(|at| naive_equal(&left[at], &right[at]))
        }
        (Value::Map(left), Value::Map(right)) => {
            let keys: BTreeSet<&String> = left.keys().chain(right.keys()).collect();
            keys.iter()
                .all(|key| match (left.get(*key), right.get(*key)) {
                    (Some(left), Some(right)) => naive_equal(left, right),
                    _ => false,
                })
        }
        _ => naive_numbers(left, right).map_or(left == right, Ordering::is_eq),
    }
}
