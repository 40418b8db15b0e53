use super::Decision::{Allowed, Denied, NotAllowed};
use super::*;
use serde_json::json;

const COLLECTION: &str = "arn:aws:rekognition:us-east-1:111122223333:collection/people";

fn policy(statement: Value) -> Policy {
    Policy::parse(&json!({"Version": "2012-10-17", "Statement": statement}).to_string()).unwrap()
}

fn refusal(policy: Value) -> String {
    let refusal = Policy::parse(&policy.to_string()).unwrap_err();
    assert_eq!(refusal.code, "MalformedPolicyDocument");
    assert_eq!(refusal.status, 400);
    refusal.message.unwrap()
}

fn statement_refusal(statement: Value) -> String {
    refusal(json!({"Statement": statement}))
}

#[test]
fn a_policy_allows_only_what_it_names() {
    let policy = policy(json!({
        "Effect": "Allow",
        "Action": "rekognition:StartFaceLivenessSession",
        "Resource": "*",
    }));
    let decide = |action| policy.decide(action, None);
    assert_eq!(decide("rekognition:StartFaceLivenessSession"), Allowed);
    assert_eq!(decide("REKOGNITION:startfacelivenesssession"), Allowed);
    for other in [
        "rekognition:StartFaceLivenessSessions",
        "rekognition:CreateFaceLivenessSession",
        "sts:AssumeRole",
        "",
    ] {
        assert_eq!(decide(other), NotAllowed, "{other}");
    }
}

#[test]
fn a_denial_wins_in_any_order() {
    let allow = json!({"Effect": "Allow", "Action": "*", "Resource": "*"});
    let deny = json!({"Effect": "Deny", "Action": ["rekognition:Delete*"], "Resource": "*"});
    for statements in [json!([allow, deny]), json!([deny, allow])] {
        let policy = policy(statements);
        assert_eq!(policy.decide("rekognition:DetectFaces", None), Allowed);
        assert_eq!(policy.decide("rekognition:DeleteFaces", None), Denied);
        let on_collection = policy.decide("rekognition:DeleteFaces", Some(COLLECTION));
        assert_eq!(on_collection, Denied);
    }
}

#[test]
fn a_policy_can_be_limited_to_resources() {
    let policy = policy(json!([
        {"Effect": "Allow", "Action": "rekognition:Search*", "Resource": ["arn:aws:rekognition:*:*:collection/peop?e"]},
        {"Effect": "Deny", "Action": "rekognition:SearchUsers", "NotResource": "arn:aws:rekognition:eu-*"},
    ]));
    let search = "rekognition:SearchFaces";
    assert_eq!(policy.decide(search, Some(COLLECTION)), Allowed);
    let other = COLLECTION.replace("people", "dogs");
    assert_eq!(policy.decide(search, Some(&other)), NotAllowed);
    // Resources are case-sensitive.
    let other = COLLECTION.replace("people", "People");
    assert_eq!(policy.decide(search, Some(&other)), NotAllowed);
    assert_eq!(policy.decide(search, None), NotAllowed);
    let users = "rekognition:SearchUsers";
    assert_eq!(policy.decide(users, Some(COLLECTION)), Denied);
    let european = COLLECTION.replace("us-east-1", "eu-west-1");
    assert_eq!(policy.decide(users, Some(&european)), Allowed);
}

#[test]
fn not_action_is_every_other_action() {
    let policy = policy(json!({
        "Effect": "Allow",
        "NotAction": ["rekognition:Delete*", "sts:*"],
        "Resource": "*",
    }));
    assert_eq!(policy.decide("rekognition:DetectFaces", None), Allowed);
    assert_eq!(policy.decide("rekognition:deleteFaces", None), NotAllowed);
    assert_eq!(policy.decide("sts:AssumeRole", None), NotAllowed);
}

#[test]
fn wildcards_match_as_in_iam() {
    let is_match = |pattern: &str, text: &str| matches(pattern.as_bytes(), text.as_bytes());
    for (pattern, text) in [
        ("*", ""),
        ("*", "anything"),
        ("a*c", "ac"),
        ("a*c", "abcbc"),
        ("a**", "a"),
        ("*a*b*", "xxaxxbxx"),
        ("a?c", "abc"),
        ("?*", "x"),
        ("", ""),
        ("*ab", "aab"),
    ] {
        assert!(is_match(pattern, text), "{pattern} {text}");
    }
    for (pattern, text) in [
        ("", "a"),
        ("a", ""),
        ("?", ""),
        ("a?c", "ac"),
        ("a*c", "abcd"),
        ("*ab", "aba"),
        ("abc", "ab"),
    ] {
        assert!(!is_match(pattern, text), "{pattern} {text}");
    }
    // In polynomial time.
    assert!(!is_match(&"*a".repeat(1000), &"b".repeat(100_000)));
}

#[test]
fn an_element_that_would_be_ignored_is_refused() {
    let with = |name: &str| {
        let mut statement = json!({"Effect": "Allow", "Action": "*", "Resource": "*"});
        statement[name] = json!({"Bool": {"aws:SecureTransport": "true"}});
        statement_refusal(statement)
    };
    for name in [
        "Condition",
        "Principal",
        "NotPrincipal",
        "effect",
        "Actions",
    ] {
        assert!(with(name).contains(name), "{name}");
    }
    let statement = json!({"Effect": "Allow", "Action": "*", "Resource": "*"});
    assert!(refusal(json!({"Statement": statement, "Extra": 1})).contains("Extra"));
    assert!(statement_refusal(json!({
        "Effect": "Allow",
        "Action": "*",
        "Resource": "arn:aws:rekognition:*:*:collection/${aws:username}",
    }))
    .contains("variables"));
}

#[test]
fn a_malformed_policy_is_refused() {
    for (text, word) in [
        ("", "JSON"),
        ("{", "JSON"),
        ("[]", "object"),
        ("1", "object"),
        ("{}", "Statement"),
    ] {
        let refusal = Policy::parse(text).unwrap_err();
        assert!(refusal.message.unwrap().contains(word), "{text}");
    }
    for (statement, word) in [
        (json!([]), "Statement"),
        (json!([1]), "object"),
        (
            json!({"Effect": "allow", "Action": "*", "Resource": "*"}),
            "Effect",
        ),
        (json!({"Action": "*", "Resource": "*"}), "Effect"),
        (json!({"Effect": "Allow", "Resource": "*"}), "NotAction"),
        (json!({"Effect": "Allow", "Action": "*"}), "NotResource"),
        (
            json!({"Effect": "Allow", "Action": "*", "NotAction": "*", "Resource": "*"}),
            "NotAction",
        ),
        (
            json!({"Effect": "Allow", "Action": [], "Resource": "*"}),
            "Action",
        ),
        (
            json!({"Effect": "Allow", "Action": [1], "Resource": "*"}),
            "Action",
        ),
        (
            json!({"Effect": "Allow", "Action": "DetectFaces", "Resource": "*"}),
            "service",
        ),
        (
            json!({"Effect": "Allow", "Action": "*", "Resource": "people"}),
            "ARN",
        ),
    ] {
        assert!(
            statement_refusal(statement.clone()).contains(word),
            "{statement}"
        );
    }
    let statement = json!({"Effect": "Allow", "Action": "*", "Resource": "*"});
    let version = json!({"Version": "2012-10-18", "Statement": statement});
    assert!(refusal(version).contains("2012-10-17"));
}

#[test]
fn a_policy_has_at_most_2048_characters() {
    let text = r#"{"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}"#;
    let padded = |length: usize| format!("{text}{}", " ".repeat(length - text.len()));
    assert!(Policy::parse(&padded(2048)).is_ok());
    let refusal = Policy::parse(&padded(2049)).unwrap_err();
    assert_eq!(refusal.code, "PackedPolicyTooLarge");
}
