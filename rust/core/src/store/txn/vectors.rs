//! Where a transaction puts vectors: few into the tail, many into a segment.

use std::collections::BTreeMap;
use std::sync::Arc;

use redb::{ReadableTable, ReadableTableMetadata};

use super::super::segment::{self, Row};
use super::super::tables::Place;
use super::super::{codec, database};
use super::Txn;
use crate::error::Result;

/// A batch whose vectors take this much goes straight to a segment.
const DIRECT_BYTES: usize = 1 << 20;
/// The tail is flushed to a segment when its vectors take this much.
const TAIL_BYTES: usize = 8 << 20;

impl Txn<'_> {
    pub(super) fn put_vectors(
        &mut self,
        space: u32,
        vectors: &BTreeMap<Place, Arc<Vec<f32>>>,
    ) -> Result<()> {
        let bytes: usize = vectors.values().map(|vector| vector.len() * 4).sum();
        if bytes >= DIRECT_BYTES {
            return self.put_segment(space, vectors);
        }
        for ((partition, row), vector) in vectors {
            let bytes = segment::floats_to_bytes(vector);
            self.tail
                .insert((space, *partition, *row), bytes.as_slice())
                .map_err(database)?;
        }
        let rows = self.tail.len().map_err(database)? as usize;
        let dim = vectors.values().next().map_or(0, |vector| vector.len());
        if rows * dim * 4 >= TAIL_BYTES {
            self.flush_tail(space)
        } else {
            Ok(())
        }
    }

    /// Drops the vector of a record that is deleted; a copy in a segment dies with its row.
    pub(super) fn forget_vector(&mut self, place: Place) -> Result<()> {
        self.tail
            .remove((self.identity.space, place.0, place.1))
            .map_err(database)?;
        self.vectors.remove(&place);
        Ok(())
    }

    /// Moves the tail of a space into a segment.
    pub(crate) fn flush_tail(&mut self, space: u32) -> Result<()> {
        let mut vectors = BTreeMap::new();
        for entry in self
            .tail
            .range((space, 0, 0)..=(space, u32::MAX, u64::MAX))
            .map_err(database)?
        {
            let (place, bytes) = entry.map_err(database)?;
            let (_, partition, row) = place.value();
            let mut vector = Vec::new();
            segment::bytes_to_floats(bytes.value(), &mut vector);
            vectors.insert((partition, row), Arc::new(vector));
        }
        self.put_segment(space, &vectors)
    }

    fn put_segment(&mut self, space: u32, vectors: &BTreeMap<Place, Arc<Vec<f32>>>) -> Result<()> {
        let Some(dim) = vectors.values().next().map(|vector| vector.len()) else {
            return Ok(());
        };
        let rows: Vec<Row<'_>> = vectors
            .iter()
            .map(|((partition, row), vector)| Row {
                partition: *partition,
                number: *row,
                vector,
            })
            .collect();
        let number = self.counters.segment;
        self.counters.segment += 1;
        let entry = segment::write(self.io, self.vectors_dir, number, space, dim, &rows)?;
        self.segments
            .insert(number, codec::to_bytes(&entry)?.as_slice())
            .map_err(database)?;
        // The tail is read as newer than any segment, so it must not keep a copy of these rows.
        if self.tail.is_empty().map_err(database)? {
            return Ok(());
        }
        for (partition, row) in vectors.keys() {
            self.tail
                .remove((space, *partition, *row))
                .map_err(database)?;
        }
        Ok(())
    }
}
