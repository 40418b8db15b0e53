//! The service's responses: their bytes, and their content as the service's model has it.
//!
//! A member of another type than the model's, a number outside the range of R's numbers, and a string with a NUL make the
//! whole response invalid.

use crate::error::{request_id, Error};
use crate::json::{self, Value};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use bytes::Bytes;
use rekognition_model::{model, Kind, Model, Operation, ShapeId};
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

/// Why a response is not readable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unreadable {
    /// The member and what is wrong with it.
    Wrong(String),
    /// There is not enough memory.
    NoMemory,
}

/// Parses the response of an operation, and checks it against the shape of its output. Any member may be absent or null,
/// and unknown ones are ignored.
pub fn output<'a>(operation: &Operation, body: &'a [u8]) -> Result<Value<'a>, Unreadable> {
    let model = model();
    let members = model.shape(operation.output).members();
    if body.is_empty() && members.is_empty() {
        return Ok(Value::Object(Vec::new()));
    }
    let root = document(body)?;
    check(model, operation.output, &root, "it")?;
    let has_member = |name: &str| root.get(name).is_some_and(|value| *value != Value::Null);
    refuse_error_document(&root, members.iter().any(|member| has_member(&member.name)))?;
    Ok(root)
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

/// Rejects an error that a proxy returned with status 200: it must not look like an empty result.
fn refuse_error_document(root: &Value<'_>, has_members: bool) -> Result<(), Unreadable> {
    let signs = ["__type", "code", "Code", "message", "Message"];
    let is_sign = |name: &&str| matches!(root.get(name), Some(Value::String(_)));
    let is_error = if has_members {
        is_sign(&signs[0])
    } else {
        signs.iter().any(is_sign)
    };
    if is_error {
        return Err(Unreadable::Wrong("it is an error document".into()));
    }
    Ok(())
}

/// `name` is that of the member whose value this is.
fn check(model: &Model, shape: ShapeId, value: &Value<'_>, name: &str) -> Result<(), Unreadable> {
    let wrong = |problem: &str| Err(Unreadable::Wrong(format!("{name} {problem}")));
    match (&model.shape(shape).kind, value) {
        (_, Value::Null) => Ok(()),
        (Kind::Structure(members), Value::Object(_)) => {
            members
                .iter()
                .try_for_each(|member| match value.get(&member.name) {
                    None => Ok(()),
                    Some(value) => check(model, member.shape, value, &member.name),
                })
        }
        (Kind::Structure(_), _) => wrong("is not a structure"),
        (Kind::List(item), Value::Array(items)) => items
            .iter()
            .try_for_each(|value| check(model, *item, value, name)),
        (Kind::List(_), _) => wrong("is not a list"),
        (Kind::Map { key, value: item }, Value::Object(members)) => {
            members.iter().try_for_each(|(text, value)| {
                check(model, *key, &Value::String(*text), name)?;
                check(model, *item, value, name)
            })
        }
        (Kind::Map { .. }, _) => wrong("is not a map"),
        (Kind::String | Kind::Blob, Value::String(text)) => match text.unescape() {
            None => wrong("contains half a surrogate pair"),
            // R's strings end at a NUL: a string that contains one would be cut off. Only an escape can stand for it.
            Some(Cow::Owned(string)) if string.contains('\0') => wrong("contains a NUL character"),
            Some(_) => Ok(()),
        },
        (Kind::String | Kind::Blob, _) => wrong("is not a string"),
        (Kind::Boolean, Value::Bool(_)) => Ok(()),
        (Kind::Boolean, _) => wrong("is not true or false"),
        (kind, Value::Number(number)) => match number.to_f64() {
            None => wrong("is outside the range of doubles"),
            Some(x) if matches!(kind, Kind::Integer | Kind::Long) && x.fract() != 0.0 => {
                wrong("is not a whole number")
            }
            // R's smallest integer is NA.
            Some(x) if matches!(kind, Kind::Integer) && x.abs() > f64::from(i32::MAX) => {
                wrong("is outside the range of integers")
            }
            Some(_) => Ok(()),
        },
        _ => wrong("is not a number"),
    }
}

#[cfg(test)]
mod tests;
