//! The object in a PutObject request.

use super::Failure;
use crate::buckets::Object;
use crate::collections::ACCOUNT;
use base64::engine::general_purpose::STANDARD;
use base64::Engine as _;
use bytes::Bytes;
use flate2::Crc;
use hyper::HeaderMap;

/// Headers that are kept with an object and returned with it.
const KEPT: [&str; 5] = [
    "cache-control",
    "content-disposition",
    "content-encoding",
    "content-language",
    "expires",
];
const METADATA: &str = "x-amz-meta-";

/// The object of a request, sent at a time in seconds since 1970, to a bucket in this region.
pub fn object(
    headers: &HeaderMap,
    body: &Bytes,
    region: &str,
    now: f64,
) -> Result<Object, Failure> {
    let text = |name: &str| headers.get(name)?.to_str().ok();
    if text("x-amz-checksum-crc32").is_some_and(|sent| sent != crc32(body)) {
        return Err(Failure::new(
            "BadDigest",
            400,
            "The CRC32 you specified did not match the calculated checksum.",
        ));
    }
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
