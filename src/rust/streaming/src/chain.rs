//! The signatures of the messages of a stream, each of which signs the one before.

use aws_credential_types::Credentials;
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
    keys: Credentials,
    region: String,
    service: String,
    /// The signing key of a day: most checks need one.
    key: Option<(String, Vec<u8>)>,
    /// The signature of the message before, or of the request, in hexadecimal digits.
    prior: String,
}

impl std::fmt::Debug for Chain {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Chain")
    }
}

impl Chain {
    /// The chain that starts with the signature of a request.
    pub fn new(keys: Credentials, region: &str, service: &str, signature: &str) -> Self {
        Chain {
            keys,
            region: region.to_owned(),
            service: service.to_owned(),
            key: None,
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
    fn signature(&mut self, date: DateTime, message: &[u8]) -> Option<String> {
        let mut headers = Vec::new();
        let header = Header::new(":date", HeaderValue::Timestamp(date));
        write_headers_to(&[header], &mut headers).ok()?;
        let (region, service) = (&self.region, &self.service);
        let timestamp = timestamp(&date)?;
        // The day of the message, which may begin during a check.
        let day = timestamp.get(..8)?;
        if self.key.as_ref().is_none_or(|(of, _)| of != day) {
            let time = SystemTime::try_from(date).ok()?;
            let key = generate_signing_key(self.keys.secret_access_key(), time, region, service);
            self.key = Some((day.to_owned(), key.as_ref().to_vec()));
        }
        let (_, key) = self.key.as_ref()?;
        let string_to_sign = format!(
            "AWS4-HMAC-SHA256-PAYLOAD\n{timestamp}\n{day}/{region}/{service}/aws4_request\n{}\n{}\n{}",
            self.prior,
            sha256(&headers),
            sha256(message)
        );
        Some(calculate_signature(key, string_to_sign.as_bytes()))
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
