//! What can go wrong with a whole source. A bad row is not an error: it is a
//! [`Reject`](crate::Reject).

use arrow_schema::ArrowError;
use memfast_core::ids::brief;

/// An error of an import or export.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// An argument or a column that cannot be used.
    #[error("{0}")]
    Invalid(String),
    /// The stream of a source failed.
    #[error("the source cannot be read: {0}")]
    Source(#[from] ArrowError),
    /// A row has the id of a memory that the store holds, and conflicts are errors.
    #[error("a memory with id {:?} is in the store already", brief(id))]
    Exists {
        /// The line or number of the row.
        line: u64,
        /// The id.
        id: String,
    },
    /// The engine failed.
    #[error(transparent)]
    Engine(#[from] memfast_core::Error),
}

/// The result of an import or export.
pub type Result<T, E = Error> = std::result::Result<T, E>;
