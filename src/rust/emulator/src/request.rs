//! A request.

use crate::error::Refusal;
use crate::hash::uuid;
use crate::input::Input;
use bytes::Bytes;
use hyper::HeaderMap;

const TARGET: &str = "RekognitionService.";

/// A complete request.
pub struct Request {
    /// Method.
    pub method: String,
    /// Path and query.
    pub path: String,
    /// Headers.
    pub headers: HeaderMap,
    /// Body.
    pub body: Bytes,
    /// The parsed body.
    pub input: Result<Input, Refusal>,
}

impl Request {
    /// A header, if it is text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// The name of the requested operation.
    pub fn operation(&self) -> Option<&str> {
        self.header("x-amz-target")?.strip_prefix(TARGET)
    }

    /// What makes this request the same as another for a fault in the first request: its session, or all of its input
    /// but the token. `None` for new sessions.
    pub fn subject(&self) -> Option<String> {
        let operation = self.operation()?;
        let input = self.input.as_ref().ok()?;
        if operation == "CreateFaceLivenessSession" {
            return None;
        }
        if let Some(id) = input.string("SessionId") {
            return Some(id.to_owned());
        }
        let mut parts = vec![operation.to_owned()];
        for (name, value) in input.members() {
            if name != "ClientRequestToken" {
                parts.extend([name.clone(), value.to_string()]);
            }
        }
        let parts: Vec<&[u8]> = parts.iter().map(|part| part.as_bytes()).collect();
        Some(uuid(&parts))
    }
}
