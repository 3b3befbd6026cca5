//! Requests of `memfast.stores.protocol` as the core takes them. An unknown field is refused.

mod operation;
mod select;
mod write;

pub(crate) use select::{Order, Query, Selection};
pub(crate) use write::{Receipt, Write};
