//! A file whose writes stay in memory.

use std::collections::HashMap;
use std::io;
use std::path::Path;
use std::sync::Arc;

use super::IoFile;
use crate::sync::Mutex;

const PAGE: u64 = 4096;

/// A file whose writes stay in memory. With it a read-only open recovers a database that was not closed
/// without touching the disk, and a store whose disk failed goes on reading.
#[derive(Debug)]
pub(crate) struct Overlay {
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
    pub(crate) fn new(base: Arc<dyn IoFile>) -> io::Result<Self> {
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
    pub(crate) fn write_back(&self) -> Result<(), (&'static str, io::Error)> {
        let state = self.state.lock();
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
        Ok(self.state.lock().len)
    }

    fn read_at(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        let state = self.state.lock();
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
        let mut state = self.state.lock();
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
        let mut state = self.state.lock();
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
