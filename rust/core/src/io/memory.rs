//! Files that live in memory: a store at `:memory:`.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::{Access, Io, IoFile};
use crate::sync::{Mutex, RwLock};

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
        Ok(self.files.lock().contains_key(path))
    }

    fn hazard(&self, _dir: &Path, _read_only: bool) -> io::Result<Option<String>> {
        Ok(None)
    }

    fn list(&self, path: &Path) -> io::Result<Vec<String>> {
        let files = self.files.lock();
        let names = files.keys().filter(|file| file.parent() == Some(path));
        Ok(names
            .filter_map(|file| Some(file.file_name()?.to_str()?.to_owned()))
            .collect())
    }

    fn open(&self, path: &Path, access: Access) -> io::Result<Arc<dyn IoFile>> {
        let mut files = self.files.lock();
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
        let mut files = self.files.lock();
        let file = files.remove(from).ok_or(io::ErrorKind::NotFound)?;
        files.insert(to.to_owned(), file);
        Ok(())
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        let removed = self.files.lock().remove(path);
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
        Ok(self.0.read().len() as u64)
    }

    fn read_at(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        let bytes = self.0.read();
        let start = usize::try_from(offset).map_err(io::Error::other)?;
        let source = start
            .checked_add(out.len())
            .and_then(|end| bytes.get(start..end));
        out.copy_from_slice(source.ok_or(io::ErrorKind::UnexpectedEof)?);
        Ok(())
    }

    fn write_at(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        let mut bytes = self.0.write();
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
        self.0.write().resize(len, 0);
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
