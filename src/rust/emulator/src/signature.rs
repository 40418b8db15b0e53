//! Checks SigV4 signatures by recomputing them.

pub mod query;
pub mod s3;

use crate::error::Refusal;
use aws_credential_types::Credentials;
use aws_sigv4::http_request::{
    sign, PayloadChecksumKind, SessionTokenMode, SignableBody, SignableRequest, SigningSettings,
};
use aws_sigv4::sign::v4;
use hyper::HeaderMap;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

const ALGORITHM: &str = "AWS4-HMAC-SHA256";
/// The clock skew that is allowed.
pub const MAX_SKEW: Duration = Duration::from_secs(300);

/// Keys that the emulator accepts.
#[derive(Clone, PartialEq)]
pub struct Keys {
    /// Access key ID.
    pub access_key_id: String,
    /// Secret access key.
    pub secret_access_key: String,
    /// Session token of temporary keys.
    pub session_token: Option<String>,
}

impl std::fmt::Debug for Keys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Keys({})", self.access_key_id)
    }
}

/// The signed parts of a request.
pub struct Signed<'a> {
    /// Method.
    pub method: &'a str,
    /// Path and query.
    pub path: &'a str,
    /// Headers.
    pub headers: &'a HeaderMap,
    /// Body.
    pub body: &'a [u8],
}

/// A parsed Authorization header, or the same from a query.
struct Authorization<'a> {
    access_key_id: &'a str,
    date: &'a str,
    region: &'a str,
    service: &'a str,
    terminator: &'a str,
    signed_headers: Vec<&'a str>,
    signature: &'a str,
}

/// The access key ID in the signature of a request, unverified.
pub fn access_key_id(headers: &HeaderMap) -> Option<String> {
    let header = headers.get("authorization")?.to_str().ok()?;
    Authorization::parse(header)
        .ok()
        .map(|auth| auth.access_key_id.to_owned())
}

/// Refuses a request that is not signed with known keys. `find` returns the keys of an access key ID, and
/// whether they have expired.
pub fn check(
    request: &Signed<'_>,
    service: &str,
    region: &str,
    find: impl Fn(&str) -> Option<(Keys, bool)>,
) -> Result<(), Refusal> {
    let header = text(request.headers, "authorization").ok_or_else(|| {
        Refusal::new(
            "MissingAuthenticationTokenException",
            "Missing Authentication Token",
        )
    })?;
    let auth = Authorization::parse(header)?;
    let token = text(request.headers, "x-amz-security-token");
    let (keys, expired) = find(auth.access_key_id)
        .filter(|(keys, _)| keys.session_token.as_deref() == token)
        .ok_or_else(unknown_token)?;
    let date = check_scope(&auth, request.headers, service, region)?;
    if auth.signature != signature(request, &auth, &keys, date)? {
        return Err(mismatch());
    }
    if expired {
        return Err(expired_token());
    }
    Ok(())
}

fn mismatch() -> Refusal {
    Refusal::new(
        "InvalidSignatureException",
        "The request signature we calculated does not match the signature you provided. Check your AWS \
         Secret Access Key and signing method. Consult the service documentation for details.",
    )
}

fn expired_token() -> Refusal {
    Refusal::new(
        "ExpiredTokenException",
        "The security token included in the request is expired",
    )
}

/// The keys are not known.
pub fn unknown_token() -> Refusal {
    Refusal::new(
        "UnrecognizedClientException",
        "The security token included in the request is invalid.",
    )
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

impl<'a> Authorization<'a> {
    fn parse(header: &'a str) -> Result<Self, Refusal> {
        let parts = header.strip_prefix(ALGORITHM).ok_or_else(|| {
            incomplete("Authorization header requires the algorithm 'AWS4-HMAC-SHA256'.")
        })?;
        let part = |name: &str| {
            parts
                .split(',')
                .find_map(|part| part.trim().strip_prefix(name)?.strip_prefix('='))
                .ok_or_else(|| {
                    incomplete(&format!(
                        "Authorization header requires '{name}' parameter."
                    ))
                })
        };
        Authorization::from_parts(
            part("Credential")?,
            part("SignedHeaders")?,
            part("Signature")?,
        )
    }

    fn from_parts(
        credential: &'a str,
        signed_headers: &'a str,
        signature: &'a str,
    ) -> Result<Self, Refusal> {
        let scope: Vec<&str> = credential.split('/').collect();
        let [access_key_id, date, region, service, terminator] = scope[..] else {
            return Err(incomplete(
                "Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term.",
            ));
        };
        Ok(Authorization {
            access_key_id,
            date,
            region,
            service,
            terminator,
            signed_headers: signed_headers.split(';').collect(),
            signature,
        })
    }
}

fn incomplete(message: &str) -> Refusal {
    Refusal::new("IncompleteSignatureException", message)
}

/// A signature is not valid.
pub fn invalid(message: String) -> Refusal {
    Refusal::new("InvalidSignatureException", &message)
}

/// Checks the date and scope of a signed request; returns the date.
fn check_scope(
    auth: &Authorization<'_>,
    headers: &HeaderMap,
    service: &str,
    region: &str,
) -> Result<SystemTime, Refusal> {
    let timestamp = text(headers, "x-amz-date").ok_or_else(|| {
        incomplete(
            "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header.",
        )
    })?;
    let date = check_date(timestamp, MAX_SKEW)?;
    check_credential(auth, timestamp, service, region)?;
    for required in ["host", "x-amz-date"] {
        if !auth.signed_headers.contains(&required) {
            return Err(invalid(format!(
                "'{required}' must be a 'SignedHeader' in the AWS Authorization."
            )));
        }
    }
    Ok(date)
}

/// Checks that a signature made at this time, and valid for so long, is valid now; returns the time.
fn check_date(timestamp: &str, valid_for: Duration) -> Result<SystemTime, Refusal> {
    let date = parse_timestamp(timestamp)
        .ok_or_else(|| incomplete("Date must be in ISO-8601 'basic format'."))?;
    let now = SystemTime::now();
    if date + valid_for < now {
        return Err(invalid(format!(
            "Signature expired: {timestamp} is now earlier than the {} s that are allowed",
            valid_for.as_secs()
        )));
    }
    if now + MAX_SKEW < date {
        return Err(invalid(format!(
            "Signature not yet current: {timestamp} is still later than the 5 min. that are allowed"
        )));
    }
    Ok(date)
}

/// Checks the scope of the keys in a signature that was made at this time.
fn check_credential(
    auth: &Authorization<'_>,
    timestamp: &str,
    service: &str,
    region: &str,
) -> Result<(), Refusal> {
    if !timestamp.starts_with(auth.date) || auth.date.len() != 8 {
        return Err(invalid(format!(
            "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '{}' != '{}', from '{timestamp}'.",
            auth.date,
            &timestamp[..8]
        )));
    }
    if auth.region != region {
        return Err(invalid(format!(
            "Credential should be scoped to a valid region, not '{}'. ",
            auth.region
        )));
    }
    if auth.service != service {
        return Err(invalid(format!(
            "Credential should be scoped to correct service: '{service}'. "
        )));
    }
    if auth.terminator != "aws4_request" {
        return Err(invalid(format!(
            "Credential should be scoped with a valid terminator: 'aws4_request', not '{}'.",
            auth.terminator
        )));
    }
    Ok(())
}

fn signature(
    request: &Signed<'_>,
    auth: &Authorization<'_>,
    keys: &Keys,
    date: SystemTime,
) -> Result<String, Refusal> {
    let signed = |name: &str| auth.signed_headers.contains(&name);
    let mut settings = SigningSettings::default();
    settings.excluded_headers = None;
    settings.session_token_mode = if signed("x-amz-security-token") {
        SessionTokenMode::Include
    } else {
        SessionTokenMode::Exclude
    };
    settings.payload_checksum_kind = if signed("x-amz-content-sha256") {
        PayloadChecksumKind::XAmzSha256
    } else {
        PayloadChecksumKind::NoHeader
    };
    let unsignable = || incomplete("The request cannot be signed.");
    let identity = credentials(keys).into();
    let params = v4::SigningParams::builder()
        .identity(&identity)
        .region(auth.region)
        .name(auth.service)
        .time(date)
        .settings(settings)
        .build()
        .map_err(|_| unsignable())?
        .into();
    // The signer adds these headers.
    let added_by_signer = [
        "host",
        "x-amz-date",
        "x-amz-security-token",
        "x-amz-content-sha256",
    ];
    let headers = auth
        .signed_headers
        .iter()
        .filter(|name| !added_by_signer.contains(name))
        .map(|name| (*name, text(request.headers, name).unwrap_or_default()));
    let host = text(request.headers, "host").unwrap_or_default();
    let url = format!("http://{host}{}", request.path);
    let body = SignableBody::Bytes(request.body);
    let signable =
        SignableRequest::new(request.method, url, headers, body).map_err(|_| unsignable())?;
    let signed = sign(signable, &params).map_err(|_| unsignable())?;
    Ok(signed.into_parts().1)
}

/// Keys as the SDK's signer takes them.
fn credentials(keys: &Keys) -> Credentials {
    Credentials::new(
        &keys.access_key_id,
        &keys.secret_access_key,
        keys.session_token.clone(),
        None,
        "emulator",
    )
}

/// Parses a timestamp such as `20260131T235959Z`.
fn parse_timestamp(timestamp: &str) -> Option<SystemTime> {
    let bytes = timestamp.as_bytes();
    if bytes.len() != 16 || bytes[8] != b'T' || bytes[15] != b'Z' {
        return None;
    }
    let number = |from: usize, to: usize| -> Option<u64> {
        let digits = timestamp.get(from..to)?;
        digits
            .bytes()
            .all(|b| b.is_ascii_digit())
            .then(|| digits.parse().ok())?
    };
    let days = days_since_epoch(number(0, 4)?, number(4, 6)?, number(6, 8)?)?;
    let seconds = number(9, 11)? * 3600 + number(11, 13)? * 60 + number(13, 15)?;
    Some(UNIX_EPOCH + Duration::from_secs(days * 86_400 + seconds))
}

/// Days from 1970-01-01, in the Gregorian calendar.
fn days_since_epoch(year: u64, month: u64, day: u64) -> Option<u64> {
    if year < 1970 || !(1..=12).contains(&month) || !(1..=31).contains(&day) {
        return None;
    }
    // Years start in March, so that the leap day is their last day.
    let (y, m) = if month > 2 {
        (year, month - 3)
    } else {
        (year - 1, month + 9)
    };
    let days = 365 * y + y / 4 - y / 100 + y / 400 + (153 * m + 2) / 5 + day - 1;
    days.checked_sub(719_468)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn timestamps_are_parsed() {
        let at = |timestamp| {
            parse_timestamp(timestamp).map(|t| t.duration_since(UNIX_EPOCH).unwrap().as_secs())
        };
        assert_eq!(at("19700101T000000Z"), Some(0));
        assert_eq!(at("20000229T120000Z"), Some(951_825_600));
        assert_eq!(at("20261124T111213Z"), Some(1_795_518_733));
        for bad in [
            "",
            "20261124",
            "20261124T111213",
            "2026-11-24T11:12Z",
            "20261324T111213Z",
            "+0261124T111213Z",
        ] {
            assert_eq!(at(bad), None, "{bad}");
        }
    }
}
