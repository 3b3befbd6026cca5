//! One writing process, or several reading ones: an advisory lock on LOCK and one on the database.
//!
//! LOCK names the holder, and the lock on it is taken before there is a database. The lock on the
//! database holds when LOCK is deleted. Both are taken on files that serve nothing else, so that a
//! forked child can close them.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Weak};

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::io::{Access, Io, IoFile, read_all};
use crate::sync::Mutex;

/// What LOCK says of its holder.
#[derive(Debug, Serialize, Deserialize)]
struct Holder {
    pid: u32,
    host: String,
    started_at: String,
    version: String,
}

/// The locked files of a store; none in a forked child.
#[derive(Debug, Default)]
struct Files {
    /// LOCK; a reader leaves it alone where it is missing.
    lock: Option<Arc<dyn IoFile>>,
    database: Option<Arc<dyn IoFile>>,
}

/// The files of all locks of this process.
static HELD: Mutex<Vec<Weak<Mutex<Files>>>> = Mutex::new(Vec::new());

/// Closes the files of the locks that a forked child has from its parent, so that they are released
/// when the parent ends. To be called in the child before it opens a store.
pub fn after_fork() {
    // A lock that another thread of the parent held at the fork is never released here: that file
    // stays open, and `StoreLock::drop` in the parent still unlocks it.
    let Some(mut held) = HELD.try_lock() else {
        return;
    };
    for files in held.drain(..).filter_map(|files| files.upgrade()) {
        if let Some(mut files) = files.try_lock() {
            *files = Files::default();
        }
    }
}

/// Holds the store's locks until dropped by the process that took them.
#[derive(Debug)]
pub(super) struct StoreLock {
    pid: u32,
    dir: PathBuf,
    read_only: bool,
    files: Arc<Mutex<Files>>,
}

impl Drop for StoreLock {
    fn drop(&mut self) {
        // A child shares the lock with its parent, and must not release it.
        if !self.is_ours() {
            return;
        }
        let files = std::mem::take(&mut *self.files.lock());
        for file in [files.database, files.lock].into_iter().flatten() {
            // Closing it releases the lock, too, unless a child has the file open.
            let _ = file.unlock();
        }
        HELD.lock().retain(|files| files.strong_count() > 1);
    }
}

fn failed(path: &Path, action: &'static str) -> impl FnOnce(std::io::Error) -> Error {
    let path = path.to_owned();
    move |source| Error::Io {
        path,
        action,
        source,
    }
}

impl StoreLock {
    /// Locks LOCK in `dir`, or fails at once with who holds it. Call `cover` when the database is
    /// there.
    pub(super) fn take(io: &dyn Io, dir: &Path, read_only: bool) -> Result<Self> {
        let path = dir.join("LOCK");
        let this = Self {
            pid: std::process::id(),
            dir: dir.to_owned(),
            read_only,
            files: Arc::default(),
        };
        HELD.lock().push(Arc::downgrade(&this.files));
        if read_only && !io.exists(&path).map_err(failed(&path, "looking for"))? {
            return Ok(this);
        }
        let access = if read_only {
            Access::Read
        } else {
            Access::Write
        };
        let file = io.open(&path, access).map_err(failed(&path, "opening"))?;
        if !this.lock(&*file, &path)? {
            return Err(this.held_by(owner(&*file)));
        }
        if !read_only {
            let holder = Holder {
                pid: this.pid,
                host: host(),
                started_at: crate::time::format_instant(crate::time::now()),
                version: env!("CARGO_PKG_VERSION").to_owned(),
            };
            let bytes =
                serde_json::to_vec(&holder).map_err(|error| Error::Database(error.to_string()))?;
            file.set_len(0).map_err(failed(&path, "writing"))?;
            file.write_at(0, &bytes).map_err(failed(&path, "writing"))?;
        }
        this.files.lock().lock = Some(file);
        Ok(this)
    }

    /// Locks the database at `path`, in place of the one that was locked. A file that is renamed
    /// over the database must be covered before the rename.
    pub(super) fn cover(&self, io: &dyn Io, path: &Path) -> Result<()> {
        let access = if self.read_only {
            Access::Read
        } else {
            Access::Write
        };
        let file = io.open(path, access).map_err(failed(path, "opening"))?;
        if !self.lock(&*file, path)? {
            let owner = "another process, whose LOCK file was deleted while it had the store open";
            return Err(self.held_by(owner.to_owned()));
        }
        if !file.is_at(path).map_err(failed(path, "looking for"))? {
            return Err(self.held_by("another process, which replaced it just now".to_owned()));
        }
        self.files.lock().database = Some(file);
        Ok(())
    }

    /// Checks that the database that is locked is still at `path`: what is written to a file
    /// without a name is lost.
    pub(super) fn check(&self, path: &Path) -> Result<()> {
        let problem = match self.files.lock().database.as_ref() {
            None => return Ok(()),
            Some(file) => match file.is_at(path) {
                Ok(true) => return Ok(()),
                Ok(false) => "it was moved, removed or replaced".to_owned(),
                Err(error) => format!("it cannot be looked up ({error})"),
            },
        };
        Err(Error::Moved {
            path: path.to_owned(),
            problem,
        })
    }

    /// Whether this process took it; a forked child has it from its parent.
    pub(super) fn is_ours(&self) -> bool {
        std::process::id() == self.pid
    }

    fn lock(&self, file: &dyn IoFile, path: &Path) -> Result<bool> {
        file.try_lock(self.read_only)
            .map_err(failed(path, "locking"))
    }

    fn held_by(&self, owner: String) -> Error {
        Error::Locked {
            path: self.dir.clone(),
            owner,
        }
    }
}

/// Who holds a lock that could not be taken.
fn owner(file: &dyn IoFile) -> String {
    // Readers write nothing into LOCK; where they hold it, another may join them.
    if matches!(file.try_lock(true), Ok(true)) {
        let _ = file.unlock();
        return "processes that read it".to_owned();
    }
    let holder = read_all(file)
        .ok()
        .and_then(|bytes| serde_json::from_slice::<Holder>(&bytes).ok());
    let Some(holder) = holder else {
        return "another process".to_owned();
    };
    let Holder {
        pid,
        host,
        started_at,
        ..
    } = holder;
    if pid == std::process::id() {
        format!("this process (PID {pid} on {host}, since {started_at})")
    } else {
        format!("process {pid} on {host}, since {started_at}")
    }
}

fn host() -> String {
    let from_file = || std::fs::read_to_string("/proc/sys/kernel/hostname").ok();
    let named = from_file().or_else(|| std::env::var("COMPUTERNAME").ok());
    named.map_or_else(|| "this host".to_owned(), |name| name.trim().to_owned())
}
