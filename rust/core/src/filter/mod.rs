//! Filters: a dict becomes a [`Filter`], which decides whether a [`Record`](crate::record::Record)
//! matches.
//!
//! The grammar, all of it:
//!
//! - The keys of a dict are joined by AND; `{}` matches everything.
//! - A key names a field: `user_id`, `agent_id`, `run_id`, `actor_id`, `role`, `memory_type`,
//!   `hash`, `created_at`, `updated_at`, `expiration_date`, `categories` (of a memory without any,
//!   the metadata key of that name), or else a metadata key. A dotted key `a.b` is looked up as
//!   written first, then as `b` inside `a`.
//! - A scalar means equals, `null` means the field is missing, a list means in, `"*"` means the
//!   field exists. A dict holds operators, all of which must hold: `eq`, `ne`, `gt`, `gte`, `lt`, `lte`,
//!   `in`, `nin`, `contains`, `icontains`. Inside a list or an operator `"*"` is plain text.
//! - `AND`, `OR` and `NOT` hold a list of filters, or a single one; `NOT` matches when none of its
//!   filters does.
//! - A field whose value is `null` is missing. A missing field matches only `ne`, `nin`, `NOT` and
//!   the comparison with `null`; `ne` with `null` means the field exists.
//! - `eq` holds of a list where it holds of any of its items, and so do a scalar and `in`; `ne` and
//!   `nin` are the negations of `eq` and `in`.
//! - The ids of a scope are compared as calls take them: without whitespace around them, integers as
//!   text; what a call rejects is an error.
//! - Integers and floats compare as exact numbers; a bool is not a number. A value of another type
//!   than the operand's matches only `ne`, `nin` and `NOT`.
//! - Metadata text is ordered by code points, or as instants where both sides read as ISO 8601
//!   dates or datetimes; `eq` always compares the text itself.
//! - `created_at` and `updated_at` compare as instants with ISO 8601 text (UTC where no offset is
//!   given) or unix seconds; `expiration_date` compares as a day with `YYYY-MM-DD`.
//! - A whole list or dict is compared with `eq`, `ne`, or as a member of an `in` or `nin` list.
//! - `contains` is the case-sensitive substring on text and membership on lists; `icontains` is the
//!   same without regard to case.
//! - Filters nest to depth 32 and hold 256 nodes: conditions, groups and empty filters.

mod ast;
mod column;
mod eval;
mod operand;
mod parse;
mod scope;
mod time;

pub use ast::{Field, Filter, Op, Operand, Relation};
pub(crate) use column::{Column, columns};
pub use parse::parse;
pub use scope::{Bounds, ScopeQuery, Select};
