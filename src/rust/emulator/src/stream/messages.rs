//! Messages of event streams: those of the client are signed, and each contains another message.

use crate::error::Refusal;
use aws_smithy_eventstream::frame::{read_message_from, write_message_to};
use aws_smithy_types::event_stream::{Header, HeaderValue, Message};
use aws_smithy_types::DateTime;
use bytes::Bytes;
use serde_json::{json, Value};

/// The client needs less than 200 bytes.
const MAX_HEADERS: usize = 4096;

/// A signed message.
#[derive(Debug)]
pub struct Signed {
    /// When it was signed.
    pub date: DateTime,
    /// The signature.
    pub signature: Bytes,
    /// The message inside; empty at the end of a stream.
    pub message: Bytes,
}

impl Signed {
    /// Parses a signed message.
    pub fn parse(bytes: Bytes) -> Result<Self, Refusal> {
        let message = parse(bytes)?;
        let header = |name| find(&message, name);
        let date = header(":date").and_then(|value| value.as_timestamp().ok());
        let signature = header(":chunk-signature").and_then(|value| value.as_byte_array().ok());
        match (date, signature) {
            (Some(date), Some(signature)) => Ok(Signed {
                date,
                signature: signature.clone(),
                message: message.payload().clone(),
            }),
            _ => Err(Refusal::validation(
                "A message has no ':date' or no ':chunk-signature'.",
            )),
        }
    }
}

/// An event from the client: its type and its body. `None` at the end of a stream.
pub fn event(message: Bytes) -> Result<Option<(String, Value)>, Refusal> {
    if message.is_empty() {
        return Ok(None);
    }
    let message = parse(message)?;
    let text = |name| {
        let value = find(&message, name).and_then(|value| value.as_string().ok());
        value.map(|text| text.as_str().to_owned())
    };
    let kind = text(":event-type").filter(|_| text(":message-type").as_deref() == Some("event"));
    let kind = kind.ok_or_else(|| Refusal::validation("A message is not an event."))?;
    let body = serde_json::from_slice(message.payload())
        .ok()
        .filter(Value::is_object)
        .ok_or_else(|| Refusal::validation("The body of an event is not a JSON object."))?;
    Ok(Some((kind, body)))
}

fn parse(bytes: Bytes) -> Result<Message, Refusal> {
    let invalid = || Refusal::validation("A message is not a valid event stream message.");
    // Headers take more memory than bytes.
    let headers = bytes.get(4..8).and_then(|length| length.try_into().ok());
    let length = bytes.len();
    let total = bytes.get(..4).and_then(|length| length.try_into().ok());
    let is_whole = total.map(u32::from_be_bytes).map(u64::from) == u64::try_from(length).ok();
    let headers = headers.map_or(usize::MAX, |length| u32::from_be_bytes(length) as usize);
    if !is_whole || headers > MAX_HEADERS {
        return Err(invalid());
    }
    read_message_from(bytes).map_err(|_| invalid())
}

fn find<'a>(message: &'a Message, name: &str) -> Option<&'a HeaderValue> {
    let mut headers = message.headers().iter();
    headers
        .find(|header| header.name().as_str() == name)
        .map(Header::value)
}

/// The message of an event.
pub fn event_message(kind: &str, body: &Value) -> Vec<u8> {
    encode("event", ":event-type", kind, body)
}

/// The message of an exception.
pub fn exception_message(refusal: &Refusal) -> Vec<u8> {
    let mut body = json!({"Code": refusal.code});
    if let Some(message) = &refusal.message {
        body["Message"] = json!(message);
    }
    encode("exception", ":exception-type", &refusal.code, &body)
}

fn encode(message_type: &str, type_header: &'static str, kind: &str, body: &Value) -> Vec<u8> {
    let header = |name: &'static str, value: &str| {
        Header::new(name, HeaderValue::String(value.to_owned().into()))
    };
    let message = Message::new(body.to_string())
        .add_header(header(":message-type", message_type))
        .add_header(header(type_header, kind))
        .add_header(header(":content-type", "application/json"));
    let mut bytes = Vec::new();
    // Fails only for headers longer than 64 kB.
    let _ = write_message_to(&message, &mut bytes);
    bytes
}
