//! The truth: one redb file for records, ids, scopes and events, and segment files for vectors.
//!
//! A commit writes its segment, if it has one, makes it durable, and then commits redb: bytes that
//! the catalogue does not name are garbage by definition, and are removed at the next open.

mod catalogue;
mod codec;
mod compact;
pub mod disk_io;
mod graves;
mod ids;
pub mod io;
mod lock;
mod log;
pub mod memory_io;
mod meta;
mod segment;
mod snapshot;
mod tables;
mod trial;
mod txn;

use std::collections::HashSet;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use redb::{Database, ReadableDatabase, StorageBackend};

pub(crate) use codec::{Head, decode_head, decode_record};
pub(crate) use compact::{Source, locate, worth_merging};
use io::{Access, Io, IoFile};
use lock::StoreLock;
pub use lock::after_fork;
pub(crate) use snapshot::{Snapshot, Target, missing_vector};
pub use tables::{Embedder, Event, EventKind, Identity};
use tables::{FORMAT, META};
pub(crate) use tables::{Place, Reembed};
use trial::Trial;
pub(crate) use txn::{ShardChanges, TextIndex, Txn};

use crate::error::{Error, Result, guarded, message_of};

/// Any failure of redb.
pub(crate) fn database(error: impl Into<redb::Error>) -> Error {
    Error::Database(error.into().to_string())
}

/// What redb reads and writes through. A panic below it is a failed operation, so that redb's locks
/// are not left poisoned.
#[derive(Debug)]
struct Backend(Arc<dyn IoFile>);

impl Backend {
    fn run<T>(
        &self,
        operation: impl FnOnce(&dyn IoFile) -> std::io::Result<T>,
    ) -> std::io::Result<T> {
        catch_unwind(AssertUnwindSafe(|| operation(&*self.0)))
            .unwrap_or_else(|panic| Err(std::io::Error::other(message_of(&*panic))))
    }
}

impl StorageBackend for Backend {
    fn len(&self) -> std::io::Result<u64> {
        self.run(IoFile::len)
    }
    fn read(&self, offset: u64, out: &mut [u8]) -> std::io::Result<()> {
        self.run(|file| file.read_at(offset, out))
    }
    fn set_len(&self, len: u64) -> std::io::Result<()> {
        self.run(|file| file.set_len(len))
    }
    fn sync_data(&self) -> std::io::Result<()> {
        self.run(IoFile::sync)
    }
    fn write(&self, offset: u64, data: &[u8]) -> std::io::Result<()> {
        self.run(|file| file.write_at(offset, data))
    }
}

/// An open store. Writes are serialised by the caller.
pub(crate) struct Store {
    // Field order is load-bearing: the database must be closed before the lock is let go.
    database: Arc<Database>,
    catalogue: catalogue::Catalogue,
    /// Segments below this number are in use, named or being written.
    reserved: AtomicU64,
    ids: ids::Ids,
    io: Arc<dyn Io>,
    path: PathBuf,
    vectors_dir: PathBuf,
    lock: StoreLock,
}

impl Drop for Store {
    fn drop(&mut self) {
        if !self.lock.is_ours() {
            // redb writes when it is dropped, and in a forked child that is into the parent's file.
            std::mem::forget(Arc::clone(&self.database));
        }
    }
}

impl fmt::Debug for Store {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Store")
            .field("vectors_dir", &self.vectors_dir)
            .finish_non_exhaustive()
    }
}

/// Bytes of pages kept in memory; half of it at most are pages of a commit that are not written yet.
const PAGE_CACHE: usize = 96 << 20;

fn open_database(file: Arc<dyn IoFile>, path: &Path) -> Result<Database> {
    let opened = Database::builder()
        .set_cache_size(PAGE_CACHE)
        .create_with_backend(Backend(file));
    opened.map_err(|error| trial::open_failure(error, path))
}

/// Refuses a directory whose files other users may change.
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

/// Makes an empty store under another name and renames it, so that a crash leaves none or a whole one.
fn create(io: &dyn Io, dir: &Path, path: &Path, embedder: Option<Embedder>) -> Result<()> {
    let failed = |action| {
        move |source| Error::Io {
            path: path.to_owned(),
            action,
            source,
        }
    };
    let draft = dir.join("memfast.redb.new");
    let file = io
        .open(&draft, Access::Create)
        .map_err(|source| Error::Io {
            path: draft.clone(),
            action: "creating",
            source,
        })?;
    let database = open_database(file, &draft)?;
    let identity = Identity {
        format: FORMAT,
        log_id: ids::random().to_string(),
        space: 1,
        embedder: embedder.unwrap_or(Embedder {
            name: String::new(),
            dim: 0,
            fingerprint: String::new(),
        }),
    };
    let write = database.begin_write().map_err(self::database)?;
    {
        let mut table = write.open_table(META).map_err(self::database)?;
        meta::put_identity(&mut table, &identity)?;
    }
    let ids = ids::Ids::new();
    Txn::open(&write, io, dir, 0, &ids, TextIndex::default())?.finish()?;
    write.commit().map_err(self::database)?;
    drop(database);
    io.rename(&draft, path).map_err(failed("naming"))?;
    io.sync_dir(dir).map_err(failed("syncing the directory of"))
}

impl Store {
    /// Opens the store in `dir`, making it if it is missing. An `embedder` is written into a new
    /// store, and must be that of an old one.
    pub(crate) fn open(
        io: Arc<dyn Io>,
        dir: &Path,
        embedder: Option<Embedder>,
        read_only: bool,
    ) -> Result<Self> {
        let failed = |action, path: &Path| {
            let path = path.to_owned();
            move |source| Error::Io {
                path,
                action,
                source,
            }
        };
        let vectors_dir = dir.join("vectors");
        let path = dir.join("memfast.redb");
        let exists = || io.exists(&path).map_err(failed("looking for", &path));
        if read_only && !exists()? {
            return Err(Error::Invalid(format!(
                "{}: there is no store to open with `read_only=True`",
                dir.display()
            )));
        }
        // Before anything is made in it.
        for dir in [dir, &vectors_dir] {
            if !read_only {
                io.create_dir(dir).map_err(failed("making", dir))?;
            }
            check_safe(&*io, dir, read_only)?;
        }
        let lock = StoreLock::take(&*io, dir, read_only)?;
        if !exists()? {
            create(&*io, dir, &path, embedder.clone())?;
        }
        lock.cover(&*io, &path)?;
        let access = if read_only {
            Access::Read
        } else {
            Access::Write
        };
        let file = io.open(&path, access).map_err(failed("opening", &path))?;
        trial::check_head(&*file, &path)?;
        let trial = Arc::new(Trial::new(file).map_err(failed("reading", &path))?);
        let database = open_database(Arc::clone(&trial) as Arc<dyn IoFile>, &path)?;
        trial::identity(&database, &path)?;
        if !read_only {
            trial.accept().map_err(failed("opening", &path))?;
        }
        let store = Self {
            database: Arc::new(database),
            reserved: AtomicU64::new(0),
            ids: ids::Ids::new(),
            catalogue: catalogue::Catalogue::new(Arc::clone(&io), &vectors_dir),
            io,
            path,
            vectors_dir,
            lock,
        };
        store.identify(embedder)?;
        if !read_only {
            store.sweep()?;
        }
        Ok(store)
    }

    /// Checks the identity of the store before anything is written.
    fn identify(&self, embedder: Option<Embedder>) -> Result<()> {
        let known = self.snapshot_identity()?;
        let Some(given) = embedder else { return Ok(()) };
        let stored = &known.embedder;
        let same = stored.name == given.name
            && stored.fingerprint == given.fingerprint
            && (given.dim == 0 || stored.dim == 0 || stored.dim == given.dim);
        // An empty store of outside vectors takes the first embedder it is opened with.
        if same || (stored.dim == 0 && stored.name.is_empty()) {
            if !same {
                self.write(0, true, &mut TextIndex::default(), |txn| {
                    txn.name_embedder(given)
                })?;
            }
            return Ok(());
        }
        let show = |embedder: &Embedder| match embedder.name.as_str() {
            "" => format!("vectors from outside, {} dimensions", embedder.dim),
            name => format!(
                "{name}, {} dimensions, fingerprint {}",
                embedder.dim, embedder.fingerprint
            ),
        };
        Err(Error::Embedder {
            stored: show(stored),
            given: show(&given),
        })
    }

    /// Removes segment files that no commit names.
    fn sweep(&self) -> Result<()> {
        let failed = |source| Error::Io {
            path: self.vectors_dir.clone(),
            action: "cleaning up",
            source,
        };
        let read = self.database.begin_read().map_err(database)?;
        let named: HashSet<String> = snapshot::segments(&read)?
            .into_iter()
            .map(|(number, _)| segment::file_name(number))
            .collect();
        for name in self.io.list(&self.vectors_dir).map_err(failed)? {
            if Path::new(&name).extension().is_some_and(|end| end == "seg")
                && !named.contains(&name)
            {
                self.io
                    .remove(&self.vectors_dir.join(name))
                    .map_err(failed)?;
            }
        }
        Ok(())
    }

    /// Gives back what is free in the database file, as far as that goes: nothing depends on it.
    pub(crate) fn shrink(mut self) {
        let _ = Arc::get_mut(&mut self.database).map(Database::compact);
    }

    /// Checks that the files are where they were opened.
    pub(crate) fn check(&self) -> Result<()> {
        self.lock.check(&self.path)
    }

    /// How its files are reached.
    pub(crate) fn io(&self) -> &dyn Io {
        &*self.io
    }

    fn snapshot_identity(&self) -> Result<Identity> {
        meta::identity(&self.database.begin_read().map_err(database)?)
    }

    /// The newest commit; no write may be under way.
    pub(crate) fn snapshot(&self) -> Result<Snapshot> {
        let read = self.database.begin_read().map_err(database)?;
        let named = self.catalogue.update(snapshot::segments(&read)?);
        Snapshot::new(&read, named)
    }

    /// Takes the next segment number. `newest` is the newest commit, and no write may be under way.
    pub(crate) fn reserve_segment(&self, newest: &Snapshot) -> u64 {
        let number = newest
            .counters
            .segment
            .max(self.reserved.load(Ordering::Relaxed));
        self.reserved.store(number + 1, Ordering::Relaxed);
        number
    }

    /// Runs `change` in one transaction; nothing is left of it if it fails. One that is not
    /// durable becomes so with the next that is.
    pub(crate) fn write<T>(
        &self,
        now: i64,
        durable: bool,
        texts: &mut TextIndex,
        change: impl FnOnce(&mut Txn<'_>) -> Result<T>,
    ) -> Result<(T, ShardChanges)> {
        self.check()?;
        let mut write = self.database.begin_write().map_err(database)?;
        if !durable {
            write
                .set_durability(redb::Durability::None)
                .map_err(database)?;
        }
        let outcome = guarded(|| {
            // What they are after a failure is not known, and so they are left empty.
            let known = std::mem::take(texts);
            let mut txn = Txn::open(&write, &*self.io, &self.vectors_dir, now, &self.ids, known)?;
            let reserved = self.reserved.load(Ordering::Relaxed);
            txn.counters.segment = txn.counters.segment.max(reserved);
            let value = change(&mut txn)?;
            let (changes, known) = txn.finish()?;
            Ok((value, changes, known))
        });
        match outcome {
            Ok((value, changes, known)) => {
                write.commit().map_err(database)?;
                *texts = known;
                Ok((value, changes))
            }
            Err(error) => {
                // What failed is told; a failure to abort shows at the next write.
                let _ = write.abort();
                Err(error)
            }
        }
    }
}
