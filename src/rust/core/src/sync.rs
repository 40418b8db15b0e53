//! Locks whose holder may have panicked.

use std::sync::{LockResult, Mutex, MutexGuard, PoisonError};

/// What a lock protects is whole between two statements here: a panic elsewhere does not spoil it.
pub fn recover<T>(result: LockResult<T>) -> T {
    result.unwrap_or_else(PoisonError::into_inner)
}

/// Locks a mutex, whether or not a holder has panicked.
pub fn lock<T: ?Sized>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    recover(mutex.lock())
}
