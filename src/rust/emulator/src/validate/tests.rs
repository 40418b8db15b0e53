use super::*;
use serde_json::json;

fn check(operation: &str, input: &Value) -> Result<(), Refusal> {
    let operation = model().operation(operation).unwrap();
    validate(operation, &Input::from(input.clone()))
}

fn message(operation: &str, input: &Value) -> String {
    let refusal = check(operation, input).unwrap_err();
    assert_eq!(refusal.code, "ValidationException", "{input}");
    refusal.message.unwrap()
}

#[test]
fn a_session_id_is_a_uuid_in_lower_case() {
    let id = |id: &str| check("GetFaceLivenessSessionResults", &json!({"SessionId": id}));
    let good = "0f959dbb-37cc-45d8-a08d-dc42cce85fa8";
    assert_eq!(id(good), Ok(()));
    for bad in [
        "",
        "x",
        &good.to_uppercase(),
        &good[1..],
        &good.replace('-', "_"),
    ] {
        assert_eq!(id(bad).unwrap_err().code, "ValidationException", "{bad}");
    }
    assert_eq!(
        message("GetFaceLivenessSessionResults", &json!({})),
        "1 validation error detected: Value null at 'sessionId' failed to satisfy constraint: Member must not be null"
    );
}

#[test]
fn all_bounds_of_a_session_hold() {
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
        let message = message("CreateFaceLivenessSession", &input);
        assert!(
            message.contains(&format!("at '{path}'")),
            "{input}: {message}"
        );
    }
    let two = json!({"KmsKeyId": "", "ClientRequestToken": ""});
    let two = message("CreateFaceLivenessSession", &two);
    assert!(two.starts_with("4 validation errors detected: "), "{two}");
}

#[test]
fn each_kind_of_bound_has_the_service_s_words() {
    let faces = |member: &str, value: Value| {
        let mut input =
            json!({"CollectionId": "c", "FaceIds": ["0f959dbb-37cc-45d8-a08d-dc42cce85fa8"]});
        input[member] = value;
        message("DeleteFaces", &input)
    };
    let search = |threshold| {
        let id = "0f959dbb-37cc-45d8-a08d-dc42cce85fa8";
        let input = json!({"CollectionId": "c", "FaceId": id, "FaceMatchThreshold": threshold});
        message("SearchFaces", &input)
    };
    let tags = |tags: Value| {
        message(
            "CreateCollection",
            &json!({"CollectionId": "c", "Tags": tags}),
        )
    };
    for (message, expected) in [
        (
            search(100.5),
            "Value '100.5' at 'faceMatchThreshold' failed to satisfy constraint: Member must have value less than or \
             equal to 100",
        ),
        (
            faces("CollectionId", json!("a b")),
            "Value 'a b' at 'collectionId' failed to satisfy constraint: Member must satisfy regular expression \
             pattern: [a-zA-Z0-9_.\\-]+",
        ),
        (
            faces("FaceIds", json!([])),
            "Value '[]' at 'faceIds' failed to satisfy constraint: Member must have length greater than or equal to 1",
        ),
        (
            faces("FaceIds", json!(["a", "b"])),
            "Value '[a, b]' at 'faceIds' failed to satisfy constraint: Member must satisfy constraint: [Member must \
             satisfy regular expression pattern: [0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}]",
        ),
        (
            tags(json!({"aws:x": "y"})),
            "Value '{aws:x=y}' at 'tags' failed to satisfy constraint: Map keys must satisfy constraint: [Member must \
             have length greater than or equal to 1, Member must have length less than or equal to 128, Member must \
             satisfy regular expression pattern: ^(?!aws:)[\\p{L}\\p{Z}\\p{N}_.:/=+\\-@]*$]",
        ),
        (
            tags(json!({"x": "y".repeat(257)})),
            "at 'tags' failed to satisfy constraint: Map value must satisfy constraint: [Member must have length",
        ),
    ] {
        assert!(message.contains(expected), "{message}");
    }
}

#[test]
fn images_are_measured_in_bytes_and_not_quoted() {
    let detect = |bytes: usize| {
        let bytes = STANDARD.encode(vec![b'x'; bytes]);
        json!({"Image": {"Bytes": bytes}})
    };
    assert_eq!(check("DetectFaces", &detect(5_242_880)), Ok(()));
    assert_eq!(
        message("DetectFaces", &detect(5_242_881)),
        "1 validation error detected: Value 'java.nio.HeapByteBuffer[pos=0 lim=5242881 cap=5242881]' at 'image.bytes' \
         failed to satisfy constraint: Member must have length less than or equal to 5242880"
    );
    assert!(message("DetectFaces", &detect(0)).contains("greater than or equal to 1"));
    let broken = check("DetectFaces", &json!({"Image": {"Bytes": "a"}}));
    assert_eq!(broken.unwrap_err().code, "InvalidImageFormatException");
}

#[test]
fn lengths_of_strings_are_in_characters() {
    let name =
        |n: usize| json!({"Image": {"S3Object": {"Bucket": "bucket", "Name": "é".repeat(n)}}});
    assert_eq!(check("DetectFaces", &name(1024)), Ok(()));
    assert!(message("DetectFaces", &name(1025)).contains("at 'image.s3Object.name'"));
}

#[test]
fn other_types_than_the_model_s_are_serialization_errors() {
    let create = "CreateFaceLivenessSession";
    let list = "ListCollections";
    for (operation, input, message) in [
        (
            create,
            json!({"KmsKeyId": 5}),
            "NUMBER_VALUE can not be converted to a String",
        ),
        (
            create,
            json!({"KmsKeyId": true}),
            "TRUE_VALUE can not be converted to a String",
        ),
        (
            create,
            json!({"KmsKeyId": {}}),
            "Start of structure or map found where not expected.",
        ),
        (
            create,
            json!({"Settings": []}),
            "Unexpected value found where a structure was expected",
        ),
        (
            create,
            json!({"Settings": {"ChallengePreferences": {}}}),
            "Expected list or null",
        ),
        (
            create,
            json!({"Settings": {"ChallengePreferences": ["x"]}}),
            "Unexpected value found where a structure was expected",
        ),
        (
            list,
            json!({"MaxResults": "2"}),
            "STRING_VALUE can not be converted to an Integer",
        ),
        (
            list,
            json!({"MaxResults": 1.5}),
            "NUMBER_VALUE can not be converted to an Integer",
        ),
        (
            list,
            json!({"MaxResults": 3_000_000_000_i64}),
            "NUMBER_VALUE can not be converted to an Integer",
        ),
        (
            "CreateCollection",
            json!({"CollectionId": "c", "Tags": ["x"]}),
            "Expected map or null",
        ),
        (
            "DetectFaces",
            json!({"Image": {}, "Attributes": [1]}),
            "NUMBER_VALUE can not be converted to a String",
        ),
    ] {
        let refusal = check(operation, &input).unwrap_err();
        assert_eq!(refusal.code, "SerializationException", "{input}");
        assert_eq!(refusal.message.as_deref(), Some(message), "{input}");
    }
    for body in ["{", "[]"] {
        let refusal = Input::parse(body.as_bytes()).unwrap_err();
        assert_eq!(refusal.code, "SerializationException", "{body}");
    }
}

#[test]
fn null_is_absent_and_unknown_members_are_ignored() {
    let input = json!({"CollectionId": "c", "Tags": null, "New": {"x": [1]}});
    assert_eq!(check("CreateCollection", &input), Ok(()));
    let input = json!({"CollectionId": null});
    assert!(message("CreateCollection", &input).contains("Member must not be null"));
}
