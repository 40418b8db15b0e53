//! Checks presigned URLs.

use super::{
    check_credential, check_date, credentials, expired_token, incomplete, invalid, mismatch, text,
    unknown_token, Authorization, Keys, ALGORITHM,
};
use crate::error::Refusal;
use hyper::HeaderMap;
use rekognition_streaming::chain::Chain;
use rekognition_streaming::presign::{presign, Scope};
use rekognition_streaming::query::{without_signature, Query};
use std::time::Duration;

/// The longest time that AWS accepts.
const MAX_EXPIRES: u64 = 7 * 86_400;

fn required<'q>(query: &'q Query, name: &str) -> Result<&'q str, Refusal> {
    query.get(name).ok_or_else(|| {
        incomplete(&format!(
            "AWS query-string parameters must include '{name}'."
        ))
    })
}

/// Refuses a presigned GET request that is not signed with known keys, as `check()` does. Returns the chain of
/// signatures that it starts.
pub fn check(
    path: &str,
    query: &Query,
    headers: &HeaderMap,
    service: &str,
    region: &str,
    find: impl Fn(&str) -> Option<(Keys, bool)>,
) -> Result<Chain, Refusal> {
    if query.access_key_id().is_none() {
        return Err(Refusal::new(
            "MissingAuthenticationTokenException",
            "Missing Authentication Token",
        ));
    }
    if query.repeats() {
        return Err(incomplete("A query parameter is there more than once."));
    }
    if required(query, "X-Amz-Algorithm")? != ALGORITHM {
        return Err(incomplete(
            "AWS query-string parameters require the algorithm 'AWS4-HMAC-SHA256'.",
        ));
    }
    let auth = Authorization::from_parts(
        required(query, "X-Amz-Credential")?,
        required(query, "X-Amz-SignedHeaders")?,
        required(query, "X-Amz-Signature")?,
    )?;
    let (keys, expired) = find(auth.access_key_id)
        .filter(|(keys, _)| keys.session_token.as_deref() == query.get("X-Amz-Security-Token"))
        .ok_or_else(unknown_token)?;
    let expires = required(query, "X-Amz-Expires")?.parse().ok();
    let expires = expires
        .filter(|seconds| (1..=MAX_EXPIRES).contains(seconds))
        .map(Duration::from_secs)
        .ok_or_else(|| invalid("X-Amz-Expires must be between 1 and 604800 seconds".into()))?;
    let timestamp = required(query, "X-Amz-Date")?;
    let date = check_date(timestamp, expires)?;
    check_credential(&auth, timestamp, service, region)?;
    if !auth.signed_headers.contains(&"host") {
        return Err(invalid(
            "'host' must be a 'SignedHeader' in the AWS query-string parameters.".into(),
        ));
    }
    let host = text(headers, "host").unwrap_or_default();
    // The AWS SDK for JavaScript signs the host without its port.
    let hosts = [host, host.rsplit_once(':').map_or(host, |(name, _)| name)];
    let path = without_signature(path);
    let signatures = hosts.map(|host| {
        let scope = Scope {
            keys: credentials(&keys),
            region: auth.region,
            service: auth.service,
            date,
            expires_in: expires,
        };
        Some(presign(host, &path, scope)?.signature)
    });
    if !signatures.contains(&Some(auth.signature.to_owned())) {
        return Err(mismatch());
    }
    if expired {
        return Err(expired_token());
    }
    Ok(Chain::new(
        credentials(&keys),
        auth.region,
        auth.service,
        auth.signature,
    ))
}
