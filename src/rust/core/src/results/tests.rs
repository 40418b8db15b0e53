use super::*;

#[test]
fn members_that_the_service_has_since_2025_are_read() {
    let body = br#"{
        "Status": "SUCCEEDED",
        "Challenge": {"Type": "FaceMovementChallenge", "Version": "1.0.0"},
        "Feedback": [{"Code": "EYES_CLOSED_DETECTED", "Message": "m"}, null],
        "Metadata": {"SDKType": "Web"}
    }"#;
    let results = session_results(body).unwrap();
    let [kind, version] = results.challenge();
    assert_eq!(kind.as_deref(), Some("FaceMovementChallenge"));
    assert_eq!(version.as_deref(), Some("1.0.0"));
    let [first, second] = results.feedback() else {
        panic!("{results:?}")
    };
    assert_eq!(
        first.string("Code").as_deref(),
        Some("EYES_CLOSED_DETECTED")
    );
    assert_eq!(first.string("Message").as_deref(), Some("m"));
    assert_eq!(second.string("Code"), None);
    assert_eq!(results.sdk_type().as_deref(), Some("Web"));
}

#[test]
fn incomplete_results_and_those_of_another_session_are_rejected() {
    let good = r#"{"SessionId":"a","Status":"SUCCEEDED","Confidence":100}"#;
    assert!(results_of(good.as_bytes(), "a").is_ok());
    assert!(results_of(br#"{"SessionId":"a","Status":"NEW"}"#, "a").is_ok());
    for (body, problem) in [
        (r#"{"Status":"SUCCEEDED"}"#, "SessionId is missing"),
        (
            r#"{"SessionId":null,"Status":"SUCCEEDED"}"#,
            "SessionId is missing",
        ),
        (
            r#"{"SessionId":"A","Status":"SUCCEEDED"}"#,
            "it is for another session",
        ),
        (
            &format!(
                r#"{{"SessionId":"a","Status":"b","Feedback":[{}null]}}"#,
                "{},".repeat(10_000)
            ),
            "it has too many images or too much feedback",
        ),
        (r#"{"SessionId":"a"}"#, "Status is missing"),
        (r#"{"SessionId":"a","Status":""}"#, "Status is missing"),
        (
            r#"{"SessionId":"a","Status":"SUCCEEDED","Confidence":100.00001}"#,
            "Confidence is not between 0 and 100",
        ),
        (
            r#"{"SessionId":"a","Status":"SUCCEEDED","Confidence":-1e-9}"#,
            "Confidence is not between 0 and 100",
        ),
    ] {
        let refused = results_of(body.as_bytes(), "a").unwrap_err();
        assert_eq!(refused, Unreadable::Wrong(problem.into()), "{body}");
    }
}

#[test]
fn other_types_than_the_model_s_are_rejected_in_every_member() {
    for body in [
        r#"{"Challenge":5}"#,
        r#"{"Challenge":{"Type":[]}}"#,
        r#"{"Feedback":{}}"#,
        r#"{"Feedback":["x"]}"#,
        r#"{"Feedback":[{"Code":1}]}"#,
        r#"{"Metadata":"x"}"#,
        r#"{"Metadata":{"SDKType":true}}"#,
    ] {
        assert!(session_results(body.as_bytes()).is_err(), "{body}");
    }
}
