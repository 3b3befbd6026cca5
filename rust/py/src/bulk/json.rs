//! JSON text to values and back, losing no number.

use std::fmt;

use memfast_core::{Metadata, Value};
use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};

/// Beyond this a number without point and exponent may have been read as a float.
const INTEGERS: f64 = 9.2e18;

struct Json(Value);

impl<'de> Deserialize<'de> for Json {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Reader).map(Json)
    }
}

struct Reader;

impl<'de> Visitor<'de> for Reader {
    type Value = Value;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("JSON")
    }
    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }
    fn visit_bool<E>(self, flag: bool) -> Result<Value, E> {
        Ok(Value::Bool(flag))
    }
    fn visit_i64<E>(self, number: i64) -> Result<Value, E> {
        Ok(Value::Int(number))
    }
    fn visit_u64<E: Error>(self, number: u64) -> Result<Value, E> {
        i64::try_from(number)
            .map(Value::Int)
            .map_err(|_| E::custom(too_large(&number.to_string())))
    }
    fn visit_f64<E>(self, number: f64) -> Result<Value, E> {
        Ok(Value::Float(number))
    }
    fn visit_str<E>(self, text: &str) -> Result<Value, E> {
        Ok(Value::Text(text.to_owned()))
    }
    fn visit_string<E>(self, text: String) -> Result<Value, E> {
        Ok(Value::Text(text))
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut values = Vec::new();
        while let Some(Json(value)) = items.next_element()? {
            values.push(value);
        }
        Ok(Value::List(values))
    }
    fn visit_map<A: MapAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut values = Metadata::new();
        while let Some((key, Json(value))) = items.next_entry()? {
            values.insert(key, value);
        }
        Ok(Value::Map(values))
    }
}

fn too_large(digits: &str) -> String {
    format!("{digits} is an integer beyond 64 bits; store it as text")
}

/// Reads JSON text. An integer beyond 64 bits is an error, not a float.
pub(super) fn parse(text: &str) -> Result<Value, String> {
    let Json(value) = serde_json::from_str(text).map_err(|error| error.to_string())?;
    if holds_huge(&value)
        && let Some(digits) = huge_integer(text)
    {
        return Err(too_large(digits));
    }
    Ok(value)
}

fn holds_huge(value: &Value) -> bool {
    match value {
        Value::Float(number) => number.abs() >= INTEGERS,
        Value::List(values) => values.iter().any(holds_huge),
        Value::Map(map) => map.values().any(holds_huge),
        Value::Null | Value::Bool(_) | Value::Int(_) | Value::Text(_) => false,
    }
}

/// The first number of well-formed JSON that is written as an integer and is none of 64 bits.
fn huge_integer(text: &str) -> Option<&str> {
    let bytes = text.as_bytes();
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        if byte == b'"' {
            at += 1;
            while let Some(&inner) = bytes.get(at).filter(|inner| **inner != b'"') {
                at += if inner == b'\\' { 2 } else { 1 };
            }
            at += 1;
        } else if byte == b'-' || byte.is_ascii_digit() {
            let rest = &bytes[at..];
            let part = |byte: &u8| matches!(byte, b'0'..=b'9' | b'+' | b'-' | b'.' | b'e' | b'E');
            let end = at + rest.iter().take_while(|byte| part(byte)).count();
            let number = &text[at..end];
            if !number.contains(['.', 'e', 'E']) && number.parse::<i64>().is_err() {
                return Some(number);
            }
            at = end;
        } else {
            at += 1;
        }
    }
    None
}

/// Writes a vector as a JSON list of the shortest numbers that are read back as the same f32, also
/// by a reader that goes through f64.
pub(super) fn push_vector(out: &mut String, vector: &[f32]) {
    out.push('[');
    for (index, value) in vector.iter().enumerate() {
        if index > 0 {
            out.push(',');
        }
        out.push_str(&shortest(*value));
    }
    out.push(']');
}

fn shortest(value: f32) -> String {
    let text = serde_json::to_string(&value).unwrap_or_default();
    // Going through f64 rounds twice, which in rare cases ends at the neighbour.
    if text
        .parse::<f64>()
        .is_ok_and(|wide| (wide as f32).to_bits() == value.to_bits())
    {
        text
    } else {
        f64::from(value).to_string()
    }
}

/// A row for a reject file. What JSON cannot hold stands there as text.
pub(super) fn show(row: Metadata) -> String {
    memfast_core::to_json(
        &row.into_iter()
            .map(|(key, value)| (key, showable(value)))
            .collect(),
    )
}

fn showable(value: Value) -> Value {
    match value {
        Value::Float(number) if !number.is_finite() => Value::Text(number.to_string()),
        Value::List(values) => Value::List(values.into_iter().map(showable).collect()),
        Value::Map(map) => Value::Map(
            map.into_iter()
                .map(|(key, value)| (key, showable(value)))
                .collect(),
        ),
        other @ (Value::Null
        | Value::Bool(_)
        | Value::Int(_)
        | Value::Float(_)
        | Value::Text(_)) => other,
    }
}
