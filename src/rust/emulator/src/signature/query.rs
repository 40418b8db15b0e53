//! Checks presigned URLs.

use super::chain::Chain;
use super::{
    check_credential, check_date, expired_token, incomplete, invalid, mismatch, sign_again, text,
    unknown_token, Authorization, Keys, Signed, ALGORITHM,
};
use crate::error::Refusal;
use aws_sigv4::http_request::{SignatureLocation, SigningSettings};
use hyper::HeaderMap;
use std::collections::HashSet;
use std::time::Duration;

/// The longest time that AWS accepts.
const MAX_EXPIRES: u64 = 7 * 86_400;

/// The parameters of a query, decoded.
#[derive(Debug, Clone)]
pub struct Query(Vec<(String, String)>);

impl Query {
    /// Parses the query of this path.
    pub fn parse(path: &str) -> Self {
        let (_, query) = path.split_once('?').unwrap_or_default();
        Query(
            form_urlencoded::parse(query.as_bytes())
                .into_owned()
                .collect(),
        )
    }

    /// A parameter.
    pub fn get(&self, name: &str) -> Option<&str> {
        let found = self.0.iter().find(|(key, _)| key == name);
        found.map(|(_, value)| value.as_str())
    }

    fn required(&self, name: &str) -> Result<&str, Refusal> {
        self.get(name).ok_or_else(|| {
            incomplete(&format!(
                "AWS query-string parameters must include '{name}'."
            ))
        })
    }

    /// Whether a parameter is there more than once.
    fn repeats(&self) -> bool {
        let mut names = HashSet::new();
        !self.0.iter().all(|(name, _)| names.insert(name))
    }

    /// The access key ID, unverified.
    pub fn access_key_id(&self) -> Option<&str> {
        self.get("X-Amz-Credential")?.split('/').next()
    }
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
    if query.required("X-Amz-Algorithm")? != ALGORITHM {
        return Err(incomplete(
            "AWS query-string parameters require the algorithm 'AWS4-HMAC-SHA256'.",
        ));
    }
    let auth = Authorization::from_parts(
        query.required("X-Amz-Credential")?,
        query.required("X-Amz-SignedHeaders")?,
        query.required("X-Amz-Signature")?,
    )?;
    let (keys, expired) = find(auth.access_key_id)
        .filter(|(keys, _)| keys.session_token.as_deref() == query.get("X-Amz-Security-Token"))
        .ok_or_else(unknown_token)?;
    let expires = query.required("X-Amz-Expires")?.parse().ok();
    let expires = expires
        .filter(|seconds| (1..=MAX_EXPIRES).contains(seconds))
        .map(Duration::from_secs)
        .ok_or_else(|| invalid("X-Amz-Expires must be between 1 and 604800 seconds".into()))?;
    let timestamp = query.required("X-Amz-Date")?;
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
    let request = Signed {
        method: "GET",
        path: &without_signature(path),
        headers,
        body: b"",
    };
    let mut settings = SigningSettings::default();
    settings.signature_location = SignatureLocation::QueryParams;
    settings.expires_in = Some(expires);
    settings.excluded_headers = None;
    let signatures =
        hosts.map(|host| sign_again(&request, host, &auth, &keys, date, settings.clone()));
    if !signatures.contains(&Ok(auth.signature.to_owned())) {
        return Err(mismatch());
    }
    if expired {
        return Err(expired_token());
    }
    Ok(Chain::new(
        &keys,
        date,
        auth.region,
        auth.service,
        auth.signature,
    ))
}

/// The path and query without the parameters that the signer adds.
fn without_signature(path: &str) -> String {
    const ADDED: [&str; 7] = [
        "X-Amz-Algorithm",
        "X-Amz-Credential",
        "X-Amz-Date",
        "X-Amz-Expires",
        "X-Amz-Security-Token",
        "X-Amz-Signature",
        "X-Amz-SignedHeaders",
    ];
    let (path, query) = path.split_once('?').unwrap_or((path, ""));
    let kept: Vec<&str> = query
        .split('&')
        .filter(|parameter| !ADDED.contains(&parameter.split('=').next().unwrap_or_default()))
        .collect();
    format!("{path}?{}", kept.join("&"))
}
