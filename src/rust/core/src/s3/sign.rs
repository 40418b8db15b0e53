//! The signature of a request to S3, by the SDK's own signer.

use crate::error::Error;
use aws_credential_types::Credentials;
use aws_sigv4::http_request::{
    sign, PayloadChecksumKind, PercentEncodingMode, SignableBody, SignableRequest, SigningSettings,
    UriPathNormalizationMode,
};
use aws_sigv4::sign::v4;
use aws_smithy_runtime_api::box_error::BoxError;
use std::time::SystemTime;

/// Names and values.
type Headers = Vec<(String, String)>;

/// The headers that sign a GET request for this URL.
pub fn signed_headers(url: &str, keys: Credentials, region: &str) -> Result<Headers, Error> {
    headers(url, keys, region).map_err(|error| Error::Internal {
        reason: format!("a request to S3 cannot be signed: {error}"),
    })
}

fn headers(url: &str, keys: Credentials, region: &str) -> Result<Headers, BoxError> {
    // S3 signs paths as they are sent.
    let mut settings = SigningSettings::default();
    settings.percent_encoding_mode = PercentEncodingMode::Single;
    settings.uri_path_normalization_mode = UriPathNormalizationMode::Disabled;
    settings.payload_checksum_kind = PayloadChecksumKind::XAmzSha256;
    let identity = keys.into();
    let params = v4::SigningParams::builder()
        .identity(&identity)
        .region(region)
        .name("s3")
        .time(SystemTime::now())
        .settings(settings)
        .build()?
        .into();
    let no_headers: [(&str, &str); 0] = [];
    let request =
        SignableRequest::new("GET", url, no_headers.into_iter(), SignableBody::Bytes(b""))?;
    let (instructions, _) = sign(request, &params)?.into_parts();
    let headers = instructions.headers();
    Ok(headers
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect())
}
