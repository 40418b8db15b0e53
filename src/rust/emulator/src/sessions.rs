//! Sessions and their life: created, in progress, succeeded or failed, expired, forgotten.

use crate::error::Refusal;
use crate::model::{NewSession, Preference, Version};
use crate::portraits;
use serde_json::{json, Map, Value};
use std::collections::HashMap;

/// After this long a session and its pictures are gone.
const EXPIRES_AFTER: f64 = 180.0;
/// After this long not even its id is known.
const FORGOTTEN_AFTER: f64 = 600.0;
const CHALLENGE_VERSION: Version = [1, 0, 0];

/// When checks happen by themselves, in seconds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Pace {
    /// From creation to the start of the check; infinite if checks never start by themselves.
    pub starts_after: f64,
    /// From the start of the check to its end.
    pub takes: f64,
}

/// How a check ends, or that it is under way.
#[derive(Debug, Clone, PartialEq)]
pub struct Outcome {
    /// `CREATED`, `IN_PROGRESS`, `SUCCEEDED`, `FAILED` or `EXPIRED`.
    pub status: String,
    /// From 0 to 100; one is made up if it is absent.
    pub confidence: Option<f64>,
    /// Codes of feedback.
    pub feedback: Vec<String>,
    /// Whether there is a reference image.
    pub reference_image: bool,
}

#[derive(Debug)]
struct Session {
    created: f64,
    settings: NewSession,
    challenge: String,
    outcome: Option<Outcome>,
}

/// All sessions.
#[derive(Debug, Default)]
pub struct Sessions {
    by_id: HashMap<String, Session>,
    by_token: HashMap<String, String>,
}

impl Sessions {
    /// Makes a session, or finds the one that was made with the same token.
    pub fn create(&mut self, settings: NewSession, now: f64) -> Result<String, Refusal> {
        self.forget(now);
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

    /// Lets the check of a session happen, right now.
    pub fn check(&mut self, id: &str, outcome: Outcome, now: f64) -> bool {
        self.forget(now);
        match self.by_id.get_mut(id) {
            Some(session) => {
                session.outcome = Some(outcome);
                true
            }
            None => false,
        }
    }

    /// The answer of GetFaceLivenessSessionResults.
    pub fn results(&mut self, id: &str, pace: Pace, now: f64) -> Result<Value, Refusal> {
        self.forget(now);
        let session = self
            .by_id
            .get(id)
            .ok_or_else(|| Refusal::new("SessionNotFoundException", "Session not found."))?;
        Ok(session.results(id, pace, now))
    }

    fn forget(&mut self, now: f64) {
        self.by_id
            .retain(|_, session| now - session.created < FORGOTTEN_AFTER);
        let by_id = &self.by_id;
        self.by_token.retain(|_, id| by_id.contains_key(id));
    }
}

impl Session {
    fn outcome(&self, pace: Pace, now: f64) -> Outcome {
        let age = now - self.created;
        let by_itself = |status: &str| Outcome {
            status: status.into(),
            confidence: None,
            feedback: Vec::new(),
            reference_image: true,
        };
        if age >= EXPIRES_AFTER {
            return by_itself("EXPIRED");
        }
        match &self.outcome {
            Some(outcome) => outcome.clone(),
            None if age < pace.starts_after => by_itself("CREATED"),
            None if age < pace.starts_after + pace.takes => by_itself("IN_PROGRESS"),
            None => by_itself("SUCCEEDED"),
        }
    }

    fn results(&self, id: &str, pace: Pace, now: f64) -> Value {
        let outcome = self.outcome(pace, now);
        let mut results = Map::new();
        results.insert("SessionId".into(), json!(id));
        results.insert("Status".into(), json!(outcome.status));
        if outcome.status == "SUCCEEDED" {
            self.succeed(id, &outcome, &mut results);
        }
        Value::Object(results)
    }

    fn succeed(&self, id: &str, outcome: &Outcome, results: &mut Map<String, Value>) {
        let confidence = outcome.confidence.unwrap_or_else(|| made_up_confidence(id));
        let picture = |n: usize, name: &str| {
            let object = self.settings.output.as_ref().map(|(bucket, prefix)| {
                let slash = if prefix.is_empty() || prefix.ends_with('/') {
                    ""
                } else {
                    "/"
                };
                json!({"Bucket": bucket, "Name": format!("{prefix}{slash}{id}/{name}.jpg")})
            });
            portraits::audit_image(n, object)
        };
        results.insert("Confidence".into(), json!(confidence));
        if outcome.reference_image {
            results.insert("ReferenceImage".into(), picture(0, "reference"));
        }
        let audit_images = (1..=self.settings.audit_images_limit)
            .map(|n| picture(n, &format!("audit-{}", n - 1)))
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
            .map(|code| json!({"Code": code, "Message": advice(code)}));
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

/// From 90 to 100, the same for the same session; a 32-bit float, as the service's are.
fn made_up_confidence(id: &str) -> f64 {
    let sum = id.bytes().fold(7u32, |sum, b| {
        sum.wrapping_mul(31).wrapping_add(u32::from(b))
    });
    portraits::single(90.0 + f64::from(sum % 100_000) / 10_000.0)
}

fn advice(code: &str) -> &'static str {
    match code {
        "FACE_NOT_VISIBLE" => "The face was not visible during the check.",
        "FACE_OBSTRUCTION_DETECTED" => "Something covered a part of the face.",
        "LOW_VIDEO_QUALITY_DETECTED" => "The video's quality was low.",
        "FACE_NOT_ALIGNED" => "The face was not inside the oval.",
        "EYES_CLOSED_DETECTED" => "The eyes were closed.",
        "LOW_LIGHTING_DETECTED" => "The light was too weak.",
        "HIGH_LIGHTING_DETECTED" => "The light was too strong.",
        _ => "Something was detected.",
    }
}
