//! The segments that snapshots name. The file of one that no commit names any more goes with the
//! last snapshot that does.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};

use super::segment::{self, Segment};
use super::vectors::SegmentEntry;
use crate::error::Result;
use crate::io::Io;
use crate::sync::Mutex;

/// A segment of the catalogue, opened when it is first read.
#[derive(Debug)]
pub(crate) struct Named {
    pub(crate) number: u64,
    pub(crate) entry: SegmentEntry,
    io: Arc<dyn Io>,
    dir: PathBuf,
    open: OnceLock<Segment>,
    forgotten: AtomicBool,
    /// The process that may remove the file: a forked child may not.
    pid: u32,
}

impl Named {
    pub(crate) fn segment(&self) -> Result<&Segment> {
        if let Some(segment) = self.open.get() {
            return Ok(segment);
        }
        let segment = Segment::open(&*self.io, &self.dir, self.number, &self.entry)?;
        Ok(self.open.get_or_init(|| segment))
    }
}

impl Drop for Named {
    fn drop(&mut self) {
        if self.forgotten.load(Ordering::Relaxed) && self.pid == std::process::id() {
            // What stays behind is swept at the next open.
            let path = self.dir.join(segment::file_name(self.number));
            let _ = self.io.remove(&path);
        }
    }
}

/// All segments of the newest commit.
#[derive(Debug)]
pub(super) struct Catalogue {
    pid: u32,
    io: Arc<dyn Io>,
    dir: PathBuf,
    named: Mutex<BTreeMap<u64, Arc<Named>>>,
}

impl Catalogue {
    pub(super) fn new(io: Arc<dyn Io>, dir: &Path) -> Self {
        Self {
            pid: std::process::id(),
            io,
            dir: dir.to_owned(),
            named: Mutex::default(),
        }
    }

    /// Takes the segments of a commit, oldest first, and forgets those that it does not name.
    pub(super) fn update(&self, entries: Vec<(u64, SegmentEntry)>) -> Vec<Arc<Named>> {
        let mut named = self.named.lock();
        let mut old = std::mem::take(&mut *named);
        for (number, entry) in entries {
            let known = old.remove(&number).unwrap_or_else(|| {
                Arc::new(Named {
                    number,
                    entry,
                    io: Arc::clone(&self.io),
                    dir: self.dir.clone(),
                    open: OnceLock::new(),
                    forgotten: AtomicBool::new(false),
                    pid: self.pid,
                })
            });
            named.insert(number, known);
        }
        for forgotten in old.values() {
            forgotten.forgotten.store(true, Ordering::Relaxed);
        }
        named.values().cloned().collect()
    }
}
