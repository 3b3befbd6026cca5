//! Whether a record matches.

use std::borrow::Cow;
use std::cmp::Ordering;

use super::ast::{Field, Filter, Op, Operand, Relation};
use crate::fields;
use crate::record::{Metadata, Record, Value};
use crate::time::{Day, Micros, parse_instant};

/// What a record holds in a field.
pub(super) enum Held<'a> {
    Missing,
    Text(Cow<'a, str>),
    Instant(Micros),
    Day(Day),
    Value(&'a Value),
    Texts(&'a [String]),
    Number(f64),
}

impl Filter {
    /// Whether a record matches.
    #[must_use]
    pub fn matches(&self, record: &Record) -> bool {
        match self {
            Self::And(filters) => filters.iter().all(|filter| filter.matches(record)),
            Self::Or(filters) => filters.iter().any(|filter| filter.matches(record)),
            Self::Not(filters) => !filters.iter().any(|filter| filter.matches(record)),
            Self::Condition { field, op } => op.holds(&field.of(record)),
        }
    }
}

impl Field {
    pub(super) fn of<'a>(&self, record: &'a Record) -> Held<'a> {
        let field = match self {
            Self::Memory(field) => field,
            Self::Metadata(path) => {
                return lookup(&record.metadata, path).map_or(Held::Missing, Held::Value);
            }
        };
        let held = (field.get)(record);
        if held.is_empty() && field.shares_name() {
            let value = lookup(&record.metadata, &[field.name.to_owned()]);
            return value.map_or(Held::Missing, Held::Value);
        }
        match held {
            fields::Held::Text(text) => Held::Text(text),
            fields::Held::Instant(instant) => Held::Instant(instant),
            fields::Held::Day(day) => Held::Day(day),
            fields::Held::Texts(texts) => Held::Texts(texts),
            fields::Held::Number(number) => Held::Number(number),
            // Filters name no field of these types.
            fields::Held::Missing
            | fields::Held::Hashes(_)
            | fields::Held::Object(_)
            | fields::Held::Flag(_) => Held::Missing,
        }
    }
}

/// The value at a path: under the key as written, else nested. Null counts as missing.
fn lookup<'a>(metadata: &'a Metadata, path: &[String]) -> Option<&'a Value> {
    let (first, rest) = path.split_first()?;
    let literal = match rest {
        [] => metadata.get(first),
        _ => metadata.get(&path.join(".")),
    };
    let there = |value: &&Value| !matches!(value, Value::Null);
    let nested = || {
        let start = metadata.get(first);
        rest.iter().fold(start, |value, key| match value? {
            Value::Map(map) => map.get(key),
            Value::Null
            | Value::Bool(_)
            | Value::Int(_)
            | Value::Float(_)
            | Value::Text(_)
            | Value::List(_) => None,
        })
    };
    literal.filter(there).or_else(|| nested().filter(there))
}

impl Op {
    pub(super) fn holds(&self, held: &Held<'_>) -> bool {
        match held {
            Held::Texts(texts) => return self.holds(&Held::Value(&list_of(texts))),
            Held::Number(number) => return self.holds(&Held::Value(&Value::Float(*number))),
            Held::Missing | Held::Text(_) | Held::Instant(_) | Held::Day(_) | Held::Value(_) => {}
        }
        match self {
            Self::Exists => !matches!(held, Held::Missing),
            Self::Eq(operand) => equals(held, operand),
            Self::Ne(operand) => !equals(held, operand),
            Self::Order(relation, operand) => {
                order(held, operand).is_some_and(|order| relation.fits(order))
            }
            Self::In(operands) => operands.iter().any(|operand| equals(held, operand)),
            Self::Nin(operands) => !operands.iter().any(|operand| equals(held, operand)),
            Self::Contains(part) => contains(held, part),
            Self::IContains(part) => contains_folded(held, part),
        }
    }
}

impl Relation {
    pub(super) fn fits(self, order: Ordering) -> bool {
        match self {
            Self::Gt => order.is_gt(),
            Self::Gte => order.is_ge(),
            Self::Lt => order.is_lt(),
            Self::Lte => order.is_le(),
        }
    }
}

fn equals(held: &Held<'_>, operand: &Operand) -> bool {
    match (held, operand) {
        (Held::Missing, Operand::Value(Value::Null)) => true,
        (Held::Text(held), Operand::Value(Value::Text(text)) | Operand::Dated { text, .. }) => {
            held == text
        }
        (Held::Instant(held), Operand::Instant(instant)) => i128::from(*held) == *instant,
        (Held::Day(held), Operand::Day(day)) => held == day,
        (Held::Value(held), Operand::Value(value)) => same(held, value) || any_item(held, value),
        (Held::Value(Value::Text(held)), Operand::Dated { text, .. }) => held == text,
        _ => false,
    }
}

/// Whether a list holds a value; one that holds null is not missing.
fn any_item(held: &Value, value: &Value) -> bool {
    let Value::List(items) = held else {
        return false;
    };
    *value != Value::Null && items.iter().any(|item| same(item, value))
}

/// Texts as a list of metadata.
pub(super) fn list_of(texts: &[String]) -> Value {
    Value::List(texts.iter().cloned().map(Value::Text).collect())
}

/// The order of the held value and the operand; `None` if they do not compare.
fn order(held: &Held<'_>, operand: &Operand) -> Option<Ordering> {
    match (held, operand) {
        (Held::Text(held), Operand::Value(Value::Text(text))) => Some(held.as_ref().cmp(text)),
        (Held::Instant(held), Operand::Instant(instant)) => Some(i128::from(*held).cmp(instant)),
        (Held::Day(held), Operand::Day(day)) => Some(held.cmp(day)),
        (Held::Value(Value::Text(held)), Operand::Value(Value::Text(text))) => Some(held.cmp(text)),
        (Held::Value(Value::Text(held)), Operand::Dated { text, instant }) => {
            Some(dated(held, text, *instant))
        }
        (Held::Text(held), Operand::Dated { text, instant }) => Some(dated(held, text, *instant)),
        (Held::Value(held), Operand::Value(value)) => compare_numbers(held, value),
        _ => None,
    }
}

/// The order of a text and an operand that is a time: by time where both are.
fn dated(held: &str, text: &str, instant: Micros) -> Ordering {
    parse_instant(held).map_or_else(|| held.cmp(text), |held| held.cmp(&instant))
}

/// Equality of values: numbers by value, lists and maps element by element.
fn same(left: &Value, right: &Value) -> bool {
    match (left, right) {
        (Value::Null, Value::Null) => true,
        (Value::Bool(left), Value::Bool(right)) => left == right,
        (Value::Text(left), Value::Text(right)) => left == right,
        (Value::List(left), Value::List(right)) => {
            left.len() == right.len() && left.iter().zip(right).all(|(a, b)| same(a, b))
        }
        (Value::Map(left), Value::Map(right)) => {
            let mut pairs = left.iter().zip(right);
            left.len() == right.len() && pairs.all(|((k, a), (l, b))| k == l && same(a, b))
        }
        _ => compare_numbers(left, right).is_some_and(Ordering::is_eq),
    }
}

pub(super) fn compare_numbers(left: &Value, right: &Value) -> Option<Ordering> {
    match (left, right) {
        (Value::Int(left), Value::Int(right)) => Some(left.cmp(right)),
        (Value::Float(left), Value::Float(right)) => left.partial_cmp(right),
        (Value::Int(left), Value::Float(right)) => compare_exactly(*left, *right),
        (Value::Float(left), Value::Int(right)) => {
            compare_exactly(*right, *left).map(Ordering::reverse)
        }
        _ => None,
    }
}

/// Compares without rounding the integer to a float.
fn compare_exactly(int: i64, float: f64) -> Option<Ordering> {
    const LIMIT: f64 = 9_223_372_036_854_775_808.0; // 2^63, beyond every i64
    if float.is_nan() {
        None
    } else if float >= LIMIT {
        Some(Ordering::Less)
    } else if float < -LIMIT {
        Some(Ordering::Greater)
    } else {
        let whole = int.cmp(&(float.trunc() as i64));
        Some(whole.then(0.0.partial_cmp(&float.fract())?))
    }
}

fn contains(held: &Held<'_>, part: &Value) -> bool {
    match (held, part) {
        (Held::Text(held), Value::Text(part)) => held.contains(part.as_str()),
        (Held::Value(Value::Text(held)), Value::Text(part)) => held.contains(part.as_str()),
        (Held::Value(Value::List(items)), part) => items.iter().any(|item| same(item, part)),
        _ => false,
    }
}

fn contains_folded(held: &Held<'_>, part: &str) -> bool {
    match held {
        Held::Text(held) => fold_case(held).contains(part),
        Held::Value(Value::Text(held)) => fold_case(held).contains(part),
        Held::Value(Value::List(items)) => items
            .iter()
            .any(|item| matches!(item, Value::Text(text) if fold_case(text) == part)),
        Held::Value(_)
        | Held::Texts(_)
        | Held::Number(_)
        | Held::Missing
        | Held::Instant(_)
        | Held::Day(_) => false,
    }
}

/// Lower case by Unicode, letter by letter: both small sigmas become one, so that what contains a
/// text still does when both are folded.
pub(super) fn fold_case(text: &str) -> String {
    let lower = text.chars().flat_map(char::to_lowercase);
    lower.map(|c| if c == 'ς' { 'σ' } else { c }).collect()
}
