//! Errors, retries and time limits.

use super::*;
use rekognition_core::error::Limit;
use rekognition_emulator::Refusal;

#[test]
fn an_error_of_the_service_is_not_retried_and_has_all_details() {
    let emulator = emulator();
    let client = client(settings(&emulator));
    let error = refused(get(&client, ID));
    assert_eq!(error.code.as_deref(), Some("SessionNotFoundException"));
    assert_eq!((error.status, error.attempts), (400, 1));
    let requests = emulator.requests();
    assert_eq!(requests.len(), 1);
    assert_eq!(error.request_id.as_ref(), Some(&requests[0].request_id));
}

#[test]
fn throttling_in_any_form_is_retried() {
    for (status, body) in [
        (400, r#"{"__type":"ThrottlingException"}"#),
        (
            400,
            r#"{"__type":"com.amazonaws.rekognition#ProvisionedThroughputExceededException"}"#,
        ),
        (429, ""),
        (500, "<html>"),
        (503, r#"{"message":"x"}"#),
    ] {
        let emulator = emulator();
        let client = client(settings(&emulator));
        scripted(&emulator, status, body);
        let error = refused(get(&client, ID));
        assert_eq!(
            (error.status, error.attempts),
            (status, 2),
            "{status} {body}"
        );
        assert_eq!(emulator.requests().len(), 2);
    }
}

#[test]
fn a_connection_that_closes_before_the_response_is_a_connection_error() {
    let emulator = emulator();
    let client = client(settings(&emulator));
    emulator.fault(rekognition_emulator::Fault::Close, 2);
    match get(&client, ID) {
        Err(Error::Connection {
            attempts, endpoint, ..
        }) => {
            assert_eq!((attempts, endpoint), (2, emulator.url()));
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_response_that_is_cut_off_is_retried_and_then_a_response_error() {
    let emulator = emulator();
    let client = client(settings(&emulator));
    scripted(&emulator, 200, r#"{"SessionId":"x","Status":"CREATED"}"#);
    emulator.fault(rekognition_emulator::Fault::CutOff(Part::Body), 3);
    match get(&client, ID) {
        Err(Error::InvalidResponse {
            status,
            request_id,
            reason,
            ..
        }) => {
            let requests = emulator.requests();
            assert_eq!((requests.len(), status), (2, Some(200)));
            assert_eq!(request_id.as_ref(), Some(&requests[1].request_id));
            assert!(reason.contains("before the end of"), "{reason}");
        }
        other => panic!("{other:?}"),
    }
    assert!(get(&client, ID).is_ok());
}

#[test]
fn a_silent_server_ends_in_a_timeout_that_names_the_limit() {
    let emulator = emulator();
    let short = Some(Duration::from_millis(100));
    for (limit, settings) in [
        (
            Limit::Read,
            Settings {
                read_timeout: short,
                max_retries: Some(0),
                ..settings(&emulator)
            },
        ),
        (
            Limit::Operation,
            Settings {
                operation_timeout: short,
                ..settings(&emulator)
            },
        ),
    ] {
        emulator.fault(rekognition_emulator::Fault::Hang, 1);
        match get(&client(settings), ID) {
            Err(Error::Timeout {
                limit: found,
                seconds,
                attempts,
                ..
            }) => {
                assert_eq!((found, seconds, attempts), (limit, 0.1, 1));
            }
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn a_port_without_a_server_is_a_connection_error() {
    let mut emulator = emulator();
    let settings = settings(&emulator);
    emulator.stop();
    match get(&client(settings), ID) {
        Err(Error::Connection {
            reason, attempts, ..
        }) => {
            assert!(reason.contains("refused"), "{reason}");
            assert_eq!(attempts, 2);
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn an_error_without_a_message_is_still_an_error() {
    let emulator = emulator();
    let client = client(settings(&emulator));
    let refusal = Refusal {
        code: "AccessDeniedException".into(),
        message: None,
        status: 400,
    };
    emulator.fault(rekognition_emulator::Fault::Refuse(refusal), 1);
    let error = refused(get(&client, ID));
    assert_eq!(error.code.as_deref(), Some("AccessDeniedException"));
    assert_eq!(error.message, None);
}
