//! Vector segments: immutable files of vectors and their codes, those of a partition together.
//!
//! A file is a fixed head (magic, header length, header checksum), a postcard header that lists
//! the sections, and the sections, each starting at a multiple of 64 bytes. Vectors and codes are
//! checked in blocks of rows, so that a part of the file can be read without the rest; every
//! checksum is seeded with the segment's number and the block's position, which also shows a block
//! that lies in a wrong place.

mod read;
mod write;

use std::io;

use serde::{Deserialize, Serialize};
use xxhash_rust::xxh3::xxh3_64_with_seed;

pub(crate) use read::Segment;
pub(crate) use write::{Draft, write};

use crate::io::IoFile;

const MAGIC: &[u8; 8] = b"MFSEG\0\0\x01";
const HEAD: usize = 20;
const ALIGN: u64 = 64;
const BLOCK_BYTES: usize = 64 * 1024;
const MAX_HEADER: usize = 1 << 20;

/// What a section holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
enum SectionKind {
    /// Partitions with their first row and row count.
    Directory,
    /// Row number of each vector, u64.
    Rows,
    /// Length, step and residual of each vector, three f32.
    Marks,
    /// The codes, i8.
    Codes,
    /// Checksum of each block of codes, u64.
    CodeBlocks,
    /// The vectors, f32.
    Vectors,
    /// Checksum of each block of vectors, u64.
    VectorBlocks,
}

#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
struct Section {
    kind: SectionKind,
    offset: u64,
    len: u64,
    /// Checksum of the section; 0 for one in blocks.
    checksum: u64,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Header {
    segment: u64,
    dim: u32,
    rows: u64,
    block_rows: u32,
    sections: Vec<Section>,
}

pub(crate) fn floats_to_bytes(floats: &[f32]) -> Vec<u8> {
    let mut bytes = vec![0; floats.len() * 4];
    for (slot, value) in bytes.as_chunks_mut::<4>().0.iter_mut().zip(floats) {
        *slot = value.to_le_bytes();
    }
    bytes
}

pub(crate) fn bytes_to_floats(bytes: &[u8], out: &mut Vec<f32>) {
    let (chunks, _) = bytes.as_chunks::<4>();
    out.extend(chunks.iter().map(|chunk| f32::from_le_bytes(*chunk)));
}

/// File name of a segment.
pub(crate) fn file_name(segment: u64) -> String {
    format!("{segment:08}.seg")
}

/// The checksum that the head of a segment gives for its header; `None` if the file has no head,
/// which is written last.
pub(crate) fn header_checksum(file: &dyn IoFile) -> io::Result<Option<u64>> {
    let mut head = [0; HEAD];
    if file.len()? < head.len() as u64 {
        return Ok(None);
    }
    file.read_at(0, &mut head)?;
    let checksum = head.last_chunk().map(|bytes| u64::from_le_bytes(*bytes));
    Ok(checksum.filter(|_| head.starts_with(MAGIC)))
}

fn block_checksum(segment: u64, block: u64, bytes: &[u8]) -> u64 {
    xxh3_64_with_seed(bytes, segment.rotate_left(32) ^ block)
}
