//! The settings of a session, and the challenges that they allow.

use crate::challenges::{version, Challenge, Version, CHALLENGES};
use crate::input::Input;
use serde_json::Value;

/// Input of CreateFaceLivenessSession.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct NewSession {
    /// Same token, same session.
    pub token: Option<String>,
    /// Bucket and key prefix.
    pub output: Option<(String, String)>,
    /// The key that encrypts the images.
    pub kms_key: Option<String>,
    /// Number of audit images.
    pub audit_images_limit: usize,
    /// Challenges in order of preference, with the lowest and highest version accepted.
    pub challenges: Vec<Preference>,
}

/// A challenge, and the lowest and highest version accepted.
pub type Preference = (String, Option<Version>, Option<Version>);

impl NewSession {
    /// The bucket, and what the keys of all images begin with, up to a slash.
    pub fn folder(&self) -> Option<(&str, String)> {
        let (bucket, prefix) = self.output.as_ref()?;
        let slash = if prefix.is_empty() || prefix.ends_with('/') {
            ""
        } else {
            "/"
        };
        Some((bucket, format!("{prefix}{slash}")))
    }
}

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
            kms_key: input.string("KmsKeyId").map(str::to_owned),
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

/// The first challenge, with its highest version, that the session's settings allow and `is_offered`.
pub fn choose_challenge(
    settings: &NewSession,
    is_offered: impl Fn(&Challenge) -> bool,
) -> Option<Challenge> {
    let anything: Vec<Preference> = CHALLENGES
        .iter()
        .map(|(kind, _)| ((*kind).to_owned(), None, None))
        .collect();
    let preferences = if settings.challenges.is_empty() {
        &anything
    } else {
        &settings.challenges
    };
    let known = || {
        CHALLENGES
            .iter()
            .flat_map(|(kind, versions)| versions.iter().map(move |version| (*kind, *version)))
    };
    preferences.iter().find_map(|(kind, minimum, maximum)| {
        known().find(|challenge| {
            challenge.0 == kind
                && minimum.is_none_or(|minimum| minimum <= challenge.1)
                && maximum.is_none_or(|maximum| challenge.1 <= maximum)
                && is_offered(challenge)
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

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
                kms_key: Some("arn:aws:kms:us-east-1:111122223333:key/x".into()),
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
