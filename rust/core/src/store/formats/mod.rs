//! Formats of a store, and how one of an earlier format is converted.
//!
//! A change of what is stored raises [`FORMAT`]. It is one of
//! - a new field of a stored struct: a tag in its `stored!`, and a step that does nothing;
//! - a new table: a line in `tables!`, and a step that fills it, where it is not empty at first;
//! - another layout of rows: where there are few, a step that writes them again; records and
//!   events carry a version of their own and stay as they are.
//!
//! All steps that a store needs run in one transaction, when it is first opened for writing: a
//! conversion that is cut short has changed nothing, and runs at the next open. With `read_only`
//! they run on pages in memory, and the file stays as it is.

pub(super) mod one;
pub(super) mod three;

use redb::WriteTransaction;

use super::pages::Handle;
use super::tables::WriteTables;
use super::{database, meta};
use crate::error::{Result, guarded};

/// The format that this version writes, the newest that it reads.
pub(crate) const FORMAT: u32 = 4;

/// What makes a store of a format one of the next; the first is for format 1.
const STEPS: [fn(&WriteTransaction) -> Result<()>; FORMAT as usize - 1] =
    [one::convert, unchanged, unchanged];

/// The step of a format that only adds fields.
#[allow(clippy::unnecessary_wraps)] // as the other steps
fn unchanged(_: &WriteTransaction) -> Result<()> {
    Ok(())
}

/// Converts a store of an earlier format to [`FORMAT`].
pub(super) fn convert(handle: &Handle, from: u32) -> Result<()> {
    let steps = STEPS.get((from as usize).saturating_sub(1)..);
    let steps = steps.unwrap_or_default();
    if steps.is_empty() {
        return Ok(());
    }
    let write = handle.database.begin_write().map_err(database)?;
    let outcome = guarded(|| {
        for step in steps {
            step(&write)?;
        }
        // Makes the tables that the store was without.
        let mut tables = WriteTables::open(&write)?;
        let mut identity = meta::identity(&tables.meta)?;
        identity.format = FORMAT;
        meta::put_identity(&mut tables.meta, &identity)
    });
    match outcome {
        Ok(()) => write.commit().map_err(database)?,
        Err(error) => {
            let _ = write.abort();
            // A write that failed is the cause of all that came after it.
            handle.check()?;
            return Err(error);
        }
    }
    handle.check()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::path::{Path, PathBuf};

    use super::super::meta::{Counters, Reembed};
    use super::super::receipts::Kept;
    use super::super::stored::Stored;
    use super::super::tables;
    use super::super::tombstones::TombstoneRun;
    use super::super::vectors::SegmentEntry;
    use super::*;
    use crate::query::Pending;
    use crate::record::Record;

    fn file() -> PathBuf {
        let formats = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/data/formats");
        formats.join(FORMAT.to_string()).join("layout.txt")
    }

    /// The tables, and the stored structs with their fields.
    fn layout() -> String {
        let mut lines = vec!["tables".to_owned()];
        let tables = tables::LAYOUT.iter();
        lines.extend(tables.map(|(name, types)| format!("  {name}: {types}")));
        let structs = [
            Record::LAYOUT,
            Counters::LAYOUT,
            Reembed::LAYOUT,
            TombstoneRun::LAYOUT,
            Pending::LAYOUT,
            Kept::LAYOUT,
            SegmentEntry::LAYOUT,
        ];
        lines.extend(structs.map(str::to_owned));
        lines.join("\n") + "\n"
    }

    #[test]
    fn a_change_of_what_is_stored_raises_the_format() {
        let known = std::fs::read_to_string(file()).unwrap_or_default();
        assert_eq!(
            layout(),
            known,
            "what is stored is not what format {FORMAT} stores: raise FORMAT and add a step to \
             STEPS; then write the golden store of the new format (tests/core/formats.rs)"
        );
    }

    #[test]
    #[ignore = "writes tests/data/formats, once for each format"]
    fn write_the_layout_of_this_format() {
        assert!(!file().exists(), "{} is frozen", file().display());
        if let Some(directory) = file().parent() {
            std::fs::create_dir_all(directory).unwrap();
        }
        std::fs::write(file(), layout()).unwrap();
    }
}
