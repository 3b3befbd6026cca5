//! Calls after a failure of the disk: which of them proceed, and how.
//!
//! A failed read is the error of the call that read; the database is opened again before the next.
//! A full disk rejects all but deletions until there is space. After any other failed write the
//! store only reads.

use std::sync::Arc;

use super::commit::Writer;
use super::{Engine, Inner};
use crate::error::{Error, Result};
use crate::store::{Snapshot, TextIndex, Txn};

/// Attempts of a call whose snapshot other calls made unreadable.
const ATTEMPTS: usize = 16;

/// The space that a change may use on a full disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Need {
    /// Free space, but not what is reserved for deletions.
    Room,
    /// The reserved space too.
    Must,
}

/// Fails if nothing may be written any more.
pub(super) fn check_poison(writer: &Writer) -> Result<()> {
    match &writer.poisoned {
        Some(cause) => Err(Error::Poisoned {
            cause: cause.clone(),
        }),
        None => Ok(()),
    }
}

/// The same error for another caller.
pub(super) fn same(error: &Error) -> Error {
    let copy = |source: &std::io::Error| std::io::Error::new(source.kind(), source.to_string());
    if let Error::Poisoned { cause } = error {
        let cause = cause.clone();
        return Error::Poisoned { cause };
    }
    if let Error::Full {
        path,
        action,
        source,
    } = error
    {
        return Error::Full {
            path: path.clone(),
            action,
            source: copy(source),
        };
    }
    if let Error::Read { path, source } = error {
        return Error::Read {
            path: path.clone(),
            source: copy(source),
        };
    }
    Error::Database(error.to_string())
}

impl Engine {
    /// Runs a call that reads; again if a failure of another call made its snapshot unreadable.
    pub(super) fn read<T>(&self, read: impl Fn(&Arc<Snapshot>) -> Result<T>) -> Result<T> {
        self.inner()?.read(read)
    }
}

impl Inner {
    /// See [`Engine::read`].
    pub(super) fn read<T>(&self, read: impl Fn(&Arc<Snapshot>) -> Result<T>) -> Result<T> {
        for _ in 1..ATTEMPTS {
            match read(&self.snapshot()?) {
                Err(Error::Reopened) => {}
                outcome => return outcome,
            }
        }
        read(&self.snapshot()?)
    }

    /// The newest commit, in a database that can be read.
    pub(super) fn snapshot(&self) -> Result<Arc<Snapshot>> {
        let snapshot = self.newest();
        if !snapshot.is_lost() {
            return Ok(snapshot);
        }
        self.recover(&mut self.any_writer())?;
        Ok(self.newest())
    }

    /// Opens the database again where a read of it failed.
    fn recover(&self, writer: &mut Writer) -> Result<()> {
        if !self.newest().is_lost() {
            return Ok(());
        }
        self.store.reopen(writer.poisoned.is_some())?;
        if writer.dirty {
            // They were only in the memory of the handle.
            let cause = "a read failed, and changes that were not durable yet are lost";
            writer.poisoned = Some(cause.to_owned());
        }
        self.adopt(writer)
    }

    /// Serves the database that was opened again.
    fn adopt(&self, writer: &mut Writer) -> Result<()> {
        let snapshot = Arc::new(self.store.snapshot()?);
        if std::mem::take(&mut writer.dirty) {
            writer.texts = TextIndex::default();
            let mut state = self.state.write();
            state.shards.clear();
            state.changed.clear();
        }
        self.publish(snapshot, &Vec::new());
        Ok(())
    }

    /// Prepares the store for a change, or fails with the reason why it cannot be written.
    pub(super) fn make_ready(&self, writer: &mut Writer, need: Need) -> Result<()> {
        check_poison(writer)?;
        self.recover(writer)?;
        let full = self.store.is_full();
        match need {
            Need::Room if full || self.store.is_short() => self.store.find_room()?,
            Need::Must if full => {
                self.store.use_reserve();
            }
            Need::Room | Need::Must => {}
        }
        if full && self.store.resume()? {
            self.adopt(writer)?;
        }
        Ok(())
    }

    /// Commits a change that a full disk must not stop, with the reserved space.
    pub(super) fn must<T>(
        &self,
        writer: &mut Writer,
        durable: bool,
        change: impl Fn(&mut Txn<'_>) -> Result<T>,
    ) -> Result<T> {
        loop {
            match self.commit(writer, durable, &change) {
                Err(Error::Full { .. }) if self.store.use_reserve() => {}
                Err(Error::Reopened) => {}
                outcome => return outcome,
            }
            self.make_ready(writer, Need::Must)?;
        }
    }

    /// Erases everything but the embedder, and the files with it.
    pub(super) fn reset(&self) -> Result<()> {
        let mut writer = self.any_writer();
        check_poison(&writer)?;
        let old = self.newest();
        self.store.use_reserve();
        let done = self.erase_index(|| {
            let empty = self.store.reset(&old.identity, &old.counters)?;
            self.publish(Arc::new(empty), &Vec::new());
            Ok(())
        });
        writer.note(done)?;
        writer.dirty = false;
        writer.texts = TextIndex::default();
        self.messages().clear();
        self.store.fill_reserve();
        Ok(())
    }
}
