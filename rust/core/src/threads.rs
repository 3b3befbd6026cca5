//! The threads that spread work over the cores. All parallel work goes through this module.
//!
//! The pool belongs to a process: threads do not survive a fork, so a child starts its own. If no
//! thread can be started, the calling thread does the work.

use std::num::NonZero;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};

use rayon::{ThreadBuilder, ThreadPool, ThreadPoolBuilder};

/// Processes that may descend from one another, each with a pool; a later one works on one thread.
const GENERATIONS: usize = 64;

/// Whether long work is to end early.
pub(crate) type Stop<'a> = &'a (dyn Fn() -> bool + Sync);

/// The pools of this process and its ancestors. A process finds its own by its number in [`OWNER`],
/// so that it never meets a lock that another process held when it was forked.
static POOLS: [OnceLock<ThreadPool>; GENERATIONS] = [const { OnceLock::new() }; GENERATIONS];

/// Number of the process (low half), and index of its pool (high half).
static OWNER: AtomicU64 = AtomicU64::new(0);

/// The index of a process's pool in `owner`, which is moved on if it belongs to an ancestor.
fn generation(owner: &AtomicU64, process: u32) -> usize {
    let (half, low) = (32, u64::from(u32::MAX));
    let mut known = owner.load(Ordering::Acquire);
    loop {
        let index = known >> half;
        if known & low == u64::from(process) {
            return index as usize;
        }
        // Process 0 is the kernel's: no process has a pool so far.
        let next = if known == 0 { 0 } else { index + 1 };
        let mine = next << half | u64::from(process);
        match owner.compare_exchange(known, mine, Ordering::AcqRel, Ordering::Acquire) {
            Ok(_) => return next as usize,
            Err(other) => known = other,
        }
    }
}

/// The pool of this process; `None` if no thread can be started.
fn pool() -> Option<&'static ThreadPool> {
    let slot = POOLS.get(generation(&OWNER, std::process::id()))?;
    if let Some(pool) = slot.get() {
        return Some(pool);
    }
    // A failure is not kept: a later call may be able to start threads.
    let built = build(wanted(), |thread| {
        let name = format!("memfast-{}", thread.index());
        let started = std::thread::Builder::new().name(name);
        started.spawn(|| thread.run()).map(drop)
    })?;
    Some(slot.get_or_init(|| built))
}

/// As many threads as there are cores, or as `RAYON_NUM_THREADS` says.
fn wanted() -> usize {
    let named = std::env::var("RAYON_NUM_THREADS").ok();
    let named = named.and_then(|text| text.parse().ok());
    named.filter(|count| *count > 0).unwrap_or_else(cores)
}

/// A pool of this many threads, or of as many as can be started.
fn build(
    mut threads: usize,
    spawn: impl Fn(ThreadBuilder) -> std::io::Result<()>,
) -> Option<ThreadPool> {
    while threads > 0 {
        let builder = ThreadPoolBuilder::new().num_threads(threads);
        if let Ok(pool) = builder.spawn_handler(&spawn).build() {
            return Some(pool);
        }
        threads /= 2;
    }
    None
}

/// Cores of this machine that the process may use.
pub(crate) fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, NonZero::get)
}

/// Threads that work at the same time in [`spread`].
pub(crate) fn count() -> usize {
    pool().map_or(1, ThreadPool::current_num_threads)
}

/// Runs `parallel` on `data` in the threads of the pool if that is `worth` it and there are threads,
/// else `alone` in this one. Both must give the same result.
pub fn spread<D: Send, R: Send>(
    worth: bool,
    data: D,
    parallel: impl FnOnce(D) -> R + Send,
    alone: impl FnOnce(D) -> R,
) -> R {
    match worth.then(pool).flatten() {
        Some(pool) => pool.install(|| parallel(data)),
        None => alone(data),
    }
}

/// Runs two functions, at the same time if there are threads.
pub(crate) fn join<A: Send, B: Send>(
    a: impl FnOnce() -> A + Send,
    b: impl FnOnce() -> B + Send,
) -> (A, B) {
    match pool() {
        Some(pool) => pool.join(a, b),
        None => (a(), b()),
    }
}

/// Runs `work` in this thread and in up to `threads - 1` others, as many as can be started. Returns the
/// result of each once all have ended.
pub(crate) fn together<R: Send>(threads: usize, work: impl Fn() -> R + Sync) -> Vec<R> {
    std::thread::scope(|scope| {
        let others: Vec<_> = (1..threads)
            .map_while(|_| std::thread::Builder::new().spawn_scoped(scope, &work).ok())
            .collect();
        let mut results = vec![work()];
        for other in others {
            match other.join() {
                Ok(result) => results.push(result),
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
        results
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::AtomicUsize;

    fn no_thread() -> std::io::Error {
        std::io::ErrorKind::WouldBlock.into()
    }

    #[test]
    fn without_threads_there_is_no_pool() {
        let attempts = AtomicUsize::new(0);
        let pool = build(8, |_| {
            attempts.fetch_add(1, Ordering::Relaxed);
            Err(no_thread())
        });
        assert!(pool.is_none());
        assert_eq!(
            attempts.into_inner(),
            4,
            "of 8, 4, 2 and 1 threads the first"
        );
    }

    #[test]
    fn a_pool_has_as_many_threads_as_can_be_started() {
        for (possible, expected) in [(1, 1), (2, 2), (3, 2), (7, 4), (8, 8)] {
            let pool = build(8, |thread| {
                if thread.index() >= possible {
                    return Err(no_thread());
                }
                std::thread::Builder::new().spawn(|| thread.run()).map(drop)
            });
            let threads = pool.map(|pool| pool.current_num_threads());
            assert_eq!(threads, Some(expected), "with room for {possible}");
        }
    }

    #[test]
    fn a_child_has_a_pool_of_its_own() {
        let owner = AtomicU64::new(0);
        assert_eq!(generation(&owner, 100), 0);
        assert_eq!(generation(&owner, 100), 0);
        // Each child starts from the state at its fork.
        for child in [101, 102] {
            let owner = AtomicU64::new(owner.load(Ordering::Relaxed));
            assert_eq!(generation(&owner, child), 1);
            assert_eq!(generation(&owner, child), 1);
            assert_eq!(generation(&owner, 200 + child), 2);
        }
        assert_eq!(generation(&owner, 100), 0);
    }

    #[test]
    fn the_calling_thread_does_work_that_is_not_worth_others() {
        let here = std::thread::current().id();
        let thread = |()| std::thread::current().id();
        assert_eq!(spread(false, (), thread, thread), here);
        assert_ne!(spread(true, (), thread, thread), here);
        assert_eq!(join(|| 1, || 2), (1, 2));
        let ran = AtomicUsize::new(0);
        let results = together(3, || ran.fetch_add(1, Ordering::Relaxed));
        assert_eq!(results.len(), ran.into_inner());
    }
}
