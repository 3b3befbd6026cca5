//! Lanes: what a chunk keeps of its rows, each lane for one purpose.

use super::spoken::Spoken;
use crate::rowid::RowId;
use crate::store::Head;
use crate::vector::Mark;

/// A row that is appended.
#[derive(Debug, Clone, Copy)]
pub(crate) struct NewRow<'a> {
    pub(crate) id: RowId,
    pub(crate) head: Head,
    pub(crate) mark: Mark,
    pub(crate) code: &'a [i8],
    /// Its vector; a chunk that keeps no vectors needs none.
    pub(crate) vector: Option<&'a [f32]>,
    /// What its record says, in one or more languages; a chunk that keeps no words needs none.
    pub(crate) spoken: &'a [Spoken],
}

/// What a changed row has now.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ChangedRow<'a> {
    pub(crate) head: Head,
    /// Another vector and one over its length; `None` if it stays.
    pub(crate) vector: Option<(f32, &'a [f32])>,
    /// The vector that it had; a chunk that keeps no words, or whose vector stays, needs none.
    pub(crate) before: Option<(f32, &'a [f32])>,
    /// What its record says, in one or more languages; a chunk that keeps no words needs none.
    pub(crate) spoken: &'a [Spoken],
}

/// A row that is deleted.
#[derive(Debug, Clone, Copy)]
pub(crate) struct RemovedRow<'a> {
    /// The vector that it had; a chunk that keeps no words needs none.
    pub(crate) before: Option<(f32, &'a [f32])>,
}

/// What a chunk keeps of its rows for one purpose, by position.
///
/// A chunk passes each change to all of its lanes, so they hold the same rows at all times. They are
/// read from the store with their chunk and dropped with it.
pub(super) trait Lane {
    /// Makes room for more rows.
    fn reserve(&mut self, rows: usize);
    /// Appends a row.
    fn push(&mut self, row: &NewRow<'_>);
    /// Changes the row at a position.
    fn set(&mut self, at: usize, row: &ChangedRow<'_>);
    /// Deletes the row at a position; all rows keep their positions.
    fn remove(&mut self, at: usize, row: &RemovedRow<'_>);
    /// Bytes on the heap, with the room for more rows.
    fn bytes(&self) -> usize;
}
