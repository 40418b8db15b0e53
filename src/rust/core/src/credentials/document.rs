//! Keys in a JSON document, as processes, containers and the AWS CLI write them.

use aws_credential_types::Credentials;
use aws_smithy_types::date_time::Format;
use aws_smithy_types::DateTime;
use serde_json::{Map, Value};
use std::time::SystemTime;

/// A JSON object, whose members are found in any letter case.
pub struct Document(Map<String, Value>);

impl Document {
    /// Reads it; what is wrong is said without quoting it.
    pub fn read(text: &[u8]) -> Result<Self, &'static str> {
        serde_json::from_slice(text)
            .map(Document)
            .map_err(|_| "not a JSON object")
    }

    /// A member of any type.
    pub fn value(&self, name: &str) -> Option<&Value> {
        let mut members = self.0.iter();
        let (_, value) = members.find(|(key, _)| key.eq_ignore_ascii_case(name))?;
        Some(value)
    }

    /// A member that is a string, and not an empty one.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.value(name)?.as_str().filter(|text| !text.is_empty())
    }

    /// A member that is a time, if it is there.
    pub fn time(&self, name: &str) -> Result<Option<SystemTime>, String> {
        self.text(name)
            .map(|text| time(text).ok_or_else(|| format!("{name} is not a time")))
            .transpose()
    }

    /// The keys; `token` is the name of the member with the session token.
    pub fn keys(&self, token: &str, provider: &'static str) -> Result<Credentials, String> {
        let needed = |name: &str| self.text(name).ok_or_else(|| format!("no {name}"));
        Ok(Credentials::new(
            needed("AccessKeyId")?,
            needed("SecretAccessKey")?,
            self.text(token).map(str::to_owned),
            self.time("Expiration")?,
            provider,
        ))
    }

    /// The object itself.
    pub fn into_members(self) -> Map<String, Value> {
        self.0
    }
}

/// Reads a time as RFC 3339 has it, or with `UTC` in the place of its offset, as older versions of the AWS CLI write it.
pub fn time(text: &str) -> Option<SystemTime> {
    let text = match text.strip_suffix("UTC") {
        Some(text) => format!("{text}Z"),
        None => text.to_owned(),
    };
    let text = match text.split_at_checked(text.len().saturating_sub(2)) {
        // As `date` prints an offset.
        Some((start, minutes)) if is_basic_offset(start, minutes) => format!("{start}:{minutes}"),
        _ => text,
    };
    let time = DateTime::from_str(&text, Format::DateTimeWithOffset).ok()?;
    SystemTime::try_from(time).ok()
}

fn is_basic_offset(start: &str, minutes: &str) -> bool {
    let hours = start.get(start.len().saturating_sub(3)..);
    hours.is_some_and(|hours| hours.starts_with(['+', '-']))
        && minutes.bytes().all(|b| b.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::{Duration, UNIX_EPOCH};

    #[test]
    fn times_are_read_in_every_form_that_is_written() {
        let expected = UNIX_EPOCH + Duration::from_secs(1_592_421_050);
        for text in [
            "2020-06-17T19:10:50Z",
            "2020-06-17T19:10:50UTC",
            "2020-06-17T19:10:50+00:00",
            "2020-06-17T21:10:50+02:00",
            "2020-06-17T21:10:50+0200",
            "2020-06-17T19:10:50.000Z",
        ] {
            assert_eq!(time(text), Some(expected), "{text}");
        }
        for text in ["", "UTC", "2020-06-17", "1592421050"] {
            assert_eq!(time(text), None, "{text}");
        }
    }

    #[test]
    fn half_a_document_has_no_keys() {
        let read = |text: &str| Document::read(text.as_bytes())?.keys("Token", "x");
        let whole = r#"{"accessKeyId":"A","SecretAccessKey":"s3cret","Token":"","Expiration":"2099-01-01T00:00:00+00:00"}"#;
        let good = read(whole).unwrap();
        assert_eq!(good.session_token(), None);
        assert!(good.expiry().is_some());
        for text in [
            "s3cret",
            "[]",
            r#"{"AccessKeyId":"A","Token":"s3cret"}"#,
            r#"{"AccessKeyId":"A","SecretAccessKey":5}"#,
            r#"{"AccessKeyId":"A","SecretAccessKey":"s3cret","Expiration":"s3cret"}"#,
        ] {
            let reason = read(text).unwrap_err();
            assert!(!reason.contains("s3cret"), "{reason}");
        }
    }
}
