//! Messages of event streams: those of the client are signed, and each contains another message.

use aws_smithy_eventstream::frame::{read_message_from, write_message_to};
use aws_smithy_types::event_stream::{Header, HeaderValue, Message};
use aws_smithy_types::DateTime;
use bytes::Bytes;

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

/// Why bytes are not a signed message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Invalid {
    /// They are no message.
    Message,
    /// The message has no date or no signature.
    Unsigned,
}

impl Signed {
    /// Parses a signed message.
    pub fn parse(bytes: Bytes) -> Result<Self, Invalid> {
        let message = parse(bytes).ok_or(Invalid::Message)?;
        let header = |name| header(&message, name);
        let date = header(":date").and_then(|value| value.as_timestamp().ok());
        let signature = header(":chunk-signature").and_then(|value| value.as_byte_array().ok());
        match (date, signature) {
            (Some(date), Some(signature)) => Ok(Signed {
                date,
                signature: signature.clone(),
                message: message.payload().clone(),
            }),
            _ => Err(Invalid::Unsigned),
        }
    }

    /// Its bytes. `None` if the date cannot be written.
    pub fn into_bytes(self) -> Option<Vec<u8>> {
        let message = Message::new(self.message)
            .add_header(Header::new(":date", HeaderValue::Timestamp(self.date)))
            .add_header(Header::new(
                ":chunk-signature",
                HeaderValue::ByteArray(self.signature),
            ));
        let mut bytes = Vec::new();
        write_message_to(&message, &mut bytes).ok()?;
        Some(bytes)
    }
}

/// Parses a whole message. `None` if it is not valid.
pub fn parse(bytes: Bytes) -> Option<Message> {
    let headers = bytes.get(4..8).and_then(|length| length.try_into().ok());
    let length = bytes.len();
    let total = bytes.get(..4).and_then(|length| length.try_into().ok());
    let is_whole = total.map(u32::from_be_bytes).map(u64::from) == u64::try_from(length).ok();
    // Headers take more memory than bytes.
    let headers = headers.map_or(usize::MAX, |length| u32::from_be_bytes(length) as usize);
    if !is_whole || headers > MAX_HEADERS {
        return None;
    }
    read_message_from(bytes).ok()
}

/// A header of a message.
pub fn header<'a>(message: &'a Message, name: &str) -> Option<&'a HeaderValue> {
    let mut headers = message.headers().iter();
    headers
        .find(|header| header.name().as_str() == name)
        .map(Header::value)
}

/// A header of a message, if it is text.
pub fn text<'a>(message: &'a Message, name: &str) -> Option<&'a str> {
    let value = header(message, name)?.as_string().ok()?;
    Some(value.as_str())
}

/// Takes the first of several messages, each of which starts with its length. `None` if it is not whole.
pub fn split_first(bytes: &mut Bytes) -> Option<Bytes> {
    let length = bytes.get(..4)?.try_into().ok()?;
    let length = usize::try_from(u32::from_be_bytes(length)).ok()?;
    (4..=bytes.len())
        .contains(&length)
        .then(|| bytes.split_to(length))
}
