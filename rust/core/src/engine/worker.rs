//! Maintenance in the background: the write buffer is flushed, segments are merged, the index
//! follows the log.
//!
//! One thread per engine that may write. It works on snapshots beside the writer and takes the
//! writer's lock only for short commits.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Weak};
use std::thread::JoinHandle;
use std::time::Duration;

use super::Inner;
use crate::error::{Result, guarded};
use crate::store::{Compaction, worth_merging};
use crate::sync::{Condvar, Mutex, MutexGuard};
use crate::threads::Stop;

/// Delay between a commit and the work it causes, so that a burst of commits causes work once.
const PAUSE: Duration = Duration::from_millis(50);

/// How often a call that waits for the worker checks whether it is to stop.
const RETRY: Duration = Duration::from_millis(10);

/// How calls wake and stop the worker.
#[derive(Debug, Default)]
pub(super) struct Bell {
    pub(super) stop: AtomicBool,
    rung: Mutex<bool>,
    wake: Condvar,
}

impl Bell {
    /// Wakes the worker: there may be work.
    pub(super) fn ring(&self) {
        *self.rung.lock() = true;
        self.wake.notify_all();
    }

    fn wait(&self) {
        let stopped = || self.stop.load(Ordering::Relaxed);
        let quiet = |rung: &mut bool| !*rung && !stopped();
        let mut rung = self.wake.wait_while(self.rung.lock(), quiet);
        *rung = false;
        // A sleep that the end of the store cuts short.
        drop(self.wake.wait_timeout_while(rung, PAUSE, |_| !stopped()));
    }
}

/// The thread of an engine.
#[derive(Debug)]
pub(super) struct Worker {
    bell: Arc<Bell>,
    thread: Option<JoinHandle<()>>,
}

impl Worker {
    pub(super) fn start(inner: &Arc<Inner>) -> Self {
        let bell = Arc::clone(&inner.bell);
        let weak = Arc::downgrade(inner);
        let run = {
            let bell = Arc::clone(&bell);
            move || run(&bell, &weak)
        };
        // Without a thread, `optimize` does the work.
        let thread = std::thread::Builder::new()
            .name("memfast-worker".to_owned())
            .spawn(run);
        Self {
            bell,
            thread: thread.ok(),
        }
    }

    /// Stops the current work and the thread.
    pub(super) fn stop(mut self) {
        self.bell.stop.store(true, Ordering::Relaxed);
        self.bell.ring();
        if let Some(thread) = self.thread.take() {
            // A panic there loses nothing: maintenance never changes what is stored.
            let _ = thread.join();
        }
    }
}

fn run(bell: &Bell, inner: &Weak<Inner>) {
    loop {
        bell.wait();
        if bell.stop.load(Ordering::Relaxed) {
            return;
        }
        let Some(inner) = inner.upgrade() else { return };
        let outcome = guarded(|| inner.maintain());
        inner.note(outcome.err());
    }
}

impl Inner {
    /// Keeps the last failure of the maintenance for `stats`.
    fn note(&self, failure: Option<crate::error::Error>) {
        let mut last = self.trouble.lock();
        *last = failure.map(|error| error.to_string());
    }

    /// The right to work on segments and the index.
    fn maintenance(&self) -> MutexGuard<'_, ()> {
        self.maintenance.lock()
    }

    /// The same, which others may hold for long; `None` if `stop` is true before it is free.
    pub(super) fn maintenance_unless(&self, stop: Stop<'_>) -> Option<MutexGuard<'_, ()>> {
        loop {
            let held = self.maintenance.try_lock();
            if held.is_some() || stop() {
                return held;
            }
            std::thread::sleep(RETRY);
        }
    }

    /// Whether the store is being closed, so that long work must stop.
    pub(super) fn closing(&self) -> bool {
        self.bell.stop.load(Ordering::Relaxed)
    }

    /// Does the maintenance that is due.
    fn maintain(&self) -> Result<()> {
        let _held = self.maintenance();
        if !self.store.is_full() {
            self.store.fill_reserve();
        }
        let stop = || self.closing();
        self.flush_buffer(false)?;
        while !stop() {
            if !self.merge(false, &stop, &mut |_, _| ())? {
                break;
            }
        }
        if self.wants_index() {
            self.follow(false, &stop, &mut |_, _| ())?;
        }
        Ok(())
    }

    /// Moves the write buffer into a segment if it is large enough or `all` is set.
    pub(super) fn flush_buffer(&self, all: bool) -> Result<bool> {
        let snapshot = self.snapshot()?;
        let done = self
            .store
            .flush_buffer(&snapshot, all, || self.reserve_segment())?;
        let Some(done) = done else { return Ok(false) };
        self.name(&done)?;
        Ok(true)
    }

    /// Names a written segment in the catalogue. Removes its file if that fails, or if its rows
    /// were erased.
    fn name(&self, done: &Compaction) -> Result<()> {
        let named = self.write(|txn| txn.compact(done));
        if !matches!(named, Ok(true)) {
            self.store.discard(done);
        }
        named.map(drop)
    }

    /// Merges the segments that are worth it, or all of them if `all` is set.
    pub(super) fn merge(
        &self,
        all: bool,
        stop: Stop<'_>,
        progress: &mut dyn FnMut(usize, usize),
    ) -> Result<bool> {
        let snapshot = self.snapshot()?;
        let mut which = worth_merging(&snapshot);
        if all && which.is_empty() && snapshot.segments.len() > 1 {
            which = (0..snapshot.segments.len()).collect();
        }
        if which.is_empty() {
            return Ok(false);
        }
        let reserve = || self.reserve_segment();
        let done = self
            .store
            .merge(&snapshot, &which, all, stop, reserve, progress)?;
        let Some(done) = done else { return Ok(false) };
        self.name(&done)?;
        Ok(true)
    }
}
