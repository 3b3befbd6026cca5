//! Reading the rows of a part from a snapshot.

use super::lane::NewRow;
use super::ranked::inverse_norm;
use super::{Part, Shard};
use crate::error::Result;
use crate::record::Kind;
use crate::rowid::RowId;
use crate::store::{Head, Snapshot, Source, locate, missing_vector};
use crate::vector::{Mark, encode, kernels};

/// A record's row, and where its vector lies.
struct Entry {
    id: RowId,
    head: Head,
    source: Source,
    /// Position of its vector among the buffered ones, if it lies there.
    buffered: usize,
}

/// Reads the rows of a part as of a snapshot.
pub(crate) fn load(snapshot: &Snapshot, part: Part) -> Result<Shard> {
    let partitions = match part {
        Part::One(partition) => vec![partition],
        Part::All => snapshot.partitions()?,
    };
    let mut buffered = Vec::new();
    let mut entries = Vec::new();
    for partition in partitions {
        let heads = snapshot.heads(partition)?;
        let rows: Vec<u64> = heads.iter().map(|(row, _)| *row).collect();
        let mut next = buffered.len();
        let sources = locate(snapshot, partition, &rows, &mut buffered)?;
        for ((row, head), source) in heads.into_iter().zip(sources) {
            entries.push(Entry {
                id: (partition, row),
                head,
                source,
                buffered: next,
            });
            next += usize::from(source == Source::Buffer);
        }
    }
    let codes = codes(snapshot, &entries)?;
    let mut order: Vec<usize> = (0..entries.len()).collect();
    order.sort_unstable_by_key(|at| entries[*at].id.1);
    let dim = snapshot.identity.embedder.dim;
    let mut shard = Shard::new(dim, entries.len());
    let mut vector = Vec::new();
    let mut fresh = Vec::new();
    for at in order {
        let entry = &entries[at];
        let (mark, code): (Mark, &[i8]) = match entry.source {
            Source::Unknown if entry.head.kind == Kind::Message => {
                vector.clear();
                vector.resize(dim, 0.0);
                fresh.clear();
                (encode(&vector, 0.0, &mut fresh), &fresh)
            }
            Source::Unknown => return Err(missing_vector(entry.id)),
            Source::Buffer => {
                vector.clone_from(&buffered[entry.buffered]);
                fresh.clear();
                let inverse_norm = kernels::check(0, &vector, dim)?;
                let mark = encode(&vector, inverse_norm, &mut fresh);
                (mark, &fresh)
            }
            Source::Segment(number, position) => {
                let segment = snapshot.segments[number].segment()?;
                if shard.resident() {
                    vector.clear();
                    segment.vector(position, &mut vector)?;
                }
                let (first, codes) = &codes[number];
                let start = (position - first) * dim;
                (segment.mark(position)?, &codes[start..start + dim])
            }
        };
        shard.push(&NewRow {
            id: entry.id,
            head: entry.head,
            mark,
            code,
            vector: shard.resident().then_some(&vector),
            spoken: &[],
        });
    }
    Ok(shard)
}

impl Shard {
    /// A shard of some rows, in ascending order, each with its vector if it has one.
    pub(crate) fn listed<'v>(
        dim: usize,
        rows: impl ExactSizeIterator<Item = (RowId, Head, Option<&'v [f32]>)>,
    ) -> Result<Self> {
        let mut shard = Self::new(dim, rows.len());
        let (none, mut code) = (vec![0.0; dim], Vec::new());
        for (id, head, vector) in rows {
            let inverse_norm = vector.map_or(Ok(0.0), inverse_norm)?;
            let vector = vector.unwrap_or(&none);
            code.clear();
            let mark = encode(vector, inverse_norm, &mut code);
            shard.push(&NewRow {
                id,
                head,
                mark,
                code: &code,
                vector: Some(vector),
                spoken: &[],
            });
        }
        Ok(shard)
    }
}

/// Codes of each segment from the first to the last position that is needed, with the first.
fn codes(snapshot: &Snapshot, entries: &[Entry]) -> Result<Vec<(usize, Vec<i8>)>> {
    let mut needed = vec![None; snapshot.segments.len()];
    for entry in entries {
        if let Source::Segment(number, position) = entry.source {
            let (from, to) = needed[number].get_or_insert((position, position + 1));
            *from = position.min(*from);
            *to = (position + 1).max(*to);
        }
    }
    needed
        .into_iter()
        .zip(&snapshot.segments)
        .map(|(range, named)| {
            let (from, to) = range.unwrap_or((0, 0));
            Ok((from, named.segment()?.codes(from..to)?))
        })
        .collect()
}
