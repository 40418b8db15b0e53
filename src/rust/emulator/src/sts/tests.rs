use super::*;
use serde_json::{json, Value};

const ROLE: &str = "arn:aws:iam::111122223333:role/team/Reviewer";

fn input(changes: Value) -> Input {
    let mut input = json!({
        "Action": "AssumeRole",
        "Version": "2011-06-15",
        "RoleArn": ROLE,
        "RoleSessionName": "me@example.org",
    });
    for (name, value) in changes.as_object().unwrap() {
        input[name] = value.clone();
    }
    Input::from(input)
}

fn parse(changes: Value) -> Result<AssumedRole, Refusal> {
    AssumedRole::parse(&input(changes))
}

fn keys(id: &str) -> Keys {
    Keys {
        access_key_id: id.into(),
        secret_access_key: "<secret>".into(),
        session_token: Some("token".into()),
    }
}

/// A keyring whose temporary keys may do these actions.
fn keyring(actions: Value) -> Keyring {
    let mut keyring = Keyring::new(keys("AKIA"));
    let statement = json!({"Effect": "Allow", "Action": actions, "Resource": "*"});
    let policy = Policy::parse(&json!({"Statement": statement}).to_string()).unwrap();
    keyring.add(
        keys("ASIA"),
        900.0,
        "arn:aws:sts::1:assumed-role/x/y".into(),
        Some(policy),
    );
    keyring
}

fn text(reply: &Reply) -> String {
    String::from_utf8(reply.body.clone()).unwrap()
}

#[test]
fn a_role_is_assumed_for_an_hour_unless_the_request_says_otherwise() {
    let role = parse(json!({})).unwrap();
    assert_eq!(
        role.user,
        "arn:aws:sts::111122223333:assumed-role/Reviewer/me@example.org"
    );
    assert_eq!((role.seconds, role.policy), (3600.0, None));
    let role = parse(json!({"DurationSeconds": "43200"})).unwrap();
    assert_eq!(role.seconds, 43200.0);
    let role = parse(json!({"RoleArn": "arn:aws-cn:iam::111122223333:role/x"})).unwrap();
    assert!(role
        .user
        .starts_with("arn:aws-cn:sts::111122223333:assumed-role/x/"));
}

#[test]
fn a_response_is_of_the_query_protocol() {
    let policy = r#"{"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}"#;
    let role = parse(json!({"Policy": policy, "SourceIdentity": "me"})).unwrap();
    let reply = role.reply(&keys("ASIA"), 0.0, "id");
    let expected = "\
        <AssumeRoleResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><AssumeRoleResult><AssumedRoleUser>\
        <AssumedRoleId>AROAROLEID:me@example.org</AssumedRoleId>\
        <Arn>arn:aws:sts::111122223333:assumed-role/Reviewer/me@example.org</Arn></AssumedRoleUser><Credentials>\
        <AccessKeyId>ASIA</AccessKeyId><SecretAccessKey>&lt;secret&gt;</SecretAccessKey>\
        <SessionToken>token</SessionToken><Expiration>1970-01-01T01:00:00Z</Expiration></Credentials>\
        <PackedPolicySize>3</PackedPolicySize><SourceIdentity>me</SourceIdentity></AssumeRoleResult>\
        <ResponseMetadata><RequestId>id</RequestId></ResponseMetadata></AssumeRoleResponse>\n";
    let id = role_id(ROLE);
    assert_eq!(id.len(), 21);
    assert_eq!(text(&reply), expected.replace("AROAROLEID", &id));
    assert_eq!(
        reply.headers,
        [("content-type".to_owned(), "text/xml".to_owned())]
    );
    assert_eq!(reply.status, 200);
}

#[test]
fn an_error_is_of_the_query_protocol() {
    let refusal = Refusal {
        code: "InternalFailure".into(),
        message: None,
        status: 500,
    };
    let expected = "\
        <ErrorResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><Error><Type>Receiver</Type>\
        <Code>InternalFailure</Code><Message></Message></Error><RequestId>id</RequestId></ErrorResponse>\n";
    let reply = refused(&refusal, "id");
    assert_eq!((text(&reply).as_str(), reply.status), (expected, 500));
}

#[test]
fn all_problems_are_reported_in_the_words_of_sts() {
    let refusal = parse(json!({"RoleSessionName": "x", "DurationSeconds": "899"})).unwrap_err();
    assert_eq!(
        (refusal.code.as_str(), refusal.status),
        ("ValidationError", 400)
    );
    assert_eq!(
        refusal.message.as_deref(),
        Some(
            "2 validation errors detected: Value 'x' at 'roleSessionName' failed to satisfy constraint: Member must have \
             length greater than or equal to 2; Value '899' at 'durationSeconds' failed to satisfy constraint: Member \
             must have value greater than or equal to 900"
        )
    );
    for (changes, word) in [
        (json!({"RoleArn": null}), "Value null at 'roleArn'"),
        (
            json!({"RoleSessionName": "a b"}),
            "'roleSessionName' failed to satisfy constraint: Member must satisfy regular",
        ),
        (
            json!({"RoleSessionName": "x".repeat(65)}),
            "less than or equal to 64",
        ),
        (
            json!({"DurationSeconds": "43201"}),
            "less than or equal to 43200",
        ),
        (json!({"ExternalId": "x"}), "externalId"),
        (json!({"SourceIdentity": "a/b"}), "sourceIdentity"),
        (json!({"Policy": "\u{20ac}"}), "policy"),
        (
            json!({"RoleArn": "arn:aws:iam::111122223333:user/reviewer"}),
            "Request ARN is invalid",
        ),
        (
            json!({"RoleArn": "arn:aws:iam::1111222233334:role/x"}),
            "Request ARN is invalid",
        ),
        (
            json!({"RoleArn": "arn:aws:iam::111122223333:role/"}),
            "Request ARN is invalid",
        ),
    ] {
        let refusal = parse(changes.clone()).unwrap_err();
        assert_eq!(refusal.code, "ValidationError", "{changes}");
        assert!(refusal.message.unwrap().contains(word), "{changes}");
    }
    let refusal = parse(json!({"DurationSeconds": "1e3"})).unwrap_err();
    assert_eq!(refusal.code, "MalformedInput");
    let refusal = parse(json!({"Policy": "{}"})).unwrap_err();
    assert_eq!(refusal.code, "MalformedPolicyDocument");
}

#[test]
fn members_that_change_what_the_keys_may_do_are_refused() {
    for name in [
        "PolicyArns.member.1.arn",
        "SerialNumber",
        "TokenCode",
        "ProvidedContexts.member.1.ProviderArn",
        "New",
    ] {
        let refusal = parse(json!({name: "x"})).unwrap_err();
        assert_eq!(refusal.code, "ValidationError");
        let member = name.split('.').next().unwrap();
        let message = format!("The emulator does not support {member} in AssumeRole.");
        assert_eq!(refusal.message, Some(message));
    }
    let accepted = json!({
        "PolicyArns": "",
        "Tags.member.1.Key": "team",
        "Tags.member.1.Value": "x",
        "TransitiveTagKeys.member.1": "team",
        "ExternalId": "a:b/c",
        "SourceIdentity": "me",
    });
    assert!(parse(accepted).is_ok());
}

#[test]
fn other_actions_and_versions_are_unknown() {
    for changes in [
        json!({"Action": "GetCallerIdentity"}),
        json!({"Version": "2010-01-01"}),
        json!({"Action": null}),
    ] {
        assert_eq!(parse(changes).unwrap_err().code, "InvalidAction");
    }
}

#[test]
fn a_role_is_assumed_only_with_keys_that_may_do_so() {
    let role = parse(json!({})).unwrap();
    let authorize = |role: &AssumedRole, actions| role.authorize(&keyring(actions), "ASIA");
    assert_eq!(authorize(&role, json!("sts:AssumeRole")), Ok(()));
    let refusal = authorize(&role, json!("rekognition:*")).unwrap_err();
    assert_eq!(in_its_words(refusal.clone()).code, "AccessDenied");
    assert!(refusal
        .message
        .unwrap()
        .contains(&format!("sts:AssumeRole on resource: {ROLE} because")));
    assert_eq!(role.authorize(&keyring(json!("x:y")), "AKIA"), Ok(()));

    let tagged = parse(json!({"Tags.member.1.Key": "team", "SourceIdentity": "me"})).unwrap();
    assert!(authorize(&tagged, json!("sts:AssumeRole")).is_err());
    assert!(authorize(&tagged, json!(["sts:AssumeRole", "sts:TagSession"])).is_err());
    assert_eq!(authorize(&tagged, json!("sts:*")), Ok(()));
}

#[test]
fn a_role_that_another_assumes_is_limited_to_an_hour() {
    let role = parse(json!({"DurationSeconds": "3601"})).unwrap();
    let refusal = role.authorize(&keyring(json!("*")), "ASIA").unwrap_err();
    assert!(refusal.message.unwrap().contains("role chaining"));
    assert_eq!(role.authorize(&keyring(json!("*")), "AKIA"), Ok(()));
}
