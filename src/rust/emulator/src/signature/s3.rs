//! Checks the signatures of requests to S3, in their headers or in their query.

use super::{credentials, parse_timestamp, text, Authorization, Keys, Signed, ALGORITHM};
use crate::s3::path::encode;
use crate::s3::Failure;
use aws_sigv4::http_request::{
    sign, PayloadChecksumKind, PercentEncodingMode, SignableBody, SignableRequest,
    SignatureLocation, SigningSettings, UriPathNormalizationMode,
};
use aws_sigv4::sign::v4;
use rekognition_streaming::query::{without_signature, Query};
use ring::digest::{digest, SHA256};
use std::fmt::Write;
use std::time::{Duration, SystemTime};

/// The service in the scope of a signature.
pub const SERVICE: &str = "s3";
const UNSIGNED: &str = "UNSIGNED-PAYLOAD";
/// The clock skew that S3 allows.
const MAX_SKEW: Duration = Duration::from_secs(900);
/// The longest time for which a URL can be signed.
const MAX_EXPIRES: u64 = 7 * 86_400;

/// The regions that a signature can be for.
#[derive(Debug, Clone, Copy)]
pub struct Regions<'a> {
    /// The emulator's.
    pub own: &'a str,
    /// The bucket's, if there is such a bucket.
    pub bucket: Option<&'a str>,
}

/// What a request says of its signature.
struct Claim<'a> {
    auth: Authorization<'a>,
    timestamp: &'a str,
    token: Option<&'a str>,
    /// How long the signature is valid, if it is in the query.
    expires_in: Option<Duration>,
    /// The hash of the body, or that it is not signed.
    hash: &'a str,
}

/// Refuses a request that is not signed with known keys. Returns the access key ID. `find` returns the keys of an access
/// key ID, and whether they have expired.
pub fn check(
    request: &Signed<'_>,
    query: &Query,
    regions: Regions<'_>,
    find: impl Fn(&str) -> Option<(Keys, bool)>,
) -> Result<String, Failure> {
    let claim = match text(request.headers, "authorization") {
        Some(_) if query.get("X-Amz-Algorithm").is_some() => {
            let message = "Only one auth mechanism allowed; only the X-Amz-Algorithm query parameter, Signature query string parameter or the Authorization header should be specified";
            return Err(Failure::new("InvalidArgument", 400, message));
        }
        Some(header) => Claim::from_header(header, request)?,
        None => Claim::from_query(query, request)?,
    };
    claim.check_date()?;
    claim.check_scope(regions)?;
    claim.check_headers(request)?;
    let (keys, expired) = find(claim.auth.access_key_id).ok_or_else(|| {
        Failure::new(
            "InvalidAccessKeyId",
            403,
            "The AWS Access Key Id you provided does not exist in our records.",
        )
        .detail("AWSAccessKeyId", claim.auth.access_key_id)
    })?;
    if keys.session_token.as_deref() != claim.token {
        let message = "The provided token is malformed or otherwise invalid.";
        return Err(Failure::new("InvalidToken", 400, message));
    }
    if !claim.is_signed_with(&keys, request) {
        return Err(Failure::new(
            "SignatureDoesNotMatch",
            403,
            "The request signature we calculated does not match the signature you provided. Check your key and signing method.",
        )
        .detail("AWSAccessKeyId", claim.auth.access_key_id));
    }
    claim.check_body(request.body)?;
    if expired {
        let message = "The provided token has expired.";
        return Err(Failure::new("ExpiredToken", 400, message));
    }
    Ok(claim.auth.access_key_id.to_owned())
}

impl<'a> Claim<'a> {
    fn from_header(header: &'a str, request: &Signed<'a>) -> Result<Self, Failure> {
        if header.starts_with("AWS ") {
            return Err(unsupported());
        }
        let auth = Authorization::parse(header)
            .map_err(|refusal| malformed(false, &refusal.message.unwrap_or_default()))?;
        let timestamp = text(request.headers, "x-amz-date").ok_or_else(|| {
            denied("AWS authentication requires a valid Date or x-amz-date header")
        })?;
        let hash = text(request.headers, "x-amz-content-sha256").ok_or_else(|| {
            let message = "Missing required header for this request: x-amz-content-sha256";
            Failure::new("InvalidRequest", 400, message)
        })?;
        Ok(Claim {
            auth,
            timestamp,
            token: text(request.headers, "x-amz-security-token"),
            expires_in: None,
            hash: supported(hash)?,
        })
    }

    fn from_query(query: &'a Query, request: &Signed<'a>) -> Result<Self, Failure> {
        if query.get("AWSAccessKeyId").is_some() {
            return Err(unsupported());
        }
        let Some(algorithm) = query.get("X-Amz-Algorithm") else {
            return Err(denied("Access Denied"));
        };
        let wrong = |message: &str| Failure::new("AuthorizationQueryParametersError", 400, message);
        if query.repeats() {
            return Err(wrong("A query parameter is there more than once."));
        }
        if algorithm != ALGORITHM {
            return Err(wrong("X-Amz-Algorithm only supports \"AWS4-HMAC-SHA256\""));
        }
        let required = |name| {
            query.get(name).ok_or_else(|| {
                wrong("Query-string authentication version 4 requires the X-Amz-Algorithm, X-Amz-Credential, X-Amz-Signature, X-Amz-Date, X-Amz-SignedHeaders, and X-Amz-Expires parameters.")
            })
        };
        let auth = Authorization::from_parts(
            required("X-Amz-Credential")?,
            required("X-Amz-SignedHeaders")?,
            required("X-Amz-Signature")?,
        )
        .map_err(|refusal| malformed(true, &refusal.message.unwrap_or_default()))?;
        let expires: Option<u64> = required("X-Amz-Expires")?.parse().ok();
        let expires = expires.filter(|seconds| (1..=MAX_EXPIRES).contains(seconds));
        let expires = expires.ok_or_else(|| {
            wrong("X-Amz-Expires must be from 1 to 604800 seconds, which is a week")
        })?;
        let hash = text(request.headers, "x-amz-content-sha256").unwrap_or(UNSIGNED);
        Ok(Claim {
            auth,
            timestamp: required("X-Amz-Date")?,
            token: query.get("X-Amz-Security-Token"),
            expires_in: Some(Duration::from_secs(expires)),
            hash: supported(hash)?,
        })
    }

    fn check_date(&self) -> Result<(), Failure> {
        let date = self.date()?;
        let now = SystemTime::now();
        match self.expires_in {
            Some(expires_in) if date + expires_in < now => Err(denied("Request has expired")),
            Some(_) if now + MAX_SKEW < date => Err(denied("Request is not valid yet")),
            None if date + MAX_SKEW < now || now + MAX_SKEW < date => Err(Failure::new(
                "RequestTimeTooSkewed",
                403,
                "The difference between the request time and the current time is too large.",
            )),
            _ => Ok(()),
        }
    }

    fn date(&self) -> Result<SystemTime, Failure> {
        parse_timestamp(self.timestamp)
            .ok_or_else(|| denied("AWS authentication requires a valid Date or x-amz-date header"))
    }

    /// The emulator stands for the endpoints of all regions. A request for its own region is one to its endpoint, which
    /// redirects those for buckets that are elsewhere.
    fn check_scope(&self, regions: Regions<'_>) -> Result<(), Failure> {
        let auth = &self.auth;
        let malformed = |message: &str| malformed(self.expires_in.is_some(), message);
        if auth.terminator != "aws4_request" {
            return Err(malformed(&format!(
                "incorrect terminal \"{}\". This endpoint uses \"aws4_request\".",
                auth.terminator
            )));
        }
        if auth.service != SERVICE {
            return Err(malformed(&format!(
                "incorrect service \"{}\". This endpoint belongs to \"{SERVICE}\".",
                auth.service
            )));
        }
        if auth.date.len() != 8 || !self.timestamp.starts_with(auth.date) {
            return Err(malformed(&format!(
                "Invalid credential date \"{}\". This date is not the same as X-Amz-Date: \"{}\".",
                auth.date, self.timestamp
            )));
        }
        match regions.bucket {
            Some(region) if region != auth.region && auth.region == regions.own => {
                Err(Failure::redirect(region))
            }
            Some(region) if region != auth.region => Err(malformed(&format!(
                "the region '{}' is wrong; expecting '{region}'",
                auth.region
            ))
            .detail("Region", region)
            .header("x-amz-bucket-region", region)),
            _ => Ok(()),
        }
    }

    fn check_headers(&self, request: &Signed<'_>) -> Result<(), Failure> {
        let names = request.headers.keys().map(|name| name.as_str());
        let mut unsigned = names
            .filter(|name| *name == "host" || name.starts_with("x-amz-"))
            .filter(|name| !self.auth.signed_headers.contains(name))
            .peekable();
        if unsigned.peek().is_none() {
            return Ok(());
        }
        let failure = denied("There were headers present in the request which were not signed");
        Err(failure.detail("HeadersNotSigned", &unsigned.collect::<Vec<_>>().join(", ")))
    }

    fn check_body(&self, body: &[u8]) -> Result<(), Failure> {
        if self.hash == UNSIGNED {
            return Ok(());
        }
        let mut actual = String::new();
        for byte in digest(&SHA256, body).as_ref() {
            // Writing to a string does not fail.
            let _ = write!(actual, "{byte:02x}");
        }
        if self.hash == actual {
            return Ok(());
        }
        let message =
            "The provided 'x-amz-content-sha256' header does not match what was computed.";
        Err(Failure::new("XAmzContentSHA256Mismatch", 400, message)
            .detail("ClientComputedContentSHA256", self.hash)
            .detail("S3ComputedContentSHA256", &actual))
    }

    fn is_signed_with(&self, keys: &Keys, request: &Signed<'_>) -> bool {
        let host = text(request.headers, "host").unwrap_or_default();
        // The AWS SDK for JavaScript presigns the host without its port.
        let hosts = [host, host.rsplit_once(':').map_or(host, |(name, _)| name)];
        hosts
            .iter()
            .any(|host| self.signature(keys, host, request).as_deref() == Some(self.auth.signature))
    }

    fn signature(&self, keys: &Keys, host: &str, request: &Signed<'_>) -> Option<String> {
        let mut settings = SigningSettings::default();
        settings.excluded_headers = None;
        settings.percent_encoding_mode = PercentEncodingMode::Single;
        settings.uri_path_normalization_mode = UriPathNormalizationMode::Disabled;
        let mut added_by_signer = vec!["host"];
        let mut path = request.path.to_owned();
        if self.expires_in.is_some() {
            settings.signature_location = SignatureLocation::QueryParams;
            settings.expires_in = self.expires_in;
            path = without_signature(&path);
        } else {
            settings.payload_checksum_kind = PayloadChecksumKind::XAmzSha256;
            added_by_signer.extend(["x-amz-date", "x-amz-security-token", "x-amz-content-sha256"]);
        }
        let identity = credentials(keys).into();
        let params = v4::SigningParams::builder()
            .identity(&identity)
            .region(self.auth.region)
            .name(self.auth.service)
            .time(self.date().ok()?)
            .settings(settings)
            .build()
            .ok()?
            .into();
        let (path, query) = path.split_once('?').unwrap_or((&path, ""));
        // S3 signs the key as it would encode it, not as the client has.
        let url = format!("http://{host}{}?{query}", encode(path)?);
        let names = self.auth.signed_headers.iter();
        let headers = names
            .filter(|name| !added_by_signer.contains(name))
            .map(|name| (*name, text(request.headers, name).unwrap_or_default()));
        let body = match self.hash {
            UNSIGNED => SignableBody::UnsignedPayload,
            hash => SignableBody::Precomputed(hash.to_owned()),
        };
        let signable = SignableRequest::new(request.method, url, headers, body);
        let signed = sign(signable.ok()?, &params).ok()?;
        Some(signed.into_parts().1)
    }
}

fn supported(hash: &str) -> Result<&str, Failure> {
    if hash.starts_with("STREAMING-") {
        return Err(Failure::not_implemented("A body in chunks"));
    }
    Ok(hash)
}

fn malformed(is_query: bool, message: &str) -> Failure {
    let (code, message) = if is_query {
        (
            "AuthorizationQueryParametersError",
            format!("Error parsing the X-Amz-Credential parameter; {message}"),
        )
    } else {
        (
            "AuthorizationHeaderMalformed",
            format!("The authorization header is malformed; {message}"),
        )
    };
    Failure::new(code, 400, &message)
}

fn denied(message: &str) -> Failure {
    Failure::new("AccessDenied", 403, message)
}

/// Signatures of version 2.
fn unsupported() -> Failure {
    Failure::new(
        "InvalidRequest",
        400,
        "The authorization mechanism you have provided is not supported. Please use AWS4-HMAC-SHA256.",
    )
}
