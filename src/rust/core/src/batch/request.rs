//! The request for a batch.

use crate::call::log::Level;
use crate::results;
use rekognition_model::Operation;
use std::path::PathBuf;
use std::time::Duration;

/// What a batch sends, and how.
#[derive(Debug, Clone)]
pub struct BatchRequest {
    /// What is sent.
    pub work: Work,
    /// The most requests in flight.
    pub max_active: usize,
    /// What is logged.
    pub level: Level,
}

/// What a batch sends.
#[derive(Debug, Clone)]
pub enum Work {
    /// Requests for the results of sessions.
    Sessions(Sessions),
    /// Calls of an operation. Their inputs are supplied while the batch runs.
    Calls(&'static Operation),
}

/// The sessions whose results a batch fetches.
#[derive(Debug, Clone, Default)]
pub struct Sessions {
    /// Their IDs, each once.
    pub ids: Vec<String>,
    /// The folder for images and results, if they are saved. Sessions that it holds already are not fetched.
    pub dir: Option<PathBuf>,
    /// Polls each session until it is final. Each is fetched once if absent.
    pub until_final: Option<Polling>,
}

/// How to poll.
#[derive(Debug, Clone, Copy)]
pub struct Polling {
    /// The time between two polls of a session, at first.
    pub interval: Duration,
    /// The time limit for the whole batch.
    pub timeout: Duration,
}

impl Work {
    /// The operation that is called.
    pub fn operation(&self) -> &'static Operation {
        match self {
            Work::Sessions(_) => results::operation(),
            Work::Calls(operation) => operation,
        }
    }

    /// The sessions, if the work is to fetch their results.
    pub fn sessions(&self) -> Option<&Sessions> {
        match self {
            Work::Sessions(sessions) => Some(sessions),
            Work::Calls(_) => None,
        }
    }

    /// How to poll, if the work is to poll.
    pub fn polling(&self) -> Option<Polling> {
        self.sessions()?.until_final
    }
}
