//! What a batch fetches, and how.

use crate::log::Level;
use std::path::PathBuf;
use std::time::Duration;

/// What is asked for.
#[derive(Debug, Clone)]
pub struct BatchRequest {
    /// The sessions, each once.
    pub session_ids: Vec<String>,
    /// The most requests in flight.
    pub max_active: usize,
    /// Where images and results go, if they are to be saved. What is there already is not asked for.
    pub dir: Option<PathBuf>,
    /// Ask until all have ended; once if absent.
    pub until_final: Option<Polling>,
    /// How much is told.
    pub level: Level,
}

/// How to ask again.
#[derive(Debug, Clone, Copy)]
pub struct Polling {
    /// The time between two questions for one session, at first.
    pub interval: Duration,
    /// When to stop.
    pub timeout: Duration,
}
