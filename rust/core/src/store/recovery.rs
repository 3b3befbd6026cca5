//! What a store does after a failure of its disk, and how all of it is erased.

use std::sync::Arc;

use redb::ReadableDatabase;

use super::meta::{Counters, Identity};
use super::pages::Handle;
use super::snapshot::Snapshot;
use super::tables::ReadTables;
use super::{Store, draft, publish_draft};
use crate::error::{Error, Result};

impl Store {
    /// Whether there was no space for a write, so that [`Store::resume`] comes before the next.
    pub(crate) fn is_full(&self) -> bool {
        self.handle().failure().is_some_and(|failure| failure.full)
    }

    /// Whether deletions have taken space that must be back before anything else is written.
    pub(crate) fn is_short(&self) -> bool {
        self.reserve.is_short()
    }

    /// Takes the space for deletions back, and fails where there is no more than that.
    pub(crate) fn find_room(&self) -> Result<()> {
        let path = self.dir.join(super::reserve::NAME);
        self.reserve
            .probe()
            .map_err(|source| Error::writing(&path, "writing", source))
    }

    /// Gives the space for deletions back; `false` if there was none.
    pub(crate) fn use_reserve(&self) -> bool {
        let held = !self.reserve.is_spent();
        self.reserve.release();
        held
    }

    /// Takes the space for deletions that the store's size asks for, as far as there is some. What
    /// deletions have used is taken again when there is more than that.
    pub(crate) fn fill_reserve(&self) {
        // Nothing but deletions on a full disk needs it.
        let _ = if self.reserve.is_short() {
            self.reserve.probe()
        } else {
            self.reserve.fill(self.handle().len())
        };
    }

    /// Makes durable what was committed without being so.
    pub(crate) fn flush(&self) -> Result<()> {
        self.check()?;
        let handle = self.handle();
        let write = handle.database.begin_write().map_err(super::database)?;
        write.commit().map_err(super::database)?;
        handle.check()
    }

    /// Lets writes reach the file again after the disk was full. Returns whether the database was
    /// opened again, so that older snapshots are lost.
    pub(crate) fn resume(&self) -> Result<bool> {
        let handle = self.handle();
        if handle.is_right() {
            handle.catch_up()?;
            return Ok(false);
        }
        self.reopen(false)?;
        Ok(true)
    }

    /// Opens the database again as of its last durable commit; older snapshots are lost. Nothing is
    /// written to the file any more where `frozen` is set.
    pub(crate) fn reopen(&self, frozen: bool) -> Result<()> {
        let old = self.handle();
        self.replace(Arc::new(Handle::again(&old, frozen)?));
        Ok(())
    }

    /// Puts an empty database with the same embedder in place of this one, whose file goes: a crash
    /// leaves either of them whole. Segments go with their last snapshot, or at the next open.
    pub(crate) fn reset(&self, identity: &Identity, counters: &Counters) -> Result<Snapshot> {
        let identity = Identity {
            log_id: super::new_ids::random().to_string(),
            ..identity.clone()
        };
        let counters = Counters {
            segment: counters.segment,
            row: counters.row,
            ..Counters::first()
        };
        self.check()?;
        let path = self.dir.join(super::DRAFT);
        let read = self.handle().database.begin_read();
        let tables = ReadTables::open(&read.map_err(super::database)?)?;
        let named = super::vectors::segments(&tables.segments)?;
        let dropped: Vec<(u64, u64)> = named
            .into_iter()
            .map(|(number, entry)| (number, entry.header))
            .collect();
        let made = draft(&*self.io, &self.dir, &identity, counters, &dropped).and_then(|handle| {
            let handle = Arc::new(handle);
            let read = handle.database.begin_read().map_err(super::database)?;
            let tables = ReadTables::open(&read)?;
            let empty = Snapshot::new(tables, Vec::new(), Arc::clone(&handle))?;
            self.lock.cover(&*self.io, &path)?;
            Ok((handle, empty))
        });
        let (handle, empty) = made.inspect_err(|_| {
            let _ = self.io.remove(&path);
        })?;
        publish_draft(&*self.io, &self.dir).inspect_err(|_| {
            // Where it has no lock, the next write reports that.
            let _ = self.lock.cover(&*self.io, &self.path);
        })?;
        // Nothing may fail from here on, or later writes would go into a file without a name.
        self.replace(handle);
        self.catalogue.update(Vec::new());
        Ok(empty)
    }
}
