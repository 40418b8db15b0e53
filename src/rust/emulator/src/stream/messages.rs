//! Messages of event streams: those of the client are signed, and each contains another message.

use crate::error::Refusal;
use aws_smithy_eventstream::frame::write_message_to;
use aws_smithy_types::event_stream::{Header, HeaderValue, Message};
use bytes::Bytes;
use rekognition_streaming::message::{parse, text, Invalid};
use serde_json::{json, Value};

/// Why bytes are refused that should be a signed message.
pub fn refusal(invalid: Invalid) -> Refusal {
    Refusal::validation(match invalid {
        Invalid::Message => "A message is not a valid event stream message.",
        Invalid::Unsigned => "A message has no ':date' or no ':chunk-signature'.",
    })
}

/// An event from the client: its type and its body. `None` at the end of a stream.
pub fn event(message: Bytes) -> Result<Option<(String, Value)>, Refusal> {
    if message.is_empty() {
        return Ok(None);
    }
    let message = parse(message).ok_or_else(|| refusal(Invalid::Message))?;
    let kind = text(&message, ":event-type");
    let kind = kind.filter(|_| text(&message, ":message-type") == Some("event"));
    let kind = kind.ok_or_else(|| Refusal::validation("A message is not an event."))?;
    let body = serde_json::from_slice(message.payload())
        .ok()
        .filter(Value::is_object)
        .ok_or_else(|| Refusal::validation("The body of an event is not a JSON object."))?;
    Ok(Some((kind.to_owned(), body)))
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
