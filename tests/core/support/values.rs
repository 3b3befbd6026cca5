//! Values and records, written shortly.

use memfast_core::filter::parse;
use memfast_core::{Error, Kind, Provenance, Record, Scope, Value};

/// 2024-01-01T00:00:00Z.
pub(crate) const NEW_YEAR: i64 = 1_704_067_200_000_000;
/// MD5 of every record here, as text.
pub(crate) const HASH: &str = "abababababababababababababababab";

/// Beyond every `i64`.
pub(crate) const TWO_63: f64 = 9_223_372_036_854_775_808.0;

/// Texts that read as times, with the instants `datetime.fromisoformat` of Python gives.
pub(crate) const TIMES: [(&str, i64); 7] = [
    ("2024-01-01", NEW_YEAR),
    ("2024-01-01T00:00:00Z", NEW_YEAR),
    ("2024-01-01T01:00:00+01:00", NEW_YEAR),
    ("2024-01-01 00:00:00.000001", NEW_YEAR + 1),
    ("2023-12-31T23:59:59.999999", NEW_YEAR - 1),
    ("2024-02-29T12:30", 1_709_209_800_000_000),
    ("0001-01-01", -62_135_596_800_000_000),
];

pub(crate) struct Lit(pub(crate) Value);

impl From<i64> for Lit {
    fn from(int: i64) -> Self {
        Self(Value::Int(int))
    }
}

impl From<f64> for Lit {
    fn from(float: f64) -> Self {
        Self(Value::Float(float))
    }
}

impl From<bool> for Lit {
    fn from(truth: bool) -> Self {
        Self(Value::Bool(truth))
    }
}

impl From<&str> for Lit {
    fn from(text: &str) -> Self {
        Self(Value::Text(text.to_owned()))
    }
}

impl From<Value> for Lit {
    fn from(value: Value) -> Self {
        Self(value)
    }
}

/// Writes a [`Value`] as JSON-like Rust.
macro_rules! v {
    (null) => { Value::Null };
    ([$($item:tt),* $(,)?]) => { Value::List(vec![$(v!($item)),*]) };
    ({$($key:literal : $value:tt),* $(,)?}) => {
        Value::Map(Metadata::from([$(($key.to_owned(), v!($value))),*]))
    };
    ($other:expr) => { Lit::from($other).0 };
}

pub(crate) fn record(metadata: Value) -> Record {
    let Value::Map(metadata) = metadata else {
        panic!("metadata is a dict")
    };
    Record {
        id: "id".to_owned(),
        kind: Kind::Memory,
        scope: Scope {
            user_id: Some("alice".to_owned()),
            agent_id: None,
            run_id: None,
        },
        text: "text".to_owned(),
        hash: [0xAB; 16],
        metadata,
        created_at: NEW_YEAR,
        updated_at: NEW_YEAR + 1,
        revision: 0,
        last_seq: 1,
        provenance: Provenance::default(),
    }
}

pub(crate) fn matches(filter: Value, record: &Record) -> bool {
    parse(&filter).unwrap().matches(record)
}

/// Whether a filter matches a record with this metadata.
pub(crate) fn on(metadata: Value, filter: Value) -> bool {
    matches(filter, &record(metadata))
}

/// Path and problem of a filter that must not parse.
pub(crate) fn refused(filter: Value) -> (String, String) {
    match parse(&filter) {
        Err(Error::Filter { path, problem }) => (path, problem),
        other => panic!("{filter:?} gave {other:?}"),
    }
}
