//! The database file as redb sees it, and the handle of redb on it.
//!
//! redb takes no call after an error of its file. So a failed write is not reported to it: from
//! then on nothing reaches the file, and what redb writes stays in memory. Readers go on with the
//! snapshot they have; the caller of the write looks for the failure and reports it. A failed read
//! is reported, and the handle is replaced before the next call.

use std::fmt;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use redb::{Database, StorageBackend};

use super::trial;
use crate::error::{Error, Result, is_full, message_of};
use crate::io::IoFile;
use crate::io::Overlay;
use crate::sync::{RwLock, RwLockReadGuard, RwLockWriteGuard};

/// Bytes of pages kept in memory; half of it at most are pages of a commit that are not written yet.
const PAGE_CACHE: usize = 96 << 20;

/// Why nothing is written to a file any more.
#[derive(Debug, Clone)]
pub(crate) struct Failure {
    /// There was no space, which is not damage: writing resumes once there is.
    pub(crate) full: bool,
    path: PathBuf,
    action: &'static str,
    kind: io::ErrorKind,
    message: String,
}

impl Failure {
    pub(crate) fn error(&self) -> Error {
        let source = io::Error::new(self.kind, self.message.clone());
        let (path, action) = (self.path.clone(), self.action);
        if self.full {
            Error::Full {
                path,
                action,
                source,
            }
        } else {
            Error::Io {
                path,
                action,
                source,
            }
        }
    }
}

/// What a retired file answers.
#[derive(Debug, thiserror::Error)]
#[error("the database was opened again")]
pub(super) struct Retired;

#[derive(Debug)]
enum Mode {
    /// Calls go to the file.
    Attached,
    /// A write failed: later ones go to memory.
    Detached(Overlay, Failure),
    /// Another handle writes to the file, so what this one would read is unknown.
    Retired,
}

/// Runs an operation of a file. A panic of it is an error, so that redb's locks are not left poisoned.
fn run<T>(
    file: &dyn IoFile,
    operation: impl FnOnce(&dyn IoFile) -> io::Result<T>,
) -> io::Result<T> {
    catch_unwind(AssertUnwindSafe(|| operation(file)))
        .unwrap_or_else(|panic| Err(io::Error::other(message_of(&*panic))))
}

/// The database file.
#[derive(Debug)]
pub(crate) struct PageFile {
    file: Arc<dyn IoFile>,
    path: PathBuf,
    mode: RwLock<Mode>,
    /// A read failed, or another handle took over: redb answers from its cache alone.
    lost: AtomicBool,
    /// What redb holds includes a commit that was refused.
    ahead: AtomicBool,
}

impl PageFile {
    fn new(file: Arc<dyn IoFile>, path: &Path) -> Self {
        Self {
            file,
            path: path.to_owned(),
            mode: RwLock::new(Mode::Attached),
            lost: AtomicBool::new(false),
            ahead: AtomicBool::new(false),
        }
    }

    fn mode(&self) -> RwLockReadGuard<'_, Mode> {
        self.mode.read()
    }

    fn mode_mut(&self) -> RwLockWriteGuard<'_, Mode> {
        self.mode.write()
    }

    fn read<T>(&self, read: impl FnOnce(&dyn IoFile) -> io::Result<T>) -> io::Result<T> {
        let outcome = match &*self.mode() {
            Mode::Attached => run(&*self.file, read),
            Mode::Detached(overlay, _) => run(overlay, read),
            Mode::Retired => Err(io::Error::other(Retired)),
        };
        if outcome.is_err() {
            self.lost.store(true, Ordering::Release);
        }
        outcome
    }

    fn write(
        &self,
        action: &'static str,
        write: impl Fn(&dyn IoFile) -> io::Result<()>,
    ) -> io::Result<()> {
        let source = match &*self.mode() {
            Mode::Attached => match run(&*self.file, &write) {
                Ok(()) => return Ok(()),
                Err(source) => source,
            },
            Mode::Detached(overlay, _) => return run(overlay, write),
            Mode::Retired => return Err(io::Error::other(Retired)),
        };
        let failure = Failure {
            // What a file holds after a failed sync is unknown, whatever the reason was.
            full: is_full(source.kind()) && action != "syncing",
            path: self.path.clone(),
            action,
            kind: source.kind(),
            message: source.to_string(),
        };
        self.detach(failure)?;
        self.write(action, write)
    }

    fn detach(&self, failure: Failure) -> io::Result<()> {
        let mut mode = self.mode_mut();
        if matches!(*mode, Mode::Attached) {
            match Overlay::new(Arc::clone(&self.file)) {
                Ok(overlay) => *mode = Mode::Detached(overlay, failure),
                Err(error) => {
                    self.lost.store(true, Ordering::Release);
                    return Err(error);
                }
            }
        }
        Ok(())
    }

    /// The failure after which nothing is written to the file any more.
    pub(super) fn failure(&self) -> Option<Failure> {
        match &*self.mode() {
            Mode::Detached(_, failure) => Some(failure.clone()),
            Mode::Attached | Mode::Retired => None,
        }
    }

    fn check(&self) -> Result<()> {
        self.failure()
            .map_or(Ok(()), |failure| Err(failure.error()))
    }

    /// Writes what has stayed in memory, in an order that a crash may cut anywhere: the page of
    /// the header comes last.
    fn catch_up(&self) -> Result<()> {
        let mut mode = self.mode_mut();
        let Mode::Detached(overlay, failure) = &mut *mode else {
            return Ok(());
        };
        match overlay.write_back() {
            Ok(()) => {
                *mode = Mode::Attached;
                Ok(())
            }
            Err((action, source)) => {
                failure.full = is_full(source.kind()) && action != "syncing";
                (failure.action, failure.kind) = (action, source.kind());
                failure.message = source.to_string();
                Err(failure.error())
            }
        }
    }
}

/// The side of the file that redb owns.
#[derive(Debug)]
struct Backend(Arc<PageFile>);

impl StorageBackend for Backend {
    fn len(&self) -> io::Result<u64> {
        self.0.read(IoFile::len)
    }
    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        self.0.read(|file| file.read_at(offset, out))
    }
    fn set_len(&self, len: u64) -> io::Result<()> {
        self.0.write("extending", |file| file.set_len(len))
    }
    fn sync_data(&self) -> io::Result<()> {
        self.0.write("syncing", IoFile::sync)
    }
    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        self.0.write("writing", |file| file.write_at(offset, data))
    }
}

/// An open database. The last snapshot of it, or the store, closes it.
pub(crate) struct Handle {
    pub(super) database: Arc<Database>,
    pages: Arc<PageFile>,
    pid: u32,
}

impl Drop for Handle {
    fn drop(&mut self) {
        if std::process::id() != self.pid {
            // redb writes when it is dropped, and in a forked child that is into the parent's file.
            std::mem::forget(Arc::clone(&self.database));
        }
    }
}

impl fmt::Debug for Handle {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.pages.fmt(out)
    }
}

impl Handle {
    /// Opens the database in a file, making it if the file is empty.
    pub(super) fn open(file: Arc<dyn IoFile>, path: &Path) -> Result<Self> {
        Self::over(PageFile::new(file, path), path)
    }

    /// Opens the database of another handle again, and ends that one. Nothing is written to the
    /// file where `frozen` is set.
    pub(super) fn again(old: &Self, frozen: bool) -> Result<Self> {
        let path = &old.pages.path;
        let failure = old.failure().unwrap_or_else(|| Failure {
            full: false,
            path: path.clone(),
            action: "writing",
            kind: io::ErrorKind::Other,
            message: "an earlier write failed".to_owned(),
        });
        // Waits for the reads under way: what they read may be written over from here on.
        *old.pages.mode_mut() = Mode::Retired;
        old.pages.lost.store(true, Ordering::Release);
        let pages = PageFile::new(Arc::clone(&old.pages.file), path);
        if frozen {
            pages.detach(failure).map_err(|source| Error::Read {
                path: path.clone(),
                source,
            })?;
        }
        Self::over(pages, path)
    }

    fn over(pages: PageFile, path: &Path) -> Result<Self> {
        let pages = Arc::new(pages);
        let opened = Database::builder()
            .set_cache_size(PAGE_CACHE)
            .create_with_backend(Backend(Arc::clone(&pages)));
        let database = opened.map_err(|error| trial::open_failure(error, path))?;
        Ok(Self {
            database: Arc::new(database),
            pages,
            pid: std::process::id(),
        })
    }

    /// Gives back what is free in the file.
    pub(super) fn compact(&mut self) -> Result<()> {
        if let Some(database) = Arc::get_mut(&mut self.database) {
            database.compact().map_err(super::database)?;
        }
        Ok(())
    }

    /// Whether reads of it fail, so that it must be opened again.
    pub(crate) fn is_lost(&self) -> bool {
        self.pages.lost.load(Ordering::Acquire)
    }

    /// Bytes of the file; 0 where that cannot be found out.
    pub(super) fn len(&self) -> u64 {
        self.pages.file.len().unwrap_or(0)
    }

    pub(super) fn failure(&self) -> Option<Failure> {
        self.pages.failure()
    }

    /// Fails where something was not written.
    pub(super) fn check(&self) -> Result<()> {
        self.pages.check()
    }

    /// Fails where the commit that was made now was not written.
    pub(super) fn check_commit(&self) -> Result<()> {
        let outcome = self.check();
        if outcome.is_err() {
            self.pages.ahead.store(true, Ordering::Release);
        }
        outcome
    }

    /// Whether it holds nothing but what was acknowledged; [`Handle::catch_up`] must not be
    /// called otherwise.
    pub(super) fn is_right(&self) -> bool {
        !self.pages.ahead.load(Ordering::Acquire)
    }

    /// Writes what a full disk kept from the file.
    pub(super) fn catch_up(&self) -> Result<()> {
        self.pages.catch_up()
    }
}
