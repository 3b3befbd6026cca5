//! Import and export of memfast: rows of Arrow streams and of plain values become puts, records and
//! events become record batches, JSON lines and CSV fields.
//!
//! [`RowReader`] turns rows into [`Rowset`]s that can be committed; [`export`] writes records, and
//! [`events`] writes the event log. Nothing here knows Python.

#![forbid(unsafe_code)]

mod cell;
mod column;
mod draft;
mod error;
pub mod events;
pub mod export;
mod json;
mod mapping;
mod parts;
mod pieces;
mod reader;
mod rowset;
mod sizes;
mod vector;

pub use cell::Cell;
pub use draft::{Conflict, Draft};
pub use error::{Error, Result};
pub use mapping::{Mapping, Part};
pub use pieces::Pieces;
pub use reader::{Batch, Embeds, Reject, RowReader, Settings};
pub use rowset::Rowset;
pub use vector::Vectors;
