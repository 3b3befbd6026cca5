//! A stream of record batches, read in pieces of any size.

use arrow_array::{RecordBatch, RecordBatchReader};
use arrow_schema::{ArrowError, SchemaRef};

use crate::sizes;

/// A stream of record batches, read in pieces of any size.
pub struct Pieces {
    reader: Box<dyn RecordBatchReader + Send>,
    held: Option<RecordBatch>,
    taken: usize,
}

impl Pieces {
    /// Reads a stream.
    #[must_use]
    pub fn new(reader: Box<dyn RecordBatchReader + Send>) -> Self {
        Self {
            reader,
            held: None,
            taken: 0,
        }
    }

    /// The columns.
    #[must_use]
    pub fn schema(&self) -> SchemaRef {
        self.reader.schema()
    }

    /// Bytes of the rows read so far; a text that several rows share counts in each.
    #[must_use]
    pub fn taken(&self) -> usize {
        self.taken
    }

    /// The next rows and their bytes: at most `limit` rows that fit into `room` bytes; with `must`
    /// the first row even if it does not fit. `None` after the last row; no rows if the first does
    /// not fit.
    pub(crate) fn next(
        &mut self,
        limit: usize,
        room: usize,
        must: bool,
    ) -> Result<Option<(RecordBatch, usize)>, ArrowError> {
        let batch = loop {
            let batch = match self.held.take() {
                Some(batch) => batch,
                None => match self.reader.next() {
                    Some(batch) => batch?,
                    None => return Ok(None),
                },
            };
            if batch.num_rows() > 0 {
                break batch;
            }
        };
        let (rows, bytes) = sizes::fitting(&batch, limit, room, must);
        self.taken = self.taken.saturating_add(bytes);
        if rows < batch.num_rows() {
            self.held = Some(batch.slice(rows, batch.num_rows() - rows));
        }
        Ok(Some((batch.slice(0, rows), bytes)))
    }
}
