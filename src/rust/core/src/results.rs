//! The results of a Face Liveness session.

use crate::call::Request;
use crate::json::Value;
use crate::response::{output, Unreadable};
use rekognition_model::{model, Operation};
use std::borrow::Cow;

/// The results of GetFaceLivenessSessionResults, checked.
#[derive(Debug, Default)]
pub struct SessionResults<'a>(Value<'a>);

impl<'a> SessionResults<'a> {
    /// The session's ID.
    pub fn session_id(&self) -> Option<Cow<'a, str>> {
        self.0.string("SessionId")
    }

    /// `CREATED`, `IN_PROGRESS`, `SUCCEEDED`, `FAILED`, `EXPIRED`, or one that is newer than this.
    pub fn status(&self) -> Option<Cow<'a, str>> {
        self.0.string("Status")
    }

    /// From 0 to 100.
    pub fn confidence(&self) -> Option<f64> {
        self.0.number("Confidence")
    }

    /// The image to compare with others.
    pub fn reference_image(&self) -> Option<&Value<'a>> {
        self.0.get("ReferenceImage")
    }

    /// Further images of the check.
    pub fn audit_images(&self) -> &[Value<'a>] {
        self.0.items("AuditImages")
    }

    /// What the user was asked to do, and its version.
    pub fn challenge(&self) -> [Option<Cow<'a, str>>; 2] {
        let challenge = self.0.get("Challenge");
        ["Type", "Version"].map(|name| challenge?.string(name))
    }

    /// What was detected in the video.
    pub fn feedback(&self) -> &[Value<'a>] {
        self.0.items("Feedback")
    }

    /// The client that streamed the video, as it names itself: not to be trusted.
    pub fn sdk_type(&self) -> Option<Cow<'a, str>> {
        self.0.get("Metadata")?.string("SDKType")
    }
}

/// The operation that returns these results.
pub fn operation() -> &'static Operation {
    &model()["GetFaceLivenessSessionResults"]
}

/// The request for the results of this session.
pub fn request(session_id: &str) -> Request {
    Request {
        operation: operation(),
        input: serde_json::json!({ "SessionId": session_id })
            .to_string()
            .into(),
    }
}

/// Reads a response of GetFaceLivenessSessionResults.
pub fn session_results(body: &[u8]) -> Result<SessionResults<'_>, Unreadable> {
    output(operation(), body).map(SessionResults)
}

/// The most images and feedback of a session together: each takes some kilobytes while it is read.
const MAX_ITEMS: usize = 10_000;

/// Reads the results of this session. Rejects incomplete ones, and those of another session.
pub fn results_of<'a>(body: &'a [u8], session_id: &str) -> Result<SessionResults<'a>, Unreadable> {
    let results = session_results(body)?;
    let problem = match (results.session_id().as_deref(), results.status().as_deref()) {
        (None, _) => "SessionId is missing",
        (Some(id), _) if id != session_id => "it is for another session",
        (_, None | Some("")) => "Status is missing",
        _ if results
            .confidence()
            .is_some_and(|confidence| !(0.0..=100.0).contains(&confidence)) =>
        {
            "Confidence is not between 0 and 100"
        }
        _ if results.audit_images().len() + results.feedback().len() > MAX_ITEMS => {
            "it has too many images or too much feedback"
        }
        _ => return Ok(results),
    };
    Err(Unreadable::Wrong(problem.into()))
}

#[cfg(test)]
mod tests;
