//! The bytes of the event log.
//!
//! An event holds what came after the change and the number of the memory's event before it; what
//! was before the change is what came after that one. Events lie in blocks of consecutive numbers:
//! codec byte, count, and the packed offsets and bodies.

use std::borrow::Cow;

use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use xxhash_rust::xxh3::xxh3_128_with_seed;

use super::super::stored::{damaged, extend_by_position, from_position};
use super::EventKind;
use crate::error::{Error, Result};
use crate::rowid::RowId;
use crate::threads;

/// Codec byte of a block that is not packed.
const PLAIN: u8 = 0;
/// Codec byte of a block packed with LZ4, its length before it.
const LZ4: u8 = 1;
const HEAD: usize = 5;
/// Bytes of a packed block: a value takes pages up to the next power of two, and this is just below
/// one.
const PACKED_BYTES: usize = 32 * 1024 - 128;
/// What packing may come to be worse than in the block before, in 1/32 of its length.
const MARGIN: usize = 2;
/// Bytes of a block before packing, at most: what a look-up of one event unpacks.
const MOST_BYTES: usize = 128 * 1024;
/// Shorter blocks are not worth packing.
const PACK_FROM: usize = 1024;

/// An event as it is stored, by position; its number is that of its block and its position in it. The
/// codec byte of its block stands for these fields: events with others get codec bytes of their own.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(in crate::store) struct Entry<'a> {
    pub(in crate::store) kind: EventKind,
    pub(in crate::store) at: i64,
    pub(in crate::store) prev_seq: u64,
    /// Where the record lies, or lay.
    pub(in crate::store) row_id: RowId,
    /// The stored record after the change; empty for a delete.
    #[serde(with = "serde_bytes", borrow)]
    pub(in crate::store) after: Cow<'a, [u8]>,
}

/// A block of events being written.
#[derive(Debug, Default)]
struct BlockWriter {
    ends: Vec<u8>,
    bodies: Vec<u8>,
    count: u32,
}

impl BlockWriter {
    fn push(&mut self, entry: &Entry<'_>) -> Result<()> {
        let bodies = std::mem::take(&mut self.bodies);
        self.bodies = extend_by_position(entry, bodies)?;
        let end = u32::try_from(self.bodies.len())
            .map_err(|_| Error::Invalid("a memory is larger than 4 GiB".to_owned()))?;
        self.ends.extend(end.to_le_bytes());
        self.count += 1;
        Ok(())
    }

    fn len(&self) -> usize {
        HEAD + self.ends.len() + self.bodies.len()
    }

    /// How long a block may be to be packed into [`PACKED_BYTES`], going by this one.
    fn next_limit(&self) -> usize {
        let packed = lz4_flex::compress(&self.bodies).len() + self.ends.len();
        let share = self.len() * (32 - MARGIN) / 32;
        (PACKED_BYTES * share / packed.max(1)).clamp(PACKED_BYTES, MOST_BYTES)
    }

    /// The bytes of the block.
    fn finish(mut self) -> Vec<u8> {
        let mut bytes = vec![PLAIN];
        bytes.extend(self.count.to_le_bytes());
        self.ends.append(&mut self.bodies);
        if self.ends.len() >= PACK_FROM {
            let packed = lz4_flex::compress_prepend_size(&self.ends);
            if packed.len() < self.ends.len() {
                bytes[0] = LZ4;
                bytes.extend(packed);
                return bytes;
            }
        }
        bytes.extend(self.ends);
        bytes
    }
}

/// The events of a transaction.
#[derive(Debug)]
pub(in crate::store) struct LogWriter {
    next_seq: u64,
    /// Bytes from which a block is full.
    limit: usize,
    blocks: Vec<(u64, BlockWriter)>,
}

impl LogWriter {
    pub(in crate::store) fn new(next_seq: u64) -> Self {
        Self {
            next_seq,
            limit: PACKED_BYTES,
            blocks: Vec::new(),
        }
    }

    /// Adds the next event.
    pub(in crate::store) fn push(&mut self, entry: &Entry<'_>) -> Result<()> {
        let last = self.blocks.last().map(|(_, block)| block);
        let full = last.filter(|block| block.len() >= self.limit);
        if self.blocks.len() == 1
            && let Some(first) = full
        {
            self.limit = first.next_limit();
        }
        if last.is_none() || full.is_some() {
            self.blocks.push((self.next_seq, BlockWriter::default()));
        }
        self.next_seq += 1;
        self.blocks
            .last_mut()
            .map_or(Ok(()), |(_, block)| block.push(entry))
    }

    /// The blocks with their first numbers.
    pub(in crate::store) fn finish(self) -> Vec<(u64, Vec<u8>)> {
        let finish = |(first, block): (u64, BlockWriter)| (first, block.finish());
        threads::spread(
            self.blocks.len() > 1,
            self.blocks,
            |blocks| blocks.into_par_iter().map(finish).collect(),
            |blocks| blocks.into_iter().map(finish).collect(),
        )
    }
}

/// A block that was read.
#[derive(Debug)]
pub(in crate::store) struct Block {
    first_seq: u64,
    count: usize,
    bytes: Vec<u8>,
}

impl Block {
    pub(in crate::store) fn read(first_seq: u64, bytes: &[u8]) -> Result<Self> {
        let wrong = || damaged("block of events");
        let (&[codec, a, b, c, d], rest) = bytes.split_first_chunk::<HEAD>().ok_or_else(wrong)?;
        let bytes = match codec {
            PLAIN => rest.to_vec(),
            LZ4 => lz4_flex::decompress_size_prepended(rest).map_err(|_| wrong())?,
            _ => return Err(wrong()),
        };
        Ok(Self {
            first_seq,
            count: u32::from_le_bytes([a, b, c, d]) as usize,
            bytes,
        })
    }

    /// Whether the event is in the block.
    pub(in crate::store) fn holds(&self, seq: u64) -> bool {
        (self.first_seq..self.first_seq + self.count as u64).contains(&seq)
    }

    /// The event with this number, which is in the block.
    pub(in crate::store) fn entry(&self, seq: u64) -> Result<Entry<'_>> {
        from_position(self.body(seq)?, "event")
    }

    /// The hash of the event with this number, which is in the block.
    pub(in crate::store) fn fingerprint(&self, seq: u64) -> Result<u128> {
        Ok(xxh3_128_with_seed(self.body(seq)?, seq))
    }

    /// The encoded event with this number, which is in the block.
    fn body(&self, seq: u64) -> Result<&[u8]> {
        let index = (seq - self.first_seq) as usize;
        let end = |index: usize| -> Option<usize> {
            let bytes = self.bytes.get(index * 4..)?.first_chunk()?;
            Some(u32::from_le_bytes(*bytes) as usize)
        };
        let start = if index == 0 { Some(0) } else { end(index - 1) };
        let bodies = self.count * 4;
        let body = start
            .zip(end(index))
            .and_then(|(start, end)| self.bytes.get(bodies + start..bodies + end));
        body.ok_or_else(|| damaged("block of events"))
    }
}
