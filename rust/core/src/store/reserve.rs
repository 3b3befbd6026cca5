//! Disk space that is kept for deletions, so that they work when nothing else does.

use std::io;
use std::path::Path;
use std::sync::Arc;

use crate::io::{Access, Io, IoFile};
use crate::sync::Mutex;

/// Name of the file that takes the space up.
pub(super) const NAME: &str = "RESERVE";
/// Bytes that are written at a time.
const PIECE: usize = 64 << 10;

/// Bytes to keep for a database of some length.
fn wanted(database: u64) -> u64 {
    (database / 16).clamp(256 << 10, 16 << 20)
}

/// A file of zeros, which gives its space back when the disk is full.
#[derive(Debug, Default)]
pub(super) struct Reserve {
    file: Option<Arc<dyn IoFile>>,
    /// Bytes that it is to hold, and bytes that it does.
    bytes: Mutex<(u64, u64)>,
}

impl Reserve {
    /// Opens the reserve in a directory; without one if that fails, for nothing but deletions on a
    /// full disk needs it.
    pub(super) fn open(io: &dyn Io, dir: &Path) -> Self {
        let opened = io.open(&dir.join(NAME), Access::Write).ok();
        let held = opened.as_ref().and_then(|file| file.len().ok());
        Self {
            bytes: Mutex::new((0, held.unwrap_or(0))),
            file: opened,
        }
    }

    /// Makes it at least as large as a store needs whose database has `database` bytes.
    pub(super) fn fill(&self, database: u64) -> io::Result<()> {
        let mut bytes = self.bytes.lock();
        bytes.0 = wanted(database);
        self.grow(&mut bytes.1, wanted(database))
    }

    /// Fills it, and fails unless the disk would take as much again: it is then as before.
    pub(super) fn probe(&self) -> io::Result<()> {
        let mut bytes = self.bytes.lock();
        let (wanted, held) = &mut *bytes;
        let before = *held;
        let outcome = self.grow(held, 2 * *wanted);
        self.cut(held, if outcome.is_ok() { *wanted } else { before });
        outcome
    }

    /// Gives the space back.
    pub(super) fn release(&self) {
        let mut bytes = self.bytes.lock();
        self.cut(&mut bytes.1, 0);
    }

    /// Whether some of its space was given back and not taken again.
    pub(super) fn is_short(&self) -> bool {
        let bytes = self.bytes.lock();
        self.file.is_some() && bytes.1 < bytes.0
    }

    /// Whether there is nothing to give back.
    pub(super) fn is_spent(&self) -> bool {
        let bytes = self.bytes.lock();
        bytes.1 == 0
    }

    /// Writes zeros: a length alone takes no space up.
    fn grow(&self, held: &mut u64, wanted: u64) -> io::Result<()> {
        let Some(file) = &self.file else {
            return Ok(());
        };
        let zeros = vec![0; PIECE];
        while *held < wanted {
            let piece = (wanted - *held).min(PIECE as u64);
            file.write_at(*held, &zeros[..piece as usize])?;
            *held += piece;
        }
        Ok(())
    }

    fn cut(&self, held: &mut u64, len: u64) {
        let Some(file) = &self.file else { return };
        // A write that failed may have left a part behind.
        if file.set_len((*held).min(len)).is_ok() {
            *held = (*held).min(len);
        }
    }
}
