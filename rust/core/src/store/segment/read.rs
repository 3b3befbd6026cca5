//! Reading a segment.

use std::io;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};

use xxhash_rust::xxh3::xxh3_64_with_seed;

use super::{HEAD, Header, MAGIC, MAX_HEADER, Section, SectionKind, block_checksum, file_name};
use crate::error::{Error, Result};
use crate::io::{Access, Io, IoFile};
use crate::store::stored::from_position;
use crate::store::vectors::SegmentEntry;
use crate::vector::{MARK_BYTES, Mark};

/// An open segment: its header and directory are checked and held, the rest is read on demand.
#[derive(Debug)]
pub(crate) struct Segment {
    path: PathBuf,
    file: Arc<dyn IoFile>,
    header: Header,
    directory: Vec<(u32, u64, u64)>,
    rows: OnceLock<Vec<u64>>,
    marks: OnceLock<Vec<u8>>,
    code_sums: OnceLock<Vec<u8>>,
    vector_sums: OnceLock<Vec<u8>>,
    /// Blocks of vectors whose checksum held since the segment was opened.
    checked: Vec<AtomicBool>,
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
        let failed = |problem| {
            let (path, damaged) = (path.clone(), &damaged);
            move |source: io::Error| {
                if source.kind() == io::ErrorKind::UnexpectedEof {
                    damaged(problem)
                } else {
                    Error::Read { path, source }
                }
            }
        };
        let mut head = [0; HEAD];
        file.read_at(0, &mut head)
            .map_err(failed("the file is shorter than its head"))?;
        let (magic, rest) = head.split_at(MAGIC.len());
        let len = rest
            .first_chunk()
            .map_or(0, |bytes| u32::from_le_bytes(*bytes)) as usize;
        if magic != MAGIC || len > MAX_HEADER {
            return Err(damaged("offset 0 holds no segment head"));
        }
        let mut bytes = vec![0; len];
        file.read_at(HEAD as u64, &mut bytes)
            .map_err(failed("the header is cut off"))?;
        if xxh3_64_with_seed(&bytes, number) != entry.header {
            return Err(damaged(
                "the header at offset 20 does not match the catalogue",
            ));
        }
        let header: Header = from_position(&bytes, "segment header")?;
        let blocks = header.rows.div_ceil(u64::from(header.block_rows.max(1)));
        let mut segment = Self {
            path,
            file,
            header,
            directory: Vec::new(),
            rows: OnceLock::new(),
            marks: OnceLock::new(),
            code_sums: OnceLock::new(),
            vector_sums: OnceLock::new(),
            checked: (0..blocks).map(|_| AtomicBool::new(false)).collect(),
        };
        let directory = segment.section(SectionKind::Directory)?;
        segment.directory = from_position(&directory, "segment directory")?;
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
        match self.file.read_at(offset, &mut bytes) {
            Ok(()) => Ok(bytes),
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => {
                Err(self.damaged(format!("{len} bytes at offset {offset}: {error}")))
            }
            Err(source) => Err(Error::Read {
                path: self.path.clone(),
                source,
            }),
        }
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

    fn held<'a>(&'a self, cell: &'a OnceLock<Vec<u8>>, kind: SectionKind) -> Result<&'a [u8]> {
        if let Some(bytes) = cell.get() {
            return Ok(bytes);
        }
        let bytes = self.section(kind)?;
        Ok(cell.get_or_init(|| bytes))
    }

    pub(crate) fn dim(&self) -> usize {
        self.header.dim as usize
    }

    /// Positions of a partition's rows; empty if it has none here.
    pub(crate) fn extent(&self, partition: u32) -> Range<usize> {
        self.directory
            .binary_search_by_key(&partition, |(partition, ..)| *partition)
            .map_or(0..0, |at| {
                let (_, start, count) = self.directory[at];
                start as usize..(start + count) as usize
            })
    }

    /// Row numbers of all positions; ascending inside an extent.
    pub(crate) fn rows(&self) -> Result<&[u64]> {
        if let Some(rows) = self.rows.get() {
            return Ok(rows);
        }
        let bytes = self.section(SectionKind::Rows)?;
        let rows: Vec<u64> = bytes
            .as_chunks::<8>()
            .0
            .iter()
            .map(|number| u64::from_le_bytes(*number))
            .collect();
        if rows.len() as u64 != self.header.rows {
            return Err(self.damaged("the rows are not as many as the header says".to_owned()));
        }
        Ok(self.rows.get_or_init(|| rows))
    }

    /// Position of a record's vector; `None` if it is not here.
    pub(crate) fn position(&self, partition: u32, row: u64) -> Result<Option<usize>> {
        let extent = self.extent(partition);
        let rows = self.rows()?;
        let found = rows
            .get(extent.clone())
            .and_then(|rows| rows.binary_search(&row).ok());
        Ok(found.map(|at| extent.start + at))
    }

    pub(crate) fn mark(&self, position: usize) -> Result<Mark> {
        let marks = self.held(&self.marks, SectionKind::Marks)?;
        let mark = marks.as_chunks::<MARK_BYTES>().0.get(position);
        mark.map(Mark::from_bytes)
            .ok_or_else(|| self.damaged(format!("row {position} has no mark")))
    }

    /// Codes of a range of positions, with every block they touch checked.
    pub(crate) fn codes(&self, range: Range<usize>) -> Result<Vec<i8>> {
        let sums = self.held(&self.code_sums, SectionKind::CodeBlocks)?;
        let bytes = self.blocks(SectionKind::Codes, sums, self.dim(), range)?;
        Ok(bytes.into_iter().map(u8::cast_signed).collect())
    }

    /// Vectors of a range of positions, with every block they touch checked.
    pub(crate) fn vectors(&self, range: Range<usize>) -> Result<Vec<f32>> {
        let sums = self.held(&self.vector_sums, SectionKind::VectorBlocks)?;
        let bytes = self.blocks(SectionKind::Vectors, sums, self.dim() * 4, range)?;
        let mut vectors = Vec::new();
        super::bytes_to_floats(&bytes, &mut vectors);
        Ok(vectors)
    }

    /// Appends the vector at a position. Its block is checked at the first use.
    pub(crate) fn vector(&self, position: usize, out: &mut Vec<f32>) -> Result<()> {
        let block = position / self.header.block_rows.max(1) as usize;
        let checked = self.checked.get(block);
        if checked.is_none_or(|checked| !checked.load(Ordering::Relaxed)) {
            out.extend(self.vectors(position..position + 1)?);
            if let Some(checked) = checked {
                checked.store(true, Ordering::Relaxed);
            }
            return Ok(());
        }
        let row_bytes = self.dim() as u64 * 4;
        let section = self.find(SectionKind::Vectors)?;
        let bytes = self.read(section.offset + position as u64 * row_bytes, row_bytes)?;
        super::bytes_to_floats(&bytes, out);
        Ok(())
    }

    fn blocks(
        &self,
        kind: SectionKind,
        sums: &[u8],
        row_bytes: usize,
        range: Range<usize>,
    ) -> Result<Vec<u8>> {
        if range.is_empty() {
            return Ok(Vec::new());
        }
        let block_rows = self.header.block_rows.max(1) as usize;
        let first = range.start / block_rows * block_rows;
        let last = (range.end.next_multiple_of(block_rows)).min(self.header.rows as usize);
        if range.end > last {
            return Err(self.damaged("the directory points past the rows".to_owned()));
        }
        let section = self.find(kind)?;
        let mut bytes = self.read(
            section.offset + (first * row_bytes) as u64,
            ((last - first) * row_bytes) as u64,
        )?;
        let sums = sums.as_chunks::<8>().0;
        let blocks = bytes.chunks(block_rows * row_bytes);
        for (block, bytes) in (first / block_rows..).zip(blocks) {
            let want = sums.get(block).map(|sum| u64::from_le_bytes(*sum));
            if want != Some(block_checksum(self.header.segment, block as u64, bytes)) {
                return Err(self.damaged(format!("block {block} of {kind:?} has a wrong checksum")));
            }
        }
        bytes.truncate((range.end - first) * row_bytes);
        bytes.drain(..(range.start - first) * row_bytes);
        Ok(bytes)
    }
}
