//! The signatures of the messages of a stream, each of which signs the one before.

use aws_sigv4::sign::v4::{calculate_signature, generate_signing_key};
use aws_smithy_eventstream::frame::write_headers_to;
use aws_smithy_types::date_time::Format;
use aws_smithy_types::event_stream::Header;
use aws_smithy_types::event_stream::HeaderValue;
use aws_smithy_types::DateTime;
use ring::digest;
use std::fmt::Write;
use std::time::SystemTime;

/// What a client has signed so far.
pub struct Chain {
    key: Vec<u8>,
    scope: String,
    /// The signature of the message before, or of the request, in hexadecimal digits.
    prior: String,
}

impl std::fmt::Debug for Chain {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Chain")
    }
}

impl Chain {
    /// The chain that starts with the signature of a request, made at this time with this secret access key.
    pub fn new(
        secret_access_key: &str,
        date: SystemTime,
        region: &str,
        service: &str,
        signature: &str,
    ) -> Self {
        let key = generate_signing_key(secret_access_key, date, region, service);
        let day = timestamp(&DateTime::from(date)).unwrap_or_default();
        Chain {
            key: key.as_ref().to_vec(),
            scope: format!(
                "{}/{region}/{service}/aws4_request",
                day.get(..8).unwrap_or_default()
            ),
            prior: signature.to_owned(),
        }
    }

    /// Whether this is the signature of the next message. If it is, the chain continues with it.
    pub fn accepts(&mut self, date: DateTime, message: &[u8], signature: &[u8]) -> bool {
        match self.signature(date, message) {
            Some(expected) if expected == hex(signature) => {
                self.prior = expected;
                true
            }
            _ => false,
        }
    }

    /// Signs the next message. `None` if the date cannot be signed.
    pub fn sign(&mut self, date: DateTime, message: &[u8]) -> Option<Vec<u8>> {
        self.prior = self.signature(date, message)?;
        bytes(&self.prior)
    }

    /// The signature of the next message, in hexadecimal digits.
    fn signature(&self, date: DateTime, message: &[u8]) -> Option<String> {
        let mut headers = Vec::new();
        let header = Header::new(":date", HeaderValue::Timestamp(date));
        write_headers_to(&[header], &mut headers).ok()?;
        let string_to_sign = format!(
            "AWS4-HMAC-SHA256-PAYLOAD\n{}\n{}\n{}\n{}\n{}",
            timestamp(&date)?,
            self.scope,
            self.prior,
            sha256(&headers),
            sha256(message)
        );
        Some(calculate_signature(&self.key, string_to_sign.as_bytes()))
    }
}

/// A timestamp such as `20260131T235959Z`.
fn timestamp(date: &DateTime) -> Option<String> {
    let text = DateTime::from_secs(date.secs())
        .fmt(Format::DateTime)
        .ok()?;
    Some(text.replace(['-', ':'], ""))
}

fn sha256(bytes: &[u8]) -> String {
    hex(digest::digest(&digest::SHA256, bytes).as_ref())
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut hex, byte| {
        // Writing to a string does not fail.
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

fn bytes(hex: &str) -> Option<Vec<u8>> {
    let digits = |at| u8::from_str_radix(hex.get(at..at + 2)?, 16).ok();
    (0..hex.len()).step_by(2).map(digits).collect()
}
