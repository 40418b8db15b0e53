//! Turns responses into outcomes: saves them in files if the batch has a folder, and recognizes final ones.

use crate::batch::files::{self, is_final, Failed, Retrieved};
use crate::batch::outcome::Outcome;
use crate::batch::request::BatchRequest;
use crate::error::Error;
use crate::response::{Response, Unreadable};
use crate::results::results_of;
use crate::runtime;
use std::path::PathBuf;
use tokio::sync::Semaphore;

/// Sessions whose files are written at the same time: more would only take memory.
const WRITERS: usize = 2;

/// Collects the responses of one batch.
pub struct Collector {
    dir: Option<PathBuf>,
    is_polled: bool,
    writers: Semaphore,
}

impl Collector {
    /// For a batch that has not begun.
    pub fn new(request: &BatchRequest) -> Self {
        Collector {
            dir: request
                .work
                .sessions()
                .and_then(|sessions| sessions.dir.clone()),
            is_polled: request.work.polling().is_some(),
            writers: Semaphore::new(WRITERS),
        }
    }

    /// The outcome of a response, and whether it is final. All are in a batch that does not poll. `session_id` is empty in
    /// a batch of calls or objects.
    pub async fn collect(
        &self,
        response: Response,
        session_id: String,
        retrieved: Retrieved,
    ) -> Result<(Outcome, bool), Error> {
        let Some(dir) = self.dir.clone() else {
            // The thread that takes the row reads it.
            let is_final = !self.is_polled
                || has_ended(response.body(), &session_id)
                    .map_err(|problem| response.invalid(problem))?;
            return Ok((Outcome::Response(response), is_final));
        };
        let _permit = self.writers.acquire().await;
        // Files are written on another thread than the one that serves all connections.
        let saved = runtime::blocking(move || {
            match files::save(&dir, &session_id, &response, retrieved) {
                Ok(saved) => Ok((has_ended(&saved.text, &session_id), Outcome::Saved(saved))),
                // Keep the response: the service may not return it again.
                Err(Failed::File(path, error)) => {
                    let has_ended = has_ended(response.body(), &session_id);
                    let error = Error::file(path, &error);
                    Ok((has_ended, Outcome::Unsaved(response, error)))
                }
                Err(Failed::Response(problem)) => Err(response.invalid(problem)),
            }
        });
        let (has_ended, outcome) = saved.await??;
        Ok((outcome, !self.is_polled || has_ended.unwrap_or(true)))
    }
}

/// Whether the session with these results has ended.
fn has_ended(text: &[u8], session_id: &str) -> Result<bool, Unreadable> {
    let results = results_of(text, session_id)?;
    Ok(is_final(results.status().as_deref()))
}
