//! Keys that the owner of a client gives when they are wanted: in R, a function that only R's thread may call.

use crate::error::Error;
use crate::settings::keys::Keys;
use crate::sync::lock;
use aws_credential_types::Credentials;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, Weak};
use tokio::sync::Notify;

/// Where requests for keys wait until the owner looks.
#[derive(Default)]
pub struct Supply {
    state: Mutex<State>,
    /// Rings when keys, or the reason why there are none, have been given.
    given: Notify,
    /// Rings when keys are wanted.
    wanted: Notify,
    listeners: Mutex<Vec<Weak<dyn Listener>>>,
}

/// Something that the owner waits for, and that must let go so that the owner sees that keys are wanted.
pub trait Listener: Send + Sync {
    /// Keys are wanted.
    fn keys_wanted(&self);
}

#[derive(Default)]
struct State {
    is_wanted: bool,
    given: Option<Result<Credentials, Error>>,
}

impl fmt::Debug for Supply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Supply")
    }
}

impl Supply {
    fn state(&self) -> MutexGuard<'_, State> {
        lock(&self.state)
    }

    fn listeners(&self) -> MutexGuard<'_, Vec<Weak<dyn Listener>>> {
        lock(&self.listeners)
    }

    /// Asks for keys, and waits for them.
    pub(super) async fn ask(&self) -> Result<Credentials, Error> {
        let asking = Asking(self);
        *self.state() = State {
            is_wanted: true,
            given: None,
        };
        self.notify();
        loop {
            let given = self.state().given.take();
            if let Some(given) = given {
                drop(asking);
                return given;
            }
            self.given.notified().await;
        }
    }

    /// Notifies everything that waits, if keys are still wanted: the owner has looked and has not given any.
    pub fn remind(&self) {
        if self.is_wanted() {
            self.notify();
        }
    }

    fn notify(&self) {
        self.wanted.notify_waiters();
        let listeners = self.listeners().clone();
        for listener in listeners.iter().filter_map(Weak::upgrade) {
            listener.keys_wanted();
        }
    }

    /// Whether keys are wanted now.
    pub fn is_wanted(&self) -> bool {
        self.state().is_wanted
    }

    /// Gives keys, or says why there are none.
    pub fn give(&self, keys: Result<Keys, Error>) {
        let mut state = self.state();
        if state.is_wanted {
            *state = State {
                is_wanted: false,
                given: Some(keys.map(|keys| keys.credentials())),
            };
            drop(state);
            self.given.notify_one();
        }
    }

    /// Returns when keys are wanted.
    pub async fn wanted(&self) {
        loop {
            let wanted = self.wanted.notified();
            if self.is_wanted() {
                return;
            }
            wanted.await;
        }
    }

    /// Notifies this listener when keys are wanted, for as long as it lives.
    pub fn listen(&self, listener: &Arc<dyn Listener>) {
        let mut listeners = self.listeners();
        listeners.retain(|listener| listener.strong_count() > 0);
        listeners.push(Arc::downgrade(listener));
        drop(listeners);
        if self.is_wanted() {
            listener.keys_wanted();
        }
    }
}

/// A question that may be given up before it is answered.
struct Asking<'s>(&'s Supply);

impl Drop for Asking<'_> {
    fn drop(&mut self) {
        self.0.state().is_wanted = false;
    }
}
