//! The outcome of a check, and the results that show it.

use super::settings::NewSession;
use crate::challenges::{version_text, Challenge};
use crate::faces;
use crate::hash::single;
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
}

impl CheckOutcome {
    /// The outcome of a check about which nothing else was said.
    pub fn automatic(status: &str) -> Self {
        CheckOutcome {
            status: status.into(),
            confidence: None,
            feedback: Vec::new(),
            reference_image: true,
        }
    }

    /// The response body of GetFaceLivenessSessionResults for a check of this challenge by this client.
    pub fn results(
        &self,
        id: &str,
        settings: &NewSession,
        challenge: Challenge,
        client: &str,
    ) -> Value {
        if self.status != "SUCCEEDED" {
            return json!({"SessionId": id, "Status": self.status});
        }
        let confidence = self.confidence.unwrap_or_else(|| default_confidence(id));
        let image = |n: usize, name: &str| {
            let object = settings.output.as_ref().map(|(bucket, prefix)| {
                let slash = if prefix.is_empty() || prefix.ends_with('/') {
                    ""
                } else {
                    "/"
                };
                json!({"Bucket": bucket, "Name": format!("{prefix}{slash}{id}/{name}.jpg")})
            });
            faces::audit_image(n, object)
        };
        let mut results = json!({"SessionId": id, "Status": self.status, "Confidence": confidence});
        if self.reference_image {
            results["ReferenceImage"] = image(0, "reference");
        }
        let audit_images = (1..=settings.audit_images_limit)
            .map(|n| image(n, &format!("audit-{}", n - 1)))
            .collect::<Vec<_>>();
        results["AuditImages"] = json!(audit_images);
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
