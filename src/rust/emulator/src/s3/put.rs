//! The object in a PutObject request.

use super::Failure;
use crate::buckets::Object;
use crate::collections::ACCOUNT;
use base64::engine::general_purpose::STANDARD;
use base64::Engine as _;
use bytes::Bytes;
use flate2::Crc;
use hyper::HeaderMap;
use ring::digest::{digest, SHA1_FOR_LEGACY_USE_ONLY, SHA256};

/// Headers that are kept with an object and returned with it.
const KEPT: [&str; 5] = [
    "cache-control",
    "content-disposition",
    "content-encoding",
    "content-language",
    "expires",
];
const METADATA: &str = "x-amz-meta-";
const CHECKSUM: &str = "x-amz-checksum-";

/// The object of a request, sent at a time in seconds since 1970, to a bucket in this region.
pub fn object(
    headers: &HeaderMap,
    body: &Bytes,
    region: &str,
    now: f64,
) -> Result<Object, Failure> {
    let text = |name: &str| headers.get(name)?.to_str().ok();
    check_digests(headers, body)?;
    let key = text("x-amz-server-side-encryption-aws-kms-key-id");
    let kms_key = match (text("x-amz-server-side-encryption"), key) {
        (None | Some("AES256"), None) => None,
        (Some(algorithm @ ("aws:kms" | "aws:kms:dsse")), key) => Some((
            algorithm.to_owned(),
            kms_arn(key.unwrap_or("alias/aws/s3"), region),
        )),
        (_, Some(_)) => {
            let message = "Server Side Encryption with AWS KMS managed key requires HTTP header x-amz-server-side-encryption : aws:kms";
            return Err(Failure::new("InvalidArgument", 400, message));
        }
        (Some(other), None) => {
            let message = "The encryption method specified is not supported";
            return Err(
                Failure::new("InvalidEncryptionAlgorithmError", 400, message)
                    .detail("ArgumentValue", other),
            );
        }
    };
    let content_type = text("content-type").unwrap_or("binary/octet-stream");
    let mut object = Object::new(body.clone(), content_type, kms_key, now);
    for (name, value) in headers {
        let is_kept = KEPT.contains(&name.as_str()) || name.as_str().starts_with(METADATA);
        if let (true, Ok(value)) = (is_kept, value.to_str()) {
            object.headers.push((name.to_string(), value.to_owned()));
        }
    }
    Ok(object)
}

/// The algorithm of the checksum in a header or parameter with this name, if it is one.
pub fn checksum_algorithm(name: &str) -> Option<&str> {
    let algorithm = match name {
        "content-md5" => name,
        _ => name.strip_prefix(CHECKSUM)?,
    };
    Some(algorithm).filter(|algorithm| !["algorithm", "mode", "type"].contains(algorithm))
}

/// Compares the body with its checksums, and refuses those that the emulator cannot calculate.
fn check_digests(headers: &HeaderMap, body: &[u8]) -> Result<(), Failure> {
    let sha = |algorithm| STANDARD.encode(digest(algorithm, body));
    for (name, sent) in headers {
        let Some(algorithm) = checksum_algorithm(name.as_str()) else {
            continue;
        };
        let calculated = match algorithm {
            "crc32" => crc32(body),
            "sha1" => sha(&SHA1_FOR_LEGACY_USE_ONLY),
            "sha256" => sha(&SHA256),
            _ => return Err(Failure::not_implemented(&format!("The header '{name}'"))),
        };
        if *sent != calculated {
            let algorithm = algorithm.to_uppercase();
            let message =
                format!("The {algorithm} you specified did not match the calculated checksum.");
            return Err(Failure::new("BadDigest", 400, &message));
        }
    }
    Ok(())
}

/// The ARN of a key of the Key Management Service, which clients may name by its ID or an alias.
pub fn kms_arn(key: &str, region: &str) -> String {
    if key.starts_with("arn:") {
        return key.to_owned();
    }
    let kind = if key.starts_with("alias/") {
        ""
    } else {
        "key/"
    };
    format!("arn:aws:kms:{region}:{ACCOUNT}:{kind}{key}")
}

/// The checksum that botocore sends and verifies.
pub fn crc32(bytes: &[u8]) -> String {
    let mut crc = Crc::new();
    crc.update(bytes);
    STANDARD.encode(crc.sum().to_be_bytes())
}
