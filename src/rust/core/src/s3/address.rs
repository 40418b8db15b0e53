//! The address of an object.

use crate::settings::resolve::Resolved;
use std::fmt::{self, Write};

/// An object in a bucket.
#[derive(Clone, PartialEq, Eq)]
pub struct Object {
    /// The name of the bucket.
    pub bucket: String,
    /// The key.
    pub key: String,
    /// The version, if it is not the latest.
    pub version: Option<String>,
}

impl fmt::Debug for Object {
    // The key may contain a person's name.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Object")
            .field("bucket", &self.bucket)
            .finish_non_exhaustive()
    }
}

/// Where an object is requested.
#[derive(Debug)]
pub struct Address {
    /// Scheme, host and port.
    pub endpoint: String,
    /// The URL.
    pub url: String,
}

impl Address {
    /// The address of an object in this region. `None` if AWS's endpoint there is not public.
    pub fn of(object: &Object, resolved: &Resolved, region: &str) -> Option<Self> {
        let bucket = &object.bucket;
        let (endpoint, is_in_host) = match resolved.s3_endpoint() {
            Some(endpoint) => (endpoint, false),
            None => {
                let host = resolved.s3_host(region)?;
                if can_be_in_host(bucket) {
                    (format!("https://{bucket}.{host}"), true)
                } else {
                    (format!("https://{host}"), false)
                }
            }
        };
        let mut url = endpoint.trim_end_matches('/').to_owned();
        if !is_in_host {
            url.push('/');
            encode(bucket, "", &mut url);
        }
        url.push('/');
        encode(&object.key, "/", &mut url);
        if let Some(version) = &object.version {
            url.push_str("?versionId=");
            encode(version, "", &mut url);
        }
        Some(Address { endpoint, url })
    }
}

/// Whether a bucket's name can be a part of a host name. With a dot it would not match the certificate, and older names
/// have capital letters.
fn can_be_in_host(bucket: &str) -> bool {
    let is_edge = |b: Option<&u8>| b.is_some_and(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
    let bytes = bucket.as_bytes();
    (3..=63).contains(&bytes.len())
        && bytes.iter().all(|b| is_edge(Some(b)) || *b == b'-')
        && is_edge(bytes.first())
        && is_edge(bytes.last())
}

/// Appends text, percent-encoded as signatures require it, except for the characters in `kept`.
pub fn encode(text: &str, kept: &str, url: &mut String) {
    for byte in text.bytes() {
        // Writing to a string does not fail.
        let _ = if byte.is_ascii_alphanumeric()
            || b"-._~".contains(&byte)
            || kept.as_bytes().contains(&byte)
        {
            url.write_char(char::from(byte))
        } else {
            write!(url, "%{byte:02X}")
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::Settings;

    fn resolved() -> Resolved {
        let mut resolved = Resolved::new(Settings::default()).unwrap();
        // Not the environment's.
        resolved.endpoint = None;
        resolved.other_endpoints.s3 = None;
        resolved
    }

    fn url(resolved: &Resolved, bucket: &str, key: &str, region: &str) -> Option<String> {
        let object = Object {
            bucket: bucket.into(),
            key: key.into(),
            version: None,
        };
        Some(Address::of(&object, resolved, region)?.url)
    }

    #[test]
    fn a_bucket_is_in_the_host_if_its_name_can_be() {
        let resolved = resolved();
        let url = |bucket| url(&resolved, bucket, "k", "eu-west-1").unwrap();
        assert_eq!(
            url("my-bucket1"),
            "https://my-bucket1.s3.eu-west-1.amazonaws.com/k"
        );
        for (other, encoded) in [
            ("my.bucket", "my.bucket"),
            ("My_Bucket", "My_Bucket"),
            ("ab", "ab"),
            ("-ab", "-ab"),
            ("a/../b@c:d", "a%2F..%2Fb%40c%3Ad"),
        ] {
            assert_eq!(
                url(other),
                format!("https://s3.eu-west-1.amazonaws.com/{encoded}/k")
            );
        }
    }

    #[test]
    fn the_host_depends_on_region_fips_and_dual_stack() {
        for (region, use_fips, use_dualstack, host) in [
            ("us-east-1", false, false, "s3.us-east-1.amazonaws.com"),
            ("us-east-1", true, false, "s3-fips.us-east-1.amazonaws.com"),
            (
                "us-east-1",
                false,
                true,
                "s3.dualstack.us-east-1.amazonaws.com",
            ),
            (
                "us-gov-west-1",
                true,
                true,
                "s3-fips.dualstack.us-gov-west-1.amazonaws.com",
            ),
            (
                "cn-north-1",
                false,
                true,
                "s3.dualstack.cn-north-1.amazonaws.com.cn",
            ),
        ] {
            let mut resolved = resolved();
            resolved.use_fips = use_fips;
            resolved.use_dualstack = use_dualstack;
            assert_eq!(
                url(&resolved, "bucket", "k", region),
                Some(format!("https://bucket.{host}/k"))
            );
        }
        let resolved = resolved();
        assert_eq!(url(&resolved, "bucket", "k", "us-iso-east-1"), None);
    }

    #[test]
    fn a_custom_endpoint_has_the_bucket_in_its_path() {
        let mut resolved = resolved();
        resolved.other_endpoints.s3 = Some("http://minio:9000/base/".into());
        let url = |key| url(&resolved, "bucket", key, "us-east-1").unwrap();
        for (key, encoded) in [
            ("a b+c%2F", "a%20b%2Bc%252F"),
            ("/a//../b/", "/a//../b/"),
            ("\u{e9}?#&=", "%C3%A9%3F%23%26%3D"),
        ] {
            assert_eq!(url(key), format!("http://minio:9000/base/bucket/{encoded}"));
        }
    }
}
