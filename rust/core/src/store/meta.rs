//! Values of the store as a whole, in the `meta` table.

use redb::{ReadableTable, Table};

use super::database;
use super::stored::Stored;
use super::tables::{Counters, Identity, Reembed};
use crate::error::{Error, Result};

/// What an identity says in every format: stores of a newer one may say the rest otherwise.
#[derive(serde::Deserialize)]
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
