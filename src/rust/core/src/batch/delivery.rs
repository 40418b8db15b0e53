//! Rows of a batch on their way to the thread that takes them.

use crate::batch::files::Saved;
use crate::batch::outcome::Outcome;
use crate::client::credentials::KeyRequestListener;
use crate::error::Error;
use crate::sync::{lock, recover};
use std::ops::Deref;
use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::time::{Duration, SystemTime};
use tokio::sync::Notify;

/// No more requests are sent while this many bytes of responses wait to be taken.
const MAX_WAITING_BYTES: usize = 8 << 20;
/// From this many bytes or rows on, the thread that takes rows is notified.
const NOTIFY_BYTES: usize = 1 << 20;
const NOTIFY_ROWS: usize = 64;

/// One session's, call's or object's part of the results.
#[derive(Debug)]
pub struct Row {
    /// The place of the session or the object in the request, or of the call among those that were supplied.
    pub index: usize,
    /// The session's ID; empty for calls and objects.
    pub session_id: String,
    /// Its results.
    pub outcome: Result<Outcome, Error>,
    /// The region that was asked.
    pub region: Option<String>,
    /// The number of attempts.
    pub attempts: u32,
    /// When the response arrived.
    pub retrieved_at: SystemTime,
}

impl Row {
    /// The row of a session that is saved in a folder.
    pub fn saved(index: usize, session_id: String, saved: Saved) -> Self {
        Row {
            index,
            session_id,
            region: saved.region.clone(),
            attempts: saved.attempts,
            retrieved_at: saved.retrieved_at,
            outcome: Ok(Outcome::Saved(saved)),
        }
    }
}

/// The rows of a batch that were ready.
#[derive(Debug)]
pub struct Delivered {
    /// Rows.
    pub rows: Vec<Row>,
    /// Whether these are the last rows.
    pub ended: bool,
    /// Why the batch has failed as a whole.
    pub failed: Option<Error>,
}

/// Notifies the owner of a batch that there is something to take. Called on any thread.
pub type Wake = Arc<dyn Fn() + Send + Sync>;

/// Rows on their way to the thread that takes them.
pub struct Delivery {
    state: Mutex<State>,
    changed: Condvar,
    wake: Option<Wake>,
    /// Whether each row is worth taking by itself, because the next input waits for it.
    is_eager: bool,
    /// Notified when rows were taken.
    pub taken: Notify,
}

#[derive(Default)]
struct State {
    ready: Vec<Row>,
    bytes: usize,
    ended: bool,
    failed: Option<Error>,
    /// Whether the taking thread must return early, because a request waits for keys.
    keys_wanted: bool,
    /// Whether the owner was notified since rows were last taken.
    notified: bool,
}

impl KeyRequestListener for Delivery {
    fn keys_requested(&self) {
        let mut state = self.state();
        state.keys_wanted = true;
        self.notify(state);
    }
}

impl Delivery {
    /// Without any rows yet.
    pub fn new(wake: Option<Wake>, is_eager: bool) -> Self {
        Delivery {
            state: Mutex::default(),
            changed: Condvar::new(),
            wake,
            is_eager,
            taken: Notify::new(),
        }
    }

    fn notify(&self, mut state: MutexGuard<'_, State>) {
        let was_notified = std::mem::replace(&mut state.notified, true);
        drop(state);
        self.changed.notify_all();
        if let Some(wake) = self.wake.as_ref().filter(|_| !was_notified) {
            wake();
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        lock(&self.state)
    }

    fn is_worth_taking(&self, state: &State) -> bool {
        let most = if self.is_eager { 1 } else { NOTIFY_ROWS };
        state.bytes >= NOTIFY_BYTES || state.ready.len() >= most
    }

    /// Adds a row.
    pub fn put(&self, row: Row) {
        let mut state = self.state();
        state.bytes += row.outcome.as_ref().map_or(0, Outcome::size);
        state.ready.push(row);
        if self.is_worth_taking(&state) {
            self.notify(state);
        }
    }

    /// Fails the batch as a whole.
    pub fn fail(&self, error: Error) {
        self.state().failed = Some(error);
    }

    /// Takes the rows that are ready. Waits no longer than `limit` for more of them.
    pub fn take(&self, limit: Duration) -> Delivered {
        let must_wait =
            |state: &mut State| !state.ended && !state.keys_wanted && !self.is_worth_taking(state);
        let waited = self
            .changed
            .wait_timeout_while(self.state(), limit, must_wait);
        let mut state = recover(waited).0;
        state.bytes = 0;
        state.notified = false;
        state.keys_wanted = false;
        self.taken.notify_one();
        Delivered {
            rows: std::mem::take(&mut state.ready),
            ended: state.ended,
            failed: state.failed.take(),
        }
    }

    /// Whether more responses would take too much memory.
    pub fn is_full(&self) -> bool {
        self.state().bytes >= MAX_WAITING_BYTES
    }
}

/// Ends the delivery when it is dropped, even if the task that owns it panics or is aborted.
pub struct Sender(Arc<Delivery>);

impl Sender {
    /// Sends to this delivery.
    pub fn new(delivery: Arc<Delivery>) -> Self {
        Sender(delivery)
    }
}

impl Deref for Sender {
    type Target = Delivery;

    fn deref(&self) -> &Delivery {
        &self.0
    }
}

impl Drop for Sender {
    fn drop(&mut self) {
        let mut state = self.0.state();
        state.ended = true;
        // Notify also if no row is left: an earlier notification may have been for rows that were taken since.
        self.0.notify(state);
    }
}
