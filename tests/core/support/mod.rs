//! A simulated disk: it loses, tears and refuses what a real one may.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use memfast_core::io::{Access, Io, IoFile};
use memfast_core::{Op, Put, Scope};

/// What the disk does at the operation that must fail.
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
    /// Blocks that take space up.
    blocks: BTreeSet<u64>,
}

const BLOCK: u64 = 4096;

#[derive(Debug, Default)]
struct Disk {
    /// Number of the file that has a name.
    names: BTreeMap<PathBuf, u64>,
    /// The same as it is on the disk: what changed since may be lost.
    durable_names: BTreeMap<PathBuf, u64>,
    /// Files by number; one without a name is read and written by those that have it open.
    files: BTreeMap<u64, Content>,
    operations: u64,
    reads: u64,
    fault: Option<(u64, Fault)>,
    /// Reads that fail.
    unreadable: Option<Range<u64>>,
    /// Bytes that all files with a name may hold.
    space: Option<u64>,
}

impl Disk {
    fn at(&mut self, path: &Path) -> Option<&mut Content> {
        self.files.get_mut(self.names.get(path)?)
    }

    fn used(&self) -> u64 {
        let named = self.names.values().filter_map(|file| self.files.get(file));
        named
            .map(|content| content.blocks.len() as u64 * BLOCK)
            .sum()
    }
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

/// Adds memory `m{index}` of one of `users` users, with `letters` letters of text and a vector of
/// `dim` dimensions that its index seeds.
pub(crate) fn put(index: u64, users: u64, letters: usize, dim: usize) -> Op {
    let mut random = Random(index);
    Op::Put(Put {
        id: Some(format!("m{index}")),
        scope: Scope {
            user_id: Some(format!("u{}", index % users)),
            ..Scope::default()
        },
        text: format!("memory {index} {}", "x".repeat(letters)),
        vector: (0..dim)
            .map(|_| random.below(2000) as f32 / 1000.0 - 0.9995)
            .collect(),
        ..Put::default()
    })
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
        let mut names = BTreeMap::new();
        let paths: BTreeSet<&PathBuf> =
            disk.names.keys().chain(disk.durable_names.keys()).collect();
        for path in paths {
            let (now, then) = (disk.names.get(path), disk.durable_names.get(path));
            let kept = if now == then || random.below(2) == 0 {
                now
            } else {
                then
            };
            let Some(file) = kept else { continue };
            let content = &disk.files[file];
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
                blocks: content.blocks.clone(),
            };
            names.insert(path.clone(), *file);
            files.insert(*file, content);
        }
        Self(Arc::new(Mutex::new(Disk {
            durable_names: names.clone(),
            names,
            files,
            ..Disk::default()
        })))
    }

    /// The same disk after it was shut down in order: all of it is durable.
    pub(crate) fn copy(&self) -> Self {
        let disk = self.0.lock().unwrap();
        let named = disk.names.values().map(|file| (*file, &disk.files[file]));
        let files = named.map(|(file, content)| {
            let content = Content {
                durable: content.current.clone(),
                pending: Vec::new(),
                ..content.clone()
            };
            (file, content)
        });
        Self(Arc::new(Mutex::new(Disk {
            names: disk.names.clone(),
            durable_names: disk.names.clone(),
            files: files.collect(),
            ..Disk::default()
        })))
    }

    /// Changes bytes of a file behind the store's back.
    pub(crate) fn damage(&self, path: &Path, change: impl FnOnce(&mut Vec<u8>)) {
        let mut disk = self.0.lock().unwrap();
        let content = disk.at(path).expect("the file is there");
        change(&mut content.current);
        content.durable = content.current.clone();
    }

    /// Paths of all files.
    pub(crate) fn paths(&self) -> Vec<PathBuf> {
        self.0.lock().unwrap().names.keys().cloned().collect()
    }

    /// Number of reads so far.
    pub(crate) fn reads(&self) -> u64 {
        self.0.lock().unwrap().reads
    }

    /// Fails reads, counted from the start.
    pub(crate) fn fail_reads(&self, reads: Range<u64>) {
        self.0.lock().unwrap().unreadable = Some(reads);
    }

    /// Bytes that named files take up.
    pub(crate) fn used(&self) -> u64 {
        self.0.lock().unwrap().used()
    }

    /// Makes the disk one of so many bytes.
    pub(crate) fn limit(&self, bytes: u64) {
        self.0.lock().unwrap().space = Some(bytes);
    }

    /// Bytes of a file.
    pub(crate) fn content(&self, path: &Path) -> Vec<u8> {
        let mut disk = self.0.lock().unwrap();
        disk.at(path).expect("the file is there").current.clone()
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
        Ok(self.0.lock().unwrap().names.contains_key(path))
    }
    fn hazard(&self, _dir: &Path, _read_only: bool) -> io::Result<Option<String>> {
        Ok(None)
    }
    fn list(&self, path: &Path) -> io::Result<Vec<String>> {
        let disk = self.0.lock().unwrap();
        let inside = disk.names.keys().filter(|file| file.parent() == Some(path));
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
            self.change(|disk| {
                let file = disk.files.keys().last().map_or(0, |last| last + 1);
                disk.names.insert(path.to_owned(), file);
                disk.files.insert(file, Content::default());
                Ok(())
            })?;
        }
        Ok(Arc::new(SimFile {
            io: self.clone(),
            file: self.0.lock().unwrap().names[path],
        }))
    }
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.change(|disk| {
            let file = disk.names.remove(from).ok_or(io::ErrorKind::NotFound)?;
            disk.names.insert(to.to_owned(), file);
            Ok(())
        })
    }
    fn remove(&self, path: &Path) -> io::Result<()> {
        self.change(|disk| {
            let removed = disk.names.remove(path);
            removed.map(drop).ok_or(io::ErrorKind::NotFound.into())
        })
    }
    fn sync_dir(&self, path: &Path) -> io::Result<()> {
        self.change(|disk| {
            let inside = |file: &PathBuf| file.parent() == Some(path);
            disk.durable_names.retain(|file, _| !inside(file));
            let names = disk.names.iter().filter(|(file, _)| inside(file));
            disk.durable_names
                .extend(names.map(|(path, file)| (path.clone(), *file)));
            Ok(())
        })
    }
}

#[derive(Debug)]
struct SimFile {
    io: SimIo,
    file: u64,
}

impl SimFile {
    fn with<T>(&self, act: impl FnOnce(&mut Content) -> T) -> io::Result<T> {
        let mut disk = self.io.0.lock().unwrap();
        disk.files
            .get_mut(&self.file)
            .map(act)
            .ok_or_else(|| io::ErrorKind::NotFound.into())
    }

    fn write(&self, change: Pending) -> io::Result<()> {
        self.io.change(|disk| {
            let used = disk.used();
            let content = disk
                .files
                .get_mut(&self.file)
                .ok_or(io::ErrorKind::NotFound)?;
            match &change {
                Pending::SetLen(len) => content.blocks.retain(|block| block * BLOCK < *len),
                Pending::Write(offset, data) => {
                    let end = offset + data.len() as u64;
                    let blocks = offset / BLOCK..end.div_ceil(BLOCK);
                    let new = blocks
                        .clone()
                        .filter(|block| !content.blocks.contains(block));
                    let needed = used + new.count() as u64 * BLOCK;
                    if disk.space.is_some_and(|space| needed > space) {
                        return Err(io::ErrorKind::StorageFull.into());
                    }
                    content.blocks.extend(blocks);
                }
            }
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
        {
            let mut disk = self.io.0.lock().unwrap();
            let at = disk.reads;
            disk.reads += 1;
            if disk
                .unreadable
                .as_ref()
                .is_some_and(|reads| reads.contains(&at))
            {
                return Err(io::Error::other("the disk does not answer"));
            }
        }
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
                .get_mut(&self.file)
                .ok_or(io::ErrorKind::NotFound)?;
            for change in content.pending.drain(..) {
                apply(&mut content.durable, &change, None);
            }
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
        Ok(self.io.0.lock().unwrap().names.get(path) == Some(&self.file))
    }
}
