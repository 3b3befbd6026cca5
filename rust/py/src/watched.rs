//! Long work that Python can interrupt.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::thread::Builder;
use std::time::Duration;

use memfast_core::sync::Mutex;
use memfast_core::{Result, guarded};
use pyo3::prelude::*;

use crate::error::{PyError, internal};

/// How often signals are looked for.
const POLL: Duration = Duration::from_millis(50);

/// Does `work` in a thread of its own, while this one calls `tell` with what it sends and looks for
/// signals. A failure of `tell` or an exception of a signal handler, such as `KeyboardInterrupt`,
/// sets the flag given to `work`, and is raised when it has ended.
///
/// `tell` may call the core: nothing is locked here meanwhile. Where no thread can be started,
/// `work` is done by this one, and `tell` is called afterwards.
pub(crate) fn watched<M: Send, T: Send>(
    py: Python<'_>,
    work: impl Fn(&AtomicBool, &Sender<M>) -> Result<T> + Sync,
    mut tell: impl FnMut(M) -> PyResult<()>,
) -> PyResult<T> {
    let stop = AtomicBool::new(false);
    let (sender, receiver) = mpsc::channel();
    let receiver = Mutex::new(receiver);
    let run = |sender: Sender<M>| guarded(|| work(&stop, &sender));
    std::thread::scope(|scope| {
        let (own, run) = (sender.clone(), &run);
        let builder = Builder::new().name("memfast-work".to_owned());
        let (worker, outcome) = match builder.spawn_scoped(scope, move || run(own)) {
            Ok(worker) => {
                drop(sender);
                (Some(worker), None)
            }
            Err(_) => (None, Some(py.detach(|| run(sender)))),
        };
        let next = || {
            let receiver = receiver.lock();
            receiver.recv_timeout(POLL)
        };
        let mut failure = None;
        loop {
            let checked = match py.detach(next) {
                Ok(message) if failure.is_none() => tell(message).and_then(|()| py.check_signals()),
                Ok(_) => Ok(()),
                Err(RecvTimeoutError::Timeout) => py.check_signals(),
                Err(RecvTimeoutError::Disconnected) => break,
            };
            if let Err(error) = checked {
                stop.store(true, Ordering::Relaxed);
                failure.get_or_insert(error);
            }
        }
        let outcome = match worker {
            Some(worker) => py.detach(|| worker.join()).ok(),
            None => outcome,
        };
        match (failure, outcome) {
            (Some(failure), _) => Err(failure),
            (None, Some(outcome)) => Ok(outcome.map_err(PyError)?),
            (None, None) => Err(internal("the thread of the work died")),
        }
    })
}
