//! What a page sends to a relay, and what it gets.

use bytes::Bytes;
use rekognition_streaming::message::{self, Signed};
use serde_json::{json, Value};

/// Most bytes of a request. A second of video takes 0.2 MB.
const MAX_REQUEST: usize = 4 << 20;
const MAX_HEAD: usize = 8 << 10;

/// A request of a page: a line of JSON, then frames.
#[derive(Debug)]
pub struct Request {
    /// The ID of the page's ticket.
    pub ticket: String,
    /// The number of the request, from 1 on.
    pub sequence: u64,
    /// In the first request: the query of the URL that the page would open a WebSocket to.
    pub open: Option<String>,
    /// The code with which the page closes its WebSocket.
    pub close: Option<u16>,
    /// The frames, one after another.
    pub frames: Bytes,
}

impl Request {
    /// Parses a request. `None` if it is not one.
    pub fn parse(body: &[u8]) -> Option<Self> {
        if body.len() > MAX_REQUEST {
            return None;
        }
        let end = memchr::memchr(b'\n', body).unwrap_or(body.len());
        let head = body.get(..end).filter(|head| head.len() <= MAX_HEAD)?;
        let head: Value = serde_json::from_slice(head).ok()?;
        let number = |name: &str| head.get(name).and_then(Value::as_u64);
        let text = |name: &str| head.get(name).and_then(Value::as_str).map(str::to_owned);
        Some(Request {
            ticket: text("ticket")?,
            sequence: number("sequence")?,
            open: text("open"),
            close: number("close").map(|code| u16::try_from(code).unwrap_or(u16::MAX)),
            frames: Bytes::copy_from_slice(body.get(end + 1..).unwrap_or_default()),
        })
    }

    /// The frames and their sizes. `None` in place of one that is not a signed message.
    pub fn into_frames(self) -> impl Iterator<Item = Option<(Signed, usize)>> {
        let mut rest = self.frames;
        std::iter::from_fn(move || {
            if rest.is_empty() {
                return None;
            }
            let frame = message::split_first(&mut rest);
            if frame.is_none() {
                rest.clear();
            }
            Some(frame.and_then(|frame| {
                let size = frame.len();
                Some((Signed::parse(frame).ok()?, size))
            }))
        })
    }
}

/// Why a check has ended, as the person in front of the camera may know it.
#[derive(Debug, Clone, PartialEq)]
pub struct Reason {
    /// A short name.
    pub code: String,
    /// A sentence.
    pub message: String,
}

impl Reason {
    /// From these texts.
    pub fn new(code: &str, message: &str) -> Self {
        Reason {
            code: code.to_owned(),
            message: message.to_owned(),
        }
    }

    fn to_json(&self) -> Value {
        json!({"code": self.code, "message": self.message})
    }
}

/// The response to a page while its check goes on.
pub fn in_progress(is_open: bool, frames: &[Bytes]) -> String {
    let state = if is_open { "open" } else { "connecting" };
    json!({"state": state, "frames": encoded(frames)}).to_string()
}

/// The response to a page whose check has ended with this code of a WebSocket.
pub fn closed(frames: &[Bytes], code: u16, reason: Option<&Reason>) -> String {
    let mut response = json!({"state": "closed", "frames": encoded(frames), "code": code});
    if let Some(reason) = reason {
        response["error"] = reason.to_json();
    }
    response.to_string()
}

fn encoded(frames: &[Bytes]) -> Vec<String> {
    frames
        .iter()
        .map(|frame| base64_simd::STANDARD.encode_to_string(frame))
        .collect()
}
