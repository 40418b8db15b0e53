//! Properties that hold for every input of the parsers. A panic here is a bug.

use aws_smithy_eventstream::frame::read_message_from;
use bytes::Bytes;
use rekognition_core::base64::Blob;
use rekognition_core::error::ServiceError;
use rekognition_core::json::{Value, MAX_VALUES};
use rekognition_core::response::output;
use rekognition_core::results::session_results;
use rekognition_emulator::challenges::{LIGHT, MOVEMENT};
use rekognition_emulator::stream::check::{Check, Progress};
use rekognition_emulator::stream::messages::{event, event_message};
use rekognition_model::model;
use rekognition_streaming::message::Signed;

/// serde_json refuses deeper nesting.
const SERDE_DEPTH: usize = 127;

/// Any bytes are parsed or refused; JSON is parsed as by serde_json, and its members are read as serde_json has them.
pub fn response(body: &[u8]) {
    let ours = Value::parse(body);
    let theirs = serde_json::from_slice::<serde_json::Value>(body);
    match (&ours, &theirs) {
        (Ok(ours), Ok(theirs)) => assert!(same(ours, theirs), "parsed as {ours:?}"),
        (Err(error), Ok(theirs)) => {
            assert!(count(theirs) > MAX_VALUES, "refused: {error}");
        }
        (Ok(ours), Err(error)) => assert!(is_beyond_serde(ours, 0), "not refused: {error}"),
        (Err(_), Err(_)) => {}
    }
    if let Ok(results) = session_results(body) {
        assert!(results.confidence().is_none_or(f64::is_finite));
        results
            .reference_image()
            .iter()
            .for_each(|image| check_image(image));
        results.audit_images().iter().for_each(check_image);
        if let Ok(theirs) = &theirs {
            let string = |name: &str| theirs[name].as_str();
            assert_eq!(results.session_id().as_deref(), string("SessionId"));
            assert_eq!(results.status().as_deref(), string("Status"));
            assert_eq!(results.confidence(), theirs["Confidence"].as_f64());
            let length = |name: &str| theirs[name].as_array().map_or(0, Vec::len);
            assert_eq!(results.audit_images().len(), length("AuditImages"));
            assert_eq!(results.feedback().len(), length("Feedback"));
        }
    }
    // No bytes may cause a panic, whatever the shape that they are checked against.
    for operation in model().operations() {
        if output(operation, body).is_ok() && !body.is_empty() {
            assert!(theirs.is_ok() || ours.is_ok());
        }
    }
}

fn check_image(image: &Value<'_>) {
    let Some(bytes) = Blob::in_member(image, "Bytes") else {
        return;
    };
    let mut decoded = vec![0; bytes.decoded_len()];
    // Valid base64 or not, decoding must not panic.
    let _ = bytes.decode_into(&mut decoded);
    decoded.push(0);
    assert!(bytes.decode_into(&mut decoded).is_err());
}

/// Any response is read as an error. The first byte selects whether it has the error header.
pub fn error(data: &[u8]) {
    let (kind, body) = match data {
        [] => (0, data),
        [kind, body @ ..] => (kind % 3, body),
    };
    let (in_header, body) = match kind {
        0 => (None, body),
        // The header is the first line, if it is valid UTF-8.
        _ => {
            let end = body.iter().position(|&b| b == b'\n').unwrap_or(0);
            (std::str::from_utf8(&body[..end]).ok(), &body[end..])
        }
    };
    let header = |name: &str| in_header.filter(|_| name == "x-amzn-errortype");
    let error = ServiceError::read(400, header, body);
    if let Some(code) = &error.code {
        assert!(!code.is_empty() && !code.contains(['#', ':']), "{code:?}");
        assert_eq!(code.trim(), code);
        assert!(error.error_type.is_some());
    }
    assert!(error.message.as_deref() != Some(""));
    error.is_throttling();
    let theirs = serde_json::from_slice::<serde_json::Value>(body);
    if let (None, Ok(theirs)) = (in_header, theirs) {
        let named = ["__type", "code", "Code"].map(|name| theirs[name].as_str());
        let first = named.into_iter().flatten().find(|text| !text.is_empty());
        if count(&theirs) <= MAX_VALUES {
            assert_eq!(error.error_type.as_deref(), first);
        }
    }
}

/// Any message of a stream is taken or refused. Its checksums are made right: otherwise all changed ones would be refused for
/// these.
pub fn message(data: &[u8]) {
    let message = with_checksums(data);
    let inner = match Signed::parse(message.clone()) {
        Ok(signed) => with_checksums(&signed.message),
        Err(_) => message,
    };
    let Ok(Some((kind, body))) = event(inner) else {
        return;
    };
    for challenge in [LIGHT, MOVEMENT] {
        let mut check = Check::new(challenge, true);
        // Nothing completes a check at once.
        let progress = check.receive(&kind, &body);
        assert!(progress.is_err() || progress == Ok(Progress::Continues));
        let bytes = check.video_bytes();
        assert_eq!(check.into_video().unwrap_or_default().len(), bytes);
    }
    // What the emulator writes, the SDK reads.
    let written = event_message(&kind, &body);
    let read = read_message_from(&written[..]).expect("a message");
    assert_eq!(
        serde_json::from_slice::<serde_json::Value>(read.payload()).ok(),
        Some(body)
    );
}

/// The same message with the checksums of its prelude and of its whole.
fn with_checksums(data: &[u8]) -> Bytes {
    let mut message = data.to_vec();
    if message.len() >= 16 {
        let checksum = crc32fast::hash(&message[..8]);
        message[8..12].copy_from_slice(&checksum.to_be_bytes());
        let end = message.len() - 4;
        let checksum = crc32fast::hash(&message[..end]);
        message[end..].copy_from_slice(&checksum.to_be_bytes());
    }
    message.into()
}

/// Whether both values are equal.
pub fn same(ours: &Value<'_>, theirs: &serde_json::Value) -> bool {
    use serde_json::Value as Theirs;
    match (ours, theirs) {
        (Value::Null, Theirs::Null) => true,
        (Value::Bool(ours), Theirs::Bool(theirs)) => ours == theirs,
        (Value::Number(ours), Theirs::Number(theirs)) => {
            // An integer -0 has no sign in serde_json.
            ours.to_f64() == theirs.as_f64()
        }
        (Value::String(ours), Theirs::String(theirs)) => {
            ours.unescape().as_deref() == Some(theirs.as_str())
        }
        (Value::Array(ours), Theirs::Array(theirs)) => {
            ours.len() == theirs.len() && ours.iter().zip(theirs).all(|(o, t)| same(o, t))
        }
        (Value::Object(members), Theirs::Object(theirs)) => {
            members
                .iter()
                .all(|(name, _)| theirs.contains_key(&*name.unescape_lossy()))
                && theirs
                    .iter()
                    .all(|(name, theirs)| ours.get(name).is_some_and(|o| same(o, theirs)))
        }
        _ => false,
    }
}

fn count(value: &serde_json::Value) -> usize {
    use serde_json::Value as Theirs;
    1 + match value {
        Theirs::Array(items) => items.iter().map(count).sum(),
        Theirs::Object(members) => members.values().map(count).sum(),
        _ => 0,
    }
}

/// Whether serde_json refuses what RFC 8259 allows: lone surrogates, numbers beyond the range of a double, and
/// deep nesting.
fn is_beyond_serde(value: &Value<'_>, depth: usize) -> bool {
    if depth >= SERDE_DEPTH {
        return true;
    }
    match value {
        Value::Number(number) => number.to_f64().is_none(),
        Value::String(text) => text.unescape().is_none(),
        Value::Array(items) => items.iter().any(|item| is_beyond_serde(item, depth + 1)),
        Value::Object(members) => members
            .iter()
            .any(|(name, member)| name.unescape().is_none() || is_beyond_serde(member, depth + 1)),
        Value::Null | Value::Bool(_) => false,
    }
}
