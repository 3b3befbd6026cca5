//! Opening a file that may be no store: it is written to only when it has proved to be one.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::{io, mem};

use redb::{Database, ReadableDatabase, TableError};

use super::formats::FORMAT;
use super::meta::META;
use super::{database, meta};
use crate::error::{Error, Result};
use crate::io::IoFile;
use crate::io::Overlay;
use crate::sync::Mutex;

/// What a redb database begins with.
const MAGIC: &[u8; 9] = b"redb\x1A\x0A\xA9\x0D\x0A";
/// Bytes of a foreign file that its error shows.
const SHOWN: u64 = 16;

fn no_store(path: &Path, problem: impl Into<String>) -> Error {
    Error::NotStore {
        path: path.to_owned(),
        problem: problem.into(),
    }
}

/// Checks that a file begins like a database.
pub(super) fn check_head(file: &dyn IoFile, path: &Path) -> Result<()> {
    let failed = |source| Error::Io {
        path: path.to_owned(),
        action: "reading",
        source,
    };
    let len = file.len().map_err(failed)?;
    if len == 0 {
        return Err(no_store(path, "it is empty"));
    }
    let mut head = [0; SHOWN as usize];
    let head = &mut head[..len.min(SHOWN) as usize];
    file.read_at(0, head).map_err(failed)?;
    if head.starts_with(MAGIC) {
        return Ok(());
    }
    let problem = format!("it begins with \"{}\"", head.escape_ascii());
    Err(no_store(path, problem))
}

/// Why redb could not open a file that begins like a database.
pub(super) fn open_failure(error: redb::DatabaseError, path: &Path) -> Error {
    let damaged = |problem| Error::Corrupt {
        path: path.to_owned(),
        problem,
    };
    if let redb::DatabaseError::UpgradeRequired(version) = error {
        return no_store(path, format!("its redb format is {version}"));
    }
    if let redb::DatabaseError::Storage(redb::StorageError::Corrupted(problem)) = error {
        return damaged(problem);
    }
    let redb::DatabaseError::Storage(redb::StorageError::Io(source)) = error else {
        return database(error);
    };
    if source.kind() == io::ErrorKind::UnexpectedEof {
        return damaged("it is cut off".to_owned());
    }
    if source.kind() == io::ErrorKind::InvalidData {
        return damaged(source.to_string());
    }
    Error::Read {
        path: path.to_owned(),
        source,
    }
}

/// The format of the store in a database, if this version can read it.
pub(super) fn format(opened: &Database, path: &Path) -> Result<u32> {
    let read = opened.begin_read().map_err(database)?;
    let table = match read.open_table(META) {
        Ok(table) => table,
        Err(TableError::Storage(error)) => return Err(database(error)),
        Err(error) => {
            let problem = format!("it is a redb database of another program ({error})");
            return Err(no_store(path, problem));
        }
    };
    let found = meta::format(&table)
        .map_err(|error| no_store(path, format!("its identity cannot be read ({error})")))?
        .ok_or_else(|| no_store(path, "it has no identity"))?;
    match found {
        0 => Err(no_store(path, "its format is 0")),
        1..=FORMAT => Ok(found),
        _ => Err(Error::Format {
            path: path.to_owned(),
            found,
            known: FORMAT,
        }),
    }
}

#[derive(Debug)]
enum Change {
    Write(u64, Vec<u8>),
    SetLen(u64),
    Sync,
}

#[derive(Debug)]
struct Pending {
    overlay: Overlay,
    changes: Vec<Change>,
}

/// A file whose changes stay in memory until it is accepted, and are then made in their order.
#[derive(Debug)]
pub(super) struct Trial {
    file: Arc<dyn IoFile>,
    accepted: AtomicBool,
    /// `None` once it is accepted.
    pending: Mutex<Option<Pending>>,
}

impl Trial {
    pub(super) fn new(file: Arc<dyn IoFile>) -> io::Result<Self> {
        let pending = Pending {
            overlay: Overlay::new(Arc::clone(&file))?,
            changes: Vec::new(),
        };
        Ok(Self {
            file,
            accepted: AtomicBool::new(false),
            pending: Mutex::new(Some(pending)),
        })
    }

    /// Makes the changes so far in the file, and all later ones at once.
    pub(super) fn accept(&self) -> io::Result<()> {
        let mut guard = self.pending.lock();
        if let Some(pending) = guard.as_mut() {
            for change in mem::take(&mut pending.changes) {
                match change {
                    Change::Write(offset, data) => self.file.write_at(offset, &data)?,
                    Change::SetLen(len) => self.file.set_len(len)?,
                    Change::Sync => self.file.sync()?,
                }
            }
        }
        *guard = None;
        self.accepted.store(true, Ordering::Release);
        Ok(())
    }

    /// Acts on the file, or before it is accepted on what stands for it and the list of changes.
    fn with<T>(
        &self,
        act: impl FnOnce(&dyn IoFile, Option<&mut Vec<Change>>) -> io::Result<T>,
    ) -> io::Result<T> {
        if !self.accepted.load(Ordering::Acquire) {
            let mut guard = self.pending.lock();
            if let Some(pending) = guard.as_mut() {
                return act(&pending.overlay, Some(&mut pending.changes));
            }
        }
        act(&*self.file, None)
    }
}

impl IoFile for Trial {
    fn len(&self) -> io::Result<u64> {
        self.with(|file, _| file.len())
    }

    fn read_at(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        self.with(|file, _| file.read_at(offset, out))
    }

    fn write_at(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        self.with(|file, changes| {
            if let Some(changes) = changes {
                changes.push(Change::Write(offset, data.to_vec()));
            }
            file.write_at(offset, data)
        })
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        self.with(|file, changes| {
            if let Some(changes) = changes {
                changes.push(Change::SetLen(len));
            }
            file.set_len(len)
        })
    }

    fn sync(&self) -> io::Result<()> {
        self.with(|file, changes| {
            if let Some(changes) = changes {
                changes.push(Change::Sync);
            }
            file.sync()
        })
    }

    fn try_lock(&self, shared: bool) -> io::Result<bool> {
        self.file.try_lock(shared)
    }

    fn unlock(&self) -> io::Result<()> {
        self.file.unlock()
    }

    fn is_at(&self, path: &Path) -> io::Result<bool> {
        self.file.is_at(path)
    }
}
