//! The protocol of S3: bucket and key in the path, errors in XML.

use crate::body::MAX_BODY;
use crate::buckets::{Missing, Object, Stored};
use crate::error::Refusal;
use crate::hash::digest;
use crate::responses::{Reply, Response};
use crate::xml::{element, tag};
use aws_smithy_types::date_time::{DateTime, Format};
use base64::engine::general_purpose::STANDARD;
use base64::Engine as _;
use hyper::HeaderMap;
use path::Target;

pub mod path;
pub mod put;

/// The operations that the emulator serves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operation {
    /// The object.
    GetObject,
    /// The object's headers.
    HeadObject,
    /// A new object, or a new version of one.
    PutObject,
    /// Deletes an object, or one version of it.
    DeleteObject,
    /// The bucket's region.
    HeadBucket,
}

impl Operation {
    /// The operation of a request with this method and path.
    pub fn of(method: &str, path: &str) -> Option<Self> {
        let target = Target::parse(path).ok()?;
        let is_object = !target.key.is_empty();
        match method {
            _ if target.bucket.is_empty() => None,
            "GET" if is_object => Some(Operation::GetObject),
            "HEAD" if is_object => Some(Operation::HeadObject),
            "PUT" if is_object => Some(Operation::PutObject),
            "DELETE" if is_object => Some(Operation::DeleteObject),
            "HEAD" => Some(Operation::HeadBucket),
            _ => None,
        }
    }

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Operation::GetObject => "GetObject",
            Operation::HeadObject => "HeadObject",
            Operation::PutObject => "PutObject",
            Operation::DeleteObject => "DeleteObject",
            Operation::HeadBucket => "HeadBucket",
        }
    }

    /// The action that a policy must allow, on the whole object or on one version of it.
    pub fn action(self, is_version: bool) -> &'static str {
        match (self, is_version) {
            (Operation::GetObject | Operation::HeadObject, false) => "s3:GetObject",
            (Operation::GetObject | Operation::HeadObject, true) => "s3:GetObjectVersion",
            (Operation::PutObject, _) => "s3:PutObject",
            (Operation::DeleteObject, false) => "s3:DeleteObject",
            (Operation::DeleteObject, true) => "s3:DeleteObjectVersion",
            (Operation::HeadBucket, _) => "s3:ListBucket",
        }
    }
}

/// The ARN of an object, or of a bucket if there is no key.
pub fn arn(bucket: &str, key: &str) -> String {
    let slash = if key.is_empty() { "" } else { "/" };
    format!("arn:aws:s3:::{bucket}{slash}{key}")
}

/// Request headers that the emulator does not support.
const UNSUPPORTED_HEADERS: [&str; 8] = [
    "range",
    "if-match",
    "if-none-match",
    "if-modified-since",
    "if-unmodified-since",
    "x-amz-copy-source",
    "x-amz-server-side-encryption-customer-algorithm",
    "x-amz-tagging",
];

/// Refuses what the emulator does not implement, rather than ignore it.
pub fn refuse_unsupported(target: &Target, headers: &HeaderMap) -> Result<(), Failure> {
    let known = |name: &str| {
        let lowercase = name.to_ascii_lowercase();
        let is_checksum = put::checksum_algorithm(&lowercase).is_some();
        matches!(name, "versionId" | "x-id") || (lowercase.starts_with("x-amz-") && !is_checksum)
    };
    if let Some(name) = target.query.names().find(|name| !known(name)) {
        return Err(Failure::not_implemented(&format!(
            "The query parameter '{name}'"
        )));
    }
    match UNSUPPORTED_HEADERS
        .iter()
        .find(|name| headers.contains_key(**name))
    {
        Some(name) => Err(Failure::not_implemented(&format!("The header '{name}'"))),
        None => Ok(()),
    }
}

/// An error response of S3.
#[derive(Debug, Clone, PartialEq)]
pub struct Failure {
    /// The error code.
    pub code: String,
    /// HTTP status.
    pub status: u16,
    message: String,
    details: Vec<(&'static str, String)>,
    headers: Vec<(String, String)>,
}

impl Failure {
    /// An error with this code and status.
    pub fn new(code: &str, status: u16, message: &str) -> Self {
        Failure {
            code: code.into(),
            status,
            message: message.into(),
            details: Vec::new(),
            headers: Vec::new(),
        }
    }

    /// S3 has this, but the emulator does not.
    pub fn not_implemented(what: &str) -> Self {
        let message = format!("{what} implies functionality that the emulator does not implement.");
        Failure::new("NotImplemented", 501, &message)
    }

    /// The object is larger than those that the emulator reads.
    pub fn too_large() -> Self {
        let message = "Your proposed upload exceeds the maximum allowed size";
        Failure::new("EntityTooLarge", 400, message).detail("MaxSizeAllowed", &MAX_BODY.to_string())
    }

    /// The bucket is in this region, not in the endpoint's.
    pub fn redirect(region: &str) -> Self {
        Failure::new(
            "PermanentRedirect",
            301,
            "The bucket you are attempting to access must be addressed using the specified endpoint. Please send all future requests to this endpoint.",
        )
        .detail("Endpoint", &format!("s3.{region}.amazonaws.com"))
        .header("x-amz-bucket-region", region)
    }

    /// There is no such bucket.
    pub fn no_bucket(bucket: &str) -> Self {
        Failure::new("NoSuchBucket", 404, "The specified bucket does not exist")
            .detail("BucketName", bucket)
    }

    /// There is no such object or version.
    pub fn missing(missing: Missing, target: &Target) -> Self {
        let version_id = target.version_id().unwrap_or_default();
        match missing {
            Missing::Key => Failure::new("NoSuchKey", 404, "The specified key does not exist.")
                .detail("Key", &target.key),
            Missing::Deleted(marker) => Failure::missing(Missing::Key, target)
                .header("x-amz-delete-marker", "true")
                .header("x-amz-version-id", &marker),
            Missing::Version => Failure::new(
                "NoSuchVersion",
                404,
                "The specified version does not exist.",
            )
            .detail("Key", &target.key)
            .detail("VersionId", version_id),
            Missing::Marker => Failure::new(
                "MethodNotAllowed",
                405,
                "The specified method is not allowed against this resource.",
            )
            .detail("Method", "GET")
            .detail("ResourceType", "DeleteMarker")
            .header("allow", "DELETE")
            .header("x-amz-delete-marker", "true")
            .header("x-amz-version-id", version_id),
        }
    }

    /// Adds an element to the body.
    pub fn detail(mut self, name: &'static str, value: &str) -> Self {
        self.details.push((name, value.into()));
        self
    }

    /// Adds a header.
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }

    /// The response, and its code.
    pub fn response(self, request_id: &str) -> Response {
        let mut content = element("Code", &self.code) + &element("Message", &self.message);
        for (name, value) in &self.details {
            content += &element(name, value);
        }
        content += &element("RequestId", request_id);
        content += &element("HostId", &host_id(request_id));
        let mut headers = self.headers;
        headers.push(("content-type".into(), "application/xml".into()));
        let error = tag("Error", &content);
        let reply = Reply {
            status: self.status,
            headers,
            body: format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n{error}").into_bytes(),
        };
        (reply, Some(self.code))
    }
}

impl From<Refusal> for Failure {
    /// An injected fault, or a permission that is missing, with the code and status that S3 has for it.
    fn from(refusal: Refusal) -> Self {
        let (code, status) = match refusal.code.as_str() {
            "ThrottlingException" => {
                return Failure::new("SlowDown", 503, "Please reduce your request rate.")
            }
            "AccessDeniedException" => ("AccessDenied", 403),
            code => (code, refusal.status),
        };
        Failure::new(code, status, &refusal.message.unwrap_or_default())
    }
}

/// The second ID of a request.
pub fn host_id(request_id: &str) -> String {
    STANDARD.encode(digest(&[b"host", request_id.as_bytes()]))
}

/// The response to GetObject and HeadObject.
pub fn object(stored: &Stored<'_>, request: &HeaderMap) -> Reply {
    let object = stored.object;
    let mut headers = encryption(object);
    headers.extend([
        ("etag".into(), object.etag.clone()),
        ("last-modified".into(), http_date(object.modified)),
    ]);
    headers.extend(object.headers.iter().cloned());
    headers.extend(version(stored.version_id));
    if request
        .get("x-amz-checksum-mode")
        .is_some_and(|mode| mode == "ENABLED")
    {
        headers.extend(checksum(object));
    }
    Reply {
        status: 200,
        headers,
        body: object.bytes.to_vec(),
    }
}

/// The response without a body.
pub fn empty(status: u16, headers: Vec<(String, String)>) -> Reply {
    Reply {
        status,
        headers,
        body: Vec::new(),
    }
}

/// The header with the ID of a version.
pub fn version(id: Option<&str>) -> Option<(String, String)> {
    id.map(|id| ("x-amz-version-id".into(), id.into()))
}

/// The headers that say how an object is encrypted.
pub fn encryption(object: &Object) -> Vec<(String, String)> {
    let name = "x-amz-server-side-encryption";
    match &object.kms_key {
        None => vec![(name.into(), "AES256".into())],
        Some((algorithm, key)) => vec![
            (name.into(), algorithm.clone()),
            (format!("{name}-aws-kms-key-id"), key.clone()),
        ],
    }
}

/// The headers with the checksum of an object.
pub fn checksum(object: &Object) -> [(String, String); 2] {
    [
        ("x-amz-checksum-crc32".into(), put::crc32(&object.bytes)),
        ("x-amz-checksum-type".into(), "FULL_OBJECT".into()),
    ]
}

fn http_date(seconds: f64) -> String {
    let date = DateTime::from_secs_f64(seconds).fmt(Format::HttpDate);
    date.unwrap_or_default()
}
