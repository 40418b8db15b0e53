//! Rows of a batch on their way to whoever takes them.

use crate::batch::files::{self, is_final, Failed, Saved};
use crate::client::credentials::KeyRequestListener;
use crate::error::Error;
use crate::response::{self, Response, Unreadable};
use crate::runtime;
use crate::sync::lock;
use std::path::PathBuf;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};
use tokio::sync::{Notify, Semaphore};

/// Bytes of answers that may wait to be taken. More requests are sent when there are fewer.
const FULL: usize = 8 << 20;
/// From here on it pays to take them.
const ENOUGH_BYTES: usize = 1 << 20;
const ENOUGH_ROWS: usize = 64;

/// What came of a session.
#[derive(Debug)]
pub struct Row {
    /// Its place among the sessions asked for.
    pub index: usize,
    /// Its id.
    pub session_id: String,
    /// Its results.
    pub outcome: Result<Outcome, Error>,
    /// Requests that were tried.
    pub attempts: u32,
    /// When the answer came.
    pub retrieved_at: SystemTime,
}

/// What has come of a batch since rows were last taken.
#[derive(Debug)]
pub struct Taken {
    /// Rows.
    pub rows: Vec<Row>,
    /// Whether they are the last.
    pub ended: bool,
    /// Why the batch has failed as a whole.
    pub failed: Option<Error>,
}

/// Results of a session.
#[derive(Debug)]
pub enum Outcome {
    /// As they came.
    Response(Response),
    /// In files.
    Saved(Saved),
    /// As they came, since they could not be written into files.
    Unsaved(Response, Error),
}

/// Tells whoever takes rows that it is time.
pub type Wake = Arc<dyn Fn() + Send + Sync>;

/// Rows on their way to whoever takes them.
pub struct Delivery {
    rows: Mutex<Rows>,
    enough: Condvar,
    wake: Option<Wake>,
    /// Tells the sender that rows were taken.
    pub taken: Notify,
}

#[derive(Default)]
struct Rows {
    ready: Vec<Row>,
    bytes: usize,
    ended: bool,
    failed: Option<Error>,
    /// Whether to let go, so that keys are given.
    keys_wanted: bool,
    /// Whether somebody was told since rows were last taken.
    told: bool,
}

impl KeyRequestListener for Delivery {
    fn keys_requested(&self) {
        let mut rows = self.rows();
        rows.keys_wanted = true;
        self.tell(rows);
    }
}

impl Delivery {
    /// With nothing on the way.
    pub fn new(wake: Option<Wake>) -> Self {
        Delivery {
            rows: Mutex::default(),
            enough: Condvar::new(),
            wake,
            taken: Notify::new(),
        }
    }

    fn tell(&self, mut rows: MutexGuard<'_, Rows>) {
        let told = std::mem::replace(&mut rows.told, true);
        drop(rows);
        self.enough.notify_all();
        if let Some(wake) = self.wake.as_ref().filter(|_| !told) {
            wake();
        }
    }

    fn rows(&self) -> MutexGuard<'_, Rows> {
        lock(&self.rows)
    }

    /// Puts a row on its way.
    pub fn put(&self, row: Row) {
        let mut rows = self.rows();
        rows.bytes += size(&row);
        rows.ready.push(row);
        if rows.bytes >= ENOUGH_BYTES || rows.ready.len() >= ENOUGH_ROWS {
            self.tell(rows);
        }
    }

    /// Says that the batch has failed as a whole.
    pub fn fail(&self, fault: Error) {
        self.rows().failed = Some(fault);
    }

    /// What has come, after this time at the latest.
    pub fn take(&self, patience: Duration) -> Taken {
        let not_yet = |rows: &mut Rows| {
            !rows.ended
                && !rows.keys_wanted
                && rows.bytes < ENOUGH_BYTES
                && rows.ready.len() < ENOUGH_ROWS
        };
        let mut rows = self
            .enough
            .wait_timeout_while(self.rows(), patience, not_yet)
            .unwrap_or_else(PoisonError::into_inner)
            .0;
        rows.bytes = 0;
        rows.told = false;
        rows.keys_wanted = false;
        self.taken.notify_one();
        Taken {
            rows: std::mem::take(&mut rows.ready),
            ended: rows.ended,
            failed: rows.failed.take(),
        }
    }

    /// Whether more answers would take too much memory.
    pub fn is_full(&self) -> bool {
        self.rows().bytes >= FULL
    }
}

/// Says that no more rows come, also if the task that sends them breaks off.
pub struct Sender(pub Arc<Delivery>);

impl Drop for Sender {
    fn drop(&mut self) {
        let mut rows = self.0.rows();
        rows.ended = true;
        // Rows that somebody was told of may have been taken already.
        self.0.tell(rows);
    }
}

fn size(row: &Row) -> usize {
    match &row.outcome {
        Ok(Outcome::Response(answer) | Outcome::Unsaved(answer, _)) => answer.body().len(),
        _ => 0,
    }
}

/// An answer as it is to be delivered, and whether nothing more can come.
pub async fn found(
    answer: Response,
    dir: Option<PathBuf>,
    id: String,
    is_polled: bool,
    attempts: u32,
    at: SystemTime,
    writers: &Semaphore,
) -> Result<(Outcome, bool), Error> {
    let Some(dir) = dir else {
        // The thread that takes the row reads it.
        if !is_polled {
            return Ok((Outcome::Response(answer), true));
        }
        let is_final = ends(answer.body(), &id).map_err(|problem| answer.invalid(problem))?;
        return Ok((Outcome::Response(answer), is_final));
    };
    let _turn = writers.acquire().await;
    // Files are written off the thread that serves all connections.
    let found = runtime::blocking(move || {
        match files::save(&dir, &id, &answer, attempts, at) {
            Ok(saved) => Ok((ends(&saved.text, &id), Outcome::Saved(saved))),
            // What was fetched is kept: the service will not give it again.
            Err(Failed::File(path, error)) => {
                let fault = Error::file(path, &error);
                Ok((ends(answer.body(), &id), Outcome::Unsaved(answer, fault)))
            }
            Err(Failed::Response(problem)) => Err(answer.invalid(problem)),
        }
    });
    let (is_final, found) = found.await??;
    Ok((found, !is_polled || is_final.unwrap_or(true)))
}

/// Whether nothing more can come of the session with these results.
fn ends(text: &[u8], id: &str) -> Result<bool, Unreadable> {
    let results = response::results_of(text, id)?;
    Ok(is_final(results.status.as_deref()))
}
