//! Vectors: SIMD kernels, codes, the approximate index, the best k of a scan.

mod codes;
mod hnsw;
pub(crate) mod hnsw_file;
#[allow(unsafe_code)] // intrinsics of the processor
pub mod kernels;
mod mean;
mod sum;
mod support;
pub mod topk;

pub(crate) use codes::{MARK_BYTES, Mark, QueryCode, encode};
pub(crate) use hnsw::{Hnsw, key_of, row_of};
pub(crate) use hnsw_file::Stamp;
pub(crate) use mean::Mean;
pub(crate) use sum::Sum;
pub use support::supported;
