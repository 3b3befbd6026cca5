//! A simulated disk: it loses, tears and refuses what a real one may.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use memfast_core::store::io::{Access, Io, IoFile};

/// What the disk does at the operation it was told to fail at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    /// Everything from here on fails: the power is gone.
    Crash,
    /// This operation alone fails with this kind.
    Once(io::ErrorKind),
    /// This operation alone panics.
    Panic,
}

#[derive(Debug, Clone)]
enum Pending {
    Write(u64, Vec<u8>),
    SetLen(u64),
}

#[derive(Debug, Default, Clone)]
struct Content {
    durable: Vec<u8>,
    current: Vec<u8>,
    pending: Vec<Pending>,
    /// The directory entry reached the disk.
    named: bool,
}

#[derive(Debug, Default)]
struct Disk {
    files: BTreeMap<PathBuf, Content>,
    operations: u64,
    fault: Option<(u64, Fault)>,
}

/// A disk whose writes are lost unless they are synced.
#[derive(Debug, Default, Clone)]
pub(crate) struct SimIo(Arc<Mutex<Disk>>);

fn apply(bytes: &mut Vec<u8>, change: &Pending, cut: Option<usize>) {
    match change {
        Pending::SetLen(len) => bytes.resize(*len as usize, 0),
        Pending::Write(offset, data) => {
            let data = &data[..cut.unwrap_or(data.len()).min(data.len())];
            let end = *offset as usize + data.len();
            if bytes.len() < end {
                bytes.resize(end, 0);
            }
            bytes[*offset as usize..end].copy_from_slice(data);
        }
    }
}

/// A small generator, so that a failure is replayed by its seed.
pub(crate) struct Random(pub(crate) u64);

impl Random {
    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (z ^ (z >> 31)) % bound.max(1)
    }
}

impl SimIo {
    /// Number of changing operations so far.
    pub(crate) fn operations(&self) -> u64 {
        self.0.lock().unwrap().operations
    }

    /// Fails at the given operation, counted from the start.
    pub(crate) fn fail_at(&self, operation: u64, fault: Fault) {
        self.0.lock().unwrap().fault = Some((operation, fault));
    }

    /// The disk after the power came back: of what was not synced, any part in any order may be
    /// there, whole or torn at a sector.
    pub(crate) fn after_power_loss(&self, seed: u64) -> Self {
        let mut random = Random(seed);
        let disk = self.0.lock().unwrap();
        let mut files = BTreeMap::new();
        for (path, content) in &disk.files {
            if !content.named && random.below(2) == 0 {
                continue;
            }
            let mut bytes = content.durable.clone();
            for change in &content.pending {
                match random.below(3) {
                    0 => {}
                    1 => apply(&mut bytes, change, None),
                    _ => apply(&mut bytes, change, Some(512 * random.below(9) as usize)),
                }
            }
            let content = Content {
                durable: bytes.clone(),
                current: bytes,
                pending: Vec::new(),
                named: true,
            };
            files.insert(path.clone(), content);
        }
        Self(Arc::new(Mutex::new(Disk {
            files,
            ..Disk::default()
        })))
    }

    /// Changes bytes of a file behind the store's back.
    pub(crate) fn damage(&self, path: &Path, change: impl FnOnce(&mut Vec<u8>)) {
        let mut disk = self.0.lock().unwrap();
        let content = disk.files.get_mut(path).expect("the file is there");
        change(&mut content.current);
        content.durable = content.current.clone();
    }

    /// Paths of all files.
    pub(crate) fn paths(&self) -> Vec<PathBuf> {
        self.0.lock().unwrap().files.keys().cloned().collect()
    }

    fn change<T>(&self, act: impl FnOnce(&mut Disk) -> io::Result<T>) -> io::Result<T> {
        let mut disk = self.0.lock().unwrap();
        let at = disk.operations;
        disk.operations += 1;
        match disk.fault {
            Some((when, Fault::Crash)) if at >= when => return Err(io::Error::other("power loss")),
            Some((when, Fault::Once(kind))) if at == when => return Err(kind.into()),
            Some((when, Fault::Panic)) if at == when => {
                drop(disk);
                panic!("the disk panics");
            }
            _ => {}
        }
        act(&mut disk)
    }
}

impl Io for SimIo {
    fn create_dir(&self, _path: &Path) -> io::Result<()> {
        Ok(())
    }
    fn exists(&self, path: &Path) -> io::Result<bool> {
        Ok(self.0.lock().unwrap().files.contains_key(path))
    }
    fn hazard(&self, _dir: &Path, _read_only: bool) -> io::Result<Option<String>> {
        Ok(None)
    }
    fn list(&self, path: &Path) -> io::Result<Vec<String>> {
        let disk = self.0.lock().unwrap();
        let inside = disk.files.keys().filter(|file| file.parent() == Some(path));
        Ok(inside
            .map(|file| file.file_name().unwrap().to_str().unwrap().to_owned())
            .collect())
    }
    fn open(&self, path: &Path, access: Access) -> io::Result<Arc<dyn IoFile>> {
        let known = self.exists(path)?;
        if !known && access == Access::Read {
            return Err(io::ErrorKind::NotFound.into());
        }
        if !known || access == Access::Create {
            self.change(|disk| Ok(disk.files.insert(path.to_owned(), Content::default())))?;
        }
        Ok(Arc::new(SimFile {
            io: self.clone(),
            path: path.to_owned(),
        }))
    }
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.change(|disk| {
            let mut content = disk.files.remove(from).ok_or(io::ErrorKind::NotFound)?;
            content.named = false;
            disk.files.insert(to.to_owned(), content);
            Ok(())
        })
    }
    fn remove(&self, path: &Path) -> io::Result<()> {
        self.change(|disk| {
            disk.files.remove(path);
            Ok(())
        })
    }
    fn sync_dir(&self, path: &Path) -> io::Result<()> {
        self.change(|disk| {
            let inside = disk
                .files
                .iter_mut()
                .filter(|(file, _)| file.parent() == Some(path));
            inside.for_each(|(_, content)| content.named = true);
            Ok(())
        })
    }
}

#[derive(Debug)]
struct SimFile {
    io: SimIo,
    path: PathBuf,
}

impl SimFile {
    fn with<T>(&self, act: impl FnOnce(&mut Content) -> T) -> io::Result<T> {
        let mut disk = self.io.0.lock().unwrap();
        disk.files
            .get_mut(&self.path)
            .map(act)
            .ok_or_else(|| io::ErrorKind::NotFound.into())
    }

    fn write(&self, change: Pending) -> io::Result<()> {
        self.io.change(|disk| {
            let content = disk
                .files
                .get_mut(&self.path)
                .ok_or(io::ErrorKind::NotFound)?;
            apply(&mut content.current, &change, None);
            content.pending.push(change);
            Ok(())
        })
    }
}

impl IoFile for SimFile {
    fn len(&self) -> io::Result<u64> {
        self.with(|content| content.current.len() as u64)
    }
    fn read_at(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        self.with(|content| {
            let start = offset as usize;
            let source = content.current.get(start..start + out.len());
            source
                .map(|source| out.copy_from_slice(source))
                .ok_or(io::ErrorKind::UnexpectedEof)
        })??;
        Ok(())
    }
    fn write_at(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        self.write(Pending::Write(offset, data.to_vec()))
    }
    fn set_len(&self, len: u64) -> io::Result<()> {
        self.write(Pending::SetLen(len))
    }
    fn sync(&self) -> io::Result<()> {
        self.io.change(|disk| {
            let content = disk
                .files
                .get_mut(&self.path)
                .ok_or(io::ErrorKind::NotFound)?;
            content.durable.clone_from(&content.current);
            content.pending.clear();
            Ok(())
        })
    }
    fn try_lock(&self, _shared: bool) -> io::Result<bool> {
        Ok(true)
    }
    fn unlock(&self) -> io::Result<()> {
        Ok(())
    }
    fn is_at(&self, path: &Path) -> io::Result<bool> {
        self.io.exists(path)
    }
}
