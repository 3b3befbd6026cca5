//! Files that live in memory: a store at `:memory:`, and the overlay that keeps writes from a file.

use std::collections::{BTreeMap, HashMap};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};

use super::io::{Access, Io, IoFile};

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A file tree that is gone when it is dropped.
#[derive(Debug, Default)]
pub struct MemoryIo {
    files: Mutex<BTreeMap<PathBuf, Arc<MemoryFile>>>,
}

impl Io for MemoryIo {
    fn create_dir(&self, _path: &Path) -> io::Result<()> {
        Ok(())
    }

    fn exists(&self, path: &Path) -> io::Result<bool> {
        Ok(lock(&self.files).contains_key(path))
    }

    fn hazard(&self, _dir: &Path, _read_only: bool) -> io::Result<Option<String>> {
        Ok(None)
    }

    fn list(&self, path: &Path) -> io::Result<Vec<String>> {
        let files = lock(&self.files);
        let names = files.keys().filter(|file| file.parent() == Some(path));
        Ok(names
            .filter_map(|file| Some(file.file_name()?.to_str()?.to_owned()))
            .collect())
    }

    fn open(&self, path: &Path, access: Access) -> io::Result<Arc<dyn IoFile>> {
        let mut files = lock(&self.files);
        if access != Access::Create
            && let Some(file) = files.get(path)
        {
            return Ok(Arc::clone(file) as Arc<dyn IoFile>);
        }
        if access == Access::Read {
            return Err(io::ErrorKind::NotFound.into());
        }
        let file = Arc::new(MemoryFile::default());
        files.insert(path.to_owned(), Arc::clone(&file));
        Ok(file)
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        let mut files = lock(&self.files);
        let file = files.remove(from).ok_or(io::ErrorKind::NotFound)?;
        files.insert(to.to_owned(), file);
        Ok(())
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        let removed = lock(&self.files).remove(path);
        removed
            .map(drop)
            .ok_or_else(|| io::ErrorKind::NotFound.into())
    }

    fn sync_dir(&self, _path: &Path) -> io::Result<()> {
        Ok(())
    }
}

#[derive(Debug, Default)]
struct MemoryFile(RwLock<Vec<u8>>);

impl IoFile for MemoryFile {
    fn len(&self) -> io::Result<u64> {
        Ok(self.0.read().unwrap_or_else(PoisonError::into_inner).len() as u64)
    }

    fn read_at(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        let bytes = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let start = usize::try_from(offset).map_err(io::Error::other)?;
        let source = start
            .checked_add(out.len())
            .and_then(|end| bytes.get(start..end));
        out.copy_from_slice(source.ok_or(io::ErrorKind::UnexpectedEof)?);
        Ok(())
    }

    fn write_at(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        let mut bytes = self.0.write().unwrap_or_else(PoisonError::into_inner);
        let start = usize::try_from(offset).map_err(io::Error::other)?;
        let end = start
            .checked_add(data.len())
            .ok_or(io::ErrorKind::FileTooLarge)?;
        if bytes.len() < end {
            bytes.resize(end, 0);
        }
        bytes[start..end].copy_from_slice(data);
        Ok(())
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        let len = usize::try_from(len).map_err(io::Error::other)?;
        self.0
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .resize(len, 0);
        Ok(())
    }

    fn sync(&self) -> io::Result<()> {
        Ok(())
    }

    fn try_lock(&self, _shared: bool) -> io::Result<bool> {
        Ok(true)
    }

    fn unlock(&self) -> io::Result<()> {
        Ok(())
    }

    fn is_at(&self, _path: &Path) -> io::Result<bool> {
        Ok(true)
    }
}

const PAGE: u64 = 4096;

/// A file whose writes stay in memory: a read-only open recovers a database that was not closed
/// without touching the disk, and a store whose disk failed goes on reading.
#[derive(Debug)]
pub(super) struct Overlay {
    base: Arc<dyn IoFile>,
    state: Mutex<OverlayState>,
}

#[derive(Debug)]
struct OverlayState {
    len: u64,
    /// Bytes of the base that hold: what was cut off comes back as zeros.
    base_len: u64,
    pages: HashMap<u64, Vec<u8>>,
}

impl OverlayState {
    fn base_page(&self, base: &dyn IoFile, page: u64) -> io::Result<Vec<u8>> {
        let mut bytes = vec![0; PAGE as usize];
        let start = page * PAGE;
        if start < self.base_len {
            let held = (self.base_len - start).min(PAGE) as usize;
            base.read_at(start, &mut bytes[..held])?;
        }
        Ok(bytes)
    }
}

impl Overlay {
    pub(super) fn new(base: Arc<dyn IoFile>) -> io::Result<Self> {
        let len = base.len()?;
        Ok(Self {
            base,
            state: Mutex::new(OverlayState {
                len,
                base_len: len,
                pages: HashMap::new(),
            }),
        })
    }

    /// Writes to the base what has stayed in memory, the first page after all others are durable.
    /// May be called again after an error, which comes with what was tried.
    pub(super) fn write_back(&self) -> Result<(), (&'static str, io::Error)> {
        let state = lock(&self.state);
        let put = |page: u64, bytes: &[u8]| {
            let start = page * PAGE;
            let held = state.len.saturating_sub(start).min(PAGE) as usize;
            self.base.write_at(start, &bytes[..held])
        };
        let sync = || self.base.sync().map_err(|error| ("syncing", error));
        let base_len = self.base.len().map_err(|error| ("reading", error))?;
        let resize = || self.base.set_len(state.len);
        if base_len < state.len {
            resize().map_err(|error| ("extending", error))?;
        }
        for (page, bytes) in &state.pages {
            if *page != 0 {
                put(*page, bytes).map_err(|error| ("writing", error))?;
            }
        }
        sync()?;
        if let Some(bytes) = state.pages.get(&0) {
            put(0, bytes).map_err(|error| ("writing", error))?;
            sync()?;
        }
        if base_len > state.len {
            // Not before: the header that was durable until now may name what is cut off.
            resize().map_err(|error| ("cutting", error))?;
        }
        Ok(())
    }
}

/// The pieces of `offset..offset+len` by page: page number, offset in the page, range in the data.
fn pieces(offset: u64, len: usize) -> impl Iterator<Item = (u64, usize, std::ops::Range<usize>)> {
    let mut done = 0;
    std::iter::from_fn(move || {
        if done == len {
            return None;
        }
        let position = offset + done as u64;
        let within = (position % PAGE) as usize;
        let count = (PAGE as usize - within).min(len - done);
        done += count;
        Some((position / PAGE, within, done - count..done))
    })
}

impl IoFile for Overlay {
    fn len(&self) -> io::Result<u64> {
        Ok(lock(&self.state).len)
    }

    fn read_at(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        let state = lock(&self.state);
        if offset
            .checked_add(out.len() as u64)
            .is_none_or(|end| end > state.len)
        {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        let end = offset + out.len() as u64;
        let changed = |page| state.pages.contains_key(&page);
        if end <= state.base_len && !(offset / PAGE..=end / PAGE).any(changed) {
            return self.base.read_at(offset, out);
        }
        for (page, within, range) in pieces(offset, out.len()) {
            let changed = state.pages.get(&page);
            let unchanged = changed
                .is_none()
                .then(|| state.base_page(&*self.base, page));
            let unchanged = unchanged.transpose()?;
            if let Some(bytes) = changed.or(unchanged.as_ref()) {
                let end = within + range.len();
                out[range].copy_from_slice(&bytes[within..end]);
            }
        }
        Ok(())
    }

    fn write_at(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        let mut state = lock(&self.state);
        for (page, within, range) in pieces(offset, data.len()) {
            if !state.pages.contains_key(&page) {
                let bytes = state.base_page(&*self.base, page)?;
                state.pages.insert(page, bytes);
            }
            let Some(bytes) = state.pages.get_mut(&page) else {
                continue;
            };
            bytes[within..within + range.len()].copy_from_slice(&data[range]);
        }
        state.len = state.len.max(offset + data.len() as u64);
        Ok(())
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        let mut state = lock(&self.state);
        state.len = len;
        state.base_len = state.base_len.min(len);
        state.pages.retain(|page, _| page * PAGE < len);
        if let Some(last) = state.pages.get_mut(&(len / PAGE)) {
            last[(len % PAGE) as usize..].fill(0);
        }
        Ok(())
    }

    fn sync(&self) -> io::Result<()> {
        Ok(())
    }

    fn try_lock(&self, shared: bool) -> io::Result<bool> {
        self.base.try_lock(shared)
    }

    fn unlock(&self) -> io::Result<()> {
        self.base.unlock()
    }

    fn is_at(&self, path: &Path) -> io::Result<bool> {
        self.base.is_at(path)
    }
}
