//! Keys on request: a call requests them, and the owner of the client supplies them. In R the owner's source is a function,
//! which only R's thread may call.

use crate::error::Error;
use crate::settings::keys::Keys;
use crate::sync::lock;
use aws_credential_types::Credentials;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, Weak};
use tokio::sync::Notify;

/// Where calls request keys, and where the owner finds these requests.
#[derive(Default)]
pub struct KeyRequests {
    state: Mutex<State>,
    /// The owner has supplied keys, or an error.
    supplied: Notify,
    /// A call has requested keys.
    requested: Notify,
    listeners: Mutex<Vec<Weak<dyn KeyRequestListener>>>,
}

/// Something that the owner waits on. It returns control to the owner when keys are requested.
pub trait KeyRequestListener: Send + Sync {
    /// A call has requested keys.
    fn keys_requested(&self);
}

#[derive(Default)]
struct State {
    is_pending: bool,
    supplied: Option<Result<Credentials, Error>>,
}

impl fmt::Debug for KeyRequests {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("KeyRequests")
    }
}

impl KeyRequests {
    fn state(&self) -> MutexGuard<'_, State> {
        lock(&self.state)
    }

    fn listeners(&self) -> MutexGuard<'_, Vec<Weak<dyn KeyRequestListener>>> {
        lock(&self.listeners)
    }

    /// Requests keys, and waits for them.
    pub(super) async fn request(&self) -> Result<Credentials, Error> {
        let withdraw = WithdrawOnDrop(self);
        *self.state() = State {
            is_pending: true,
            supplied: None,
        };
        self.notify();
        loop {
            let supplied = self.state().supplied.take();
            if let Some(supplied) = supplied {
                drop(withdraw);
                return supplied;
            }
            self.supplied.notified().await;
        }
    }

    /// Notifies the owner again, if a request is still pending: it saw the request and supplied nothing.
    pub fn renotify(&self) {
        if self.is_pending() {
            self.notify();
        }
    }

    fn notify(&self) {
        self.requested.notify_waiters();
        let listeners = self.listeners().clone();
        for listener in listeners.iter().filter_map(Weak::upgrade) {
            listener.keys_requested();
        }
    }

    /// Whether a call waits for keys.
    pub fn is_pending(&self) -> bool {
        self.state().is_pending
    }

    /// Supplies keys, or the reason why there are none, if a call waits for them.
    pub fn supply(&self, keys: Result<Keys, Error>) {
        let mut state = self.state();
        if state.is_pending {
            *state = State {
                is_pending: false,
                supplied: Some(keys.map(|keys| keys.credentials())),
            };
            drop(state);
            self.supplied.notify_one();
        }
    }

    /// Waits until a call requests keys.
    pub async fn requested(&self) {
        loop {
            let requested = self.requested.notified();
            if self.is_pending() {
                return;
            }
            requested.await;
        }
    }

    /// Notifies this listener of requests, for as long as it lives.
    pub fn subscribe(&self, listener: &Arc<dyn KeyRequestListener>) {
        let mut listeners = self.listeners();
        listeners.retain(|listener| listener.strong_count() > 0);
        listeners.push(Arc::downgrade(listener));
        drop(listeners);
        if self.is_pending() {
            listener.keys_requested();
        }
    }
}

/// Withdraws a request whose call is dropped while it waits.
struct WithdrawOnDrop<'s>(&'s KeyRequests);

impl Drop for WithdrawOnDrop<'_> {
    fn drop(&mut self) {
        self.0.state().is_pending = false;
    }
}
