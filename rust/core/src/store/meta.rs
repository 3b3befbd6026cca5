//! Values of the store as a whole, in the `meta` table.

use redb::{ReadableTable, Table, TableDefinition};
use serde::{Deserialize, Serialize};

use super::database;
use super::stored::{Stored, stored};
use crate::error::{Error, Result};
use crate::rowid::RowId;

/// Named values of the store as a whole: `identity`, `counters`, `reembed`.
pub(super) const META: TableDefinition<&str, &[u8]> = TableDefinition::new("meta");

/// What made the store's vectors.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Embedder {
    /// Name, such as `static`; empty where the vectors come from outside.
    pub name: String,
    /// Dimensions; 0 until the first vector is stored.
    pub dim: usize,
    /// Tells two versions of one model apart.
    pub fingerprint: String,
}

/// What the store is; JSON under `identity`.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Identity {
    /// Format of the store.
    pub format: u32,
    /// Changes when the log starts again (`reset`), so that projections notice.
    pub log_id: String,
    /// Number of the vector set that is served; `reembed` swaps in the next one.
    pub space: u32,
    /// What made the vectors of `space`.
    pub embedder: Embedder,
}

/// The next free numbers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Counters {
    pub(crate) row: u64,
    pub(crate) seq: u64,
    pub(crate) partition: u32,
    pub(crate) scope: u32,
    pub(crate) segment: u64,
}

stored!(
    Counters,
    "set of counters",
    Counters { row, seq, partition, scope, segment },
    { 1 => row: u64, 2 => seq: u64, 3 => partition: u32, 4 => scope: u32, 5 => segment: u64 }
);

impl Counters {
    /// Those of an empty store.
    pub(super) fn first() -> Self {
        // Sequence numbers start at 1, so that 0 means "before all events".
        Self {
            seq: 1,
            segment: 1,
            ..Self::default()
        }
    }
}

/// A vector set being built beside the one that is served.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Reembed {
    pub(crate) space: u32,
    pub(crate) embedder: Embedder,
    /// Records before this row id are done, as of `seq`.
    pub(crate) next: Option<RowId>,
    /// The pass over the records is complete; changes after `seq` are still to be done.
    pub(crate) complete: bool,
    pub(crate) seq: u64,
}

stored!(
    Reembed,
    "change of embedder",
    Reembed { space, embedder: Embedder { name, dim, fingerprint }, next, complete, seq },
    {
        1 => space: u32,
        2 => name: String,
        3 => dim: usize,
        4 => fingerprint: String,
        5 => next: Option<RowId>,
        6 => complete: bool,
        7 => seq: u64,
    }
);

/// What an identity says in every format: stores of a newer one may say the rest otherwise.
#[derive(Deserialize)]
struct Format {
    format: u32,
}

fn json<T: serde::de::DeserializeOwned>(
    table: &impl ReadableTable<&'static str, &'static [u8]>,
) -> Result<Option<T>> {
    let Some(bytes) = table.get("identity").map_err(database)? else {
        return Ok(None);
    };
    serde_json::from_slice(bytes.value())
        .map(Some)
        .map_err(|error| Error::Database(error.to_string()))
}

/// The format of the store; `None` if it has no identity.
pub(super) fn format(
    table: &impl ReadableTable<&'static str, &'static [u8]>,
) -> Result<Option<u32>> {
    Ok(json::<Format>(table)?.map(|identity| identity.format))
}

pub(super) fn identity(
    table: &impl ReadableTable<&'static str, &'static [u8]>,
) -> Result<Identity> {
    json(table)?.ok_or_else(|| Error::Database("the store has no identity".to_owned()))
}

pub(super) fn put_identity(
    table: &mut Table<'_, &'static str, &'static [u8]>,
    identity: &Identity,
) -> Result<()> {
    let bytes = serde_json::to_vec(identity).map_err(|error| Error::Database(error.to_string()))?;
    table
        .insert("identity", bytes.as_slice())
        .map_err(database)?;
    Ok(())
}

fn get<T: Stored>(
    table: &impl ReadableTable<&'static str, &'static [u8]>,
    key: &str,
) -> Result<Option<T>> {
    let bytes = table.get(key).map_err(database)?;
    bytes.map(|bytes| T::read(bytes.value())).transpose()
}

fn put<T: Stored>(
    table: &mut Table<'_, &'static str, &'static [u8]>,
    key: &str,
    value: &T,
) -> Result<()> {
    table
        .insert(key, value.to_bytes()?.as_slice())
        .map_err(database)?;
    Ok(())
}

pub(super) fn counters(
    table: &impl ReadableTable<&'static str, &'static [u8]>,
) -> Result<Counters> {
    Ok(get(table, "counters")?.unwrap_or_else(Counters::first))
}

pub(super) fn put_counters(
    table: &mut Table<'_, &'static str, &'static [u8]>,
    counters: &Counters,
) -> Result<()> {
    put(table, "counters", counters)
}

/// The change of embedder that is under way.
pub(super) fn reembed(
    table: &impl ReadableTable<&'static str, &'static [u8]>,
) -> Result<Option<Reembed>> {
    get(table, "reembed")
}

pub(super) fn put_reembed(
    table: &mut Table<'_, &'static str, &'static [u8]>,
    state: &Reembed,
) -> Result<()> {
    put(table, "reembed", state)
}
