//! Vectors: SIMD kernels, codes, the rows of a partition in memory, the best k of a scan.

mod chunk;
mod codes;
mod hnsw;
pub(crate) mod hnsw_file;
pub mod kernels;
mod shard;
mod support;
pub mod topk;

pub(crate) use chunk::{Chunk, NewRow};
pub(crate) use codes::{MARK_BYTES, Mark, QueryCode, encode};
pub(crate) use hnsw::{Hnsw, key_of, place_of};
pub(crate) use hnsw_file::Stamp;
pub(crate) use shard::{RowChange, Shard};
pub use support::supported;
