//! The request for a batch.

use crate::call::log::Level;
use crate::results;
use crate::s3::Object;
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
    /// Requests for objects in S3.
    Objects(Vec<Object>),
}

/// What the rows of a batch contain.
#[derive(Debug, Clone, Copy)]
pub enum Content {
    /// Results of sessions.
    Results,
    /// Responses of this operation.
    Values(&'static Operation),
    /// Objects: the bodies of responses.
    Objects,
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
    /// The name of the operation that is called.
    pub fn operation(&self) -> &'static str {
        match self {
            Work::Sessions(_) => &results::operation().name,
            Work::Calls(operation) => &operation.name,
            Work::Objects(_) => "GetObject",
        }
    }

    /// What the rows will contain.
    pub fn content(&self) -> Content {
        match self {
            Work::Sessions(_) => Content::Results,
            Work::Calls(operation) => Content::Values(operation),
            Work::Objects(_) => Content::Objects,
        }
    }

    /// The number of rows; `None` if they are added while the batch runs.
    pub fn rows(&self) -> Option<usize> {
        match self {
            Work::Sessions(sessions) => Some(sessions.ids.len()),
            Work::Calls(_) => None,
            Work::Objects(objects) => Some(objects.len()),
        }
    }

    /// The sessions, if the work is to fetch their results.
    pub fn sessions(&self) -> Option<&Sessions> {
        match self {
            Work::Sessions(sessions) => Some(sessions),
            Work::Calls(_) | Work::Objects(_) => None,
        }
    }

    /// How to poll, if the work is to poll.
    pub fn polling(&self) -> Option<Polling> {
        self.sessions()?.until_final
    }
}
