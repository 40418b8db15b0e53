//! Presigned URLs, by the SDK's own signer.

use aws_credential_types::Credentials;
use aws_sigv4::http_request::{
    sign, SignableBody, SignableRequest, SignatureLocation, SigningSettings,
};
use aws_sigv4::sign::v4;
use std::fmt::Write;
use std::time::{Duration, SystemTime};

/// With what, for what and when a URL is signed.
#[derive(Debug)]
pub struct Scope<'a> {
    /// The keys.
    pub keys: Credentials,
    /// The region.
    pub region: &'a str,
    /// The service.
    pub service: &'a str,
    /// When it is signed.
    pub date: SystemTime,
    /// How long it is valid.
    pub expires_in: Duration,
}

/// A presigned URL.
#[derive(Debug)]
pub struct Presigned {
    /// Path and query, with the signature.
    pub path: String,
    /// The signature, in hexadecimal digits.
    pub signature: String,
}

/// Presigns a GET request for this path and query, of which `host` alone is a header. `None` if they cannot be signed.
pub fn presign(host: &str, path: &str, scope: Scope<'_>) -> Option<Presigned> {
    let mut settings = SigningSettings::default();
    settings.signature_location = SignatureLocation::QueryParams;
    settings.expires_in = Some(scope.expires_in);
    settings.excluded_headers = None;
    let identity = scope.keys.into();
    let params = v4::SigningParams::builder()
        .identity(&identity)
        .region(scope.region)
        .name(scope.service)
        .time(scope.date)
        .settings(settings)
        .build()
        .ok()?
        .into();
    let url = format!("http://{host}{path}");
    let no_headers: [(&str, &str); 0] = [];
    let request =
        SignableRequest::new("GET", url, no_headers.into_iter(), SignableBody::Bytes(b"")).ok()?;
    let (instructions, signature) = sign(request, &params).ok()?.into_parts();
    let mut path = path.to_owned();
    for (name, value) in instructions.params() {
        let _ = write!(path, "&{name}=");
        for byte in value.bytes() {
            // Writing to a string does not fail.
            let _ = if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
                write!(path, "{}", char::from(byte))
            } else {
                write!(path, "%{byte:02X}")
            };
        }
    }
    Some(Presigned { path, signature })
}
