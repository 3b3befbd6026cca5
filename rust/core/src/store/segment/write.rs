//! Writing a segment.

use std::path::Path;

use rayon::prelude::*;
use xxhash_rust::xxh3::xxh3_64_with_seed;

use super::{
    ALIGN, BLOCK_BYTES, Header, MAGIC, Section, SectionKind, block_checksum, file_name,
    floats_to_bytes,
};
use crate::error::{Error, Result};
use crate::io::{Access, Io};
use crate::rowid::RowId;
use crate::store::stored::by_position;
use crate::store::vectors::SegmentEntry;
use crate::threads;
use crate::vector::{MARK_BYTES, encode, kernels};

/// Blocks that are encoded and written together.
const GROUP: usize = 16;
/// Groups after which progress is reported.
const ROUND: usize = 64;

/// What is known of a group of blocks once it is written.
#[derive(Default)]
struct Written {
    marks: Vec<u8>,
    code_sums: Vec<u8>,
    vector_sums: Vec<u8>,
}

/// What a segment is made of.
pub(crate) struct Draft<'a> {
    pub(crate) number: u64,
    pub(crate) space: u32,
    pub(crate) dim: usize,
    /// Where the records lie, in order.
    pub(crate) row_ids: &'a [RowId],
    /// Whether all cores may encode it.
    pub(crate) parallel: bool,
}

/// The partitions of row ids, with their first position and number of rows.
fn directory(row_ids: &[RowId]) -> Vec<(u32, u64, u64)> {
    let mut directory: Vec<(u32, u64, u64)> = Vec::new();
    for (index, row_id) in (0u64..).zip(row_ids) {
        match directory.last_mut() {
            Some((partition, _, count)) if *partition == row_id.0 => *count += 1,
            _ => directory.push((row_id.0, index, 1)),
        }
    }
    directory
}

/// Sections of these lengths, one after another, and where the file ends.
fn layout(lengths: [(SectionKind, u64); 7]) -> ([Section; 7], u64) {
    // The header's length must be known before the offsets are, so it gets a field of fixed size.
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

impl Draft<'_> {
    /// Encodes the blocks of a group and writes their codes and vectors, whose sections begin at
    /// two offsets.
    fn write_group(
        &self,
        group: usize,
        block_rows: usize,
        (codes_at, vectors_at): (u64, u64),
        append: &impl Fn(usize, &mut Vec<f32>) -> Result<()>,
        put: &impl Fn(u64, &[u8]) -> Result<()>,
    ) -> Result<Written> {
        let first = group * GROUP * block_rows;
        let end = (first + GROUP * block_rows).min(self.row_ids.len());
        let mut rows = Vec::with_capacity((end - first) * self.dim);
        for row in first..end {
            append(row, &mut rows)?;
        }
        let mut written = Written::default();
        let mut codes = Vec::with_capacity(rows.len());
        for row in rows.chunks_exact(self.dim) {
            let inverse_norm = kernels::check(0, row, self.dim)?;
            let mark = encode(row, inverse_norm, &mut codes);
            written.marks.extend(mark.to_bytes());
        }
        let codes: Vec<u8> = codes.into_iter().map(i8::cast_unsigned).collect();
        let vectors = floats_to_bytes(&rows);
        let checksum = |at: usize, bytes: &[u8]| {
            let block = (group * GROUP + at) as u64;
            block_checksum(self.number, block, bytes).to_le_bytes()
        };
        let block = block_rows * self.dim;
        for (at, (codes, vectors)) in codes
            .chunks(block)
            .zip(vectors.chunks(4 * block))
            .enumerate()
        {
            written.code_sums.extend(checksum(at, codes));
            written.vector_sums.extend(checksum(at, vectors));
        }
        let offset = (first * self.dim) as u64;
        put(codes_at + offset, &codes)?;
        put(vectors_at + 4 * offset, &vectors)?;
        Ok(written)
    }

    /// Writes all groups and reports how many rows are done.
    fn write_groups(
        &self,
        block_rows: usize,
        offsets: (u64, u64),
        append: impl Fn(usize, &mut Vec<f32>) -> Result<()> + Sync,
        put: impl Fn(u64, &[u8]) -> Result<()> + Sync,
        mut progress: impl FnMut(usize),
    ) -> Result<Written> {
        let group = |group| self.write_group(group, block_rows, offsets, &append, &put);
        let groups = self.row_ids.len().div_ceil(GROUP * block_rows);
        let mut all = Written::default();
        for start in (0..groups).step_by(ROUND) {
            let round = start..groups.min(start + ROUND);
            let end = round.end * GROUP * block_rows;
            let done: Result<Vec<Written>> = threads::spread(
                self.parallel,
                round,
                |round| round.into_par_iter().map(group).collect(),
                |round| round.map(group).collect(),
            );
            for written in done? {
                all.marks.extend(written.marks);
                all.code_sums.extend(written.code_sums);
                all.vector_sums.extend(written.vector_sums);
            }
            progress(end.min(self.row_ids.len()));
        }
        Ok(all)
    }
}

/// Writes a segment and makes it durable; nothing stays of one that fails. `append` appends the vector of the row with an index;
/// `progress` is called with the number of rows written.
pub(crate) fn write(
    io: &dyn Io,
    dir: &Path,
    draft: &Draft<'_>,
    append: impl Fn(usize, &mut Vec<f32>) -> Result<()> + Sync,
    progress: impl FnMut(usize),
) -> Result<SegmentEntry> {
    write_file(io, dir, draft, append, progress).inspect_err(|_| {
        // On a full disk its space is needed; what stays behind is swept at the next open.
        let _ = io.remove(&dir.join(file_name(draft.number)));
    })
}

fn write_file(
    io: &dyn Io,
    dir: &Path,
    draft: &Draft<'_>,
    append: impl Fn(usize, &mut Vec<f32>) -> Result<()> + Sync,
    progress: impl FnMut(usize),
) -> Result<SegmentEntry> {
    let (segment, dim, row_ids) = (draft.number, draft.dim, draft.row_ids);
    let path = dir.join(file_name(segment));
    let fail = |action| {
        let path = path.clone();
        move |source| Error::writing(&path, action, source)
    };
    let directory = by_position(&directory(row_ids))?;
    let count = row_ids.len() as u64;
    let block_rows = (BLOCK_BYTES / (dim * 4)).max(1);
    let blocks = row_ids.len().div_ceil(block_rows) as u64;
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

    // A file of this number can only be what a failed commit left behind.
    let file = io.open(&path, Access::Create).map_err(fail("creating"))?;
    file.set_len(end).map_err(fail("writing"))?;
    let put = |offset, bytes: &[u8]| file.write_at(offset, bytes).map_err(fail("writing"));
    let offsets = (codes.offset, vectors.offset);
    let written = draft.write_groups(block_rows, offsets, append, put, progress)?;
    let numbers = row_ids.iter().flat_map(|row_id| row_id.1.to_le_bytes());
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
    let header = by_position(&header)?;
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
