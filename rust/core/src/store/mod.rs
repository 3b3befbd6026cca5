//! The truth: one redb file for records, ids, scopes and events, and segment files for vectors.
//!
//! A commit writes its segment, if it has one, makes it durable, and then commits redb: bytes that
//! the catalogue does not name are garbage by definition, and are removed at the next open.

mod catalogue;
mod compact;
mod formats;
mod ids;
mod lock;
mod log;
mod meta;
mod new_ids;
mod pages;
mod pending;
mod receipts;
mod records;
mod recovery;
mod reserve;
mod rows;
mod scopes;
mod segment;
mod snapshot;
mod stored;
mod sweep;
mod tables;
mod tombstones;
mod trial;
mod txn;
mod vectors;

use std::error::Error as StdError;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use redb::ReadableDatabase;

pub(crate) use compact::{Compaction, Source, locate, worth_merging};
use formats::FORMAT;
use lock::StoreLock;
pub use lock::after_fork;
pub use log::{Event, EventKind};
use meta::Counters;
pub(crate) use meta::Reembed;
pub use meta::{Embedder, Identity};
pub use new_ids::new_id;
use pages::{Handle, Retired};
pub(crate) use records::{Head, decode_head, decode_record, mark_of};
use reserve::Reserve;
pub(crate) use rows::{RowChange, RowChanges};
pub(crate) use scopes::Target;
pub(crate) use snapshot::Snapshot;
use tables::{ReadTables, WriteTables};
use trial::Trial;
pub(crate) use txn::{TextIndex, Txn};
pub(crate) use vectors::missing_vector;

use crate::error::{Error, Result, guarded};
use crate::io::{Access, Io, IoFile, check_safe};
use crate::sync::Mutex;

/// Any failure of redb. A failed write is not reported to it, so an I/O error is one of a read.
pub(crate) fn database(error: impl Into<redb::Error>) -> Error {
    let error = error.into();
    if matches!(error, redb::Error::PreviousIo | redb::Error::DatabaseClosed) {
        return Error::Reopened;
    }
    let redb::Error::Io(source) = error else {
        return Error::Database(error.to_string());
    };
    if source
        .get_ref()
        .is_some_and(<dyn StdError + Send + Sync>::is::<Retired>)
    {
        return Error::Reopened;
    }
    Error::Read {
        path: DATABASE.into(),
        source,
    }
}

/// Name of the database's file.
const DATABASE: &str = "memfast.redb";
/// Name of a database that is being made.
const DRAFT: &str = "memfast.redb.new";

/// An open store. Writes are serialised by the caller.
pub(crate) struct Store {
    // Field order is load-bearing: the database must be closed before the lock is released.
    handle: Mutex<Arc<Handle>>,
    reserve: Reserve,
    catalogue: catalogue::Catalogue,
    /// Segments below this number are in use, named or being written.
    reserved: AtomicU64,
    new_ids: new_ids::NewIds,
    io: Arc<dyn Io>,
    dir: PathBuf,
    path: PathBuf,
    vectors_dir: PathBuf,
    lock: StoreLock,
}

impl fmt::Debug for Store {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Store")
            .field("vectors_dir", &self.vectors_dir)
            .finish_non_exhaustive()
    }
}

/// An empty database that has not got its name yet, durable as it is.
/// It notes segments, with the checksums of their headers, whose files are to go.
fn draft(
    io: &dyn Io,
    dir: &Path,
    identity: &Identity,
    counters: Counters,
    dropped: &[(u64, u64)],
) -> Result<Handle> {
    let path = dir.join(DRAFT);
    let failed = |source| Error::writing(&path, "creating", source);
    // An interrupted creation may have left a part of one.
    let file = io.open(&path, Access::Create).map_err(failed)?;
    let handle = Handle::open(file, &path)?;
    let write = handle.database.begin_write().map_err(database)?;
    {
        let mut tables = WriteTables::open(&write)?;
        meta::put_identity(&mut tables.meta, identity)?;
        meta::put_counters(&mut tables.meta, &counters)?;
        for (number, header) in dropped {
            tables.dropped.insert(*number, *header).map_err(database)?;
        }
    }
    write.commit().map_err(database)?;
    handle.check()?;
    Ok(handle)
}

/// Gives a draft the name of the database. A crash leaves what was there before, or the draft whole.
fn publish_draft(io: &dyn Io, dir: &Path) -> Result<()> {
    let path = dir.join(DATABASE);
    io.rename(&dir.join(DRAFT), &path)
        .map_err(|source| Error::writing(&path, "naming", source))?;
    io.sync_dir(dir).map_err(|source| Error::Io {
        path,
        action: "syncing the directory of",
        source,
    })
}

/// Makes an empty store under another name and renames it, so that a crash leaves none or a whole one.
fn create(io: &dyn Io, dir: &Path, embedder: Option<Embedder>) -> Result<()> {
    let identity = Identity {
        format: FORMAT,
        log_id: new_ids::random().to_string(),
        space: 1,
        embedder: embedder.unwrap_or(Embedder {
            name: String::new(),
            dim: 0,
            fingerprint: String::new(),
        }),
    };
    drop(draft(io, dir, &identity, Counters::first(), &[])?);
    publish_draft(io, dir)
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
        let path = dir.join(DATABASE);
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
            create(&*io, dir, embedder.clone())?;
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
        let handle = Handle::open(Arc::clone(&trial) as Arc<dyn IoFile>, &path)?;
        let format = trial::format(&handle.database, &path)?;
        if !read_only {
            let accepted = trial.accept();
            accepted.map_err(|source| Error::writing(&path, "opening", source))?;
        }
        formats::convert(&handle, format)?;
        // A store in memory has no disk that could be full.
        let reserve = if read_only || dir == Path::new(":memory:") {
            Reserve::default()
        } else {
            Reserve::open(&*io, dir)
        };
        let store = Self {
            handle: Mutex::new(Arc::new(handle)),
            reserve,
            reserved: AtomicU64::new(0),
            new_ids: new_ids::NewIds::new(),
            catalogue: catalogue::Catalogue::new(Arc::clone(&io), &vectors_dir),
            io,
            dir: dir.to_owned(),
            path,
            vectors_dir,
            lock,
        };
        store.identify(embedder)?;
        if !read_only {
            store.sweep()?;
            store.fill_reserve();
        }
        Ok(store)
    }

    /// Checks the identity of the store before anything is written.
    fn identify(&self, embedder: Option<Embedder>) -> Result<()> {
        let read = self.handle().database.begin_read().map_err(database)?;
        let known = meta::identity(&ReadTables::open(&read)?.meta)?;
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

    /// Puts the files of segments in order, and removes a database that was never named.
    fn sweep(&self) -> Result<()> {
        let draft = self.dir.join(DRAFT);
        let failed = |source| Error::Io {
            path: draft.clone(),
            action: "cleaning up",
            source,
        };
        if self.io.exists(&draft).map_err(failed)? {
            self.io.remove(&draft).map_err(failed)?;
        }
        let read = self.handle().database.begin_read().map_err(database)?;
        sweep::sweep(&*self.io, &self.vectors_dir, &ReadTables::open(&read)?)
    }

    fn handle(&self) -> Arc<Handle> {
        Arc::clone(&self.handle.lock())
    }

    fn replace(&self, handle: Arc<Handle>) {
        *self.handle.lock() = handle;
    }

    /// Gives back what is free in the database file, as far as that goes: nothing depends on it.
    pub(crate) fn shrink(self) {
        let handle = self.handle.into_inner();
        if let Some(mut handle) = Arc::into_inner(handle) {
            let _ = handle.compact();
        }
    }

    /// Checks that the files are where they were opened.
    pub(crate) fn check(&self) -> Result<()> {
        self.lock.check(&self.path)
    }

    /// How its files are reached.
    pub(crate) fn io(&self) -> &dyn Io {
        &*self.io
    }

    /// The newest commit; no write may be under way.
    pub(crate) fn snapshot(&self) -> Result<Snapshot> {
        let handle = self.handle();
        let read = handle.database.begin_read().map_err(database)?;
        let tables = ReadTables::open(&read)?;
        let named = self.catalogue.update(vectors::segments(&tables.segments)?);
        Snapshot::new(tables, named, handle)
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
    ) -> Result<(T, RowChanges)> {
        self.check()?;
        let handle = self.handle();
        let mut write = handle.database.begin_write().map_err(database)?;
        if !durable {
            write
                .set_durability(redb::Durability::None)
                .map_err(database)?;
        }
        let outcome = guarded(|| {
            // What they are after a failure is not known, and so they are left empty.
            let known = std::mem::take(texts);
            let mut txn = Txn::open(
                &write,
                &*self.io,
                &self.vectors_dir,
                now,
                &self.new_ids,
                known,
            )?;
            let reserved = self.reserved.load(Ordering::Relaxed);
            txn.counters.segment = txn.counters.segment.max(reserved);
            let value = change(&mut txn)?;
            let (changes, known) = txn.finish()?;
            handle.check()?;
            Ok((value, changes, known))
        });
        match outcome {
            Ok((value, changes, known)) => {
                write.commit().map_err(|error| {
                    let error = database(error);
                    if matches!(error, Error::Reopened) {
                        // Whether the commit was made shows when the database is open again, so
                        // the call must not be repeated unseen.
                        let path = DATABASE.into();
                        let source = std::io::Error::other("a read failed during the commit");
                        return Error::Read { path, source };
                    }
                    error
                })?;
                handle.check_commit()?;
                *texts = known;
                Ok((value, changes))
            }
            Err(error) => {
                // The first failure is reported; a failure to abort shows at the next write.
                let _ = write.abort();
                // A write that failed is the cause of all that came after it.
                handle.check()?;
                Err(error)
            }
        }
    }
}
