//! Row ids: the partition of a record, and its row there.

/// A record's partition and its row. Rows are numbered through the whole store in the order they
/// are added, and no number is used twice.
pub(crate) type RowId = (u32, u64);
