//! The queue of writes for the writer: callers that wait at the same time share one commit.

use std::sync::Arc;
use std::thread::Thread;

use crate::error::{Error, Result};
use crate::query::{Change, Write};
use crate::sync::Mutex;

/// What a write did, or why it failed.
pub(super) type Outcome = Result<Vec<Change>>;

/// A write that waits to be committed. One that is dropped without an answer fails.
#[derive(Debug)]
pub(super) struct Request {
    pub(super) write: Write,
    caller: Arc<Caller>,
    answered: bool,
}

impl Request {
    fn new(write: Write) -> Self {
        let caller = Caller {
            thread: std::thread::current(),
            signal: Mutex::new(Signal::Wait),
        };
        Self {
            write,
            caller: Arc::new(caller),
            answered: false,
        }
    }

    pub(super) fn answer(mut self, outcome: Outcome) {
        self.answered = true;
        self.caller.wake(Signal::Done(outcome));
    }
}

impl Drop for Request {
    fn drop(&mut self) {
        if !self.answered {
            let cause = "the commit of the write broke off".to_owned();
            self.caller.wake(Signal::Done(Err(Error::Internal(cause))));
        }
    }
}

/// Where the caller of a write waits.
#[derive(Debug)]
struct Caller {
    thread: Thread,
    signal: Mutex<Signal>,
}

#[derive(Debug)]
enum Signal {
    /// Another caller commits.
    Wait,
    /// This caller commits what is queued.
    Lead,
    /// The write is committed, or failed.
    Done(Outcome),
}

impl Caller {
    fn wake(&self, signal: Signal) {
        *self.signal.lock() = signal;
        self.thread.unpark();
    }

    /// Waits for the outcome of its write; `None` if it is to lead.
    fn wait(&self) -> Option<Outcome> {
        loop {
            // The lock is released before the thread sleeps, so that others can signal it.
            let signal = std::mem::replace(&mut *self.signal.lock(), Signal::Wait);
            match signal {
                Signal::Done(outcome) => return Some(outcome),
                Signal::Lead => return None,
                Signal::Wait => std::thread::park(),
            }
        }
    }
}

/// Writes that wait for the writer. The first caller leads: it commits all that wait, and passes
/// the lead to one of those that came meanwhile.
#[derive(Debug, Default)]
pub(super) struct Queue(Mutex<Waiting>);

#[derive(Debug, Default)]
struct Waiting {
    led: bool,
    requests: Vec<Request>,
}

/// The lead: passed on when it is dropped, even if the commit panicked.
struct Lead<'a>(&'a Queue);

impl Drop for Lead<'_> {
    fn drop(&mut self) {
        let mut queue = self.0.0.lock();
        match queue.requests.first() {
            Some(next) => next.caller.wake(Signal::Lead),
            None => queue.led = false,
        }
    }
}

impl Queue {
    /// Queues writes and waits for their outcomes. If this caller leads, it calls `commit`, which
    /// takes the queued requests and answers them.
    pub(super) fn submit(&self, writes: Vec<Write>, commit: impl FnOnce()) -> Vec<Outcome> {
        let requests: Vec<Request> = writes.into_iter().map(Request::new).collect();
        let callers: Vec<Arc<Caller>> = requests.iter().map(|r| Arc::clone(&r.caller)).collect();
        let Some(first) = callers.first() else {
            return Vec::new();
        };
        let leads = {
            let mut queue = self.0.lock();
            queue.requests.extend(requests);
            !std::mem::replace(&mut queue.led, true)
        };
        // A leader takes all requests at once, so these are committed together, and only the first
        // of them can be asked to lead.
        let mut known = if leads { None } else { first.wait() };
        if known.is_none() {
            let _lead = Lead(self);
            commit();
        }
        let outcome = |caller: &Arc<Caller>| known.take().or_else(|| caller.wait());
        let outcomes = callers.iter().map(outcome);
        outcomes
            .map(|outcome| outcome.unwrap_or(Err(Error::Closed)))
            .collect()
    }

    /// Takes all requests that wait.
    pub(super) fn take(&self) -> Vec<Request> {
        std::mem::take(&mut self.0.lock().requests)
    }
}
