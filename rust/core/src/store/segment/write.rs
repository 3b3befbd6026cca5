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
use crate::vector::{Mark, encode, kernels};

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

/// Writes a segment and makes it durable. `vectors` appends those of a range of the places, one
/// after another; it is asked for one range after another.
pub(crate) fn write(
    io: &dyn Io,
    dir: &Path,
    draft: &Draft<'_>,
    mut vectors: impl FnMut(Range<usize>, &mut Vec<f32>) -> Result<()>,
) -> Result<SegmentEntry> {
    let Draft {
        number: segment,
        space,
        dim,
        places,
        parallel,
    } = *draft;
    let path = dir.join(file_name(segment));
    let fail = |action| {
        let path = path.clone();
        move |source| Error::Io {
            path,
            action,
            source,
        }
    };
    let mut directory: Vec<(u32, u64, u64)> = Vec::new();
    for (index, place) in (0u64..).zip(places) {
        match directory.last_mut() {
            Some((partition, _, count)) if *partition == place.0 => *count += 1,
            _ => directory.push((place.0, index, 1)),
        }
    }
    let directory = codec::to_bytes(&directory)?;
    let count = places.len() as u64;
    let block_rows = (BLOCK_BYTES / (dim * 4)).max(1);
    let blocks = places.len().div_ceil(block_rows) as u64;
    // The header's length must be known before the offsets are, so it gets a place of fixed size.
    let mut offset = ALIGN * 8;
    let lengths = [
        (SectionKind::Directory, directory.len() as u64),
        (SectionKind::Rows, count * 8),
        (SectionKind::Marks, count * 12),
        (SectionKind::CodeBlocks, blocks * 8),
        (SectionKind::VectorBlocks, blocks * 8),
        (SectionKind::Codes, count * dim as u64),
        (SectionKind::Vectors, count * dim as u64 * 4),
    ];
    let mut sections = lengths.map(|(kind, len)| {
        let section = Section {
            kind,
            offset,
            len,
            checksum: 0,
        };
        offset = (offset + len).next_multiple_of(ALIGN);
        section
    });
    let place = |kind| sections.iter().find(|section| section.kind == kind);
    let start = |kind| place(kind).map_or(0, |section| section.offset);
    let (codes_at, vectors_at) = (start(SectionKind::Codes), start(SectionKind::Vectors));

    let file = io.open(&path, Access::Write).map_err(fail("creating"))?;
    // A file of this number can only be what a crash left behind.
    file.set_len(0).map_err(fail("writing"))?;
    file.set_len(offset).map_err(fail("writing"))?;
    let (mut marks, mut code_sums, mut vector_sums) = (Vec::new(), Vec::new(), Vec::new());
    let (mut codes_end, mut vectors_end) = (codes_at, vectors_at);
    let mut rows = Vec::new();
    for (group, start) in (0u64..).zip((0..places.len()).step_by(GROUP * block_rows)) {
        rows.clear();
        let end = (start + GROUP * block_rows).min(places.len());
        vectors(start..end, &mut rows)?;
        let encode = |(at, rows): (usize, &[f32])| {
            encode_block(segment, group * GROUP as u64 + at as u64, dim, rows)
        };
        let encoded: Result<Vec<Encoded>> = if parallel {
            let blocks = rows.par_chunks(block_rows * dim);
            blocks.enumerate().map(encode).collect()
        } else {
            rows.chunks(block_rows * dim)
                .enumerate()
                .map(encode)
                .collect()
        };
        let (mut codes, mut vectors) = (Vec::new(), Vec::new());
        for block in encoded? {
            marks.extend(block.marks.iter().flat_map(|mark| mark.to_bytes()));
            vector_sums.extend(block.checksums.0.to_le_bytes());
            code_sums.extend(block.checksums.1.to_le_bytes());
            codes.extend(block.codes);
            vectors.extend(block.vectors);
        }
        file.write_at(codes_end, &codes).map_err(fail("writing"))?;
        file.write_at(vectors_end, &vectors)
            .map_err(fail("writing"))?;
        codes_end += codes.len() as u64;
        vectors_end += vectors.len() as u64;
    }
    let numbers = places.iter().flat_map(|place| place.1.to_le_bytes());
    let small = [
        (SectionKind::Directory, directory),
        (SectionKind::Rows, numbers.collect()),
        (SectionKind::Marks, marks),
        (SectionKind::CodeBlocks, code_sums),
        (SectionKind::VectorBlocks, vector_sums),
    ];
    for section in &mut sections {
        if let Some((_, bytes)) = small.iter().find(|(kind, _)| *kind == section.kind) {
            section.checksum = xxh3_64_with_seed(bytes, segment);
            file.write_at(section.offset, bytes)
                .map_err(fail("writing"))?;
        }
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
    file.write_at(0, &head).map_err(fail("writing"))?;
    file.sync().map_err(fail("syncing"))?;
    io.sync_dir(dir).map_err(fail("syncing the directory of"))?;
    Ok(SegmentEntry {
        space,
        dim: dim as u32,
        rows: count,
        bytes: offset,
        header: header_checksum,
    })
}
