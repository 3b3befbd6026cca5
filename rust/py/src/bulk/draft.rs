//! A row on its way to a put: each part is checked as it is set, the whole when it is finished.

// A cell that is not what its part wants is refused, whatever else it is.
#![allow(clippy::wildcard_enum_match_arm)]

use memfast_core::filter::{format_day, parse_day, parse_instant};
use memfast_core::ids::{self, MAX_ID_CHARACTERS, brief, is_space};
use memfast_core::vector::kernels;
use memfast_core::{Day, Error, Existing, Kind, Metadata, Micros, Put, Scope, Value};

use super::cells::{self, Cell};
use super::json;
use super::mapping::Part;

const DAY: i64 = 86_400_000_000;
/// The years 1 to 9999: what can be told as a date.
const YEARS: std::ops::Range<Micros> = -62_135_596_800_000_000..253_402_300_800_000_000;
/// Keys that name an identity, which metadata must not change.
const IDENTITY: [&str; 4] = ["user_id", "agent_id", "run_id", "actor_id"];

/// What `on_conflict` asks of rows with an id, and of those without.
#[derive(Debug, Clone, Copy)]
pub(super) struct Conflict {
    pub(super) with_id: Existing,
    pub(super) without_id: Existing,
}

#[derive(Debug, Default)]
pub(super) struct Draft {
    put: Put,
    keys: Metadata,
    /// Metadata keys that name an identity and were left out.
    pub(super) left_out: u64,
}

impl Draft {
    pub(super) fn vector(&mut self, vector: Vec<f32>) {
        self.put.vector = vector;
    }

    /// Sets a part; the error says what is wrong with it.
    pub(super) fn set(&mut self, part: &Part, cell: Cell) -> Result<(), String> {
        if cell.is_null() {
            return Ok(());
        }
        let put = &mut self.put;
        let from = &mut put.provenance;
        match part {
            Part::Id => put.id = Some(memory_id(name(cell, "id")?)?),
            Part::Memory => put.text = text(cell, "memory")?,
            Part::Vector => put.vector = cells::of_value(cell.into_value())?,
            Part::Metadata => put.metadata = metadata(cell)?,
            Part::UserId => put.scope.user_id = Some(scope_id("user_id", cell)?),
            Part::AgentId => put.scope.agent_id = Some(scope_id("agent_id", cell)?),
            Part::RunId => put.scope.run_id = Some(scope_id("run_id", cell)?),
            Part::ActorId => from.actor_id = Some(text(cell, "actor_id")?),
            Part::Role => from.role = Some(text(cell, "role")?),
            Part::MemoryType => from.memory_type = Some(text(cell, "memory_type")?),
            Part::CreatedAt => put.created_at = Some(instant(cell, "created_at")?),
            Part::UpdatedAt => put.updated_at = Some(instant(cell, "updated_at")?),
            Part::EventTime => from.event_at = Some(instant(cell, "event_time")?),
            Part::ValidFrom => from.valid_from = Some(instant(cell, "valid_from")?),
            Part::ValidTo => from.valid_to = Some(instant(cell, "valid_to")?),
            Part::ExpirationDate => from.expires_on = Some(day(cell)?),
            Part::SupersededBy => from.superseded_by = Some(name(cell, "superseded_by")?),
            Part::SourceHashes => from.source_hashes = hashes(cell.into_value())?,
            Part::Origin => from.origin = Some(text(cell, "origin")?),
            Part::Kind => put.kind = kind(cell)?,
            Part::Categories => match categories(cell.into_value()) {
                Ok(categories) => from.categories = categories,
                // Metadata that happens to be called so.
                Err(value) => {
                    finite(&value, "categories")?;
                    self.keys.insert("categories".to_owned(), value);
                }
            },
            Part::Key(key) => {
                let value = cell.into_value();
                finite(&value, key)?;
                self.keys.insert(key.clone(), value);
            }
            Part::Nothing => {}
        }
        Ok(())
    }

    /// The put, if it can be stored. `default` gives the ids that the row has not; a vector is
    /// checked against `dim`, which the first one sets where it is 0.
    pub(super) fn finish(
        self,
        default: &Scope,
        conflict: Conflict,
        embeds: bool,
        dim: &mut usize,
    ) -> Result<Put, String> {
        let mut put = self.put;
        if put.text.chars().all(is_space) {
            return Err("no memory text".to_owned());
        }
        let scope = &mut put.scope;
        for (own, default) in [
            (&mut scope.user_id, &default.user_id),
            (&mut scope.agent_id, &default.agent_id),
            (&mut scope.run_id, &default.run_id),
        ] {
            if own.is_none() {
                own.clone_from(default);
            }
        }
        if scope.is_empty() {
            return Err("no scope: one of user_id, agent_id and run_id is needed".to_owned());
        }
        put.metadata.extend(self.keys);
        put.metadata
            .retain(|key, _| !IDENTITY.contains(&key.as_str()));
        if put.vector.is_empty() {
            if !embeds {
                return Err("no vector, and the memory has no embedder".to_owned());
            }
        } else {
            let want = if *dim == 0 { put.vector.len() } else { *dim };
            kernels::check(0, &put.vector, want).map_err(|error| match error {
                Error::Vector { problem, .. } => format!("vector: {problem}"),
                other => other.to_string(),
            })?;
            *dim = want;
        }
        put.existing = if put.id.is_some() {
            conflict.with_id
        } else {
            conflict.without_id
        };
        Ok(put)
    }

    /// Counts the keys that [`Draft::finish`] leaves out.
    pub(super) fn count_left_out(&mut self) {
        let named = |map: &Metadata| {
            IDENTITY
                .iter()
                .filter(|key| map.contains_key(**key))
                .count()
        };
        self.left_out = (named(&self.put.metadata) + named(&self.keys)) as u64;
    }
}

fn show(value: &Value) -> String {
    let json = match value {
        Value::Text(text) => return format!("{:?}", brief(text)),
        Value::Map(map) => memfast_core::to_json(map),
        Value::Null | Value::Bool(_) | Value::Int(_) | Value::Float(_) | Value::List(_) => {
            let map = Metadata::from([(String::new(), value.clone())]);
            memfast_core::to_json(&map)
                .trim_start_matches("{\"\":")
                .trim_end_matches('}')
                .to_owned()
        }
    };
    brief(&json).into_owned()
}

fn text(cell: Cell, what: &str) -> Result<String, String> {
    match cell.into_value() {
        Value::Text(text) => Ok(text),
        other => Err(format!("{what} must be text, not {}", show(&other))),
    }
}

/// Text, or an integer as such: tables often number their rows.
fn name(cell: Cell, what: &str) -> Result<String, String> {
    match cell {
        Cell::Value(Value::Int(number)) => Ok(number.to_string()),
        other => text(other, what),
    }
}

fn memory_id(id: String) -> Result<String, String> {
    let trimmed = id.trim_matches(is_space);
    if trimmed.is_empty() {
        return Err("id is empty".to_owned());
    }
    if id.chars().count() > MAX_ID_CHARACTERS {
        return Err(format!("id is longer than {MAX_ID_CHARACTERS} characters"));
    }
    Ok(trimmed.to_owned())
}

/// A scope id as `add` takes it.
pub(super) fn scope_id(what: &str, cell: Cell) -> Result<String, String> {
    let id = name(cell, what)?;
    let id = ids::scope_id(&id).map_err(|problem| format!("Invalid {what}: {problem}"))?;
    if id == "*" {
        return Err(format!(
            "Invalid {what}: '*' names all scopes and cannot own a memory. \
             Provide a valid identifier."
        ));
    }
    Ok(id.to_owned())
}

fn metadata(cell: Cell) -> Result<Metadata, String> {
    let value = match cell.into_value() {
        Value::Text(text) if text.trim().is_empty() => Value::Null,
        Value::Text(text) => json::parse(&text)
            .map_err(|problem| format!("metadata is no JSON object: {problem}"))?,
        other => other,
    };
    finite(&value, "metadata")?;
    match value {
        Value::Map(map) => Ok(map),
        Value::Null => Ok(Metadata::new()),
        other => Err(format!("metadata must be an object, not {}", show(&other))),
    }
}

fn finite(value: &Value, path: &str) -> Result<(), String> {
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

fn instant(cell: Cell, what: &str) -> Result<Micros, String> {
    let instant = match &cell {
        Cell::Instant(instant) => Some(*instant),
        Cell::Day(day) => Some(i64::from(*day) * DAY),
        Cell::Value(Value::Text(text)) => parse_instant(text),
        Cell::Value(Value::Int(seconds)) => seconds.checked_mul(1_000_000),
        Cell::Value(Value::Float(seconds)) => {
            let micros = seconds * 1e6;
            // Beyond this the year is no longer one of four digits, and checked below.
            (micros.abs() < 9e18).then(|| micros.round() as i64)
        }
        Cell::Value(_) => None,
    };
    instant
        .filter(|instant| YEARS.contains(instant))
        .ok_or_else(|| {
            let value = show(&cell.into_value());
            format!(
                "{what} {value} is no time of the years 1 to 9999; write ISO 8601 or Unix seconds"
            )
        })
}

fn day(cell: Cell) -> Result<Day, String> {
    let day = match &cell {
        Cell::Day(day) => Some(*day),
        Cell::Instant(instant) => Day::try_from(instant.div_euclid(DAY)).ok(),
        // Of a local time the day counts that it names.
        Cell::Value(Value::Text(text)) => {
            parse_day(text).or_else(|| parse_instant(text).and(text.get(..10)).and_then(parse_day))
        }
        Cell::Value(_) => None,
    };
    day.filter(|day| YEARS.contains(&(i64::from(*day) * DAY)))
        .ok_or_else(|| match cell {
            Cell::Day(day) => format!("expiration_date {} is out of range", format_day(day)),
            other => format!(
                "expiration_date {} is no date; write YYYY-MM-DD",
                show(&other.into_value())
            ),
        })
}

/// A text, or a list of texts, also as JSON; gives back what is neither.
fn categories(value: Value) -> Result<Vec<String>, Value> {
    match value {
        Value::Text(text) => match json::parse(&text) {
            Ok(list @ Value::List(_)) => categories(list),
            _ => Ok(vec![text]),
        },
        Value::List(values) => {
            let texts = values.iter().map(|value| match value {
                Value::Text(text) => Some(text.clone()),
                Value::Null
                | Value::Bool(_)
                | Value::Int(_)
                | Value::Float(_)
                | Value::List(_)
                | Value::Map(_) => None,
            });
            let texts: Option<Vec<String>> = texts.collect();
            texts.ok_or(Value::List(values))
        }
        other => Err(other),
    }
}

fn kind(cell: Cell) -> Result<Kind, String> {
    match text(cell, "kind")?.as_str() {
        "memory" => Ok(Kind::Memory),
        "message" => Ok(Kind::Message),
        other => Err(format!(
            "kind must be \"memory\" or \"message\", not {other:?}"
        )),
    }
}

fn hashes(value: Value) -> Result<Vec<[u8; 16]>, String> {
    match value {
        Value::Text(text) => match json::parse(&text)? {
            list @ Value::List(_) => hashes(list),
            _ => Err("source_hashes is text, but no JSON list".to_owned()),
        },
        Value::List(values) => values
            .iter()
            .map(|value| {
                let digits = match value {
                    Value::Text(digits) if digits.len() == 32 && digits.is_ascii() => digits,
                    other => return Err(format!("source_hashes holds {}", show(other))),
                };
                u128::from_str_radix(digits, 16)
                    .map(u128::to_be_bytes)
                    .map_err(|_| {
                        format!("source_hashes holds {digits:?}, which is not hexadecimal")
                    })
            })
            .collect(),
        other => Err(format!(
            "source_hashes must be a list, not {}",
            show(&other)
        )),
    }
}
