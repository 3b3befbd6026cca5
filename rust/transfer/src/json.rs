//! JSON text to values and back without loss of a number.

use std::fmt;

use memfast_core::{Metadata, Value, ids, to_json};
use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};

/// From this size on, `serde_json` may have read an integer as a float.
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
pub(crate) fn parse(text: &str) -> Result<Value, String> {
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

/// The first integer in well-formed JSON that does not fit into 64 bits.
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

/// Writes a vector as a JSON list. Each number is the shortest that reads back as the same f32, also
/// in a reader that parses f64.
pub(crate) fn push_vector(out: &mut String, vector: &[f32]) {
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
    // Parsing as f64 rounds twice, which in rare cases gives the neighbouring f32.
    if text
        .parse::<f64>()
        .is_ok_and(|wide| (wide as f32).to_bits() == value.to_bits())
    {
        text
    } else {
        f64::from(value).to_string()
    }
}

/// A value as an error shows it: JSON, at most 80 characters.
pub(crate) fn brief(value: &Value) -> String {
    let json = match value {
        Value::Text(text) => return format!("{:?}", ids::brief(text)),
        Value::Map(map) => to_json(map),
        Value::Null | Value::Bool(_) | Value::Int(_) | Value::Float(_) | Value::List(_) => {
            let map = Metadata::from([(String::new(), value.clone())]);
            to_json(&map)
                .trim_start_matches("{\"\":")
                .trim_end_matches('}')
                .to_owned()
        }
    };
    ids::brief(&json).into_owned()
}

/// A row as a reject file holds it; floats that JSON cannot hold become text.
pub(crate) fn row_text(row: Metadata) -> String {
    to_json(
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
