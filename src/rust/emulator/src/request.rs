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

    /// Whether this is a request to STS, whose protocol is another.
    pub fn is_for_sts(&self) -> bool {
        is_form(&self.headers)
    }

    /// The name of the requested operation.
    pub fn operation(&self) -> Option<&str> {
        if self.is_for_sts() {
            // Longer ones are not names, and would be kept in the record of requests.
            let action = self.input.as_ref().ok()?.string("Action");
            return action.filter(|action| action.len() <= 128);
        }
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

/// The members of a body: a form's, or those of a JSON object.
pub fn read_input(headers: &HeaderMap, body: &[u8]) -> Result<Input, Refusal> {
    if is_form(headers) {
        Input::parse_form(body)
    } else {
        Input::parse(body)
    }
}

fn is_form(headers: &HeaderMap) -> bool {
    let content_type = headers.get("content-type");
    content_type.is_some_and(|value| {
        value
            .as_bytes()
            .starts_with(b"application/x-www-form-urlencoded")
    })
}
