use super::*;
use serde_json::json;

fn create(input: Value) -> Result<NewSession, Refusal> {
    new_session(input.as_object().unwrap())
}

fn problem(input: Value) -> (String, String) {
    let refusal = create(input).unwrap_err();
    (refusal.code, refusal.message.unwrap())
}

#[test]
fn a_session_id_is_a_uuid_in_lower_case() {
    let id = |id: &str| session_id(json!({"SessionId": id}).as_object().unwrap());
    let good = "0f959dbb-37cc-45d8-a08d-dc42cce85fa8";
    assert_eq!(id(good), Ok(good.to_owned()));
    for bad in [
        "",
        "x",
        &good.to_uppercase(),
        &good[1..],
        &good.replace('-', "_"),
    ] {
        assert_eq!(id(bad).unwrap_err().code, "ValidationException", "{bad}");
    }
    let missing = session_id(&Map::new()).unwrap_err();
    assert_eq!(
        missing.message.as_deref(),
        Some("1 validation error detected: Value null at 'sessionId' failed to satisfy constraint: Member must not be null")
    );
}

#[test]
fn all_bounds_of_the_model_hold() {
    for (input, path) in [
        (json!({"KmsKeyId": ""}), "kmsKeyId"),
        (json!({"KmsKeyId": "-x"}), "kmsKeyId"),
        (json!({"KmsKeyId": "a".repeat(2049)}), "kmsKeyId"),
        (json!({"ClientRequestToken": "a b"}), "clientRequestToken"),
        (
            json!({"ClientRequestToken": "a".repeat(65)}),
            "clientRequestToken",
        ),
        (
            json!({"Settings": {"AuditImagesLimit": 5}}),
            "settings.auditImagesLimit",
        ),
        (
            json!({"Settings": {"AuditImagesLimit": -1}}),
            "settings.auditImagesLimit",
        ),
        (
            json!({"Settings": {"OutputConfig": {}}}),
            "settings.outputConfig.s3Bucket",
        ),
        (
            json!({"Settings": {"OutputConfig": {"S3Bucket": "ab"}}}),
            "settings.outputConfig.s3Bucket",
        ),
        (
            json!({"Settings": {"OutputConfig": {"S3Bucket": "abc", "S3KeyPrefix": "a b"}}}),
            "settings.outputConfig.s3KeyPrefix",
        ),
        (
            json!({"Settings": {"ChallengePreferences": [{}]}}),
            "settings.challengePreferences.1.member.type",
        ),
        (
            json!({"Settings": {"ChallengePreferences": [{"Type": "X"}]}}),
            "settings.challengePreferences.1.member.type",
        ),
        (
            json!({"Settings": {"ChallengePreferences": [{"Type": "FaceMovementChallenge", "Versions": {"Minimum": "01.0.0"}}]}}),
            "settings.challengePreferences.1.member.versions.minimum",
        ),
    ] {
        let (code, message) = problem(input.clone());
        assert_eq!(code, "ValidationException", "{input}");
        assert!(
            message.contains(&format!("at '{path}'")),
            "{input}: {message}"
        );
    }
    let (_, two) = problem(json!({"KmsKeyId": "", "ClientRequestToken": ""}));
    assert!(two.starts_with("4 validation errors detected: "), "{two}");
}

#[test]
fn other_types_than_the_model_s_are_serialization_errors() {
    for input in [
        json!({"KmsKeyId": 5}),
        json!({"Settings": []}),
        json!({"Settings": {"AuditImagesLimit": "2"}}),
        json!({"Settings": {"AuditImagesLimit": 1.5}}),
        json!({"Settings": {"ChallengePreferences": {}}}),
    ] {
        assert_eq!(
            problem(input.clone()).0,
            "SerializationException",
            "{input}"
        );
    }
    assert_eq!(parse(b"{").unwrap_err().code, "SerializationException");
    assert_eq!(parse(b"[]").unwrap_err().code, "SerializationException");
}

#[test]
fn a_good_input_is_read() {
    let new = create(json!({
        "ClientRequestToken": "t-1",
        "KmsKeyId": "arn:aws:kms:us-east-1:111122223333:key/x",
        "Settings": {
            "AuditImagesLimit": 2,
            "OutputConfig": {"S3Bucket": "bucket", "S3KeyPrefix": "a/b"},
            "ChallengePreferences": [{"Type": "FaceMovementChallenge", "Versions": {"Minimum": "1.0.0", "Maximum": "1.9.10"}}]
        }
    }));
    assert_eq!(
        new,
        Ok(NewSession {
            token: Some("t-1".into()),
            output: Some(("bucket".into(), "a/b".into())),
            audit_images_limit: 2,
            challenges: vec![(
                "FaceMovementChallenge".into(),
                Some([1, 0, 0]),
                Some([1, 9, 10])
            )],
        })
    );
}
