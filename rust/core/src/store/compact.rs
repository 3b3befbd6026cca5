//! Maintenance of the vectors beside the writer: a segment is written from a snapshot and taken up by a
//! short commit later.
//!
//! Of the copies of a vector the one in the write buffer is the newest, and then the one in the segment
//! with the highest number. A segment written here has a higher number than all segments of its
//! snapshot, and holds only copies that were the newest in it; what changed since then lies in the
//! write buffer or in a segment with a still higher number.

use super::Store;
use super::segment::{self, Draft};
use super::snapshot::Snapshot;
use super::vectors::SegmentEntry;
use crate::error::{Error, Result};
use crate::rowid::RowId;
use crate::threads::Stop;

/// Bytes of vectors in the write buffer from which it is flushed.
const BUFFER_BYTES: usize = 2 << 20;
/// Segments of about one size that are merged into one.
const ALIKE: usize = 8;
/// Segments whose rows differ by no more than this factor are of about one size.
const TIER: u64 = 4;

/// Segments to be taken up by a commit.
#[derive(Debug, Default)]
pub(crate) struct Compaction {
    pub(super) space: u32,
    pub(super) log_id: String,
    /// The new segment; `None` where none of the rows is in use any more.
    pub(super) written: Option<(u64, SegmentEntry)>,
    /// Segments whose rows it holds.
    pub(super) merged: Vec<u64>,
    /// Vectors of the write buffer that it holds.
    pub(super) flushed: Vec<(RowId, Vec<u8>)>,
}

/// Where the newest vector of a record lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Source {
    /// Not found.
    Unknown,
    /// In the write buffer.
    Buffer,
    /// Index of a segment in its snapshot, and position in it.
    Segment(usize, usize),
}

/// The newest vectors of a partition's rows, which are ascending; those in the write
/// buffer are appended to `buffered` in their order.
pub(crate) fn locate(
    snapshot: &Snapshot,
    partition: u32,
    rows: &[u64],
    buffered: &mut Vec<Vec<f32>>,
) -> Result<Vec<Source>> {
    let mut sources = vec![Source::Unknown; rows.len()];
    for (number, named) in snapshot.segments.iter().enumerate() {
        let segment = named.segment()?;
        let extent = segment.extent(partition);
        let held = segment.rows()?.get(extent.clone()).unwrap_or_default();
        let mut at = 0;
        for (position, row) in extent.zip(held) {
            while rows.get(at).is_some_and(|wanted| wanted < row) {
                at += 1;
            }
            if rows.get(at) == Some(row) {
                sources[at] = Source::Segment(number, position);
            }
        }
    }
    for (row, vector) in snapshot.buffered(partition)? {
        if let Ok(at) = rows.binary_search(&row) {
            sources[at] = Source::Buffer;
            buffered.push(vector);
        }
    }
    Ok(sources)
}

/// The segments of a snapshot that are worth merging, by their index.
pub(crate) fn worth_merging(snapshot: &Snapshot) -> Vec<usize> {
    let rows: Vec<u64> = snapshot
        .segments
        .iter()
        .map(|named| named.entry.rows)
        .collect();
    let total: u64 = rows.iter().sum();
    if total > 2 * snapshot.records_len + 1000 {
        // More than half of the rows are dead.
        return (0..rows.len()).collect();
    }
    let mut by_size: Vec<usize> = (0..rows.len()).collect();
    by_size.sort_by_key(|at| rows[*at]);
    for start in 0..by_size.len() {
        let least = rows[by_size[start]].max(1);
        let alike = by_size[start..]
            .iter()
            .take_while(|at| rows[**at] <= least * TIER)
            .count();
        if alike >= ALIKE {
            return by_size[..start + alike].to_vec();
        }
    }
    Vec::new()
}

impl Store {
    /// Moves the write buffer of a snapshot into a segment, where it is large enough or `all` is set.
    pub(crate) fn flush_buffer(
        &self,
        snapshot: &Snapshot,
        all: bool,
        reserve: impl FnOnce() -> Result<u64>,
    ) -> Result<Option<Compaction>> {
        let dim = snapshot.identity.embedder.dim;
        if snapshot.buffer_len == 0 || (!all && snapshot.buffer_len * dim * 4 < BUFFER_BYTES) {
            return Ok(None);
        }
        let buffered = snapshot.all_buffered()?;
        if buffered.is_empty() {
            return Ok(None);
        }
        let row_ids: Vec<RowId> = buffered.iter().map(|(row_id, _)| *row_id).collect();
        let number = reserve()?;
        let draft = Draft {
            number,
            space: snapshot.identity.space,
            dim,
            row_ids: &row_ids,
            parallel: false,
        };
        let append = |at: usize, out: &mut Vec<f32>| {
            segment::bytes_to_floats(&buffered[at].1, out);
            Ok(())
        };
        let entry = segment::write(&*self.io, &self.vectors_dir, &draft, append, |_| ())?;
        Ok(Some(Compaction {
            space: snapshot.identity.space,
            log_id: snapshot.identity.log_id.clone(),
            written: Some((number, entry)),
            merged: Vec::new(),
            flushed: buffered,
        }))
    }

    /// Merges segments of a snapshot, without the rows that are gone or have a newer vector;
    /// `None` if it was stopped.
    pub(crate) fn merge(
        &self,
        snapshot: &Snapshot,
        which: &[usize],
        parallel: bool,
        stop: Stop<'_>,
        reserve: impl FnOnce() -> Result<u64>,
        mut progress: impl FnMut(usize, usize),
    ) -> Result<Option<Compaction>> {
        let mut row_ids = Vec::new();
        let mut sources = Vec::new();
        for partition in snapshot.partitions()? {
            if stop() {
                return Ok(None);
            }
            let rows = snapshot.rows(partition)?;
            let found = locate(snapshot, partition, &rows, &mut Vec::new())?;
            for (row, source) in rows.into_iter().zip(found) {
                if let Source::Segment(number, position) = source
                    && which.contains(&number)
                {
                    row_ids.push((partition, row));
                    sources.push((number, position));
                }
            }
        }
        let merged = which
            .iter()
            .map(|at| snapshot.segments[*at].number)
            .collect();
        let mut done = Compaction {
            space: snapshot.identity.space,
            log_id: snapshot.identity.log_id.clone(),
            merged,
            ..Compaction::default()
        };
        if row_ids.is_empty() {
            return Ok(Some(done));
        }
        let number = reserve()?;
        let draft = Draft {
            number,
            space: snapshot.identity.space,
            dim: snapshot.identity.embedder.dim,
            row_ids: &row_ids,
            parallel,
        };
        let total = row_ids.len();
        let append = |at: usize, out: &mut Vec<f32>| {
            if stop() {
                return Err(Error::Closed);
            }
            let (number, position) = sources[at];
            let segment = snapshot.segments[number].segment()?;
            segment.vector(position, out)
        };
        let progress = |done| progress(done, total);
        let written = segment::write(&*self.io, &self.vectors_dir, &draft, append, progress);
        match written {
            Ok(entry) => {
                done.written = Some((number, entry));
                Ok(Some(done))
            }
            Err(Error::Closed) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Removes a segment that was written and not named.
    pub(crate) fn discard(&self, done: &Compaction) {
        if let Some((number, _)) = &done.written {
            // What stays behind is swept at the next open.
            let path = self.vectors_dir.join(segment::file_name(*number));
            let _ = self.io.remove(&path);
        }
    }
}
