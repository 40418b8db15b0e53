//! The service's responses, member by member as its model has them.
//!
//! A member that is absent or null is `None`. A member of another type than the model's, a number outside the range of
//! doubles, and a string with a NUL make the whole response invalid.

use crate::error::{request_id, Error};
use crate::json::{self, Text, Value};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use base64_simd::{Out, STANDARD};
use bytes::Bytes;
use std::borrow::Cow;
use std::fmt;

/// A response with status 2xx, unread.
pub struct Response {
    body: Bytes,
    encoding: Option<String>,
    /// HTTP status.
    pub status: u16,
    /// The service's ID of the request.
    pub request_id: Option<String>,
}

impl fmt::Debug for Response {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Response")
            .field("body", &format_args!("<{} bytes>", self.body().len()))
            .field("status", &self.status)
            .finish()
    }
}

impl Response {
    /// A response with these headers and this body.
    pub fn new(response: &HttpResponse, body: Bytes) -> Self {
        let header = |name: &str| response.headers().get(name);
        Response {
            body,
            encoding: header("content-encoding").map(str::to_owned),
            status: response.status().as_u16(),
            request_id: request_id(header),
        }
    }

    /// The status and the request ID, for the log.
    pub fn head(&self) -> (u16, Option<&str>) {
        (self.status, self.request_id.as_deref())
    }

    /// The body.
    pub fn body(&self) -> &[u8] {
        &self.body
    }

    /// The error for this response.
    pub fn invalid(&self, problem: Unreadable) -> Error {
        match problem {
            Unreadable::Wrong(reason) => Error::InvalidResponse {
                reason,
                status: Some(self.status),
                request_id: self.request_id.clone(),
                source: None,
            },
            Unreadable::NoMemory => Error::NoMemory,
        }
    }

    /// Rejects a compressed body: it was not requested, and a few bytes could become gigabytes.
    pub fn uncompressed(self) -> Result<Self, Error> {
        match &self.encoding {
            Some(encoding) if !encoding.eq_ignore_ascii_case("identity") => {
                let reason = format!("it is compressed ({encoding}), which was not requested");
                Err(self.invalid(Unreadable::Wrong(reason)))
            }
            _ => Ok(self),
        }
    }
}

/// The results of GetFaceLivenessSessionResults.
#[derive(Debug, Default, PartialEq)]
pub struct SessionResults<'a> {
    /// The session's ID.
    pub session_id: Option<Cow<'a, str>>,
    /// `CREATED`, `IN_PROGRESS`, `SUCCEEDED`, `FAILED`, `EXPIRED`, or one that is newer than this.
    pub status: Option<Cow<'a, str>>,
    /// From 0 to 100.
    pub confidence: Option<f64>,
    /// The image to compare with others.
    pub reference_image: AuditImage<'a>,
    /// Further images of the check.
    pub audit_images: Vec<AuditImage<'a>>,
    /// What the person was asked to do.
    pub challenge: Challenge<'a>,
    /// What was noticed in the video.
    pub feedback: Vec<FeedbackItem<'a>>,
    /// The client that streamed the video, as it names itself: not to be trusted.
    pub sdk_type: Option<Cow<'a, str>>,
}

/// What a person was asked to do.
#[derive(Debug, Default, PartialEq)]
pub struct Challenge<'a> {
    /// The kind of challenge.
    pub kind: Option<Cow<'a, str>>,
    /// Its version.
    pub version: Option<Cow<'a, str>>,
}

/// Something that was noticed in a video.
#[derive(Debug, Default, PartialEq)]
pub struct FeedbackItem<'a> {
    /// Such as `LOW_LIGHTING_DETECTED`.
    pub code: Option<Cow<'a, str>>,
    /// The description of the code.
    pub message: Option<Cow<'a, str>>,
}

/// An image: its bytes, or its object in S3; and the face's bounding box.
#[derive(Debug, Default, PartialEq)]
pub struct AuditImage<'a> {
    /// The image itself, in base64.
    pub bytes: Option<Blob<'a>>,
    /// Its object in S3.
    pub s3_object: S3Object<'a>,
    /// The face.
    pub bounding_box: BoundingBox,
}

/// An object in S3.
#[derive(Debug, Default, PartialEq)]
pub struct S3Object<'a> {
    /// The bucket.
    pub bucket: Option<Cow<'a, str>>,
    /// The key.
    pub name: Option<Cow<'a, str>>,
    /// The version, in a versioned bucket.
    pub version: Option<Cow<'a, str>>,
}

/// Where a face is, as ratios of the image's size (or in pixels: see the service's documentation).
#[derive(Debug, Default, Clone, Copy, PartialEq)]
pub struct BoundingBox {
    /// Width.
    pub width: Option<f64>,
    /// Height.
    pub height: Option<f64>,
    /// Left edge.
    pub left: Option<f64>,
    /// Top edge.
    pub top: Option<f64>,
}

/// Bytes in base64, which are decoded directly into their destination.
#[derive(PartialEq)]
pub struct Blob<'a>(Cow<'a, str>);

/// Why a response is not readable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unreadable {
    /// The member and what is wrong with it.
    Wrong(String),
    /// There is not enough memory.
    NoMemory,
}

impl std::fmt::Debug for Blob<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Blob(<{} characters of base64>)", self.0.len())
    }
}

impl Blob<'_> {
    /// The number of bytes that `decode_into` writes if the base64 is valid.
    pub fn decoded_len(&self) -> usize {
        STANDARD
            .decoded_length(self.0.as_bytes())
            .unwrap_or_default()
    }

    /// The decoded bytes.
    pub fn decode(&self) -> Result<Vec<u8>, Unreadable> {
        let length = self.decoded_len();
        let mut bytes = Vec::new();
        bytes
            .try_reserve_exact(length)
            .map_err(|_| Unreadable::NoMemory)?;
        bytes.resize(length, 0);
        self.decode_into(&mut bytes)?;
        Ok(bytes)
    }

    /// Decodes into `out`, which must be `decoded_len()` long.
    pub fn decode_into(&self, out: &mut [u8]) -> Result<(), Unreadable> {
        let text = self.0.as_bytes();
        // The decoder panics if `out` is too small.
        let fits = STANDARD
            .decoded_length(text)
            .is_ok_and(|length| length == out.len());
        if fits && STANDARD.decode(text, Out::from_slice(out)).is_ok() {
            Ok(())
        } else {
            Err(Unreadable::Wrong("Bytes is not base64".into()))
        }
    }
}

/// Reads a response of GetFaceLivenessSessionResults.
pub fn session_results(body: &[u8]) -> Result<SessionResults<'_>, Unreadable> {
    let root = document(body)?;
    let results = SessionResults {
        session_id: string(&root, "SessionId")?,
        status: string(&root, "Status")?,
        confidence: number(&root, "Confidence")?,
        reference_image: audit_image(root.get("ReferenceImage"), "ReferenceImage")?,
        audit_images: list(&root, "AuditImages", audit_image)?,
        challenge: challenge(root.get("Challenge"))?,
        feedback: list(&root, "Feedback", feedback_item)?,
        sdk_type: match structure(root.get("Metadata"), "Metadata")? {
            None => None,
            Some(metadata) => string(metadata, "SDKType")?,
        },
    };
    if results.session_id.is_none() && results.status.is_none() {
        refuse_error_document(&root)?;
    }
    Ok(results)
}

/// The most images and feedback of a session together: each takes some kilobytes while it is read.
const MAX_ITEMS: usize = 10_000;

/// Reads the results of this session. Rejects incomplete ones, and those of another session.
pub fn results_of<'a>(body: &'a [u8], session_id: &str) -> Result<SessionResults<'a>, Unreadable> {
    let results = session_results(body)?;
    let problem = match (results.session_id.as_deref(), results.status.as_deref()) {
        (None, _) => "SessionId is missing",
        (Some(id), _) if id != session_id => "it is for another session",
        (_, None | Some("")) => "Status is missing",
        _ if results
            .confidence
            .is_some_and(|confidence| !(0.0..=100.0).contains(&confidence)) =>
        {
            "Confidence is not between 0 and 100"
        }
        _ if results.audit_images.len() + results.feedback.len() > MAX_ITEMS => {
            "it has too many images or too much feedback"
        }
        _ => return Ok(results),
    };
    Err(Unreadable::Wrong(problem.into()))
}

/// Reads a response of CreateFaceLivenessSession: the session's ID.
pub fn created_session(body: &[u8]) -> Result<Option<Cow<'_, str>>, Unreadable> {
    let root = document(body)?;
    let session_id = string(&root, "SessionId")?;
    if session_id.is_none() {
        refuse_error_document(&root)?;
    }
    Ok(session_id)
}

fn document(body: &[u8]) -> Result<Value<'_>, Unreadable> {
    if body.is_empty() {
        return Err(Unreadable::Wrong("it is empty".into()));
    }
    let root = Value::parse(body).map_err(|malformed| match malformed.problem {
        json::NO_MEMORY => Unreadable::NoMemory,
        _ => Unreadable::Wrong(format!("it is not JSON: {malformed}")),
    })?;
    match root {
        Value::Object(_) => Ok(root),
        _ => Err(Unreadable::Wrong("it is not a JSON object".into())),
    }
}

/// Rejects an error that a proxy returned with status 200: it must not look like an empty session.
fn refuse_error_document(root: &Value<'_>) -> Result<(), Unreadable> {
    let signs = ["__type", "code", "Code", "message", "Message"];
    if signs
        .iter()
        .any(|name| matches!(root.get(name), Some(Value::String(_))))
    {
        return Err(Unreadable::Wrong("it is an error document".into()));
    }
    Ok(())
}

fn wrong_type(member: &str, expected: &str) -> Unreadable {
    Unreadable::Wrong(format!("{member} is not {expected}"))
}

fn string<'a>(object: &Value<'a>, name: &str) -> Result<Option<Cow<'a, str>>, Unreadable> {
    match object.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => without_nul(*text, name).map(Some),
        Some(_) => Err(wrong_type(name, "a string")),
    }
}

/// R's strings end at a NUL: a string that contains one would be cut off.
fn without_nul<'a>(text: Text<'a>, name: &str) -> Result<Cow<'a, str>, Unreadable> {
    let wrong = |problem: &str| Unreadable::Wrong(format!("{name} contains {problem}"));
    let string = text
        .unescape()
        .ok_or_else(|| wrong("half a surrogate pair"))?;
    if string.contains('\0') {
        return Err(wrong("a NUL character"));
    }
    Ok(string)
}

fn number(object: &Value<'_>, name: &str) -> Result<Option<f64>, Unreadable> {
    match object.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::Number(number)) => number
            .to_f64()
            .map(Some)
            .ok_or_else(|| Unreadable::Wrong(format!("{name} is outside the range of doubles"))),
        Some(_) => Err(wrong_type(name, "a number")),
    }
}

/// The items of a list, each read by `item`; none if the list is absent or null.
fn list<'v, 'a, T>(
    object: &'v Value<'a>,
    name: &str,
    item: impl Fn(Option<&'v Value<'a>>, &str) -> Result<T, Unreadable>,
) -> Result<Vec<T>, Unreadable> {
    match object.get(name) {
        None | Some(Value::Null) => Ok(Vec::new()),
        Some(Value::Array(items)) => items.iter().map(|value| item(Some(value), name)).collect(),
        Some(_) => Err(wrong_type(name, "a list")),
    }
}

/// The structure itself, or `None` if it is absent or null.
fn structure<'v, 'a>(
    value: Option<&'v Value<'a>>,
    name: &str,
) -> Result<Option<&'v Value<'a>>, Unreadable> {
    match value {
        None | Some(Value::Null) => Ok(None),
        Some(object @ Value::Object(_)) => Ok(Some(object)),
        Some(_) => Err(wrong_type(name, "a structure")),
    }
}

fn audit_image<'a>(value: Option<&Value<'a>>, name: &str) -> Result<AuditImage<'a>, Unreadable> {
    let Some(image) = structure(value, name)? else {
        return Ok(AuditImage::default());
    };
    Ok(AuditImage {
        bytes: string(image, "Bytes")?.map(Blob),
        s3_object: match structure(image.get("S3Object"), "S3Object")? {
            None => S3Object::default(),
            Some(object) => S3Object {
                bucket: string(object, "Bucket")?,
                name: string(object, "Name")?,
                version: string(object, "Version")?,
            },
        },
        bounding_box: match structure(image.get("BoundingBox"), "BoundingBox")? {
            None => BoundingBox::default(),
            Some(object) => BoundingBox {
                width: number(object, "Width")?,
                height: number(object, "Height")?,
                left: number(object, "Left")?,
                top: number(object, "Top")?,
            },
        },
    })
}

fn challenge<'a>(value: Option<&Value<'a>>) -> Result<Challenge<'a>, Unreadable> {
    let Some(challenge) = structure(value, "Challenge")? else {
        return Ok(Challenge::default());
    };
    Ok(Challenge {
        kind: string(challenge, "Type")?,
        version: string(challenge, "Version")?,
    })
}

fn feedback_item<'a>(
    value: Option<&Value<'a>>,
    name: &str,
) -> Result<FeedbackItem<'a>, Unreadable> {
    let Some(item) = structure(value, name)? else {
        return Ok(FeedbackItem::default());
    };
    Ok(FeedbackItem {
        code: string(item, "Code")?,
        message: string(item, "Message")?,
    })
}

#[cfg(test)]
mod tests;
