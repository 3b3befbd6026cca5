//! Rows of a source as puts: mapped, checked, and each id of the source once.

use std::collections::HashSet;

use arrow_array::RecordBatch;
use arrow_schema::Schema;
use memfast_core::ids::{SCOPE_IDS, brief};
use memfast_core::threads::spread;
use memfast_core::{Scope, Value, message_hash};
use rayon::prelude::*;

use crate::cell::{self, Cell};
use crate::draft::{Conflict, Draft};
use crate::error::{Error, Result};
use crate::mapping::{Mapping, Part};
use crate::pieces::Pieces;
use crate::rowset::Rowset;
use crate::vector::Vectors;
use crate::{json, parts, sizes, vector};

/// Bytes of rows that are prepared together.
const PIECE: usize = 64 << 20;

/// How the rows of a source are read.
#[derive(Debug)]
pub struct Settings {
    /// Which column holds which part.
    pub mapping: Mapping,
    /// The ids of rows that name none.
    pub scope: Scope,
    /// What happens to rows that the store holds already.
    pub conflict: Conflict,
    /// Which rows that come without a vector are given one.
    pub embeds: Embeds,
    /// Components of the vectors; 0 if the first vector sets it.
    pub dim: usize,
    /// Bytes that a row of a stream may take.
    pub max_row_bytes: usize,
}

/// Which rows that come without a vector are given one. Kept messages can do without.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Embeds {
    /// None.
    Nothing,
    /// Memories.
    Memories,
    /// Memories and kept messages.
    All,
}

impl Embeds {
    /// The choice of a name: `nothing`, `memories` or `all`.
    pub fn named(name: &str) -> Result<Self> {
        match name {
            "nothing" => Ok(Self::Nothing),
            "memories" => Ok(Self::Memories),
            "all" => Ok(Self::All),
            other => Err(Error::Invalid(format!(
                "embeds must be \"nothing\", \"memories\" or \"all\", not {:?}",
                brief(other)
            ))),
        }
    }
}

/// Turns the rows of one source into puts; an id that repeats is an error of its row.
#[derive(Debug)]
pub struct RowReader {
    settings: Settings,
    rows: u64,
    ids: HashSet<[u8; 16]>,
    left_out: u64,
}

/// A bad row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reject {
    /// Its line, or its number from 1 where the source has no lines.
    pub line: u64,
    /// What is wrong with it.
    pub reason: String,
    /// Its JSON text, where the caller does not have the row.
    pub raw: Option<String>,
}

/// Rows that were read together.
#[derive(Debug, Default)]
pub struct Batch {
    /// How many, with the bad ones.
    pub rows: usize,
    /// The bad ones.
    pub rejects: Vec<Reject>,
    /// The good ones.
    pub ready: Rowset,
}

impl Batch {
    /// An empty batch with room for rows.
    #[must_use]
    pub fn with_capacity(rows: usize) -> Self {
        let mut batch = Self::default();
        batch.ready.reserve(rows);
        batch
    }
}

impl RowReader {
    /// Reads a source.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] if an id of the settings' scope cannot own a memory.
    pub fn new(mut settings: Settings) -> Result<Self> {
        let scope = &mut settings.scope;
        let ids = [&mut scope.user_id, &mut scope.agent_id, &mut scope.run_id];
        for (name, id) in SCOPE_IDS.into_iter().zip(ids) {
            if let Some(id) = id {
                let cell = Cell::Value(Value::Text(std::mem::take(id)));
                *id = parts::scope_id(cell, name).map_err(Error::Invalid)?;
            }
        }
        Ok(Self {
            settings,
            rows: 0,
            ids: HashSet::new(),
            left_out: 0,
        })
    }

    /// Metadata keys that were left out so far because they name an identity.
    #[must_use]
    pub fn left_out(&self) -> u64 {
        self.left_out
    }

    /// Bytes that a row may take.
    #[must_use]
    pub fn max_row_bytes(&self) -> usize {
        self.settings.max_row_bytes
    }

    /// The part that a column holds.
    #[must_use]
    pub fn part(&self, column: &str) -> Part {
        self.settings.mapping.part(column)
    }

    /// Checks that each mapped column has a type that a memory can hold.
    pub fn check(&self, schema: &Schema) -> Result<()> {
        for field in schema.fields() {
            let kind = field.data_type();
            if self.part(field.name()) != Part::Nothing && !cell::is_readable(kind) {
                return Err(Error::Invalid(format!(
                    "column {:?} is of type {kind}, which a memory cannot hold; cast it, or name \
                     the columns that become metadata with columns={{\"metadata\": [...]}}",
                    brief(field.name())
                )));
            }
        }
        Ok(())
    }

    /// Adds a row to a batch: to its good rows, or with the reason to its bad ones. Without a `line`
    /// the row counts by its number.
    pub fn push(
        &mut self,
        line: Option<u64>,
        draft: Result<Draft, String>,
        raw: impl FnOnce() -> Option<String>,
        batch: &mut Batch,
    ) {
        self.rows += 1;
        batch.rows += 1;
        let line = line.unwrap_or(self.rows);
        let finished = draft.and_then(|draft| self.finish(draft, line, &mut batch.ready));
        if let Err(reason) = finished {
            let raw = raw();
            batch.rejects.push(Reject { line, reason, raw });
        }
    }

    fn finish(&mut self, draft: Draft, line: u64, ready: &mut Rowset) -> Result<(), String> {
        let Settings {
            scope,
            conflict,
            embeds,
            dim,
            ..
        } = &mut self.settings;
        let (put, left_out) = draft.finish(scope, *conflict, *embeds != Embeds::Nothing, dim)?;
        if let Some(id) = &put.id
            && !self.ids.insert(message_hash(id))
        {
            return Err(format!(
                "id {:?} is in the source twice; the first row counts",
                brief(id)
            ));
        }
        self.left_out += left_out;
        ready.push(put, line, *embeds == Embeds::All);
        Ok(())
    }

    /// The next rows of a stream, at most `limit` and about 64 MiB, with the vectors of a matrix
    /// beside them; `None` after the last row.
    pub fn read(
        &mut self,
        pieces: &mut Pieces,
        limit: usize,
        vectors: Option<Vectors<'_>>,
    ) -> Result<Option<Batch>> {
        let mut out = Batch::default();
        let mut room = PIECE;
        while out.rows < limit {
            let next = pieces.next(limit - out.rows, room, out.rows == 0)?;
            let Some((batch, bytes)) = next else { break };
            if batch.num_rows() == 0 {
                break;
            }
            room = room.saturating_sub(bytes);
            self.read_batch(&batch, vectors, &mut out);
        }
        Ok((out.rows > 0).then_some(out))
    }

    fn read_batch(&mut self, batch: &RecordBatch, vectors: Option<Vectors<'_>>, out: &mut Batch) {
        let schema = batch.schema();
        let parts = schema.fields().iter().map(|field| self.part(field.name()));
        let columns: Vec<_> = parts
            .zip(batch.columns())
            .filter(|(part, _)| *part != Part::Nothing)
            .collect();
        let most = self.max_row_bytes();
        let heavy = sizes::of(batch, 0, batch.num_rows()) > most;
        let too_large = |index: usize| heavy && sizes::of(batch, index, 1) > most;
        let first = out.rows;
        let draft = |index: usize| {
            if too_large(index) {
                return Err(format!(
                    "the row takes {} bytes; max_row_bytes is {most}",
                    sizes::of(batch, index, 1),
                ));
            }
            let mut draft = Draft::default();
            for (part, column) in &columns {
                if *part == Part::Vector {
                    if let Some(vector) = vector::read(column, index)? {
                        draft.vector(vector);
                    }
                } else {
                    draft.set(part, cell::cell(column, index)?)?;
                }
            }
            if let Some(vectors) = vectors {
                draft.vector(vectors.row(first + index)?);
            }
            Ok(draft)
        };
        // Cells are read on all cores; ids and dimensions depend on the rows before.
        let drafts: Vec<_> = spread(
            batch.num_rows() > 1,
            0..batch.num_rows(),
            |rows| rows.into_par_iter().map(draft).collect(),
            |rows| rows.map(draft).collect(),
        );
        out.ready.reserve(batch.num_rows());
        for (index, draft) in drafts.into_iter().enumerate() {
            let raw = || (!too_large(index)).then(|| row_text(batch, index));
            self.push(None, draft, raw, out);
        }
    }
}

/// A row of a batch as a reject file holds it.
fn row_text(batch: &RecordBatch, index: usize) -> String {
    let schema = batch.schema();
    let columns = schema.fields().iter().zip(batch.columns());
    let row = columns.map(|(field, column)| {
        let value = cell::cell(column, index).map(Cell::into_value);
        (field.name().clone(), value.unwrap_or_else(Value::Text))
    });
    json::row_text(row.collect())
}
