//! What a session's response becomes.

use crate::batch::files::Saved;
use crate::error::Error;
use crate::response::Response;

/// Results of a session.
#[derive(Debug)]
pub enum Outcome {
    /// The response, unread.
    Response(Response),
    /// In files.
    Saved(Saved),
    /// The response, since it could not be saved in files, and the reason.
    Unsaved(Response, Error),
}

impl Outcome {
    /// The status and the request ID, for the log.
    pub fn head(&self) -> (u16, Option<&str>) {
        match self {
            Outcome::Response(response) | Outcome::Unsaved(response, _) => response.head(),
            Outcome::Saved(saved) => (200, saved.request_id.as_deref()),
        }
    }

    /// The bytes of memory that it takes until it is read.
    pub fn size(&self) -> usize {
        match self {
            Outcome::Response(response) | Outcome::Unsaved(response, _) => response.body().len(),
            Outcome::Saved(_) => 0,
        }
    }
}
