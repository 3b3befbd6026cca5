//! Files. Every file operation of the core goes through the traits [`Io`] and [`IoFile`], so that
//! crash, torn-write and full-disk tests can run in-process.

mod disk;
mod memory;
mod overlay;

use std::fmt::Debug;
use std::io;
use std::path::Path;
use std::sync::Arc;

pub use disk::DiskIo;
pub use memory::MemoryIo;
pub(crate) use overlay::Overlay;

use crate::error::{Error, Result};

/// How a file is opened. A symbolic link in place of the file is an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Existing file, for reading.
    Read,
    /// For reading and writing; made (empty, mode 0600) if it is missing.
    Write,
    /// A new file for reading and writing (empty, mode 0600), in place of what has its name.
    Create,
}

/// A directory tree of files.
pub trait Io: Debug + Send + Sync + 'static {
    /// Makes a directory and its parents (mode 0700); no error if it is there.
    fn create_dir(&self, path: &Path) -> io::Result<()>;
    /// Whether something has this name, if only a link that leads nowhere; an error if that cannot
    /// be found out.
    fn exists(&self, path: &Path) -> io::Result<bool>;
    /// Why other users may change the files of a directory; `None` if they may not, or it is missing.
    fn hazard(&self, dir: &Path, read_only: bool) -> io::Result<Option<String>>;
    /// Names of the files in a directory.
    fn list(&self, path: &Path) -> io::Result<Vec<String>>;
    /// Opens a file.
    fn open(&self, path: &Path, access: Access) -> io::Result<Arc<dyn IoFile>>;
    /// Gives a file another name on the same device, in place of what had it.
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()>;
    /// Removes a file.
    fn remove(&self, path: &Path) -> io::Result<()>;
    /// Makes the directory's entries durable.
    fn sync_dir(&self, path: &Path) -> io::Result<()>;
}

/// An open file, addressed by offset.
pub trait IoFile: Debug + Send + Sync + 'static {
    /// Length in bytes.
    fn len(&self) -> io::Result<u64>;
    /// Whether the file has no bytes.
    fn is_empty(&self) -> io::Result<bool> {
        Ok(self.len()? == 0)
    }
    /// Fills `out` from `offset`; an error if the file ends before.
    fn read_at(&self, offset: u64, out: &mut [u8]) -> io::Result<()>;
    /// Writes all of `data` at `offset`.
    fn write_at(&self, offset: u64, data: &[u8]) -> io::Result<()>;
    /// Cuts the file or extends it with zeros.
    fn set_len(&self, len: u64) -> io::Result<()>;
    /// Makes what was written durable.
    fn sync(&self) -> io::Result<()>;
    /// Takes the advisory lock, shared or exclusive, until it is unlocked or the file is dropped in
    /// every process that has it; `false` if it is held elsewhere.
    fn try_lock(&self, shared: bool) -> io::Result<bool>;
    /// Releases the lock, also for processes that inherited the open file.
    fn unlock(&self) -> io::Result<()>;
    /// Whether `path` names this very file. One system call.
    fn is_at(&self, path: &Path) -> io::Result<bool>;
}

/// Reads a whole file.
pub fn read_all(file: &dyn IoFile) -> io::Result<Vec<u8>> {
    let mut bytes = vec![0; usize::try_from(file.len()?).map_err(io::Error::other)?];
    file.read_at(0, &mut bytes)?;
    Ok(bytes)
}

/// Rejects a directory whose files other users may change.
pub(crate) fn check_safe(io: &dyn Io, dir: &Path, read_only: bool) -> Result<()> {
    let hazard = io.hazard(dir, read_only).map_err(|source| Error::Io {
        path: dir.to_owned(),
        action: "looking at",
        source,
    })?;
    hazard.map_or(Ok(()), |problem| {
        Err(Error::Unsafe {
            path: dir.to_owned(),
            problem,
        })
    })
}
