//! The list of the tables of `memfast.redb`. Each is defined in its room, with its reading and writing.

use redb::{ReadOnlyTable, ReadTransaction, Table, WriteTransaction};

use super::{database, ids, log, meta, pending, receipts, records, scopes, tombstones, vectors};
use crate::error::Result;
use crate::rowid::RowId;

/// Makes the tables that a snapshot reads, those that a transaction writes, and what makes the ones
/// that are missing, from one list.
macro_rules! tables {
    ($($name:ident: $key:ty => $value:ty = $table:path;)+) => {
        /// All tables, as of one commit.
        pub(super) struct ReadTables {
            $(pub(super) $name: ReadOnlyTable<$key, $value>,)+
        }

        impl ReadTables {
            pub(super) fn open(read: &ReadTransaction) -> Result<Self> {
                Ok(Self { $($name: read.open_table($table).map_err(database)?,)+ })
            }
        }

        /// All tables, in one transaction.
        pub(super) struct WriteTables<'t> {
            $(pub(super) $name: Table<'t, $key, $value>,)+
        }

        impl<'t> WriteTables<'t> {
            /// Opens the tables, and makes those that are missing.
            pub(super) fn open(write: &'t WriteTransaction) -> Result<Self> {
                Ok(Self { $($name: write.open_table($table).map_err(database)?,)+ })
            }
        }

        /// Name, key and value of each table.
        #[cfg(test)]
        pub(super) const LAYOUT: &[(&str, &str)] = &[
            $((stringify!($name), concat!(stringify!($key), " => ", stringify!($value))),)+
        ];
    };
}

tables! {
    meta: &'static str => &'static [u8] = meta::META;
    records: RowId => &'static [u8] = records::RECORDS;
    ids: &'static str => RowId = ids::IDS;
    uuids: u128 => RowId = ids::UUIDS;
    tombstones: u64 => u64 = tombstones::TOMBSTONES;
    tombstone_runs: RowId => &'static [u8] = tombstones::TOMBSTONE_RUNS;
    partitions: (u8, &'static str) => u32 = scopes::PARTITIONS;
    scopes: &'static [u8] => (u32, u32) = scopes::SCOPES;
    scope_ids: (u8, &'static str, u32) => &'static [u8] = scopes::SCOPE_IDS;
    events: u64 => &'static [u8] = log::EVENTS;
    pending: u64 => &'static [u8] = pending::PENDING;
    receipts: (u32, u128) => &'static [u8] = receipts::RECEIPTS;
    write_buffer: (u32, u32, u64) => &'static [u8] = vectors::WRITE_BUFFER;
    segments: u64 => &'static [u8] = vectors::SEGMENTS;
    dropped: u64 => u64 = vectors::DROPPED;
}
