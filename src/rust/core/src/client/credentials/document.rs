//! Keys in a JSON document, as processes, containers and the AWS CLI write it.

use crate::settings::keys::parse_time;
use aws_credential_types::Credentials;
use serde_json::{Map, Value};
use std::time::SystemTime;

/// A JSON object. The names of its members are case-insensitive.
pub struct Document(Map<String, Value>);

impl Document {
    /// Parses it. The error does not quote the text.
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

    /// A member that is a string and not empty.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.value(name)?.as_str().filter(|text| !text.is_empty())
    }

    /// A member that is a time, if it is there.
    pub fn time(&self, name: &str) -> Result<Option<SystemTime>, String> {
        self.text(name)
            .map(|text| parse_time(text).ok_or_else(|| format!("{name} is not a valid time")))
            .transpose()
    }

    /// The keys; `token` is the name of the member with the session token.
    pub fn keys(&self, token: &str, provider: &'static str) -> Result<Credentials, String> {
        let required = |name: &str| self.text(name).ok_or_else(|| format!("no {name}"));
        Ok(Credentials::new(
            required("AccessKeyId")?,
            required("SecretAccessKey")?,
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_incomplete_document_has_no_keys() {
        let read = |text: &str| Document::read(text.as_bytes())?.keys("Token", "x");
        let complete = r#"{"accessKeyId":"A","SecretAccessKey":"s3cret","Token":"","Expiration":"2099-01-01T00:00:00+00:00"}"#;
        let keys = read(complete).unwrap();
        assert_eq!(keys.session_token(), None);
        assert!(keys.expiry().is_some());
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
