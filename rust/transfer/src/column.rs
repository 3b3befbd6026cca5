//! The values of a field as a column of Arrow, as JSON and as text.

// A value of another type than its field's counts as none.
#![allow(clippy::wildcard_enum_match_arm)]

use std::borrow::Cow;
use std::sync::Arc;

use arrow_array::ArrayRef;
use arrow_array::builder::{
    BooleanBuilder, Date32Builder, Float64Builder, ListBuilder, StringBuilder,
    TimestampMicrosecondBuilder,
};
use arrow_schema::{DataType, Field, TimeUnit};
use memfast_core::fields::{Held, Type};
use memfast_core::time::{format_day, format_instant};
use memfast_core::{hex, to_json};
use serde_json::Value;

/// The Arrow type of a field; `zone` is the time zone of instants.
pub(crate) fn data_type(kind: Type, zone: Option<&str>) -> DataType {
    match kind {
        Type::Text | Type::Object => DataType::Utf8,
        Type::Instant => DataType::Timestamp(TimeUnit::Microsecond, zone.map(Into::into)),
        Type::Day => DataType::Date32,
        Type::Flag => DataType::Boolean,
        Type::Number => DataType::Float64,
        Type::Texts => DataType::List(Arc::new(Field::new_list_field(DataType::Utf8, true))),
    }
}

/// Values of one field as a column of its [`data_type`]; objects are JSON text.
pub(crate) fn array<'a>(
    kind: Type,
    zone: Option<&str>,
    values: impl Iterator<Item = Held<'a>>,
) -> ArrayRef {
    match kind {
        Type::Text | Type::Object => {
            let mut builder = StringBuilder::new();
            for held in values {
                builder.append_option(match held {
                    Held::Text(text) => Some(text),
                    held => json(&held).map(Cow::Owned),
                });
            }
            Arc::new(builder.finish())
        }
        Type::Instant => {
            let builder = TimestampMicrosecondBuilder::new();
            let mut builder = builder.with_timezone_opt(zone);
            for held in values {
                builder.append_option(match held {
                    Held::Instant(instant) => Some(instant),
                    _ => None,
                });
            }
            Arc::new(builder.finish())
        }
        Type::Day => {
            let mut builder = Date32Builder::new();
            for held in values {
                builder.append_option(match held {
                    Held::Day(day) => Some(day),
                    _ => None,
                });
            }
            Arc::new(builder.finish())
        }
        Type::Flag => {
            let mut builder = BooleanBuilder::new();
            for held in values {
                builder.append_option(match held {
                    Held::Flag(flag) => Some(flag),
                    _ => None,
                });
            }
            Arc::new(builder.finish())
        }
        Type::Number => {
            let mut builder = Float64Builder::new();
            for held in values {
                builder.append_option(match held {
                    Held::Number(number) => Some(number),
                    _ => None,
                });
            }
            Arc::new(builder.finish())
        }
        Type::Texts => {
            let mut builder = ListBuilder::new(StringBuilder::new());
            for held in values {
                builder.append_value(texts(&held).into_iter().map(Some));
            }
            Arc::new(builder.finish())
        }
    }
}

fn texts<'a>(held: &Held<'a>) -> Vec<Cow<'a, str>> {
    match held {
        Held::Texts(texts) => texts.iter().map(Into::into).collect(),
        Held::Hashes(hashes) => hashes.iter().map(|hash| hex(hash).into()).collect(),
        _ => Vec::new(),
    }
}

/// A value as JSON; `None` where there is none, or no item.
pub(crate) fn json(held: &Held<'_>) -> Option<String> {
    let value = match held {
        held if held.is_empty() => return None,
        Held::Object(map) => return Some(to_json(map)),
        Held::Text(text) => Value::from(text.as_ref()),
        Held::Flag(flag) => Value::from(*flag),
        Held::Number(number) => Value::from(*number),
        Held::Texts(_) | Held::Hashes(_) => texts(held).into_iter().map(String::from).collect(),
        held => Value::from(text(held)?),
    };
    Some(value.to_string())
}

/// A value as text: lists and objects are JSON. `None` where there is none, or no item.
pub(crate) fn text(held: &Held<'_>) -> Option<String> {
    match held {
        Held::Text(text) => Some(text.to_string()),
        Held::Instant(instant) => Some(format_instant(*instant)),
        Held::Day(day) => Some(format_day(*day)),
        Held::Flag(flag) => Some(flag.to_string()),
        Held::Number(number) => Some(number.to_string()),
        held => json(held),
    }
}
