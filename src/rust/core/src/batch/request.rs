//! The request for a batch.

use crate::call::log::Level;
use std::path::PathBuf;
use std::time::Duration;

/// Which sessions a batch fetches, and how.
#[derive(Debug, Clone)]
pub struct BatchRequest {
    /// The sessions' IDs, each once.
    pub session_ids: Vec<String>,
    /// The most requests in flight.
    pub max_active: usize,
    /// The folder for images and results, if they are saved. Sessions that it holds already are not fetched.
    pub dir: Option<PathBuf>,
    /// Polls each session until it is final. Each is fetched once if absent.
    pub until_final: Option<Polling>,
    /// What is logged.
    pub level: Level,
}

/// How to poll.
#[derive(Debug, Clone, Copy)]
pub struct Polling {
    /// The time between two polls of a session, at first.
    pub interval: Duration,
    /// The time limit for the whole batch.
    pub timeout: Duration,
}
