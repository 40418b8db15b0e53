//! Sessions and their life cycle: created, in progress, succeeded or failed, expired, removed.

use crate::error::Refusal;
use crate::faces;
use crate::hash::single;
use crate::input::Input;
use serde_json::{json, Map, Value};
use std::collections::HashMap;

/// Age in seconds at which a session expires and its images are gone.
const EXPIRES_AFTER: f64 = 180.0;
/// Age in seconds at which a session is removed and no longer found.
const REMOVED_AFTER: f64 = 600.0;
const CHALLENGE_VERSION: Version = [1, 0, 0];

/// Input of CreateFaceLivenessSession.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct NewSession {
    /// Same token, same session.
    pub token: Option<String>,
    /// Bucket and key prefix.
    pub output: Option<(String, String)>,
    /// Number of audit images.
    pub audit_images_limit: usize,
    /// Challenges in order of preference, with the lowest and highest version accepted.
    pub challenges: Vec<Preference>,
}

/// A challenge, and the lowest and highest version accepted.
pub type Preference = (String, Option<Version>, Option<Version>);

/// A version of a challenge.
pub type Version = [u16; 3];

impl From<&Input> for NewSession {
    fn from(input: &Input) -> Self {
        let null = Value::Null;
        let settings = input.get("Settings").unwrap_or(&null);
        let text = |value: &Value| value.as_str().map(str::to_owned);
        let output = &settings["OutputConfig"];
        let prefix = text(&output["S3KeyPrefix"]).unwrap_or_default();
        let limit = settings["AuditImagesLimit"].as_u64().unwrap_or(0);
        let challenges = settings["ChallengePreferences"].as_array();
        NewSession {
            token: input.string("ClientRequestToken").map(str::to_owned),
            output: text(&output["S3Bucket"]).map(|bucket| (bucket, prefix)),
            audit_images_limit: usize::try_from(limit).unwrap_or_default(),
            challenges: challenges
                .into_iter()
                .flatten()
                .filter_map(|item| {
                    let bound = |name: &str| version(item["Versions"][name].as_str()?);
                    Some((text(&item["Type"])?, bound("Minimum"), bound("Maximum")))
                })
                .collect(),
        }
    }
}

fn version(text: &str) -> Option<Version> {
    let mut parts = text.split('.').map(|part| part.parse().ok());
    Some([parts.next()??, parts.next()??, parts.next()??])
}

/// When checks start and complete automatically, in seconds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Timing {
    /// From creation to the start of the check; infinite to disable automatic checks.
    pub starts_after: f64,
    /// From the start of the check to its end.
    pub takes: f64,
}

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

#[derive(Debug)]
struct Session {
    created: f64,
    settings: NewSession,
    challenge: String,
    outcome: Option<CheckOutcome>,
}

/// All sessions.
#[derive(Debug, Default)]
pub struct Sessions {
    by_id: HashMap<String, Session>,
    by_token: HashMap<String, String>,
}

impl Sessions {
    /// Creates a session, or returns the one created with the same token.
    pub fn create(&mut self, settings: NewSession, now: f64) -> Result<String, Refusal> {
        self.remove_old(now);
        if let Some(id) = settings
            .token
            .as_ref()
            .and_then(|token| self.by_token.get(token))
        {
            return Ok(id.clone());
        }
        let challenge = choose_challenge(&settings)?;
        let id = uuid::Uuid::new_v4().to_string();
        if let Some(token) = &settings.token {
            self.by_token.insert(token.clone(), id.clone());
        }
        self.by_id.insert(
            id.clone(),
            Session {
                created: now,
                settings,
                challenge,
                outcome: None,
            },
        );
        Ok(id)
    }

    /// Sets the outcome of the check of a session. Returns false if there is no such session.
    pub fn check(&mut self, id: &str, outcome: CheckOutcome, now: f64) -> bool {
        self.remove_old(now);
        match self.by_id.get_mut(id) {
            Some(session) => {
                session.outcome = Some(outcome);
                true
            }
            None => false,
        }
    }

    /// The response body of GetFaceLivenessSessionResults.
    pub fn results(&mut self, id: &str, timing: Timing, now: f64) -> Result<Value, Refusal> {
        self.remove_old(now);
        let session = self
            .by_id
            .get(id)
            .ok_or_else(|| Refusal::new("SessionNotFoundException", "Session not found."))?;
        Ok(session.results(id, timing, now))
    }

    fn remove_old(&mut self, now: f64) {
        self.by_id
            .retain(|_, session| now - session.created < REMOVED_AFTER);
        let by_id = &self.by_id;
        self.by_token.retain(|_, id| by_id.contains_key(id));
    }
}

impl Session {
    fn outcome(&self, timing: Timing, now: f64) -> CheckOutcome {
        let age = now - self.created;
        let automatic = |status: &str| CheckOutcome {
            status: status.into(),
            confidence: None,
            feedback: Vec::new(),
            reference_image: true,
        };
        if age >= EXPIRES_AFTER {
            return automatic("EXPIRED");
        }
        match &self.outcome {
            Some(outcome) => outcome.clone(),
            None if age < timing.starts_after => automatic("CREATED"),
            None if age < timing.starts_after + timing.takes => automatic("IN_PROGRESS"),
            None => automatic("SUCCEEDED"),
        }
    }

    fn results(&self, id: &str, timing: Timing, now: f64) -> Value {
        let outcome = self.outcome(timing, now);
        let mut results = Map::new();
        results.insert("SessionId".into(), json!(id));
        results.insert("Status".into(), json!(outcome.status));
        if outcome.status == "SUCCEEDED" {
            self.succeed(id, &outcome, &mut results);
        }
        Value::Object(results)
    }

    fn succeed(&self, id: &str, outcome: &CheckOutcome, results: &mut Map<String, Value>) {
        let confidence = outcome.confidence.unwrap_or_else(|| default_confidence(id));
        let image = |n: usize, name: &str| {
            let object = self.settings.output.as_ref().map(|(bucket, prefix)| {
                let slash = if prefix.is_empty() || prefix.ends_with('/') {
                    ""
                } else {
                    "/"
                };
                json!({"Bucket": bucket, "Name": format!("{prefix}{slash}{id}/{name}.jpg")})
            });
            faces::audit_image(n, object)
        };
        results.insert("Confidence".into(), json!(confidence));
        if outcome.reference_image {
            results.insert("ReferenceImage".into(), image(0, "reference"));
        }
        let audit_images = (1..=self.settings.audit_images_limit)
            .map(|n| image(n, &format!("audit-{}", n - 1)))
            .collect::<Vec<_>>();
        results.insert("AuditImages".into(), json!(audit_images));
        let [major, minor, patch] = CHALLENGE_VERSION;
        results.insert(
            "Challenge".into(),
            json!({"Type": self.challenge, "Version": format!("{major}.{minor}.{patch}")}),
        );
        let feedback = outcome
            .feedback
            .iter()
            .map(|code| json!({"Code": code, "Message": feedback_message(code)}));
        results.insert("Feedback".into(), feedback.collect());
        results.insert("Metadata".into(), json!({"SDKType": "Emulator"}));
    }
}

fn choose_challenge(settings: &NewSession) -> Result<String, Refusal> {
    if settings.challenges.is_empty() {
        return Ok("FaceMovementAndLightChallenge".into());
    }
    let fits = |(_, minimum, maximum): &&Preference| {
        minimum.is_none_or(|minimum| minimum <= CHALLENGE_VERSION)
            && maximum.is_none_or(|maximum| CHALLENGE_VERSION <= maximum)
    };
    match settings.challenges.iter().find(fits) {
        Some((kind, _, _)) => Ok(kind.clone()),
        None => Err(Refusal::new(
            "InvalidParameterException",
            "Request has invalid parameters: no challenge has a version within the given bounds",
        )),
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_input_of_a_session_is_read() {
        let input = Input::from(json!({
            "ClientRequestToken": "t-1",
            "KmsKeyId": "arn:aws:kms:us-east-1:111122223333:key/x",
            "Settings": {
                "AuditImagesLimit": 2,
                "OutputConfig": {"S3Bucket": "bucket", "S3KeyPrefix": "a/b"},
                "ChallengePreferences": [{"Type": "FaceMovementChallenge", "Versions": {"Minimum": "1.0.0", "Maximum": "1.9.10"}}]
            }
        }));
        assert_eq!(
            NewSession::from(&input),
            NewSession {
                token: Some("t-1".into()),
                output: Some(("bucket".into(), "a/b".into())),
                audit_images_limit: 2,
                challenges: vec![(
                    "FaceMovementChallenge".into(),
                    Some([1, 0, 0]),
                    Some([1, 9, 10])
                )],
            }
        );
        let nothing = Input::from(json!({"Settings": null}));
        assert_eq!(NewSession::from(&nothing), NewSession::default());
    }
}
