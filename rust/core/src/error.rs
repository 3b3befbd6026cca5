//! The one error type of the core. Exhaustive on purpose: the binding maps every case.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;

use crate::ids::brief;

/// What went wrong, with the values, and what to do about it.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// An argument is wrong; the call changed nothing.
    #[error("{0}")]
    Invalid(String),
    /// A call named no scope.
    #[error("At least one of 'user_id', 'agent_id', or 'run_id' must be provided.")]
    NoScope,
    /// A filter is malformed.
    #[error("filter at `{path}`: {problem}")]
    Filter {
        /// Where in the filter, such as `AND[1].price.gte`.
        path: String,
        /// What is wrong and what to write instead.
        problem: String,
    },
    /// A vector has the wrong number of dimensions.
    #[error(
        "vector has {got} dimensions but the store holds {want}; use the embedder the store was created with"
    )]
    Dimension {
        /// Dimensions of the store.
        want: usize,
        /// Dimensions of the vector.
        got: usize,
    },
    /// A vector holds NaN or infinity, has no length, or one beyond what f32 can compare.
    #[error("vector {index} is unusable: {problem}")]
    Vector {
        /// Position in the batch.
        index: usize,
        /// What is wrong.
        problem: String,
    },
    /// No memory has this id.
    #[error(
        "Memory with id {} not found. Please provide a valid 'memory_id'",
        brief(.id)
    )]
    NotFound {
        /// The id asked for.
        id: String,
    },
    /// A memory changed since the caller read it.
    #[error("memory {} was changed by another call meanwhile; read it again and decide on what it holds now", brief(.id))]
    Changed {
        /// The memory.
        id: String,
    },
    /// Pending input is already processed.
    #[error("the pending input {id} was processed or erased by another call meanwhile")]
    Processed {
        /// Its number.
        id: u64,
    },
    /// A batch with this key is committed already.
    #[error("a batch with the key {:?} was committed before", brief(.key))]
    Repeated {
        /// The caller's name for it.
        key: String,
    },
    /// The id is taken.
    #[error("Memory with id {} already exists; use `update` to change it", brief(.id))]
    Exists {
        /// The id given.
        id: String,
    },
    /// The store was made with another embedder.
    #[error(
        "the store holds vectors of embedder `{stored}` but was opened with `{given}`; open it with `{stored}` (or `embedder=None`) and call `memory.reembed(embedder=...)` to change over"
    )]
    Embedder {
        /// Identity written in the store.
        stored: String,
        /// Identity given at open.
        given: String,
    },
    /// The vectors were swapped for another embedder's while a call was under way.
    #[error(
        "the store changed to embedder space {current} during the call, which had vectors of space {given}; embed again and repeat the call"
    )]
    Space {
        /// The space the call's vectors belong to.
        given: u32,
        /// The space the store serves now.
        current: u32,
    },
    /// Another process, or another handle of this one, holds the store.
    #[error("{path}: the store is in use by {owner}; close it there, or open it with `read_only=True` in every process that shares it; do not delete LOCK: that does not release the store, and two processes that write destroy it", path = .path.display())]
    Locked {
        /// The store's directory.
        path: PathBuf,
        /// PID, host and start time of the holder, as far as LOCK names them.
        owner: String,
    },
    /// The store belongs to the parent of a forked process.
    #[error(
        "the store was opened by process {owner}, and this is its fork {current}; open it again in the child"
    )]
    Forked {
        /// PID that opened the store.
        owner: u32,
        /// PID of the caller.
        current: u32,
    },
    /// The database is no longer where it was opened; nothing of the call was written.
    #[error("{path}: {problem} while the store was open, so nothing is written; put it back, or close the store and open it where it is now", path = .path.display())]
    Moved {
        /// The database file.
        path: PathBuf,
        /// What was found.
        problem: String,
    },
    /// The handle was closed.
    #[error("the store is closed; open it again")]
    Closed,
    /// The store was opened for reading.
    #[error("the store was opened with `read_only=True`; open it without to change it")]
    ReadOnly,
    /// An earlier write failed; what is on disk is known only up to the last commit.
    #[error(
        "an earlier write failed ({cause}), so the store only reads now; remove the cause, then close and reopen it"
    )]
    Poisoned {
        /// The first failure.
        cause: String,
    },
    /// The store was written by a newer memfast; it was not changed.
    #[error("{path}: format {found} is newer than {known}, the newest this version knows; upgrade memfast to open it", path = .path.display())]
    Format {
        /// The database file.
        path: PathBuf,
        /// Format of the store.
        found: u32,
        /// Newest format known.
        known: u32,
    },
    /// The database file is empty, or another program's; it was not changed.
    #[error("{path} is not a memfast store: {problem}; restore it from a backup, or move it away to begin an empty store", path = .path.display())]
    NotStore {
        /// The database file.
        path: PathBuf,
        /// What was found.
        problem: String,
    },
    /// Other users may change the store's files.
    #[error("{path}: {problem}", path = .path.display())]
    Unsafe {
        /// The directory.
        path: PathBuf,
        /// Who may, and what to do.
        problem: String,
    },
    /// Bytes on disk are not what was written.
    #[error("{path} is damaged: {problem}; restore it from a backup", path = .path.display())]
    Corrupt {
        /// The file.
        path: PathBuf,
        /// What was found, with the offset.
        problem: String,
    },
    /// A segment that the store names is not there; nothing was changed.
    #[error("{path}: {problem}; put it back, or the memfast.redb that belongs to the files there; `read_only=True` opens the store as it is, to export its texts", path = .path.display())]
    Segment {
        /// The segment's file.
        path: PathBuf,
        /// What was found.
        problem: String,
    },
    /// The operating system refused a file operation.
    #[error("{path}: {action} failed: {source}", path = .path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What was tried.
        action: &'static str,
        /// What the system said.
        source: std::io::Error,
    },
    /// There is no space for a write; nothing of the call was kept, and the store is intact.
    #[error(
        "{path}: {action} failed: {source}; the disk is full (or a quota is used up): the store still reads and deletes, and takes the call again once space is freed", path = .path.display()
    )]
    Full {
        /// The file.
        path: PathBuf,
        /// What was tried.
        action: &'static str,
        /// What the system said.
        source: std::io::Error,
    },
    /// A read failed; it changed nothing, and the next call reads again.
    #[error("{path}: reading failed: {source}; nothing was changed, so repeat the call", path = .path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The database was opened again, after a failure, while a call was reading it.
    #[error("the store's database was opened again during the call; repeat the call")]
    Reopened,
    /// The approximate index failed; the store is intact, and the index can be built again.
    #[error("the approximate index failed: {0}; call `optimize()` to build it again")]
    Index(String),
    /// The database layer failed.
    #[error("the store's database failed: {0}")]
    Database(String),
    /// A panic: a bug of memfast or of what it is built on.
    #[error("memfast failed inside: {0}; this is a bug, please report it")]
    Internal(String),
}

/// Result of the core.
pub type Result<T> = std::result::Result<T, Error>;

/// Runs `work`; a panic in it is returned as [`Error::Internal`].
///
/// What `work` changes must be thrown away, or be of no harm half changed, where it panics.
pub fn guarded<T>(work: impl FnOnce() -> Result<T>) -> Result<T> {
    catch_unwind(AssertUnwindSafe(work))
        .unwrap_or_else(|panic| Err(Error::Internal(message_of(&*panic))))
}

/// The message of a panic.
pub(crate) fn message_of(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| panic.downcast_ref::<&str>().copied())
        .unwrap_or("a panic without a message")
        .to_owned()
}

/// Whether the system refused a write for want of space: on the disk, in a quota, or by a limit on
/// the size of files.
pub(crate) fn is_full(kind: std::io::ErrorKind) -> bool {
    use std::io::ErrorKind::{FileTooLarge, QuotaExceeded, StorageFull};
    matches!(kind, StorageFull | QuotaExceeded | FileTooLarge)
}

impl Error {
    /// A file operation that changes something was refused.
    pub(crate) fn writing(
        path: &std::path::Path,
        action: &'static str,
        source: std::io::Error,
    ) -> Self {
        let path = path.to_owned();
        if is_full(source.kind()) {
            Self::Full {
                path,
                action,
                source,
            }
        } else {
            Self::Io {
                path,
                action,
                source,
            }
        }
    }
}
