//! Base64, from where the bytes are directly to where they go.

use crate::json::{Text, Value};
use crate::response::Unreadable;
use base64_simd::{Out, STANDARD};
use std::borrow::Cow;

/// Appends bytes as base64. False if there is not enough memory.
pub fn encode(bytes: &[u8], out: &mut Vec<u8>) -> bool {
    if out
        .try_reserve_exact(STANDARD.encoded_length(bytes.len()) + 64)
        .is_err()
    {
        return false;
    }
    STANDARD.encode_append(bytes, out);
    true
}

/// Bytes in base64, which are decoded directly into their destination.
#[derive(PartialEq)]
pub struct Blob<'a>(Cow<'a, str>);

impl std::fmt::Debug for Blob<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Blob(<{} characters of base64>)", self.0.len())
    }
}

impl<'a> Blob<'a> {
    /// The bytes that a text stands for.
    pub fn of(text: Text<'a>) -> Option<Self> {
        text.unescape().map(Blob)
    }

    /// The bytes in the member of this name, if there are any.
    pub fn in_member(object: &Value<'a>, name: &str) -> Option<Self> {
        object.string(name).map(Blob)
    }

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
            Err(Unreadable::Wrong("an image is not base64".into()))
        }
    }
}
