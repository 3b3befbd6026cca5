//! Where a transaction puts vectors: few into the write buffer, many into a segment.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use redb::{ReadableTable, ReadableTableMetadata, Table};

use super::super::compact::Compaction;
use super::super::database;
use super::super::segment::{self, Draft};
use super::super::stored::Stored;
use super::super::tables::{Place, SegmentEntry};
use crate::error::Result;
use crate::io::Io;

/// A batch whose vectors take this much goes straight to a segment.
const DIRECT_BYTES: usize = 1 << 20;
/// A commit flushes the write buffer itself when its vectors take this much: it is flushed in the background
/// long before.
const BUFFER_BYTES: usize = 32 << 20;

/// Vectors by place, in order.
pub(crate) type Vectors = BTreeMap<Place, Arc<Vec<f32>>>;

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
    pub(super) fn forget(&mut self, space: u32, place: Place) -> Result<()> {
        self.buffer
            .remove((space, place.0, place.1))
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
            let (place, bytes) = entry.map_err(database)?;
            let (_, partition, row) = place.value();
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
        for (place, vector) in &done.flushed {
            let place = (space, place.0, place.1);
            let same = match self.buffer.get(place).map_err(database)? {
                Some(bytes) => *bytes.value() == **vector,
                None => false,
            };
            // Another vector came since; it must be read before the one in the segment.
            if same {
                self.buffer.remove(place).map_err(database)?;
            }
        }
        Ok(())
    }

    fn put_segment(&mut self, space: u32, next_segment: &mut u64, vectors: &Vectors) -> Result<()> {
        let Some(dim) = vectors.values().next().map(|vector| vector.len()) else {
            return Ok(());
        };
        let places: Vec<Place> = vectors.keys().copied().collect();
        let number = *next_segment;
        *next_segment += 1;
        let draft = Draft {
            number,
            space,
            dim,
            places: &places,
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
        for place in vectors.keys() {
            self.forget(space, *place)?;
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
