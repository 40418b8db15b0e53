//! Requests to S3, and the images of sessions and inputs in its buckets.

use super::Service;
use crate::buckets::Object;
use crate::error::Refusal;
use crate::images::is_jpeg;
use crate::input::Input;
use crate::request::Request;
use crate::responses::{Reply, Response};
use crate::s3::path::Target;
use crate::s3::{self, arn, put, Failure, Operation};
use crate::sessions::{Clock, NewSession};
use crate::signature::s3::Regions;
use crate::signature::{self, Signed};
use base64::engine::general_purpose::STANDARD;
use base64::Engine as _;
use bytes::Bytes;
use serde_json::{json, Value};
use std::borrow::Cow;

impl Service {
    /// Makes a bucket, or changes its region and whether it has versions.
    pub fn put_bucket(&mut self, name: &str, region: Option<&str>, has_versions: bool) {
        let region = region.unwrap_or(&self.region);
        self.buckets.put_bucket(name, region, has_versions);
    }

    /// Writes the images of a session to its bucket, if it has one and its check has succeeded.
    pub(super) fn write_images(&mut self, session_id: &str, clock: Clock) {
        let now = self.timestamp();
        let buckets = &mut self.buckets;
        let people = &self.people;
        self.sessions
            .write_images(session_id, clock, people, |bucket, name, bytes, key| {
                let bucket = buckets.get_mut(bucket)?;
                let content_type = if is_jpeg(&bytes) {
                    "image/jpeg"
                } else {
                    "image/png"
                };
                let key = key.map(|key| ("aws:kms".to_owned(), put::kms_arn(key, &bucket.region)));
                bucket.put(name, Object::new(bytes, content_type, key, now))
            });
    }

    /// The content of an object.
    pub fn object(&self, bucket: &str, key: &str, version_id: Option<&str>) -> Option<Bytes> {
        let found = self.buckets.get(bucket)?.find(key, version_id).ok()?;
        Some(found.object.bytes.clone())
    }

    /// Refuses keys that may not write the images of a session to its bucket.
    pub(super) fn authorize_output(
        &self,
        input: &Input,
        access_key_id: &str,
    ) -> Result<(), Refusal> {
        let session = NewSession::from(input);
        let Some((bucket, folder)) = session.folder() else {
            return Ok(());
        };
        let resource = format!("{}/{folder}", arn(bucket, ""));
        let action = Operation::PutObject.action(false);
        self.keyring
            .authorize(access_key_id, action, Some(&resource))
    }

    /// The input with the bytes of images in buckets. An image that cannot be read with these keys stays as it is, and is
    /// refused by the operation.
    pub(super) fn with_bytes<'i>(&self, input: &'i Input, access_key_id: &str) -> Cow<'i, Input> {
        let mut with_bytes = Cow::Borrowed(input);
        for name in ["Image", "SourceImage", "TargetImage"] {
            let image = input.get(name).filter(|image| image["Bytes"].is_null());
            let bytes = image.and_then(|image| self.read(&image["S3Object"], access_key_id));
            if let Some(bytes) = bytes {
                let image = json!({"Bytes": STANDARD.encode(bytes)});
                with_bytes.to_mut().set(name, image);
            }
        }
        with_bytes
    }

    /// The content of an object in the emulator's region that these keys may read.
    fn read(&self, object: &Value, access_key_id: &str) -> Option<Bytes> {
        let (bucket, key) = (object["Bucket"].as_str()?, object["Name"].as_str()?);
        let version_id = object["Version"].as_str();
        let action = Operation::GetObject.action(version_id.is_some());
        let resource = arn(bucket, key);
        let authorized = self
            .keyring
            .authorize(access_key_id, action, Some(&resource));
        if authorized.is_err() || self.buckets.get(bucket)?.region != self.region {
            return None;
        }
        self.object(bucket, key, version_id)
    }

    /// Handles a request to S3.
    pub(super) fn handle_s3(&mut self, request: &Request, request_id: &str) -> Response {
        match self.serve(request) {
            Ok(reply) => (reply, None),
            Err(failure) => failure.response(request_id),
        }
    }

    fn serve(&mut self, request: &Request) -> Result<Reply, Failure> {
        let target = Target::parse(&request.path)?;
        let access_key_id = self.check_s3_signature(request, &target)?;
        let operation = Operation::of(&request.method, &request.path)
            .ok_or_else(|| Failure::not_implemented("This method or path"))?;
        s3::refuse_unsupported(&target, &request.headers)?;
        let version_id = target.version_id();
        self.keyring.authorize(
            &access_key_id,
            operation.action(version_id.is_some()),
            Some(&arn(&target.bucket, &target.key)),
        )?;
        let now = self.timestamp();
        let bucket = self.buckets.get(&target.bucket);
        let bucket = bucket.ok_or_else(|| Failure::no_bucket(&target.bucket))?;
        Ok(match operation {
            Operation::HeadBucket => {
                let region = ("x-amz-bucket-region".into(), bucket.region.clone());
                s3::empty(200, vec![region])
            }
            Operation::GetObject | Operation::HeadObject => {
                let found = bucket.find(&target.key, version_id);
                let stored = found.map_err(|missing| {
                    // S3 does not say what is in a bucket that the keys may not list.
                    let list = Operation::HeadBucket.action(false);
                    let bucket = arn(&target.bucket, "");
                    match self.keyring.authorize(&access_key_id, list, Some(&bucket)) {
                        Ok(()) => Failure::missing(missing, &target),
                        Err(refusal) => refusal.into(),
                    }
                })?;
                s3::object(&stored, &request.headers)
            }
            Operation::PutObject => {
                let object = put::object(&request.headers, &request.body, &bucket.region, now)?;
                if !self.buckets.have_room(request.body.len()) {
                    let message = "The emulator keeps at most 1 GiB of objects.";
                    return Err(Failure::new("EmulatorIsFull", 400, message));
                }
                let mut headers = s3::encryption(&object);
                headers.push(("etag".into(), object.etag.clone()));
                headers.extend(s3::checksum(&object));
                let bucket = self.buckets.get_mut(&target.bucket);
                let id = bucket.and_then(|bucket| bucket.put(&target.key, object));
                headers.extend(s3::version(id.as_deref()));
                s3::empty(200, headers)
            }
            Operation::DeleteObject => {
                let bucket = self.buckets.get_mut(&target.bucket);
                let deleted = bucket.map(|bucket| bucket.delete(&target.key, version_id));
                let deleted = deleted.unwrap_or_default();
                let mut headers = Vec::from_iter(s3::version(deleted.version_id.as_deref()));
                if deleted.is_marker {
                    headers.push(("x-amz-delete-marker".into(), "true".into()));
                }
                s3::empty(204, headers)
            }
        })
    }

    /// The access key ID, if the signature is right and for the region of the bucket.
    fn check_s3_signature(&self, request: &Request, target: &Target) -> Result<String, Failure> {
        let signed = Signed {
            method: &request.method,
            path: &request.path,
            headers: &request.headers,
            body: &request.body,
        };
        let bucket = self.buckets.get(&target.bucket);
        let regions = Regions {
            own: &self.region,
            bucket: bucket.map(|bucket| bucket.region.as_str()),
        };
        let now = self.now();
        signature::s3::check(&signed, &target.query, regions, |access_key_id| {
            self.keyring.find(access_key_id, now)
        })
    }
}
