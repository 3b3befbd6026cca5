//! Vectors: few go into the write buffer, many into a segment.

use std::collections::{BTreeMap, HashMap};
use std::path::Path;
use std::sync::Arc;

use redb::{ReadableTable, ReadableTableMetadata, Table, TableDefinition};

use super::compact::Compaction;
use super::database;
use super::segment::{self, Draft};
use super::snapshot::Snapshot;
use super::stored::{Stored, stored};
use crate::error::{Error, Result};
use crate::io::Io;
use crate::record::Kind;
use crate::rowid::RowId;

/// Vectors not yet in a segment, by space and row id: little-endian f32.
pub(super) const WRITE_BUFFER: TableDefinition<(u32, u32, u64), &[u8]> =
    TableDefinition::new("write_buffer");
/// Segment number to its `SegmentEntry`. Bytes of a segment that is not here are garbage.
pub(super) const SEGMENTS: TableDefinition<u64, &[u8]> = TableDefinition::new("segments");
/// Number of a segment that is no longer named, while its file may be there, to the checksum of its
/// header. Files that are neither here nor named may be another database's.
pub(super) const DROPPED: TableDefinition<u64, u64> = TableDefinition::new("dropped");

/// A segment as the catalogue knows it.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct SegmentEntry {
    pub(crate) space: u32,
    pub(crate) dim: u32,
    pub(crate) rows: u64,
    pub(crate) bytes: u64,
    /// Checksum of the segment's header, which holds those of all sections.
    pub(crate) header: u64,
}

stored!(
    SegmentEntry,
    "segment entry",
    SegmentEntry { space, dim, rows, bytes, header },
    { 1 => space: u32, 2 => dim: u32, 3 => rows: u64, 4 => bytes: u64, 5 => header: u64 }
);

/// A batch whose vectors take this much goes straight to a segment.
const DIRECT_BYTES: usize = 1 << 20;
/// A commit flushes the write buffer itself when its vectors take this much: it is flushed in the background
/// long before.
const BUFFER_BYTES: usize = 32 << 20;

/// Vectors by row id, in order.
pub(crate) type Vectors = BTreeMap<RowId, Arc<Vec<f32>>>;

/// The tables of vectors, and where segments are written.
pub(super) struct VectorTables<'a, 't> {
    pub(super) buffer: &'a mut Table<'t, (u32, u32, u64), &'static [u8]>,
    pub(super) segments: &'a mut Table<'t, u64, &'static [u8]>,
    pub(super) dropped: &'a mut Table<'t, u64, u64>,
    pub(super) io: &'t dyn Io,
    pub(super) dir: &'t Path,
}

impl VectorTables<'_, '_> {
    pub(super) fn put(
        &mut self,
        space: u32,
        next_segment: &mut u64,
        vectors: &Vectors,
    ) -> Result<()> {
        let bytes: usize = vectors.values().map(|vector| vector.len() * 4).sum();
        if bytes >= DIRECT_BYTES {
            return self.put_segment(space, next_segment, vectors);
        }
        for ((partition, row), vector) in vectors {
            let bytes = segment::floats_to_bytes(vector);
            self.buffer
                .insert((space, *partition, *row), bytes.as_slice())
                .map_err(database)?;
        }
        let rows = self.buffer.len().map_err(database)? as usize;
        let dim = vectors.values().next().map_or(0, |vector| vector.len());
        if rows * dim * 4 >= BUFFER_BYTES {
            self.flush(space, next_segment)
        } else {
            Ok(())
        }
    }

    /// Whether the write buffer may hold vectors of a partition.
    pub(super) fn buffers(&self, space: u32, partition: u32) -> Result<bool> {
        let range = (space, partition, 0)..=(space, partition, u64::MAX);
        Ok(self.buffer.range(range).map_err(database)?.next().is_some())
    }

    /// Drops the vector of a record that is deleted; a copy in a segment dies with its row.
    pub(super) fn forget(&mut self, space: u32, row_id: RowId) -> Result<()> {
        self.buffer
            .remove((space, row_id.0, row_id.1))
            .map_err(database)?;
        Ok(())
    }

    /// Moves the write buffer of a space into a segment.
    pub(super) fn flush(&mut self, space: u32, next_segment: &mut u64) -> Result<()> {
        let mut vectors = Vectors::new();
        for entry in self
            .buffer
            .range((space, 0, 0)..=(space, u32::MAX, u64::MAX))
            .map_err(database)?
        {
            let (row_id, bytes) = entry.map_err(database)?;
            let (_, partition, row) = row_id.value();
            let mut vector = Vec::new();
            segment::bytes_to_floats(bytes.value(), &mut vector);
            vectors.insert((partition, row), Arc::new(vector));
        }
        self.put_segment(space, next_segment, &vectors)
    }

    /// Names a segment that was written outside of the transaction, and takes from the write buffer
    /// what it holds of it.
    pub(super) fn compact(&mut self, space: u32, done: &Compaction) -> Result<()> {
        self.drop_segments(&done.merged)?;
        if let Some((number, entry)) = &done.written {
            self.segments
                .insert(*number, entry.to_bytes()?.as_slice())
                .map_err(database)?;
        }
        for (row_id, vector) in &done.flushed {
            let row_id = (space, row_id.0, row_id.1);
            let same = match self.buffer.get(row_id).map_err(database)? {
                Some(bytes) => *bytes.value() == **vector,
                None => false,
            };
            // Another vector came since; it must be read before the one in the segment.
            if same {
                self.buffer.remove(row_id).map_err(database)?;
            }
        }
        Ok(())
    }

    fn put_segment(&mut self, space: u32, next_segment: &mut u64, vectors: &Vectors) -> Result<()> {
        let Some(dim) = vectors.values().next().map(|vector| vector.len()) else {
            return Ok(());
        };
        let row_ids: Vec<RowId> = vectors.keys().copied().collect();
        let number = *next_segment;
        *next_segment += 1;
        let draft = Draft {
            number,
            space,
            dim,
            row_ids: &row_ids,
            parallel: true,
        };
        let rows: Vec<&[f32]> = vectors.values().map(|vector| vector.as_slice()).collect();
        let append = |at: usize, out: &mut Vec<f32>| {
            out.extend_from_slice(rows[at]);
            Ok(())
        };
        let entry = segment::write(self.io, self.dir, &draft, append, |_| ())?;
        self.segments
            .insert(number, entry.to_bytes()?.as_slice())
            .map_err(database)?;
        // The write buffer is read as newer than any segment, so it must not keep a copy of these rows.
        if self.buffer.is_empty().map_err(database)? {
            return Ok(());
        }
        for row_id in vectors.keys() {
            self.forget(space, *row_id)?;
        }
        Ok(())
    }

    /// Drops the vectors of a space.
    pub(super) fn drop_space(&mut self, space: u32) -> Result<()> {
        self.buffer
            .retain_in((space, 0, 0)..=(space, u32::MAX, u64::MAX), |_, _| false)
            .map_err(database)?;
        let mut dropped = Vec::new();
        for entry in self.segments.range::<u64>(..).map_err(database)? {
            let (number, bytes) = entry.map_err(database)?;
            let entry = SegmentEntry::read(bytes.value())?;
            if entry.space == space {
                dropped.push(number.value());
            }
        }
        self.drop_segments(&dropped)
    }

    /// Names segments no longer, and notes them until their files are gone.
    fn drop_segments(&mut self, numbers: &[u64]) -> Result<()> {
        let (io, dir) = (self.io, self.dir);
        // Where it cannot be found out, the note stays.
        let gone = |number| matches!(io.exists(&dir.join(segment::file_name(number))), Ok(false));
        self.dropped
            .retain(|number, _| !gone(number))
            .map_err(database)?;
        for number in numbers {
            let entry = self.segments.remove(*number).map_err(database)?;
            if let Some(bytes) = entry {
                let entry = SegmentEntry::read(bytes.value())?;
                self.dropped
                    .insert(*number, entry.header)
                    .map_err(database)?;
            }
        }
        Ok(())
    }
}

/// All segments of a commit, oldest first.
pub(super) fn segments(
    table: &impl ReadableTable<u64, &'static [u8]>,
) -> Result<Vec<(u64, SegmentEntry)>> {
    let mut segments = Vec::new();
    for entry in table.iter().map_err(database)? {
        let (number, bytes) = entry.map_err(database)?;
        segments.push((number.value(), SegmentEntry::read(bytes.value())?));
    }
    Ok(segments)
}

/// Segments that the store dropped, with the checksums of their headers.
pub(super) fn dropped(table: &impl ReadableTable<u64, u64>) -> Result<HashMap<u64, u64>> {
    let mut dropped = HashMap::new();
    for entry in table.iter().map_err(database)? {
        let (number, header) = entry.map_err(database)?;
        dropped.insert(number.value(), header.value());
    }
    Ok(dropped)
}

impl Snapshot {
    /// All vectors in the write buffer as they are stored, in order of their row ids.
    pub(crate) fn all_buffered(&self) -> Result<Vec<(RowId, Vec<u8>)>> {
        let space = self.identity.space;
        let range = (space, 0, 0)..=(space, u32::MAX, u64::MAX);
        let mut vectors = Vec::new();
        for entry in self.tables.write_buffer.range(range).map_err(database)? {
            let (row_id, bytes) = entry.map_err(database)?;
            let (_, partition, row) = row_id.value();
            vectors.push(((partition, row), bytes.value().to_vec()));
        }
        Ok(vectors)
    }

    /// Vectors of a partition in the write buffer, in row order.
    pub(crate) fn buffered(&self, partition: u32) -> Result<Vec<(u64, Vec<f32>)>> {
        let space = self.identity.space;
        let mut vectors = Vec::new();
        let range = (space, partition, 0)..=(space, partition, u64::MAX);
        for entry in self.tables.write_buffer.range(range).map_err(database)? {
            let (row_id, bytes) = entry.map_err(database)?;
            let mut vector = Vec::with_capacity(bytes.value().len() / 4);
            segment::bytes_to_floats(bytes.value(), &mut vector);
            vectors.push((row_id.value().2, vector));
        }
        Ok(vectors)
    }

    /// Reads the vector of the record with a row id into `out`.
    pub(crate) fn vector(&self, row_id: RowId, out: &mut Vec<f32>) -> Result<()> {
        if self.find_vector(row_id, out)? {
            Ok(())
        } else {
            Err(missing_vector(row_id))
        }
    }

    /// The same, but `false` for a kept message that has none.
    pub(crate) fn vector_if_any(&self, row_id: RowId, out: &mut Vec<f32>) -> Result<bool> {
        if self.find_vector(row_id, out)? {
            return Ok(true);
        }
        match self.head(row_id)? {
            Some(head) if head.kind == Kind::Message => Ok(false),
            _ => Err(missing_vector(row_id)),
        }
    }

    /// The same, but `false` where there is none. One may outlast its record.
    pub(crate) fn find_vector(&self, (partition, row): RowId, out: &mut Vec<f32>) -> Result<bool> {
        out.clear();
        let row_id = (self.identity.space, partition, row);
        if self.buffer_len > 0
            && let Some(bytes) = self.tables.write_buffer.get(row_id).map_err(database)?
        {
            segment::bytes_to_floats(bytes.value(), out);
            return Ok(true);
        }
        for named in self.segments.iter().rev() {
            let segment = named.segment()?;
            if let Some(position) = segment.position(partition, row)? {
                segment.vector(position, out)?;
                return Ok(true);
            }
        }
        Ok(false)
    }
}

/// A memory without a vector.
pub(crate) fn missing_vector((partition, row): RowId) -> Error {
    Error::Corrupt {
        path: "vectors".into(),
        problem: format!("the vector of row {row} in partition {partition} is missing"),
    }
}
