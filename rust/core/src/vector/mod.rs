//! Vectors: SIMD kernels, the rows of a partition in memory, the best k of a scan.

pub mod kernels;
mod shard;
pub mod topk;

pub(crate) use shard::{RowChange, Shard};
