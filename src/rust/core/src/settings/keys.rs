//! Access keys: their checks, and those in environment variables.

use crate::error::Error;
use crate::secret::Secret;
use aws_credential_types::Credentials;
use aws_smithy_types::date_time::Format;
use aws_smithy_types::DateTime;
use aws_types::os_shim_internal::Env;
use std::time::SystemTime;

/// The name of the environment as a source of keys.
pub const ENVIRONMENT: &str = "Environment";

/// Long-lived or temporary keys.
#[derive(Debug, Clone)]
pub struct Keys {
    /// Access key ID.
    pub access_key_id: String,
    /// Secret access key.
    pub secret_access_key: Secret,
    /// Session token of temporary keys.
    pub session_token: Option<Secret>,
    /// When they expire, if that is known.
    pub expires: Option<SystemTime>,
}

impl Keys {
    /// Refuses keys that a header cannot contain.
    pub fn check(&self, source: &str) -> Result<(), Error> {
        check_key("access_key_id", &self.access_key_id, source)?;
        check_key("secret_access_key", self.secret_access_key.reveal(), source)?;
        let token = self.session_token.as_ref();
        token.map_or(Ok(()), |token| {
            check_key("session_token", token.reveal(), source)
        })
    }

    /// The SDK's form of them.
    pub fn credentials(&self) -> Credentials {
        let token = self.session_token.as_ref();
        Credentials::new(
            self.access_key_id.clone(),
            self.secret_access_key.reveal(),
            token.map(|token| token.reveal().to_owned()),
            self.expires,
            "config",
        )
    }
}

/// Whether a key may contain this character. No key has quotation marks, but Docker, for one, keeps those around a value.
fn is_key_byte(byte: u8) -> bool {
    (0x21..0x7f).contains(&byte) && byte != b'"' && byte != b'\''
}

/// Refuses a key that a header cannot contain: the SDK's signer panics on it. The value is not shown.
pub fn check_key(setting: &str, value: &str, source: &str) -> Result<(), Error> {
    if !value.is_empty() && value.bytes().all(is_key_byte) {
        return Ok(());
    }
    let problem = if value.is_empty() {
        "must not be empty"
    } else {
        "contains a space, a quotation mark, a line break or another character that no key has"
    };
    Err(Error::config(
        setting,
        format!("invalid `{setting}` (from {source}): {problem}"),
    ))
}

/// Refuses expired keys, and those that the SDK's signer panics on.
pub fn checked(keys: Credentials, source: &str) -> Result<Credentials, String> {
    let checks = [
        check_key("access_key_id", keys.access_key_id(), source),
        check_key("secret_access_key", keys.secret_access_key(), source),
        keys.session_token()
            .map_or(Ok(()), |token| check_key("session_token", token, source)),
    ];
    for check in checks {
        if let Err(Error::Config { reason, .. }) = check {
            return Err(reason);
        }
    }
    match keys.expiry() {
        Some(expiry) if expiry <= SystemTime::now() => {
            Err(format!("the keys have expired (source: {source})"))
        }
        _ => Ok(keys),
    }
}

/// The keys in environment variables, if they are valid.
pub fn usable_from_environment(env: &Env) -> Option<Credentials> {
    checked(from_environment(env).ok()??, ENVIRONMENT).ok()
}

/// The keys in environment variables. One without the other is an error.
pub fn from_environment(env: &Env) -> Result<Option<Credentials>, String> {
    let first = |names: &[&str]| {
        let mut values = names.iter().filter_map(|name| env.get(name).ok());
        values.find(|value| !value.is_empty())
    };
    let id = first(&["AWS_ACCESS_KEY_ID"]);
    let secret = first(&["AWS_SECRET_ACCESS_KEY"]);
    let missing = match (id, secret) {
        (Some(id), Some(secret)) => {
            let token = first(&["AWS_SESSION_TOKEN", "AWS_SECURITY_TOKEN"]);
            // Set by `aws configure export-credentials --format env`.
            let expires = first(&["AWS_CREDENTIAL_EXPIRATION"]).map(|text| {
                parse_time(&text).ok_or("AWS_CREDENTIAL_EXPIRATION is not a valid time".to_owned())
            });
            return Ok(Some(Credentials::new(
                id,
                secret,
                token,
                expires.transpose()?,
                ENVIRONMENT,
            )));
        }
        (None, None) => return Ok(None),
        (None, _) => "AWS_ACCESS_KEY_ID",
        (_, None) => "AWS_SECRET_ACCESS_KEY",
    };
    Err(format!(
        "the keys in the environment are incomplete: {missing} is not set"
    ))
}

/// Parses a time of RFC 3339, or one with `UTC` instead of an offset, as older versions of the AWS CLI write it.
pub fn parse_time(text: &str) -> Option<SystemTime> {
    let text = match text.strip_suffix("UTC") {
        Some(text) => format!("{text}Z"),
        None => text.to_owned(),
    };
    let text = match text.split_at_checked(text.len().saturating_sub(2)) {
        // The offset as `date` prints it.
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
    fn times_of_all_tools_are_parsed() {
        let expected = UNIX_EPOCH + Duration::from_secs(1_592_421_050);
        for text in [
            "2020-06-17T19:10:50Z",
            "2020-06-17T19:10:50UTC",
            "2020-06-17T19:10:50+00:00",
            "2020-06-17T21:10:50+02:00",
            "2020-06-17T21:10:50+0200",
            "2020-06-17T19:10:50.000Z",
        ] {
            assert_eq!(parse_time(text), Some(expected), "{text}");
        }
        for text in ["", "UTC", "2020-06-17", "1592421050"] {
            assert_eq!(parse_time(text), None, "{text}");
        }
    }
}
