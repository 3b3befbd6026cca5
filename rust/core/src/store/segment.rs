//! Vector segments: immutable files of f32 rows, those of a partition together.
//!
//! A file is a fixed head (magic, header length, header checksum), a postcard header that lists
//! the sections, and the sections, each starting at a multiple of 64 bytes. The section list is
//! open: int8 codes and their scales join it as further kinds. Vectors are checked in blocks, so
//! that a part of the file can be read without the rest; every checksum is seeded with the
//! segment's number and the block's position, which also shows a block that lies in a wrong place.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use xxhash_rust::xxh3::xxh3_64_with_seed;

use super::codec;
use super::io::{Access, Io, IoFile};
use super::tables::SegmentEntry;
use crate::error::{Error, Result};

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
    /// The vectors, f32.
    Vectors,
    /// Checksum of each block of vectors, u64.
    Blocks,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Section {
    kind: SectionKind,
    offset: u64,
    len: u64,
    /// Checksum of the section; 0 for the vectors, whose blocks have their own.
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

/// A vector and where its record lies.
pub(crate) struct Row<'a> {
    pub(crate) partition: u32,
    pub(crate) number: u64,
    pub(crate) vector: &'a [f32],
}

/// Rows of one partition: row numbers, ascending, and their vectors.
#[derive(Debug, Default)]
pub(crate) struct Extent {
    pub(crate) rows: Vec<u64>,
    pub(crate) vectors: Vec<f32>,
}

pub(crate) fn floats_to_bytes(floats: &[f32]) -> Vec<u8> {
    floats
        .iter()
        .flat_map(|value| value.to_le_bytes())
        .collect()
}

pub(crate) fn bytes_to_floats(bytes: &[u8], out: &mut Vec<f32>) {
    let (chunks, _) = bytes.as_chunks::<4>();
    out.extend(chunks.iter().map(|chunk| f32::from_le_bytes(*chunk)));
}

/// File name of a segment.
pub(crate) fn file_name(segment: u64) -> String {
    format!("{segment:08}.seg")
}

/// Writes a segment and makes it durable. `rows` are in order of partition and row.
pub(crate) fn write(
    io: &dyn Io,
    dir: &Path,
    segment: u64,
    space: u32,
    dim: usize,
    rows: &[Row<'_>],
) -> Result<SegmentEntry> {
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
    for (index, row) in (0u64..).zip(rows) {
        match directory.last_mut() {
            Some((partition, _, count)) if *partition == row.partition => *count += 1,
            _ => directory.push((row.partition, index, 1)),
        }
    }
    let row_bytes = dim * 4;
    let block_rows = (BLOCK_BYTES / row_bytes).max(1);
    let directory = codec::to_bytes(&directory)?;
    let numbers: Vec<u8> = rows
        .iter()
        .flat_map(|row| row.number.to_le_bytes())
        .collect();
    let vectors: Vec<u8> = rows
        .iter()
        .flat_map(|row| row.vector.iter().flat_map(|value| value.to_le_bytes()))
        .collect();
    let blocks: Vec<u8> = (0u64..)
        .zip(vectors.chunks(block_rows * row_bytes))
        .flat_map(|(index, block)| block_checksum(segment, index, block).to_le_bytes())
        .collect();

    let parts = [
        (SectionKind::Directory, directory),
        (SectionKind::Rows, numbers),
        (SectionKind::Blocks, blocks),
        (SectionKind::Vectors, vectors),
    ];
    // The header's length must be known before the offsets are, so it gets a place of fixed size.
    let mut offset = ALIGN * 8;
    let mut sections = Vec::new();
    for (kind, bytes) in &parts {
        let checksum = if *kind == SectionKind::Vectors {
            0
        } else {
            xxh3_64_with_seed(bytes, segment)
        };
        sections.push(Section {
            kind: *kind,
            offset,
            len: bytes.len() as u64,
            checksum,
        });
        offset = (offset + bytes.len() as u64).next_multiple_of(ALIGN);
    }
    let header = Header {
        segment,
        dim: dim as u32,
        rows: rows.len() as u64,
        block_rows: block_rows as u32,
        sections,
    };
    let header_bytes = codec::to_bytes(&header)?;
    let header_checksum = xxh3_64_with_seed(&header_bytes, segment);
    let mut head = MAGIC.to_vec();
    head.extend((header_bytes.len() as u32).to_le_bytes());
    head.extend(header_checksum.to_le_bytes());
    head.extend(header_bytes);

    let file = io.open(&path, Access::Write).map_err(fail("creating"))?;
    // A file of this number can only be what a crash left behind.
    file.set_len(0).map_err(fail("writing"))?;
    file.set_len(offset).map_err(fail("writing"))?;
    file.write_at(0, &head).map_err(fail("writing"))?;
    for (section, (_, bytes)) in header.sections.iter().zip(&parts) {
        file.write_at(section.offset, bytes)
            .map_err(fail("writing"))?;
    }
    file.sync().map_err(fail("syncing"))?;
    io.sync_dir(dir).map_err(fail("syncing the directory of"))?;
    Ok(SegmentEntry {
        space,
        dim: dim as u32,
        rows: rows.len() as u64,
        bytes: offset,
        header: header_checksum,
    })
}

fn block_checksum(segment: u64, block: u64, bytes: &[u8]) -> u64 {
    xxh3_64_with_seed(bytes, segment.rotate_left(32) ^ block)
}

/// An open segment: its header and directory are checked and held, the rest is read on demand.
#[derive(Debug)]
pub(crate) struct Segment {
    path: PathBuf,
    file: Arc<dyn IoFile>,
    header: Header,
    directory: Vec<(u32, u64, u64)>,
}

impl Segment {
    pub(crate) fn open(io: &dyn Io, dir: &Path, number: u64, entry: &SegmentEntry) -> Result<Self> {
        let path = dir.join(file_name(number));
        let file = io.open(&path, Access::Read).map_err(|source| Error::Io {
            path: path.clone(),
            action: "opening",
            source,
        })?;
        let damaged = |problem: &str| Error::Corrupt {
            path: path.clone(),
            problem: problem.to_owned(),
        };
        let mut head = [0; HEAD];
        file.read_at(0, &mut head)
            .map_err(|_| damaged("the file is shorter than its head"))?;
        let (magic, rest) = head.split_at(MAGIC.len());
        let len = rest
            .first_chunk()
            .map_or(0, |bytes| u32::from_le_bytes(*bytes)) as usize;
        if magic != MAGIC || len > MAX_HEADER {
            return Err(damaged("offset 0 holds no segment head"));
        }
        let mut bytes = vec![0; len];
        file.read_at(HEAD as u64, &mut bytes)
            .map_err(|_| damaged("the header is cut off"))?;
        if xxh3_64_with_seed(&bytes, number) != entry.header {
            return Err(damaged(
                "the header at offset 20 does not match the catalogue",
            ));
        }
        let header: Header = codec::from_bytes(&bytes, "segment header")?;
        let mut segment = Self {
            path,
            file,
            header,
            directory: Vec::new(),
        };
        let directory = segment.section(SectionKind::Directory)?;
        segment.directory = codec::from_bytes(&directory, "segment directory")?;
        Ok(segment)
    }

    fn damaged(&self, problem: String) -> Error {
        Error::Corrupt {
            path: self.path.clone(),
            problem,
        }
    }

    fn find(&self, kind: SectionKind) -> Result<&Section> {
        let found = self
            .header
            .sections
            .iter()
            .find(|section| section.kind == kind);
        found.ok_or_else(|| self.damaged(format!("section {kind:?} is missing")))
    }

    fn read(&self, offset: u64, len: u64) -> Result<Vec<u8>> {
        // Lengths come from a header whose checksum held.
        let mut bytes = vec![0; len as usize];
        self.file
            .read_at(offset, &mut bytes)
            .map_err(|error| self.damaged(format!("{len} bytes at offset {offset}: {error}")))?;
        Ok(bytes)
    }

    fn section(&self, kind: SectionKind) -> Result<Vec<u8>> {
        let section = self.find(kind)?;
        let bytes = self.read(section.offset, section.len)?;
        if xxh3_64_with_seed(&bytes, self.header.segment) != section.checksum {
            return Err(self.damaged(format!(
                "the checksum of {kind:?} at offset {} is wrong",
                section.offset
            )));
        }
        Ok(bytes)
    }

    /// All rows of a partition, with every block they touch checked.
    pub(crate) fn extent(&self, partition: u32) -> Result<Extent> {
        let Ok(at) = self
            .directory
            .binary_search_by_key(&partition, |(partition, ..)| *partition)
        else {
            return Ok(Extent::default());
        };
        let (_, start, count) = self.directory[at];
        let numbers = self.section(SectionKind::Rows)?;
        let (numbers, _) = numbers.as_chunks::<8>();
        let rows = numbers
            .get(start as usize..(start + count) as usize)
            .ok_or_else(|| self.damaged("the directory points past the rows".to_owned()))?;
        let rows = rows
            .iter()
            .map(|number| u64::from_le_bytes(*number))
            .collect();

        let row_bytes = u64::from(self.header.dim) * 4;
        let block_rows = u64::from(self.header.block_rows).max(1);
        let section = self.find(SectionKind::Vectors)?;
        let checksums = self.section(SectionKind::Blocks)?;
        let (checksums, _) = checksums.as_chunks::<8>();
        let mut vectors = Vec::with_capacity((count * u64::from(self.header.dim)) as usize);
        for block in start / block_rows..=(start + count - 1) / block_rows {
            let first = block * block_rows;
            let last = (first + block_rows).min(self.header.rows);
            let bytes = self.read(
                section.offset + first * row_bytes,
                (last - first) * row_bytes,
            )?;
            let want = checksums
                .get(block as usize)
                .map(|sum| u64::from_le_bytes(*sum));
            if want != Some(block_checksum(self.header.segment, block, &bytes)) {
                return Err(self.damaged(format!(
                    "block {block} of the vectors, rows {first} to {last}, has a wrong checksum"
                )));
            }
            let from = (start.max(first) - first) * row_bytes;
            let to = ((start + count).min(last) - first) * row_bytes;
            bytes_to_floats(&bytes[from as usize..to as usize], &mut vectors);
        }
        Ok(Extent { rows, vectors })
    }
}
