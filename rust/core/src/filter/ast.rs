//! The syntax tree of a filter.

use crate::fields;
use crate::record::Value;
use crate::time::Day;

/// A filter; see the [module](crate::filter) for the grammar.
#[derive(Debug, Clone, PartialEq)]
pub enum Filter {
    /// Matches when all do; an empty one matches everything.
    And(Vec<Filter>),
    /// Matches when at least one does.
    Or(Vec<Filter>),
    /// Matches when none does.
    Not(Vec<Filter>),
    /// Compares one field.
    Condition {
        /// The field.
        field: Field,
        /// The comparison.
        op: Op,
    },
}

/// The field of a condition.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Field {
    /// A field of the memory; of lists that are empty, the metadata key of that name.
    Memory(&'static fields::Field),
    /// A metadata key, split at its dots.
    Metadata(Vec<String>),
}

impl Field {
    /// The field that a filter key names.
    #[must_use]
    pub fn named(key: &str) -> Self {
        match fields::Field::named(key).filter(|field| field.filterable) {
            Some(field) => Self::Memory(field),
            None => Self::Metadata(key.split('.').map(str::to_owned).collect()),
        }
    }
}

/// The comparison of a condition.
#[derive(Debug, Clone, PartialEq)]
pub enum Op {
    /// The field exists and is not null.
    Exists,
    /// Equals, or is a list with an item that does; null equals a missing field.
    Eq(Operand),
    /// The negation of [`Op::Eq`].
    Ne(Operand),
    /// Is ordered before or after.
    Order(Relation, Operand),
    /// As [`Op::Eq`] with one of these.
    In(Vec<Operand>),
    /// The negation of [`Op::In`].
    Nin(Vec<Operand>),
    /// Text holds this text, or a list this scalar.
    Contains(Value),
    /// The same without regard to case; the text is folded already.
    IContains(String),
}

/// A relation of order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Relation {
    /// Greater than.
    Gt,
    /// Greater than or equal.
    Gte,
    /// Less than.
    Lt,
    /// Less than or equal.
    Lte,
}

/// The value that a field is compared with, read once when the filter is parsed.
#[derive(Debug, Clone, PartialEq)]
pub enum Operand {
    /// A plain value.
    Value(Value),
    /// Text that also reads as a time; ordered as one against text that does too.
    Dated {
        /// The text as given.
        text: String,
        /// The time it names, in microseconds since 1970 UTC.
        instant: i64,
    },
    /// An instant in microseconds since 1970 UTC, wide enough for any number of seconds.
    Instant(i128),
    /// A day.
    Day(Day),
}
