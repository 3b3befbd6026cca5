//! The engine: the only part that knows all others.
//!
//! One writer at a time commits to the store and then publishes, in one step, the new snapshot and
//! the shards it changed. A reader takes a snapshot and works on it without a lock.
//!
//! The order of the locks; a thread that holds one takes only later ones:
//!
//! 1. `maintenance`: one thread at a time works on segments or the index.
//! 2. `writer`: one commit at a time.
//! 3. `messages`, then `approx.ready`: read by searches, written while the index advances.
//! 4. `state`: held to take or publish a snapshot and its shards, never for I/O.
//! 5. `queue`, then the signal of a caller; `inner`, `worker`, `trouble`, the bell: for a moment.
//! 6. The locks inside the store and the shards, under which no lock of the engine is taken.

mod adjust;
mod approx;
mod best;
mod centred;
mod commit;
mod copies;
mod export;
mod extras;
mod follow;
mod hybrid;
mod known;
mod lexicon;
mod listed;
mod maintenance;
mod messages;
mod queue;
mod read;
mod recovery;
mod reembed;
mod scan;
mod search;
mod within;
mod worker;

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

pub use approx::IndexState;
pub use export::{Export, Exported};
pub use lexicon::static_table;
pub use maintenance::{Stage, Stats};
pub use read::LogState;
pub use reembed::ReembedStep;
pub use within::Within;

use crate::error::{Error, Result};
use crate::io::{DiskIo, Io, MemoryIo};
use crate::shard::{self, Cache, Part, Shard};
use crate::store::{Embedder, Identity, RowChanges, Snapshot, Store, Txn};
use crate::sync::{Mutex, RwLock};
use approx::Approx;
use commit::Writer;
use lexicon::Lexicon;
use messages::Messages;
use queue::Queue;
use worker::{Bell, Worker};

/// When a change is safe from a crash of the machine.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Durability {
    /// When the call that made it returns.
    #[default]
    Commit,
    /// A batch of several changes when its call returns; a single change with the next batch, or
    /// when the store is flushed or closed.
    Batch,
    /// When the store is flushed or closed.
    None,
}

/// Default of [`Options::cache_bytes`].
const CACHE_BYTES: usize = 384 << 20;

/// Events since the store was opened from which its file is compacted when it is closed.
const BULK: u64 = 50_000;

/// How a store is opened.
#[derive(Debug, Clone)]
pub struct Options {
    /// What makes the vectors; `None` opens any store, for vectors from outside.
    pub embedder: Option<Embedder>,
    /// Open for reading only; several processes may.
    pub read_only: bool,
    /// When changes are safe from a crash. Default: when their call returns.
    pub durability: Durability,
    /// Bytes of vectors, codes, filter columns and words kept in memory. Default: 384 MiB.
    pub cache_bytes: usize,
    /// Directory of the static table and the thesaurus. Default: none, and searches by words find
    /// no related words.
    pub lexicon: Option<PathBuf>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            embedder: None,
            read_only: false,
            durability: Durability::default(),
            cache_bytes: CACHE_BYTES,
            lexicon: None,
        }
    }
}

/// A memory store. All methods may be called from many threads.
#[derive(Debug)]
pub struct Engine {
    path: PathBuf,
    pid: u32,
    read_only: bool,
    inner: RwLock<Option<Arc<Inner>>>,
    worker: Mutex<Option<Worker>>,
}

#[derive(Debug)]
struct Inner {
    state: RwLock<State>,
    writer: Mutex<Writer>,
    queue: Queue,
    durability: Durability,
    bell: Arc<Bell>,
    approx: Approx,
    /// The last failure of the maintenance in the background.
    trouble: Mutex<Option<String>>,
    /// Held while segments or the index change.
    maintenance: Mutex<()>,
    /// Kept messages that a change of embedder has read.
    messages: Mutex<Messages>,
    /// Last event when the store was opened.
    opened_at: u64,
    lexicon: Lexicon,
    store: Store,
}

/// What readers see.
#[derive(Debug)]
struct State {
    snapshot: Arc<Snapshot>,
    shards: Cache,
    /// Partitions changed since the store was opened, with the last event that changed them: a
    /// shard loaded from an older snapshot is not kept.
    changed: HashMap<u32, u64>,
}

impl Engine {
    /// Opens the store in directory `path`, and creates it if it is missing; `:memory:` is one
    /// without files, dropped when it is closed.
    pub fn open(path: &Path, options: Options) -> Result<Self> {
        if path == Path::new(":memory:") {
            return Self::open_in(Arc::new(MemoryIo::default()), path, options);
        }
        Self::open_in(Arc::new(DiskIo), path, options)
    }

    /// Opens a store whose files are reached through `io`.
    pub fn open_in(io: Arc<dyn Io>, path: &Path, options: Options) -> Result<Self> {
        let keeps_index = !options.read_only && path != Path::new(":memory:");
        let store = Store::open(io, path, options.embedder, options.read_only)?;
        let snapshot = Arc::new(store.snapshot()?);
        let opened_at = snapshot.last_seq();
        let state = State {
            snapshot,
            shards: Cache::new(options.cache_bytes),
            changed: HashMap::new(),
        };
        let inner = Inner {
            state: RwLock::new(state),
            writer: Mutex::default(),
            queue: Queue::default(),
            durability: options.durability,
            bell: Arc::default(),
            approx: Approx::new(keeps_index.then(|| path.join("hnsw"))),
            trouble: Mutex::default(),
            maintenance: Mutex::default(),
            messages: Mutex::default(),
            opened_at,
            lexicon: Lexicon::new(options.lexicon),
            store,
        };
        let inner = Arc::new(inner);
        let worker = (!options.read_only).then(|| Worker::start(&inner));
        Ok(Self {
            path: path.to_owned(),
            pid: std::process::id(),
            read_only: options.read_only,
            inner: RwLock::new(Some(inner)),
            worker: Mutex::new(worker),
        })
    }

    /// Closes the store and releases its lock. Calls after it fail; closing twice does not.
    ///
    /// In a forked child it does nothing: the store is the parent's.
    pub fn close(&self) -> Result<()> {
        if std::process::id() != self.pid {
            return Ok(());
        }
        let inner = self.inner.write().take();
        let worker = self.worker.lock().take();
        if let Some(worker) = worker {
            worker.stop();
        }
        let Some(inner) = inner else { return Ok(()) };
        match inner.flush() {
            // The failed write has reported already that nothing after it is kept.
            Err(Error::Poisoned { .. }) => return Ok(()),
            outcome => outcome?,
        }
        // A call that is still running in another thread finishes on the store as it is.
        if let Some(inner) = Arc::into_inner(inner) {
            inner.shrink();
        }
        Ok(())
    }

    /// The store's directory.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// What the store is and what made its vectors.
    pub fn identity(&self) -> Result<Identity> {
        Ok(self.inner()?.newest().identity.clone())
    }

    /// Sequence number of the last event; 0 if there is none.
    pub fn last_seq(&self) -> Result<u64> {
        Ok(self.inner()?.newest().last_seq())
    }

    /// Erases every memory, event and vector, also from the files; the embedder stays. Vector files
    /// that a running export still reads are removed when it ends.
    pub fn reset(&self) -> Result<()> {
        self.writable()?.reset()
    }

    fn inner(&self) -> Result<Arc<Inner>> {
        let current = std::process::id();
        if current != self.pid {
            return Err(Error::Forked {
                owner: self.pid,
                current,
            });
        }
        let inner = self.inner.read();
        inner.as_ref().map(Arc::clone).ok_or(Error::Closed)
    }

    fn writable(&self) -> Result<Arc<Inner>> {
        if self.read_only {
            Err(Error::ReadOnly)
        } else {
            self.inner()
        }
    }

    fn write<T>(&self, change: impl FnOnce(&mut Txn<'_>) -> Result<T>) -> Result<T> {
        self.writable()?.write(change)
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        if std::process::id() != self.pid {
            // A forked child has the parent's mutexes as they were at the fork, and no thread that
            // would release one that was held.
            let (inner, worker) = (self.inner.get_mut(), self.worker.get_mut());
            std::mem::forget((inner.take(), worker.take()));
            return;
        }
        // Drop ignores errors; call `close` to see them.
        let _ = self.close();
    }
}

impl State {
    /// Whether a part is the same now as it was in a snapshot.
    fn holds(&self, snapshot: &Snapshot, part: Part) -> bool {
        let (now, then) = (&self.snapshot.identity, &snapshot.identity);
        let unchanged = match part {
            Part::One(partition) => self
                .changed
                .get(&partition)
                .is_none_or(|seq| *seq <= snapshot.last_seq()),
            Part::All => self.snapshot.last_seq() == snapshot.last_seq(),
        };
        now.log_id == then.log_id && now.space == then.space && unchanged
    }
}

impl Inner {
    /// Releases the space that a bulk of changes left free in the database file.
    fn shrink(self) {
        let Self {
            state,
            opened_at,
            store,
            ..
        } = self;
        let grown = state
            .into_inner()
            .snapshot
            .last_seq()
            .saturating_sub(opened_at);
        if grown >= BULK {
            store.shrink();
        }
    }

    /// The newest commit.
    fn newest(&self) -> Arc<Snapshot> {
        let state = self.state.read();
        Arc::clone(&state.snapshot)
    }

    fn publish(&self, snapshot: Arc<Snapshot>, changes: &RowChanges) {
        let extras = self.extras(&self.newest(), &snapshot, changes);
        let mut state = self.state.write();
        let seq = snapshot.last_seq();
        let (old, new) = (&state.snapshot.identity, &snapshot.identity);
        let (reset, swapped) = (old.log_id != new.log_id, old.space != new.space);
        let measured = old.embedder.dim != new.embedder.dim;
        state.snapshot = snapshot;
        // Rows without a vector may lie in shards that were read before dimensions were known.
        if reset || swapped || measured {
            state.shards.clear();
        }
        if reset {
            // Sequence numbers start again at 1, so old ones mean nothing.
            state.changed.clear();
        }
        for (partition, _) in changes {
            state.changed.insert(*partition, seq);
        }
        state.shards.apply(changes, &extras);
    }

    /// Drops all shards; each is read again when it is next searched.
    fn drop_shards(&self) {
        let mut state = self.state.write();
        state.shards.clear();
    }

    /// Updates the charge of a shard to its bytes now.
    fn recharge(&self, part: Part) {
        let mut state = self.state.write();
        state.shards.recharge(part);
    }

    /// The shard of a part as of a snapshot, read if it is not in memory; `None` if a later
    /// commit changed it, and the caller must begin again with the newest snapshot.
    fn view(&self, snapshot: &Snapshot, part: Part) -> Result<Option<Arc<Shard>>> {
        {
            let state = self.state.read();
            if let Some(shard) = state.shards.get(part) {
                return Ok(state.holds(snapshot, part).then_some(shard));
            }
        }
        let shard = Arc::new(shard::load(snapshot, part)?);
        let mut state = self.state.write();
        if state.holds(snapshot, part) {
            state.shards.insert(part, Arc::clone(&shard));
        }
        Ok(Some(shard))
    }
}
