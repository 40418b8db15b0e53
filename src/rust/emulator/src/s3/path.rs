//! Bucket and key in the path of a request.

use super::Failure;
use rekognition_streaming::query::Query;
use std::fmt::Write;

/// The longest key, in bytes.
const MAX_KEY: usize = 1024;

/// What a request is about. Without a key, it is a bucket.
#[derive(Debug)]
pub struct Target {
    /// The bucket.
    pub bucket: String,
    /// The key.
    pub key: String,
    /// The query.
    pub query: Query,
}

impl Target {
    /// The bucket and key in a path.
    pub fn parse(path: &str) -> Result<Self, Failure> {
        let query = Query::parse(path);
        let path = path.split('?').next().unwrap_or_default();
        let (bucket, key) = path[1.min(path.len())..]
            .split_once('/')
            .unwrap_or((&path[1.min(path.len())..], ""));
        let decode = |text| {
            decode(text)
                .ok_or_else(|| Failure::new("InvalidURI", 400, "Couldn't parse the specified URI."))
        };
        let (bucket, key) = (decode(bucket)?, decode(key)?);
        if key.len() > MAX_KEY {
            return Err(Failure::new("KeyTooLongError", 400, "Your key is too long"));
        }
        Ok(Target { bucket, key, query })
    }

    /// The version of the object, if the request names one.
    pub fn version_id(&self) -> Option<&str> {
        self.query.get("versionId")
    }
}

/// The path as S3 encodes it: letters, digits and `-._~/` stand for themselves. `None` if it cannot be decoded.
pub fn encode(path: &str) -> Option<String> {
    let mut encoded = String::new();
    for byte in decode(path)?.bytes() {
        // Writing to a string does not fail.
        let _ = if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
            write!(encoded, "{}", char::from(byte))
        } else {
            write!(encoded, "%{byte:02X}")
        };
    }
    Some(encoded)
}

fn decode(encoded: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(encoded.len());
    let mut rest = encoded.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'%' => {
                let mut digit = || char::from(rest.next()?).to_digit(16);
                u8::try_from(16 * digit()? + digit()?).ok()?
            }
            byte => byte,
        });
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_a_bucket_and_a_key() {
        for (path, bucket, key, version) in [
            ("/", "", "", None),
            ("/bucket", "bucket", "", None),
            ("/bucket/", "bucket", "", None),
            ("/bucket/a/b.jpg", "bucket", "a/b.jpg", None),
            (
                "/bucket//a+b/../%c3%A9%2f?x&versionId=v%2B1",
                "bucket",
                "/a+b/../é/",
                Some("v+1"),
            ),
        ] {
            let target = Target::parse(path).unwrap();
            assert_eq!(
                (target.bucket.as_str(), target.key.as_str()),
                (bucket, key),
                "{path}"
            );
            assert_eq!(target.version_id(), version, "{path}");
        }
        for path in ["/b/%", "/b/%4", "/b/%zz", "/b/%ff"] {
            assert_eq!(
                Target::parse(path).unwrap_err().code,
                "InvalidURI",
                "{path}"
            );
        }
        let long = format!("/b/{}", "x".repeat(1025));
        assert_eq!(Target::parse(&long).unwrap_err().code, "KeyTooLongError");
    }

    #[test]
    fn a_path_is_signed_as_s3_encodes_it() {
        let encoded = encode("/b/a+b c(1)%7E%2f\u{e9}/..//x").unwrap();
        assert_eq!(encoded, "/b/a%2Bb%20c%281%29~/%C3%A9/..//x");
        assert_eq!(encode("/%x"), None);
    }
}
