//! Stores in memory, and searches of all of what they hold.

use std::path::Path;

use memfast_core::filter::{ScopeQuery, parse};
use memfast_core::{Engine, Metadata, Op, Options, Put, Query, Scope, Selection, Value};

/// A store of one user's rows, each with the vector and metadata of its number.
pub(crate) fn store(
    rows: usize,
    vector: impl Fn(usize) -> Vec<f32>,
    metadata: impl Fn(usize) -> Metadata,
) -> Engine {
    let open = Engine::open(Path::new(":memory:"), Options::default());
    let engine = open.unwrap_or_else(|error| panic!("{error}"));
    let put = |row: usize| {
        Op::Put(Put {
            scope: Scope {
                user_id: Some("u".into()),
                ..Scope::default()
            },
            text: format!("text {row}"),
            vector: vector(row),
            metadata: metadata(row),
            ..Put::default()
        })
    };
    let ops: Vec<_> = (0..rows).map(put).collect();
    engine.apply(ops).unwrap_or_else(|error| panic!("{error}"));
    engine
}

/// A search for the ten best of all that pass a condition on a key.
pub(crate) fn query(condition: Option<(&str, Value)>, vector: Vec<f32>, exact: bool) -> Query {
    let filter = condition.map(|(key, value)| {
        parse(&Value::Map([(key.to_owned(), value)].into()))
            .unwrap_or_else(|error| panic!("{error}"))
    });
    Query {
        exact,
        ..Query::new(
            Selection {
                filter,
                ..Selection::new(ScopeQuery::everything())
            },
            vector,
            10,
        )
    }
}
