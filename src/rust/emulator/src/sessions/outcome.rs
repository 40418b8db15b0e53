//! The outcome of a check, and the results that show it.

use super::settings::NewSession;
use crate::challenges::{version_text, Challenge};
use crate::faces::{session_image, BoundingBox};
use crate::hash::single;
use crate::images::{identity, is_jpeg};
use crate::people::People;
use base64::engine::general_purpose::STANDARD;
use base64::Engine as _;
use bytes::Bytes;
use serde_json::{json, Value};

/// The outcome of a check, or its current state.
#[derive(Debug, Clone, PartialEq)]
pub struct CheckOutcome {
    /// `CREATED`, `IN_PROGRESS`, `SUCCEEDED`, `FAILED` or `EXPIRED`.
    pub status: String,
    /// From 0 to 100; derived from the session ID if absent.
    pub confidence: Option<f64>,
    /// Feedback codes.
    pub feedback: Vec<String>,
    /// Whether there is a reference image.
    pub reference_image: bool,
    /// The reference image and the audit images; sample images if there are none.
    pub images: Vec<Bytes>,
}

/// An image of a session.
pub struct Image {
    /// What it is: `reference`, `audit-0`, `audit-1` and so on.
    name: String,
    /// The image.
    pub bytes: Bytes,
    /// Where the face is, if there is one.
    bounding_box: Option<BoundingBox>,
}

/// Where the images of a session are: in a bucket, with a name and perhaps a version for each.
pub type Objects = (String, Vec<(String, Option<String>)>);

impl CheckOutcome {
    /// The outcome of a check about which nothing else was said.
    pub fn automatic(status: &str) -> Self {
        CheckOutcome {
            status: status.into(),
            confidence: None,
            feedback: Vec::new(),
            reference_image: true,
            images: Vec::new(),
        }
    }

    /// The reference image, if there is one, and the audit images.
    pub fn images(&self, settings: &NewSession, people: &People) -> Vec<Image> {
        if self.status != "SUCCEEDED" {
            return Vec::new();
        }
        let images = (0..=settings.audit_images_limit).map_while(|n| {
            let (bytes, bounding_box) = if self.images.is_empty() {
                let (bytes, bounding_box) = session_image(n)?;
                (bytes, Some(bounding_box))
            } else {
                let bytes = self.images.get(n)?.clone();
                let faces = identity(&bytes).map(|image| people.faces(image));
                let largest = faces.and_then(|faces| Some(faces.first()?.bounding_box));
                (bytes, largest)
            };
            let name = match n {
                0 => "reference".to_owned(),
                n => format!("audit-{}", n - 1),
            };
            Some(Image {
                name,
                bytes,
                bounding_box,
            })
        });
        images.skip(usize::from(!self.reference_image)).collect()
    }

    /// The response body of GetFaceLivenessSessionResults for a check of this challenge by this client. The images are in a
    /// bucket, or in the response.
    pub fn results(
        &self,
        id: &str,
        images: &[Image],
        objects: Option<&Objects>,
        challenge: Challenge,
        client: &str,
    ) -> Value {
        if self.status != "SUCCEEDED" {
            return json!({"SessionId": id, "Status": self.status});
        }
        let confidence = self.confidence.unwrap_or_else(|| default_confidence(id));
        let mut images = images.iter().enumerate().map(|(n, image)| {
            let object = objects.and_then(|(bucket, objects)| Some((bucket, objects.get(n)?)));
            image.json(object)
        });
        let mut results = json!({"SessionId": id, "Status": self.status, "Confidence": confidence});
        if let Some(image) = self.reference_image.then(|| images.next()).flatten() {
            results["ReferenceImage"] = image;
        }
        results["AuditImages"] = images.collect();
        let (kind, version) = challenge;
        results["Challenge"] = json!({"Type": kind, "Version": version_text(version)});
        let feedback = self
            .feedback
            .iter()
            .map(|code| json!({"Code": code, "Message": feedback_message(code)}));
        results["Feedback"] = feedback.collect();
        results["Metadata"] = json!({"SDKType": client});
        results
    }
}

impl Image {
    /// The name of its file in a bucket.
    pub fn file(&self) -> String {
        let extension = if is_jpeg(&self.bytes) { "jpg" } else { "png" };
        format!("{}.{extension}", self.name)
    }

    fn json(&self, object: Option<(&String, &(String, Option<String>))>) -> Value {
        let mut image = match object {
            None => json!({"Bytes": STANDARD.encode(&self.bytes)}),
            Some((bucket, (name, version))) => {
                let mut object = json!({"Bucket": bucket, "Name": name});
                if let Some(version) = version {
                    object["Version"] = json!(version);
                }
                json!({"S3Object": object})
            }
        };
        if let Some(bounding_box) = &self.bounding_box {
            image["BoundingBox"] = bounding_box.json();
        }
        image
    }
}

/// From 90 to 100, constant for a session; a 32-bit float, as the service computes it.
fn default_confidence(id: &str) -> f64 {
    let sum = id.bytes().fold(7u32, |sum, b| {
        sum.wrapping_mul(31).wrapping_add(u32::from(b))
    });
    single(90.0 + f64::from(sum % 100_000) / 10_000.0)
}

fn feedback_message(code: &str) -> &'static str {
    match code {
        "FACE_NOT_VISIBLE" => "The face was not visible during the check.",
        "FACE_OBSTRUCTION_DETECTED" => "Part of the face was covered.",
        "LOW_VIDEO_QUALITY_DETECTED" => "The video quality was low.",
        "FACE_NOT_ALIGNED" => "The face was not inside the oval.",
        "EYES_CLOSED_DETECTED" => "The eyes were closed.",
        "LOW_LIGHTING_DETECTED" => "The lighting was too dim.",
        "HIGH_LIGHTING_DETECTED" => "The lighting was too bright.",
        _ => "A problem was detected.",
    }
}
