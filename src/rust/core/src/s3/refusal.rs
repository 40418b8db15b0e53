//! What an error of S3 says, without the key of the object: it may contain a person's name.

use super::address::{encode, Object};
use crate::error::ServiceError;

/// More bytes than the code and the message of an error of S3 have.
const MAX_TEXT: usize = 4096;
/// What is shown for a key.
const KEY: &str = "<key>";

/// The error without the key of this object, which S3 repeats in messages.
pub fn without_key(error: ServiceError, object: &Object) -> ServiceError {
    let shown = |text: Option<String>| text.map(|text| hide(clip(&text), object));
    ServiceError {
        code: shown(error.code),
        error_type: shown(error.error_type),
        message: shown(error.message),
        ..error
    }
}

/// The beginning of a text.
fn clip(text: &str) -> &str {
    let mut end = text.len().min(MAX_TEXT);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

/// Replaces the key wherever it follows the bucket. Anywhere else, a short key could be a part of any word.
fn hide(text: &str, object: &Object) -> String {
    let bucket = format!("{}/", object.bucket);
    let is_in_name = |c: char| c.is_alphanumeric() || "-._".contains(c);
    let mut shown = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once(&bucket) {
        shown.push_str(before);
        let is_bucket = !shown.ends_with(is_in_name);
        shown.push_str(&bucket);
        rest = after;
        let after_key = strip_key(after, &object.key)
            .filter(|after| is_bucket && !after.starts_with(char::is_alphanumeric));
        if let Some(after) = after_key {
            shown.push_str(KEY);
            rest = after;
        }
    }
    shown + rest
}

/// What follows the key at the start of a text, as it is or encoded. A text that was clipped may end in the key.
fn strip_key<'t>(text: &'t str, key: &str) -> Option<&'t str> {
    let strip = |text: &'t str, c: char| match text {
        "" => Some(""),
        // XML cannot contain control characters.
        _ => text.strip_prefix(|other| other == c || (other == '\u{fffd}' && c.is_control())),
    };
    key.chars()
        .try_fold(text, strip)
        .or_else(|| key.chars().try_fold(text, strip_encoded))
}

/// What follows a character that may be encoded.
fn strip_encoded(text: &str, c: char) -> Option<&str> {
    let mut encoded = String::new();
    encode(c.encode_utf8(&mut [0; 4]), "", &mut encoded);
    let end = encoded.len().min(text.len());
    let start = text.get(..end).unwrap_or_default();
    if start.eq_ignore_ascii_case(&encoded[..end]) {
        return Some(&text[end..]);
    }
    text.strip_prefix(|other| other == c || (other, c) == ('+', ' '))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hidden(text: &str, key: &str) -> String {
        let object = Object {
            bucket: "faces".into(),
            key: key.into(),
            version: None,
        };
        let error = ServiceError {
            message: Some(text.into()),
            ..ServiceError::default()
        };
        without_key(error, &object).message.unwrap()
    }

    #[test]
    fn a_key_is_hidden_in_every_form() {
        let key = "jane doe/\u{e9}+%25(1)\u{1}.jpg";
        for form in [
            "jane doe/\u{e9}+%25(1)\u{1}.jpg",
            "jane doe/\u{e9}+%25(1)\u{fffd}.jpg",
            "jane%20doe/%C3%A9%2B%2525%281%29%01.jpg",
            "jane+doe%2f%c3%a9%2b%2525(1)%01.jpg",
        ] {
            assert_eq!(
                hidden(
                    &format!("on \"arn:aws:s3:::faces/{form}\" and /faces/{form}."),
                    key
                ),
                "on \"arn:aws:s3:::faces/<key>\" and /faces/<key>.",
                "{form}"
            );
        }
    }

    #[test]
    fn a_key_that_is_a_part_of_words_does_not_break_a_message() {
        let text = "User: arn:aws:iam::1:user/faces may not do s3:GetObject on arn:aws:s3:::faces/s, other-faces/s or faces/star";
        assert_eq!(
            hidden(text, "s"),
            text.replace(":faces/s,", ":faces/<key>,")
        );
        assert_eq!(
            hidden("A request to faces failed", ""),
            "A request to faces failed"
        );
    }

    #[test]
    fn a_key_is_hidden_where_a_long_message_ends() {
        let key = "jane\u{e9}".repeat(200);
        let encoded = key.replace('\u{e9}', "%C3%A9");
        for length in 4_000..=4_200 {
            for form in [&key, &encoded] {
                let shown = hidden(&format!("{} faces/{form}", "x".repeat(length)), &key);
                assert!(shown.len() <= MAX_TEXT + KEY.len());
                assert!(!shown.contains("jane"), "{length}");
            }
        }
    }
}
