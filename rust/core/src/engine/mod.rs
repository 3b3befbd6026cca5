//! The engine: the only part that knows all others.
//!
//! One writer at a time commits to the store and then publishes, in one step, the new snapshot and
//! the shards it changed. A reader takes a snapshot and works on it without a lock.

mod export;
mod read;
mod reembed;
mod search;

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError, RwLock};

pub use export::{Export, Exported};
pub use reembed::ReembedStep;

use crate::error::{Error, Result};
use crate::query::{Batch, Change, Selection};
use crate::record::Micros;
use crate::store::io::{DiskIo, Io};
use crate::store::memory_io::MemoryIo;
use crate::store::{Embedder, Identity, ShardChanges, Snapshot, Store, Txn};
use crate::vector::Shard;

/// How a store is opened.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// What makes the vectors; `None` opens any store, for vectors from outside.
    pub embedder: Option<Embedder>,
    /// Open without the right to change anything; several processes may.
    pub read_only: bool,
}

/// A memory store. All methods may be called from many threads.
#[derive(Debug)]
pub struct Engine {
    path: PathBuf,
    pid: u32,
    read_only: bool,
    inner: RwLock<Option<Arc<Inner>>>,
}

#[derive(Debug)]
struct Inner {
    state: RwLock<State>,
    writer: Mutex<Writer>,
    store: Store,
}

#[derive(Debug, Default)]
struct Writer {
    /// The first failure of a write; nothing is written after it.
    poisoned: Option<String>,
    last_now: Micros,
}

/// What readers see. Replaced as a whole under its lock.
#[derive(Debug)]
struct State {
    snapshot: Arc<Snapshot>,
    shards: HashMap<u32, Arc<Shard>>,
    /// Partitions changed since the store was opened, with the last event that changed them: a
    /// shard loaded from an older snapshot is not kept.
    changed: HashMap<u32, u64>,
}

impl Engine {
    /// Opens the store in directory `path`, making it if it is missing; `:memory:` is one without
    /// files, gone when it is closed.
    pub fn open(path: &Path, options: Options) -> Result<Self> {
        if path == Path::new(":memory:") {
            return Self::open_in(Arc::new(MemoryIo::default()), path, options);
        }
        Self::open_in(Arc::new(DiskIo), path, options)
    }

    /// Opens a store whose files are reached through `io`.
    pub fn open_in(io: Arc<dyn Io>, path: &Path, options: Options) -> Result<Self> {
        let store = Store::open(io, path, options.embedder, options.read_only)?;
        let snapshot = Arc::new(store.snapshot()?);
        let state = State {
            snapshot,
            shards: HashMap::new(),
            changed: HashMap::new(),
        };
        let inner = Inner {
            state: RwLock::new(state),
            writer: Mutex::default(),
            store,
        };
        Ok(Self {
            path: path.to_owned(),
            pid: std::process::id(),
            read_only: options.read_only,
            inner: RwLock::new(Some(Arc::new(inner))),
        })
    }

    /// Closes the store and lets go of its lock. Calls after it fail; closing twice does not.
    pub fn close(&self) {
        self.inner
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
    }

    /// The store's directory.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// What the store is and what made its vectors.
    pub fn identity(&self) -> Result<Identity> {
        Ok(self.inner()?.snapshot().identity.clone())
    }

    /// Sequence number of the last event; 0 if there is none.
    pub fn last_seq(&self) -> Result<u64> {
        Ok(self.inner()?.snapshot().last_seq())
    }

    /// Commits the changes of a batch, all or nothing, and tells what became of each.
    pub fn apply(&self, batch: Batch) -> Result<Vec<Change>> {
        self.write(|txn| {
            if let Some(given) = batch.space.filter(|space| *space != txn.identity.space) {
                return Err(Error::Space {
                    given,
                    current: txn.identity.space,
                });
            }
            let ops = batch.ops.into_iter().enumerate();
            ops.map(|(index, op)| txn.apply(index, op)).collect()
        })
    }

    /// Deletes all memories of a selection's scope that match its filter, expired, superseded and
    /// kept messages with them, in one commit. Returns how many.
    pub fn delete_all(&self, selection: &Selection) -> Result<usize> {
        let inner = self.writable()?;
        inner.write(|txn, snapshot| {
            let mut ids = Vec::new();
            for (partition, scopes) in snapshot.targets(&selection.scope)? {
                snapshot.visit(partition, 0, |_, bytes| {
                    let head = crate::store::decode_head(bytes)?;
                    if scopes
                        .as_ref()
                        .is_none_or(|scopes| scopes.contains(&head.scope))
                    {
                        let record = crate::store::decode_record(bytes)?;
                        if selection
                            .filter
                            .as_ref()
                            .is_none_or(|filter| filter.matches(&record))
                        {
                            ids.push(record.id);
                        }
                    }
                    Ok(true)
                })?;
            }
            for id in &ids {
                txn.delete(id)?;
            }
            Ok(ids.len())
        })
    }

    /// Forgets every memory, every event and every vector; the embedder stays.
    pub fn reset(&self) -> Result<()> {
        self.writable()?.write(|txn, _| txn.reset())
    }

    fn inner(&self) -> Result<Arc<Inner>> {
        let current = std::process::id();
        if current != self.pid {
            return Err(Error::Forked {
                owner: self.pid,
                current,
            });
        }
        let inner = self.inner.read().unwrap_or_else(PoisonError::into_inner);
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
        self.writable()?.write(|txn, _| change(txn))
    }
}

impl State {
    /// Whether a partition is the same now as it was in a snapshot.
    fn holds(&self, snapshot: &Snapshot, partition: u32) -> bool {
        let (now, then) = (&self.snapshot.identity, &snapshot.identity);
        now.log_id == then.log_id
            && now.space == then.space
            && self
                .changed
                .get(&partition)
                .is_none_or(|seq| *seq <= snapshot.last_seq())
    }
}

impl Inner {
    fn snapshot(&self) -> Arc<Snapshot> {
        Arc::clone(
            &self
                .state
                .read()
                .unwrap_or_else(PoisonError::into_inner)
                .snapshot,
        )
    }

    /// Runs a change as the only writer. The snapshot given to it is the newest commit.
    fn write<T>(&self, change: impl FnOnce(&mut Txn<'_>, &Snapshot) -> Result<T>) -> Result<T> {
        let mut writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(cause) = &writer.poisoned {
            return Err(Error::Poisoned {
                cause: cause.clone(),
            });
        }
        // Time never runs backwards in the log, whatever the clock does.
        let now = crate::now().max(writer.last_now);
        writer.last_now = now;
        let before = self.snapshot();
        let outcome =
            self.store
                .write(now, |txn| change(txn, &before))
                .and_then(|(value, changes)| {
                    let snapshot = Arc::new(self.store.snapshot()?);
                    self.publish(snapshot, changes);
                    Ok(value)
                });
        if let Err(error @ (Error::Io { .. } | Error::Database(_) | Error::Corrupt { .. })) =
            &outcome
        {
            writer.poisoned = Some(error.to_string());
        }
        outcome
    }

    fn publish(&self, snapshot: Arc<Snapshot>, changes: ShardChanges) {
        let mut state = self.state.write().unwrap_or_else(PoisonError::into_inner);
        let seq = snapshot.last_seq();
        let (old, new) = (&state.snapshot.identity, &snapshot.identity);
        let (reset, swapped) = (old.log_id != new.log_id, old.space != new.space);
        state.snapshot = snapshot;
        if reset || swapped {
            state.shards.clear();
        }
        if reset {
            // Sequence numbers start anew, so old ones say nothing.
            state.changed.clear();
        }
        for (partition, change) in changes {
            state.changed.insert(partition, seq);
            if let Some(shard) = state.shards.get_mut(&partition) {
                Arc::make_mut(shard).apply(change);
            }
        }
    }

    /// The shard of a partition as of a snapshot, loaded where it is not yet; `None` if a later
    /// commit changed it, so that the caller must begin again with the newest snapshot.
    fn view(&self, snapshot: &Arc<Snapshot>, partition: u32) -> Result<Option<Arc<Shard>>> {
        {
            let state = self.state.read().unwrap_or_else(PoisonError::into_inner);
            if let Some(shard) = state.shards.get(&partition) {
                return Ok(state.holds(snapshot, partition).then(|| Arc::clone(shard)));
            }
        }
        let shard = Arc::new(self.load(snapshot, partition)?);
        let mut state = self.state.write().unwrap_or_else(PoisonError::into_inner);
        if state.holds(snapshot, partition) {
            state.shards.insert(partition, Arc::clone(&shard));
        }
        Ok(Some(shard))
    }

    fn load(&self, snapshot: &Snapshot, partition: u32) -> Result<Shard> {
        let vectors = self.store.vectors(snapshot, partition)?;
        let mut shard = Shard::new(snapshot.identity.embedder.dim);
        for (row, head) in snapshot.heads(partition)? {
            let vector = vectors.get(&row).ok_or_else(|| Error::Corrupt {
                path: PathBuf::from("vectors"),
                problem: format!("the vector of row {row} in partition {partition} is missing"),
            })?;
            let inverse_norm = crate::vector::kernels::check(0, vector, vector.len())?;
            shard.push(row, head, inverse_norm, vector);
        }
        Ok(shard)
    }
}
