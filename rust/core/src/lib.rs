//! The engine of memfast: a durable store of memories with exact search inside a scope.
//!
//! Knows no Python and no language model. [`Engine`] is the way in: [`Engine::apply`] commits a
//! [`Write`] of changes, [`Engine::search`] answers a [`Query`]. [`filter`] has the filter grammar,
//! [`embed`] the static embedding table, [`io`] the traits that all file operations go
//! through.

#![deny(unsafe_code)]

mod bits;
pub mod embed;
mod engine;
mod error;
pub mod fields;
pub mod filter;
pub mod ids;
pub mod io;
mod outcome;
mod query;
mod rank;
mod record;
mod rowid;
mod shard;
pub mod store;
pub mod sync;
pub mod text;
pub mod threads;
pub mod time;
pub mod vector;

pub use engine::{
    Durability, Engine, Export, Exported, IndexState, LogState, Options, ReembedStep, Stage, Stats,
    Within, static_table,
};
pub use error::{Error, Result, guarded};
pub use query::{
    Adjustments, Change, Cursor, Existing, Explanation, Hit, Input, Mode, Op, Order, Page, Patch,
    Pending, Put, Query, Receipt, Rewrite, Selection, Signed, Slice, SortKey, Sources, Speaker,
    Write,
};
pub use rank::{NUMBERS, Number, Numbers, Weights};
pub use record::{
    CountsAs, Kind, Metadata, Provenance, Record, Scope, Told, Value, hex, message_hash, to_json,
};
pub use store::{Embedder, Event, EventKind, Identity, after_fork, new_id};
pub use time::{Day, Micros, now, today};
