//! The buckets of S3, their objects and versions.

use crate::hash::digest;
use bytes::Bytes;
use std::collections::HashMap;
use std::fmt::Write;

/// Bytes in all objects together.
const MAX_BYTES: usize = 1 << 30;
/// Counted for each version, besides its bytes.
const OVERHEAD: usize = 1024;
/// The ID of a version in a bucket without versioning.
const NULL: &str = "null";

/// All buckets.
#[derive(Debug, Default)]
pub struct Buckets {
    by_name: HashMap<String, Bucket>,
}

/// A bucket.
#[derive(Debug)]
pub struct Bucket {
    /// Where it is.
    pub region: String,
    has_versions: bool,
    /// The versions of each object, oldest first.
    objects: HashMap<String, Vec<Version>>,
}

/// A version of an object; without an object, it marks the object as deleted.
#[derive(Debug)]
struct Version {
    id: String,
    object: Option<Object>,
}

/// An object.
#[derive(Debug, Clone)]
pub struct Object {
    /// Its content.
    pub bytes: Bytes,
    /// Its ETag.
    pub etag: String,
    /// When it was written, in seconds since 1970.
    pub modified: f64,
    /// Headers that are returned with it.
    pub headers: Vec<(String, String)>,
    /// Algorithm and key, if it is encrypted with a key of the Key Management Service.
    pub kms_key: Option<(String, String)>,
}

/// An object in a bucket.
#[derive(Debug)]
pub struct Stored<'a> {
    /// The object.
    pub object: &'a Object,
    /// The ID of this version, if the bucket has versions.
    pub version_id: Option<&'a str>,
}

/// Why there is no object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Missing {
    /// There is no such key.
    Key,
    /// The object was deleted, by the marker with this version ID.
    Deleted(String),
    /// There is no such version.
    Version,
    /// The version is the marker of a deleted object.
    Marker,
}

/// What was deleted.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Deleted {
    /// The ID of the version that was deleted, or of the marker that was added.
    pub version_id: Option<String>,
    /// Whether that version is a marker.
    pub is_marker: bool,
}

impl Object {
    /// An object that was written at this time.
    pub fn new(
        bytes: Bytes,
        content_type: &str,
        kms_key: Option<(String, String)>,
        modified: f64,
    ) -> Self {
        let mut etag = String::from("\"");
        for byte in &digest(&[&bytes])[..16] {
            // Writing to a string does not fail.
            let _ = write!(etag, "{byte:02x}");
        }
        Object {
            etag: etag + "\"",
            bytes,
            modified,
            headers: vec![("content-type".into(), content_type.into())],
            kms_key,
        }
    }
}

impl Buckets {
    /// Makes a bucket, or changes where it is and whether it has versions. Its objects stay.
    pub fn put_bucket(&mut self, name: &str, region: &str, has_versions: bool) {
        let bucket = self.get_or_create(name, region);
        region.clone_into(&mut bucket.region);
        bucket.has_versions = has_versions;
    }

    /// A bucket, in this region if it is new.
    pub fn get_or_create(&mut self, name: &str, region: &str) -> &mut Bucket {
        self.by_name
            .entry(name.to_owned())
            .or_insert_with(|| Bucket {
                region: region.to_owned(),
                has_versions: false,
                objects: HashMap::new(),
            })
    }

    /// A bucket.
    pub fn get(&self, name: &str) -> Option<&Bucket> {
        self.by_name.get(name)
    }

    /// A bucket, to change it.
    pub fn get_mut(&mut self, name: &str) -> Option<&mut Bucket> {
        self.by_name.get_mut(name)
    }

    /// Whether there is room for another object of this size.
    pub fn have_room(&self, bytes: usize) -> bool {
        let versions = self
            .by_name
            .values()
            .flat_map(|bucket| bucket.objects.values().flatten());
        let sizes = versions.map(|version| {
            OVERHEAD
                + version
                    .object
                    .as_ref()
                    .map_or(0, |object| object.bytes.len())
        });
        sizes.sum::<usize>() + bytes <= MAX_BYTES
    }
}

impl Bucket {
    /// An object, or the version of it with this ID.
    pub fn find(&self, key: &str, version_id: Option<&str>) -> Result<Stored<'_>, Missing> {
        let versions = self.objects.get(key).map_or(&[][..], Vec::as_slice);
        let version = match version_id {
            Some(id) => versions
                .iter()
                .find(|version| version.id == id)
                .ok_or(Missing::Version),
            None => versions.last().ok_or(Missing::Key),
        }?;
        let object = version.object.as_ref().ok_or_else(|| match version_id {
            Some(_) => Missing::Marker,
            None => Missing::Deleted(version.id.clone()),
        })?;
        let shows_version = self.has_versions || version.id != NULL;
        Ok(Stored {
            object,
            version_id: shows_version.then_some(version.id.as_str()),
        })
    }

    /// Writes an object, and returns the ID of the version if the bucket has versions.
    pub fn put(&mut self, key: &str, object: Object) -> Option<String> {
        self.add(key, Some(object))
    }

    /// Deletes an object, or the version of it with this ID. Nothing happens if there is none.
    pub fn delete(&mut self, key: &str, version_id: Option<&str>) -> Deleted {
        let (version_id, is_marker) = match version_id {
            Some(id) => (Some(id.to_owned()), self.remove(key, id)),
            None if self.has_versions => (self.add(key, None), true),
            None => {
                self.remove(key, NULL);
                (None, false)
            }
        };
        Deleted {
            version_id,
            is_marker,
        }
    }

    fn add(&mut self, key: &str, object: Option<Object>) -> Option<String> {
        let id = if self.has_versions {
            uuid::Uuid::new_v4().simple().to_string()
        } else {
            NULL.to_owned()
        };
        self.remove(key, &id);
        let versions = self.objects.entry(key.to_owned()).or_default();
        versions.push(Version {
            id: id.clone(),
            object,
        });
        self.has_versions.then_some(id)
    }

    /// Removes a version, and returns whether it was a marker.
    fn remove(&mut self, key: &str, id: &str) -> bool {
        let Some(versions) = self.objects.get_mut(key) else {
            return false;
        };
        let place = versions.iter().position(|version| version.id == id);
        let removed = place.map(|place| versions.remove(place));
        if versions.is_empty() {
            self.objects.remove(key);
        }
        removed.is_some_and(|version| version.object.is_none())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn object(text: &'static str) -> Object {
        Object::new(Bytes::from_static(text.as_bytes()), "text/plain", None, 0.0)
    }

    fn text(bucket: &Bucket, version_id: Option<&str>) -> Result<String, Missing> {
        let stored = bucket.find("key", version_id)?;
        Ok(String::from_utf8(stored.object.bytes.to_vec()).unwrap())
    }

    #[test]
    fn a_bucket_without_versions_keeps_the_latest_object() {
        let mut buckets = Buckets::default();
        let bucket = buckets.get_or_create("b", "us-east-1");
        assert_eq!(text(bucket, None), Err(Missing::Key));
        assert_eq!(bucket.put("key", object("1")), None);
        assert_eq!(bucket.put("key", object("2")), None);
        assert_eq!(text(bucket, None).unwrap(), "2");
        assert_eq!(bucket.find("key", None).unwrap().version_id, None);
        assert_eq!(bucket.delete("key", None), Deleted::default());
        assert_eq!(text(bucket, None), Err(Missing::Key));
        assert_eq!(bucket.delete("key", None), Deleted::default());
    }

    #[test]
    fn objects_stay_when_a_bucket_begins_to_keep_versions() {
        let mut buckets = Buckets::default();
        buckets
            .get_or_create("b", "us-east-1")
            .put("key", object("1"));
        buckets.put_bucket("b", "eu-west-1", true);
        let bucket = buckets.get_mut("b").unwrap();
        assert_eq!(bucket.region, "eu-west-1");
        let id = bucket.put("key", object("2"));
        assert_eq!(text(bucket, None).unwrap(), "2");
        assert_eq!(text(bucket, Some("null")).unwrap(), "1");
        let marker = bucket.delete("key", None).version_id;
        assert_eq!(
            text(bucket, None),
            Err(Missing::Deleted(marker.clone().unwrap()))
        );
        assert_eq!(text(bucket, marker.as_deref()), Err(Missing::Marker));
        assert!(bucket.delete("key", marker.as_deref()).is_marker);
        assert!(!bucket.delete("key", id.as_deref()).is_marker);
        assert_eq!(text(bucket, id.as_deref()), Err(Missing::Version));
        assert_eq!(text(bucket, None).unwrap(), "1");
        // Without versions again, a new object takes the place of the one that has none.
        buckets.put_bucket("b", "eu-west-1", false);
        let bucket = buckets.get_mut("b").unwrap();
        assert_eq!(bucket.put("key", object("3")), None);
        assert_eq!(text(bucket, Some("null")).unwrap(), "3");
    }

    #[test]
    fn objects_have_at_most_a_gibibyte_together() {
        let mut buckets = Buckets::default();
        let object = Object::new(vec![0; 1 << 20].into(), "", None, 0.0);
        let bucket = buckets.get_or_create("b", "us-east-1");
        for n in 0..1000 {
            bucket.put(&n.to_string(), object.clone());
        }
        assert!(buckets.have_room(16 << 20));
        assert!(!buckets.have_room(24 << 20));
    }
}
