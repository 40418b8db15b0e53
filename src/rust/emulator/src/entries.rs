//! What collections contain: faces and users.

use crate::hash::uuid;
use crate::people::Face;
use serde_json::{Map, Value};

/// The version of the service's face model.
pub const FACE_MODEL: &str = "7.0";

/// A face in a collection.
#[derive(Debug)]
pub struct IndexedFace {
    /// The face.
    pub face: Face,
    /// What the user calls the image.
    pub external_image_id: Option<String>,
    /// The user that it is associated with.
    pub user: Option<String>,
}

impl IndexedFace {
    /// The face as the service sends it.
    pub fn json(&self, id: &str) -> Value {
        let mut json = Map::new();
        json.insert("FaceId".into(), id.into());
        json.insert("BoundingBox".into(), self.face.bounding_box.json());
        json.insert("ImageId".into(), uuid(&[b"image", &self.face.image]).into());
        if let Some(id) = &self.external_image_id {
            json.insert("ExternalImageId".into(), id.as_str().into());
        }
        json.insert("Confidence".into(), self.face.confidence().into());
        json.insert("IndexFacesModelVersion".into(), FACE_MODEL.into());
        if let Some(user) = &self.user {
            json.insert("UserId".into(), user.as_str().into());
        }
        json.into()
    }
}

/// A user.
#[derive(Debug, Default)]
pub struct User {
    /// The faces that are associated with it.
    pub face_ids: Vec<String>,
}

impl User {
    /// The service says UPDATING until it is done; here, it is done at once.
    pub fn status(&self) -> &'static str {
        if self.face_ids.is_empty() {
            "CREATED"
        } else {
            "ACTIVE"
        }
    }
}
