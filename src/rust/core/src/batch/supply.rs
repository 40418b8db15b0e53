//! Inputs on their way from the thread that makes them to the batch.

use crate::sync::lock;
use bytes::Bytes;
use std::sync::Mutex;
use tokio::sync::Notify;

/// The inputs of calls that are supplied while a batch runs.
#[derive(Debug, Default)]
pub struct Supply {
    state: Mutex<State>,
    /// Notified when the state has changed.
    pub changed: Notify,
}

#[derive(Debug, Default)]
struct State {
    inputs: Vec<Bytes>,
    is_closed: bool,
}

impl Supply {
    /// Adds the next input.
    pub fn put(&self, input: Bytes) {
        lock(&self.state).inputs.push(input);
        self.changed.notify_one();
    }

    /// No more inputs come.
    pub fn close(&self) {
        lock(&self.state).is_closed = true;
        self.changed.notify_one();
    }

    /// Takes the inputs that have been added, and whether no more come.
    pub fn take(&self) -> (Vec<Bytes>, bool) {
        let mut state = lock(&self.state);
        (std::mem::take(&mut state.inputs), state.is_closed)
    }
}
