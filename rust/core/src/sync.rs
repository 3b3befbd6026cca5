//! Locks, and what becomes of one whose holder panicked: the next caller takes it as it is.
//!
//! A panic inside the core reaches the caller as an error ([`guarded`](crate::guarded)), and
//! whoever catches it drops or reads again what may be half changed (the shards in memory, the
//! transaction). So no lock stays unusable, and no file but this one names the poison of a lock.

use std::sync::{self, LockResult, PoisonError, TryLockError};
use std::time::Duration;

pub use sync::{MutexGuard, RwLockReadGuard, RwLockWriteGuard};

fn taken<T>(outcome: LockResult<T>) -> T {
    outcome.unwrap_or_else(PoisonError::into_inner)
}

/// A mutex that a panic of its holder does not spoil.
#[derive(Debug, Default)]
pub struct Mutex<T: ?Sized>(sync::Mutex<T>);

impl<T> Mutex<T> {
    /// An unlocked mutex.
    pub const fn new(value: T) -> Self {
        Self(sync::Mutex::new(value))
    }

    /// The value, which nothing else can lock any more.
    pub fn into_inner(self) -> T {
        taken(self.0.into_inner())
    }
}

impl<T: ?Sized> Mutex<T> {
    /// Waits for the lock.
    pub fn lock(&self) -> MutexGuard<'_, T> {
        taken(self.0.lock())
    }

    /// The lock, if nobody holds it.
    pub fn try_lock(&self) -> Option<MutexGuard<'_, T>> {
        match self.0.try_lock() {
            Ok(guard) => Some(guard),
            Err(TryLockError::Poisoned(poisoned)) => Some(poisoned.into_inner()),
            Err(TryLockError::WouldBlock) => None,
        }
    }

    /// The value, which a unique borrow needs no lock for.
    pub fn get_mut(&mut self) -> &mut T {
        taken(self.0.get_mut())
    }
}

/// A lock for many readers or one writer that a panic of the writer does not spoil.
#[derive(Debug, Default)]
pub struct RwLock<T: ?Sized>(sync::RwLock<T>);

impl<T> RwLock<T> {
    /// An unlocked lock.
    pub const fn new(value: T) -> Self {
        Self(sync::RwLock::new(value))
    }

    /// The value, which nothing else can lock any more.
    pub fn into_inner(self) -> T {
        taken(self.0.into_inner())
    }
}

impl<T: ?Sized> RwLock<T> {
    /// Waits until no writer holds the lock.
    pub fn read(&self) -> RwLockReadGuard<'_, T> {
        taken(self.0.read())
    }

    /// Waits until nobody holds the lock.
    pub fn write(&self) -> RwLockWriteGuard<'_, T> {
        taken(self.0.write())
    }

    /// The value, which a unique borrow needs no lock for.
    pub fn get_mut(&mut self) -> &mut T {
        taken(self.0.get_mut())
    }
}

/// Where threads wait for a change of what a [`Mutex`] guards.
#[derive(Debug, Default)]
pub struct Condvar(sync::Condvar);

impl Condvar {
    /// One that nobody waits for.
    #[must_use]
    pub const fn new() -> Self {
        Self(sync::Condvar::new())
    }

    /// Waits while `condition` holds.
    pub fn wait_while<'g, T>(
        &self,
        guard: MutexGuard<'g, T>,
        condition: impl FnMut(&mut T) -> bool,
    ) -> MutexGuard<'g, T> {
        taken(self.0.wait_while(guard, condition))
    }

    /// Waits while `condition` holds, but no longer than `limit`.
    pub fn wait_timeout_while<'g, T>(
        &self,
        guard: MutexGuard<'g, T>,
        limit: Duration,
        condition: impl FnMut(&mut T) -> bool,
    ) -> MutexGuard<'g, T> {
        taken(self.0.wait_timeout_while(guard, limit, condition)).0
    }

    /// Wakes one waiting thread.
    pub fn notify_one(&self) {
        self.0.notify_one();
    }

    /// Wakes all waiting threads.
    pub fn notify_all(&self) {
        self.0.notify_all();
    }
}

#[cfg(test)]
#[allow(clippy::panic)]
mod tests {
    use super::*;
    use std::panic::{AssertUnwindSafe, catch_unwind};

    fn interrupted(work: impl FnOnce()) {
        assert!(catch_unwind(AssertUnwindSafe(work)).is_err());
    }

    #[test]
    fn a_lock_whose_holder_panicked_is_taken_as_it_is() {
        let mut mutex = Mutex::new(1);
        interrupted(|| {
            let mut held = mutex.lock();
            *held = 2;
            panic!("while the mutex is held");
        });
        assert_eq!(*mutex.lock(), 2);
        assert_eq!(mutex.try_lock().as_deref(), Some(&2));
        assert_eq!(*mutex.get_mut(), 2);
        assert_eq!(mutex.into_inner(), 2);

        let mut lock = RwLock::new(1);
        interrupted(|| {
            let mut held = lock.write();
            *held = 2;
            panic!("while the lock is held");
        });
        assert_eq!(*lock.read(), 2);
        assert_eq!(*lock.write(), 2);
        assert_eq!(*lock.get_mut(), 2);
        assert_eq!(lock.into_inner(), 2);
    }

    #[test]
    fn a_held_mutex_is_not_taken_again() {
        let mutex = Mutex::new(());
        let held = mutex.lock();
        assert!(mutex.try_lock().is_none());
        drop(held);
        assert!(mutex.try_lock().is_some());
    }

    #[test]
    fn a_waiting_thread_wakes_when_its_condition_ends() {
        let (mutex, changed) = (Mutex::new(false), Condvar::new());
        std::thread::scope(|scope| {
            scope.spawn(|| {
                *mutex.lock() = true;
                changed.notify_all();
            });
            let done = changed.wait_while(mutex.lock(), |done| !*done);
            assert!(*done);
        });
        let limit = Duration::from_millis(1);
        assert!(*changed.wait_timeout_while(mutex.lock(), limit, |done| *done));
    }
}
