//! The engine of memfast: a durable store of memories with exact search inside a scope.
//!
//! Knows no Python and no language model. [`Engine`] is the way in: [`Engine::apply`] commits a
//! [`Batch`] of changes, [`Engine::search`] answers a [`Query`]. [`filter`] has the filter grammar,
//! [`embed`] the static embedding table, [`store::io`] the traits that all file operations go
//! through.

mod bits;
pub mod embed;
mod engine;
mod error;
pub mod filter;
pub mod ids;
mod query;
mod record;
pub mod store;
pub mod threads;
pub mod vector;

pub use engine::{
    Durability, Engine, Export, Exported, IndexState, LogState, Options, ReembedStep, Stage, Stats,
};
pub use error::{Error, Result, guarded};
pub use query::{
    Batch, Change, Cursor, Existing, Hit, Op, Order, Page, Pending, Put, Query, Receipt, Rewrite,
    Selection, Signed, Slice, SortKey, Update,
};
pub use record::{
    Day, Kind, Metadata, Micros, Provenance, Record, Scope, Value, message_hash, to_json,
};
pub use store::{Embedder, Event, EventKind, Identity, after_fork};

/// Microseconds of a day.
pub(crate) const DAY_MICROS: i64 = 86_400_000_000;

/// The time, in microseconds since 1970 UTC; 0 where the clock stands before that.
#[must_use]
pub fn now() -> Micros {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    since.map_or(0, |time| {
        i64::try_from(time.as_micros()).unwrap_or(i64::MAX)
    })
}

/// The day, in days since 1970-01-01 UTC.
#[must_use]
pub fn today() -> Day {
    Day::try_from(now().div_euclid(DAY_MICROS)).unwrap_or(Day::MAX)
}
