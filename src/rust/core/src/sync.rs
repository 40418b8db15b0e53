//! Locks whose holder may have panicked.

use std::sync::{LockResult, Mutex, MutexGuard, PoisonError};

/// Ignores a panic of an earlier holder: no code of this crate panics halfway through a change.
pub fn recover<T>(result: LockResult<T>) -> T {
    result.unwrap_or_else(PoisonError::into_inner)
}

/// Locks a mutex, whether or not a holder has panicked.
pub fn lock<T: ?Sized>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    recover(mutex.lock())
}
