//! A request.

use crate::error::Refusal;
use crate::hash::uuid;
use crate::input::Input;
use crate::responses::{Reply, Response};
use crate::s3::{self, Failure};
use crate::{signature, sts};
use bytes::Bytes;
use hyper::HeaderMap;
use rekognition_streaming::query::{without_signature, Query};

const TARGET: &str = "RekognitionService.";

/// The services at the emulator's URL, each with a protocol of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Protocol {
    /// JSON, and the operation in a header.
    Rekognition,
    /// A form.
    Sts,
    /// The operation is the method and the path.
    S3,
}

impl Protocol {
    /// The protocol of a request with this method and these headers.
    pub fn of(method: &str, headers: &HeaderMap) -> Self {
        match method {
            "GET" | "HEAD" | "PUT" | "DELETE" => Protocol::S3,
            _ if is_signed_for_s3(headers) => Protocol::S3,
            _ if is_form(headers) => Protocol::Sts,
            _ => Protocol::Rekognition,
        }
    }
}

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

    /// Whose protocol this is.
    pub fn protocol(&self) -> Protocol {
        Protocol::of(&self.method, &self.headers)
    }

    /// The name of the requested operation.
    pub fn operation(&self) -> Option<&str> {
        match self.protocol() {
            Protocol::Rekognition => self.header("x-amz-target")?.strip_prefix(TARGET),
            // Longer ones are not names, and would be kept in the record of requests.
            Protocol::Sts => {
                let action = self.input.as_ref().ok()?.string("Action");
                action.filter(|action| action.len() <= 128)
            }
            Protocol::S3 => s3::Operation::of(&self.method, &self.path).map(s3::Operation::name),
        }
    }

    /// The access key ID in its signature, unverified.
    pub fn access_key_id(&self) -> Option<String> {
        signature::access_key_id(&self.headers)
            .or_else(|| Query::parse(&self.path).access_key_id().map(str::to_owned))
    }

    /// The response that refuses this request, and its code.
    pub fn refused(&self, refusal: Refusal, request_id: &str) -> Response {
        match self.protocol() {
            Protocol::Rekognition => {
                let reply = Reply {
                    status: refusal.status,
                    headers: Vec::new(),
                    body: refusal.body().to_string().into_bytes(),
                };
                (reply, Some(refusal.code))
            }
            Protocol::Sts => (sts::refused(&refusal, request_id), Some(refusal.code)),
            Protocol::S3 => Failure::from(refusal).response(request_id),
        }
    }

    /// What makes this request the same as another for a fault in the first request: its session, its object, or all of
    /// its input but the token. `None` for new sessions.
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
        if self.protocol() == Protocol::S3 {
            parts.push(without_signature(&self.path));
        }
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
pub fn read_input(protocol: Protocol, body: &[u8]) -> Result<Input, Refusal> {
    match protocol {
        Protocol::Rekognition => Input::parse(body),
        Protocol::Sts => Input::parse_form(body),
        Protocol::S3 => Ok(Input::default()),
    }
}

/// Operations that the emulator does not serve, such as uploads in parts.
fn is_signed_for_s3(headers: &HeaderMap) -> bool {
    let authorization = headers
        .get("authorization")
        .and_then(|value| value.to_str().ok());
    authorization.is_some_and(|value| value.contains("/s3/aws4_request"))
}

fn is_form(headers: &HeaderMap) -> bool {
    let content_type = headers.get("content-type");
    content_type.is_some_and(|value| {
        value
            .as_bytes()
            .starts_with(b"application/x-www-form-urlencoded")
    })
}
