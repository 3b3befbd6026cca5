//! What a commit changed of the records' rows, published for the shards in memory.

use std::sync::Arc;

use super::records::Head;

/// A change to one row of a partition.
#[derive(Debug, Clone)]
pub(crate) enum RowChange {
    /// A new row; its number is higher than all others. Without a vector, that is empty and its
    /// inverse length 0.
    Push {
        row: u64,
        head: Head,
        inverse_norm: f32,
        vector: Arc<Vec<f32>>,
    },
    /// Another head, and another vector if there is one.
    Set {
        row: u64,
        head: Head,
        vector: Option<(f32, Arc<Vec<f32>>)>,
    },
    /// The row is deleted.
    Remove { row: u64 },
}

/// The row changes of a commit in their order, each with its partition.
pub(crate) type RowChanges = Vec<(u32, RowChange)>;
