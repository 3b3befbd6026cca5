//! Writing a segment.

use std::ops::Range;
use std::path::Path;

use rayon::prelude::*;
use xxhash_rust::xxh3::xxh3_64_with_seed;

use super::{
    ALIGN, BLOCK_BYTES, Header, MAGIC, Section, SectionKind, block_checksum, file_name,
    floats_to_bytes,
};
use crate::error::{Error, Result};
use crate::store::codec;
use crate::store::io::{Access, Io};
use crate::store::tables::{Place, SegmentEntry};
use crate::vector::{MARK_BYTES, Mark, encode, kernels};

/// Blocks that are encoded in parallel and written together.
const GROUP: usize = 64;

/// A block of rows as it is written.
struct Encoded {
    vectors: Vec<u8>,
    codes: Vec<u8>,
    marks: Vec<Mark>,
    checksums: (u64, u64),
}

fn encode_block(segment: u64, block: u64, dim: usize, rows: &[f32]) -> Result<Encoded> {
    let mut codes = Vec::with_capacity(rows.len());
    let mut marks = Vec::with_capacity(rows.len() / dim);
    for row in rows.chunks_exact(dim) {
        let inverse_norm = kernels::check(0, row, dim)?;
        marks.push(encode(row, inverse_norm, &mut codes));
    }
    let vectors = floats_to_bytes(rows);
    let codes: Vec<u8> = codes.into_iter().map(i8::cast_unsigned).collect();
    Ok(Encoded {
        checksums: (
            block_checksum(segment, block, &vectors),
            block_checksum(segment, block, &codes),
        ),
        vectors,
        codes,
        marks,
    })
}

/// What a segment is made of.
pub(crate) struct Draft<'a> {
    pub(crate) number: u64,
    pub(crate) space: u32,
    pub(crate) dim: usize,
    /// Where the records lie, in order.
    pub(crate) places: &'a [Place],
    /// Whether all cores may encode it.
    pub(crate) parallel: bool,
}

/// The partitions of places, with their first position and number of rows.
fn directory(places: &[Place]) -> Vec<(u32, u64, u64)> {
    let mut directory: Vec<(u32, u64, u64)> = Vec::new();
    for (index, place) in (0u64..).zip(places) {
        match directory.last_mut() {
            Some((partition, _, count)) if *partition == place.0 => *count += 1,
            _ => directory.push((place.0, index, 1)),
        }
    }
    directory
}

/// Sections of these lengths, one after another, and where the file ends.
fn layout(lengths: [(SectionKind, u64); 7]) -> ([Section; 7], u64) {
    // The header's length must be known before the offsets are, so it gets a place of fixed size.
    let mut offset = ALIGN * 8;
    let sections = lengths.map(|(kind, len)| {
        let section = Section {
            kind,
            offset,
            len,
            checksum: 0,
        };
        offset = (offset + len).next_multiple_of(ALIGN);
        section
    });
    (sections, offset)
}

/// What is known of the blocks once they are written.
#[derive(Default)]
struct Written {
    marks: Vec<u8>,
    code_sums: Vec<u8>,
    vector_sums: Vec<u8>,
}

impl Draft<'_> {
    /// Encodes the vectors group by group and writes codes and vectors from two offsets on.
    fn write_blocks(
        &self,
        block_rows: usize,
        (mut codes_end, mut vectors_end): (u64, u64),
        mut fetch: impl FnMut(Range<usize>, &mut Vec<f32>) -> Result<()>,
        mut put: impl FnMut(u64, &[u8]) -> Result<()>,
    ) -> Result<Written> {
        let dim = self.dim;
        let mut written = Written::default();
        let mut rows = Vec::new();
        for (group, start) in (0u64..).zip((0..self.places.len()).step_by(GROUP * block_rows)) {
            rows.clear();
            let end = (start + GROUP * block_rows).min(self.places.len());
            fetch(start..end, &mut rows)?;
            let encode = |(at, rows): (usize, &[f32])| {
                encode_block(self.number, group * GROUP as u64 + at as u64, dim, rows)
            };
            let encoded: Result<Vec<Encoded>> = if self.parallel {
                let blocks = rows.par_chunks(block_rows * dim);
                blocks.enumerate().map(encode).collect()
            } else {
                let blocks = rows.chunks(block_rows * dim);
                blocks.enumerate().map(encode).collect()
            };
            let (mut codes, mut vectors) = (Vec::new(), Vec::new());
            for block in encoded? {
                let marks = block.marks.iter().flat_map(|mark| mark.to_bytes());
                written.marks.extend(marks);
                written.vector_sums.extend(block.checksums.0.to_le_bytes());
                written.code_sums.extend(block.checksums.1.to_le_bytes());
                codes.extend(block.codes);
                vectors.extend(block.vectors);
            }
            put(codes_end, &codes)?;
            put(vectors_end, &vectors)?;
            codes_end += codes.len() as u64;
            vectors_end += vectors.len() as u64;
        }
        Ok(written)
    }
}

/// Writes a segment and makes it durable. `fetch` appends the vectors of a range of the places, one
/// after another; it is asked for one range after another.
pub(crate) fn write(
    io: &dyn Io,
    dir: &Path,
    draft: &Draft<'_>,
    fetch: impl FnMut(Range<usize>, &mut Vec<f32>) -> Result<()>,
) -> Result<SegmentEntry> {
    let (segment, dim, places) = (draft.number, draft.dim, draft.places);
    let path = dir.join(file_name(segment));
    let fail = |action| {
        let path = path.clone();
        move |source| Error::Io {
            path,
            action,
            source,
        }
    };
    let directory = codec::to_bytes(&directory(places))?;
    let count = places.len() as u64;
    let block_rows = (BLOCK_BYTES / (dim * 4)).max(1);
    let blocks = places.len().div_ceil(block_rows) as u64;
    let (mut sections, end) = layout([
        (SectionKind::Directory, directory.len() as u64),
        (SectionKind::Rows, count * 8),
        (SectionKind::Marks, count * MARK_BYTES as u64),
        (SectionKind::CodeBlocks, blocks * 8),
        (SectionKind::VectorBlocks, blocks * 8),
        (SectionKind::Codes, count * dim as u64),
        (SectionKind::Vectors, count * dim as u64 * 4),
    ]);
    let [.., codes, vectors] = sections;

    let file = io.open(&path, Access::Write).map_err(fail("creating"))?;
    // A file of this number can only be what a crash left behind.
    file.set_len(0).map_err(fail("writing"))?;
    file.set_len(end).map_err(fail("writing"))?;
    let put = |offset, bytes: &[u8]| file.write_at(offset, bytes).map_err(fail("writing"));
    let written = draft.write_blocks(block_rows, (codes.offset, vectors.offset), fetch, put)?;
    let numbers = places.iter().flat_map(|place| place.1.to_le_bytes());
    let small = [
        directory,
        numbers.collect(),
        written.marks,
        written.code_sums,
        written.vector_sums,
    ];
    for (section, bytes) in sections.iter_mut().zip(&small) {
        section.checksum = xxh3_64_with_seed(bytes, segment);
        put(section.offset, bytes)?;
    }
    let header = Header {
        segment,
        dim: dim as u32,
        rows: count,
        block_rows: block_rows as u32,
        sections: sections.to_vec(),
    };
    let header = codec::to_bytes(&header)?;
    let header_checksum = xxh3_64_with_seed(&header, segment);
    let mut head = MAGIC.to_vec();
    head.extend((header.len() as u32).to_le_bytes());
    head.extend(header_checksum.to_le_bytes());
    head.extend(header);
    put(0, &head)?;
    file.sync().map_err(fail("syncing"))?;
    io.sync_dir(dir).map_err(fail("syncing the directory of"))?;
    Ok(SegmentEntry {
        space: draft.space,
        dim: dim as u32,
        rows: count,
        bytes: end,
        header: header_checksum,
    })
}
