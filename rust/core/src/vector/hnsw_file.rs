//! The approximate index on disk: a head that says of which store and event it is, and its bytes.

use std::path::Path;

use serde::{Deserialize, Serialize};
use xxhash_rust::xxh3::xxh3_64;

use super::hnsw::Hnsw;
use crate::error::{Error, Result};
use crate::io::check_safe;
use crate::io::{Access, Io};

const MAGIC: &[u8; 8] = b"MFHNSW\0\x02";
const NAME: &str = "index.hnsw";
/// Bytes that are read and written at a time.
const PIECE: usize = 8 << 20;
/// Magic, length of the head, checksum of the head.
const FIXED: usize = 20;
const MAX_HEAD: usize = 4096;

/// What an index was made of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Stamp {
    pub(crate) log_id: String,
    pub(crate) space: u32,
    pub(crate) dim: usize,
    /// The last event that it holds.
    pub(crate) seq: u64,
    /// Fingerprint of that event.
    pub(crate) event: u128,
}

impl Stamp {
    /// Whether an index with this stamp may be brought up to another one by the events between
    /// them; that both have the event `seq` is not checked here.
    pub(crate) fn precedes(&self, now: &Self) -> bool {
        self.log_id == now.log_id
            && self.space == now.space
            && self.dim == now.dim
            && self.seq <= now.seq
    }
}

#[derive(Debug, Serialize, Deserialize)]
struct Head {
    stamp: Stamp,
    len: u64,
    checksum: u64,
}

fn failed<'a>(action: &'static str, path: &'a Path) -> impl Fn(std::io::Error) -> Error + 'a {
    move |source| Error::Io {
        path: path.to_owned(),
        action,
        source,
    }
}

/// Writes an index beside the one that is there, and renames it when it is durable; nothing stays
/// of one that fails.
pub(crate) fn save(io: &dyn Io, dir: &Path, index: &Hnsw, stamp: &Stamp) -> Result<()> {
    write(io, dir, index, stamp).inspect_err(|_| {
        let _ = io.remove(&dir.join(format!("{NAME}.new")));
    })
}

fn write(io: &dyn Io, dir: &Path, index: &Hnsw, stamp: &Stamp) -> Result<()> {
    let bytes = index.to_bytes()?;
    let head = Head {
        stamp: stamp.clone(),
        len: bytes.len() as u64,
        checksum: xxh3_64(&bytes),
    };
    let head = postcard::to_allocvec(&head).map_err(|error| Error::Index(error.to_string()))?;
    let mut fixed = MAGIC.to_vec();
    fixed.extend((head.len() as u32).to_le_bytes());
    fixed.extend(xxh3_64(&head).to_le_bytes());
    fixed.extend(head);

    let path = dir.join(NAME);
    let draft = dir.join(format!("{NAME}.new"));
    io.create_dir(dir).map_err(failed("making", dir))?;
    check_safe(io, dir, false)?;
    let file = io
        .open(&draft, Access::Create)
        .map_err(failed("creating", &draft))?;
    let writing = failed("writing", &draft);
    file.write_at(0, &fixed).map_err(&writing)?;
    let mut offset = fixed.len() as u64;
    for piece in bytes.chunks(PIECE) {
        file.write_at(offset, piece).map_err(&writing)?;
        offset += piece.len() as u64;
    }
    file.sync().map_err(failed("syncing", &draft))?;
    io.rename(&draft, &path).map_err(failed("naming", &path))?;
    io.sync_dir(dir).map_err(failed("syncing", dir))
}

/// Removes the index, and one that was being written.
pub(crate) fn remove(io: &dyn Io, dir: &Path) -> Result<()> {
    for name in [NAME.to_owned(), format!("{NAME}.new")] {
        let path = dir.join(name);
        if io.exists(&path).map_err(failed("looking for", &path))? {
            io.remove(&path).map_err(failed("removing", &path))?;
            io.sync_dir(dir).map_err(failed("syncing", dir))?;
        }
    }
    Ok(())
}

/// The index on disk and what it was made of; `None` if there is none that `wanted` accepts, or
/// its file is damaged, so that it must be built again.
pub(crate) fn load(
    io: &dyn Io,
    dir: &Path,
    wanted: impl FnOnce(&Stamp) -> bool,
) -> Option<(Hnsw, Stamp)> {
    let path = dir.join(NAME);
    check_safe(io, dir, false).ok()?;
    let file = io.open(&path, Access::Read).ok()?;
    let mut fixed = [0; FIXED];
    file.read_at(0, &mut fixed).ok()?;
    let (magic, rest) = fixed.split_first_chunk::<8>()?;
    let (len, sum) = rest.split_first_chunk::<4>()?;
    let len = u32::from_le_bytes(*len) as usize;
    if magic != MAGIC || len > MAX_HEAD {
        return None;
    }
    let mut head = vec![0; len];
    file.read_at(FIXED as u64, &mut head).ok()?;
    if xxh3_64(&head) != u64::from_le_bytes(*sum.first_chunk()?) {
        return None;
    }
    let head: Head = postcard::from_bytes(&head).ok()?;
    let start = (FIXED + len) as u64;
    if !wanted(&head.stamp) || file.len().ok()? != start + head.len {
        return None;
    }
    let mut bytes = vec![0; usize::try_from(head.len).ok()?];
    file.read_at(start, &mut bytes).ok()?;
    if xxh3_64(&bytes) != head.checksum {
        return None;
    }
    // usearch reads lengths and offsets as they come, so it gets no byte that was not checked.
    let index = Hnsw::from_bytes(head.stamp.dim, &bytes).ok()?;
    Some((index, head.stamp))
}
