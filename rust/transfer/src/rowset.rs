//! Rows that can be committed: the ids that the store knows are skipped, texts get their vectors.

use memfast_core::{self as core, Engine, Existing, Kind, Op, Put};

use crate::error::{Error, Result};

fn needs_vector(put: &Put, embeds_messages: bool) -> bool {
    put.vector.is_empty() && (embeds_messages || put.kind == Kind::Memory)
}

/// Rows that can be committed together.
#[derive(Debug, Default)]
pub struct Rowset {
    puts: Vec<Put>,
    /// The line of each put.
    lines: Vec<u64>,
    /// The puts whose vectors [`Rowset::give_vectors`] set.
    embedded: Vec<usize>,
    /// Whether kept messages without a vector are given one.
    embeds_messages: bool,
}

impl Rowset {
    pub(crate) fn push(&mut self, put: Put, line: u64, embeds_messages: bool) {
        self.embeds_messages = embeds_messages;
        self.puts.push(put);
        self.lines.push(line);
    }

    pub(crate) fn reserve(&mut self, rows: usize) {
        self.puts.reserve(rows);
        self.lines.reserve(rows);
    }

    /// The rows as puts.
    #[must_use]
    pub fn puts(&self) -> &[Put] {
        &self.puts
    }

    /// Drops rows whose id the store holds; returns how many. [`Rowset::commit`] would skip them
    /// too; this saves embedding them.
    pub fn leave_out_known(&mut self, engine: &Engine) -> Result<usize> {
        let ids = self.puts.iter().map(|put| match put.existing {
            Existing::Refuse | Existing::Update { .. } => "",
            Existing::KeepId | Existing::KeepText => put.id.as_deref().unwrap_or_default(),
        });
        let known = engine.holds(ids)?;
        let before = self.puts.len();
        let mut keep = known.iter().map(|known| !known);
        self.puts.retain(|_| keep.next().unwrap_or(true));
        let mut keep = known.iter().map(|known| !known);
        self.lines.retain(|_| keep.next().unwrap_or(true));
        Ok(before - self.puts.len())
    }

    /// The first texts that need a vector, at most `limit`, in order.
    #[must_use]
    pub fn texts(&self, limit: usize) -> Vec<String> {
        let bare = self
            .puts
            .iter()
            .filter(|put| needs_vector(put, self.embeds_messages));
        bare.take(limit).map(|put| put.text.clone()).collect()
    }

    /// Sets the vectors of the first texts that need one, in order.
    pub fn give_vectors<'a>(&mut self, vectors: impl IntoIterator<Item = &'a [f32]>) {
        let puts = self.puts.iter_mut().enumerate();
        let messages = self.embeds_messages;
        let bare = puts.filter(|(_, put)| needs_vector(put, messages));
        for ((index, put), vector) in bare.zip(vectors) {
            put.vector = vector.to_vec();
            self.embedded.push(index);
        }
    }

    /// Removes the vectors that [`Rowset::give_vectors`] set, so that the texts are embedded again.
    pub fn take_back_vectors(&mut self) {
        for index in self.embedded.drain(..) {
            if let Some(put) = self.puts.get_mut(index) {
                put.vector = Vec::new();
            }
        }
    }

    /// Commits the rows, which leaves none; returns how many were added and how many were skipped.
    ///
    /// # Errors
    ///
    /// [`Error::Exists`] if a row has a stored id and conflicts are errors; nothing is stored then.
    pub fn commit(&mut self, engine: &Engine, space: u32) -> Result<(usize, usize)> {
        let puts = std::mem::take(&mut self.puts);
        if puts.is_empty() {
            return Ok((0, 0));
        }
        let ids: Vec<_> = puts.iter().map(|put| put.id.clone()).collect();
        let batch = core::Write {
            ops: puts.into_iter().map(Op::Put).collect(),
            space: Some(space),
            ..core::Write::default()
        };
        let changes = engine.apply(batch).map_err(|error| {
            if let core::Error::Exists { id } = &error
                && let Some(at) = ids.iter().position(|known| known.as_ref() == Some(id))
                && let Some(line) = self.lines.get(at).copied()
            {
                return Error::Exists {
                    line,
                    id: id.clone(),
                };
            }
            Error::Engine(error)
        })?;
        let skipped = changes.iter().filter(|change| change.before.is_some());
        let skipped = skipped.count();
        Ok((changes.len() - skipped, skipped))
    }
}
