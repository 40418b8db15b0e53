//! Answers of the service, member by member as its model has them.
//!
//! A member that is absent or null is `None`. A member of another type than the model's, a number that
//! no double can hold, and a string with a NUL are refused: half an answer is no answer.

use crate::json::{Text, Value};
use base64::engine::general_purpose::STANDARD;
use base64::Engine as _;
use std::borrow::Cow;

/// What GetFaceLivenessSessionResults answers.
#[derive(Debug, Default, PartialEq)]
pub struct SessionResults<'a> {
    /// The session's id.
    pub session_id: Option<Cow<'a, str>>,
    /// `CREATED`, `IN_PROGRESS`, `SUCCEEDED`, `FAILED`, `EXPIRED`, or one that is newer than this.
    pub status: Option<Cow<'a, str>>,
    /// From 0 to 100.
    pub confidence: Option<f64>,
    /// The picture to compare with others.
    pub reference_image: AuditImage<'a>,
    /// Further pictures of the check.
    pub audit_images: Vec<AuditImage<'a>>,
}

/// A picture: its bytes, or where it lies in S3; and where the face is.
#[derive(Debug, Default, PartialEq)]
pub struct AuditImage<'a> {
    /// The picture itself, still in base64.
    pub bytes: Option<Blob<'a>>,
    /// Where it lies in S3.
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

/// Where a face is, as ratios of the picture's size (or in pixels: see the service's documentation).
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

/// Bytes that are still in base64, so that they can be decoded right where they are wanted.
#[derive(PartialEq)]
pub struct Blob<'a>(Cow<'a, str>);

/// Why an answer was refused: the member and what is wrong with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unreadable(pub String);

impl std::fmt::Debug for Blob<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Blob(<{} characters of base64>)", self.0.len())
    }
}

impl Blob<'_> {
    /// The number of bytes that `decode_into` writes if the base64 is good.
    pub fn decoded_len(&self) -> usize {
        let padding = self.0.bytes().rev().take(2).filter(|&b| b == b'=').count();
        (self.0.len() / 4 * 3).saturating_sub(padding)
    }

    /// Decodes into `out`, which must be `decoded_len()` long.
    pub fn decode_into(&self, out: &mut [u8]) -> Result<(), Unreadable> {
        match STANDARD.decode_slice(self.0.as_bytes(), out) {
            Ok(written) if written == out.len() => Ok(()),
            _ => Err(Unreadable("Bytes is not base64".into())),
        }
    }
}

/// Reads an answer of GetFaceLivenessSessionResults.
pub fn session_results(body: &[u8]) -> Result<SessionResults<'_>, Unreadable> {
    let root = document(body)?;
    let results = SessionResults {
        session_id: string(&root, "SessionId")?,
        status: string(&root, "Status")?,
        confidence: number(&root, "Confidence")?,
        reference_image: audit_image(root.get("ReferenceImage"), "ReferenceImage")?,
        audit_images: match root.get("AuditImages") {
            None | Some(Value::Null) => Vec::new(),
            Some(Value::Array(items)) => items
                .iter()
                .map(|item| audit_image(Some(item), "AuditImages"))
                .collect::<Result<_, _>>()?,
            Some(_) => return Err(wrong_type("AuditImages", "a list")),
        },
    };
    if results.session_id.is_none() && results.status.is_none() {
        refuse_error_document(&root)?;
    }
    Ok(results)
}

/// Reads an answer of CreateFaceLivenessSession: the session's id.
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
        return Err(Unreadable("it is empty".into()));
    }
    let root = Value::parse(body).map_err(|e| Unreadable(format!("it is not JSON: {e}")))?;
    match root {
        Value::Object(_) => Ok(root),
        _ => Err(Unreadable("it is not a JSON object".into())),
    }
}

/// A middlebox that turns an error into status 200 must not make it look like an empty session.
fn refuse_error_document(root: &Value<'_>) -> Result<(), Unreadable> {
    let signs = ["__type", "code", "Code", "message", "Message"];
    if signs
        .iter()
        .any(|name| matches!(root.get(name), Some(Value::String(_))))
    {
        return Err(Unreadable("it is an error document".into()));
    }
    Ok(())
}

fn wrong_type(member: &str, expected: &str) -> Unreadable {
    Unreadable(format!("{member} is not {expected}"))
}

fn string<'a>(object: &Value<'a>, name: &str) -> Result<Option<Cow<'a, str>>, Unreadable> {
    match object.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => without_nul(*text, name).map(Some),
        Some(_) => Err(wrong_type(name, "a string")),
    }
}

/// R's strings end at a NUL: one that has it inside would come out cut off.
fn without_nul<'a>(text: Text<'a>, name: &str) -> Result<Cow<'a, str>, Unreadable> {
    let Some(string) = text.unescape() else {
        return Err(Unreadable(format!(
            "{name} has half a surrogate pair inside"
        )));
    };
    if string.contains('\0') {
        return Err(Unreadable(format!("{name} has a NUL character inside")));
    }
    Ok(string)
}

fn number(object: &Value<'_>, name: &str) -> Result<Option<f64>, Unreadable> {
    match object.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::Number(number)) => match number.to_f64() {
            Some(double) => Ok(Some(double)),
            None => Err(Unreadable(format!("{name} is beyond the range of doubles"))),
        },
        Some(_) => Err(wrong_type(name, "a number")),
    }
}

/// The structure itself, or `None` where it is absent or null.
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
