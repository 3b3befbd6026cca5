//! Values of the store as a whole, in the `meta` table.

use redb::{ReadTransaction, ReadableTable, Table};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::tables::{Counters, Identity, META, Reembed};
use super::{codec, database};
use crate::error::{Error, Result};

pub(super) fn identity_in(
    table: &impl ReadableTable<&'static str, &'static [u8]>,
) -> Result<Option<Identity>> {
    let Some(bytes) = table.get("identity").map_err(database)? else {
        return Ok(None);
    };
    serde_json::from_slice(bytes.value())
        .map(Some)
        .map_err(|error| Error::Database(error.to_string()))
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

pub(super) fn get_in<T: DeserializeOwned>(
    table: &impl ReadableTable<&'static str, &'static [u8]>,
    key: &str,
) -> Result<Option<T>> {
    let bytes = table.get(key).map_err(database)?;
    bytes
        .map(|bytes| codec::from_bytes(bytes.value(), key))
        .transpose()
}

pub(super) fn put<T: Serialize>(
    table: &mut Table<'_, &'static str, &'static [u8]>,
    key: &str,
    value: &T,
) -> Result<()> {
    table
        .insert(key, codec::to_bytes(value)?.as_slice())
        .map_err(database)?;
    Ok(())
}

pub(super) fn identity(read: &ReadTransaction) -> Result<Identity> {
    let table = read.open_table(META).map_err(database)?;
    identity_in(&table)?.ok_or_else(|| Error::Database("the store has no identity".to_owned()))
}

pub(super) fn counters(read: &ReadTransaction) -> Result<Counters> {
    let table = read.open_table(META).map_err(database)?;
    Ok(get_in(&table, "counters")?.unwrap_or_default())
}

pub(super) fn reembed(read: &ReadTransaction) -> Result<Option<Reembed>> {
    let table = read.open_table(META).map_err(database)?;
    get_in(&table, "reembed")
}
