//! Calls over a real socket, against the emulator.

use rekognition_core::error::{Error, Limit, ServiceError};
use rekognition_core::liveness::{
    create_session, get_session_results, NewSession, SessionSettings,
};
use rekognition_core::log::Level;
use rekognition_core::secret::Secret;
use rekognition_core::settings::keys::Keys;
use rekognition_core::settings::resolve::Resolved;
use rekognition_core::settings::Settings;
use rekognition_core::{response, Client, Pending, Response};
use rekognition_emulator::{Emulator, Options, Outcome, Pace, Part, Refusal, Reply};
use std::io::{Read, Write};
use std::net::TcpListener;
use std::sync::Once;
use std::time::Duration;

const ID: &str = "0f959dbb-37cc-45d8-a08d-dc42cce85fa8";

fn emulator() -> Emulator {
    let never = Pace {
        starts_after: f64::INFINITY,
        takes: 1.0,
    };
    Emulator::start(Options {
        pace: never,
        ..Options::default()
    })
    .unwrap()
}

fn settings(emulator: &Emulator) -> Settings {
    let keys = emulator.keys();
    Settings {
        region: Some("us-east-1".into()),
        endpoint: Some(emulator.url()),
        keys: Some(Keys {
            access_key_id: keys.access_key_id.clone(),
            secret_access_key: Secret::new(keys.secret_access_key.clone()),
            session_token: None,
            expires: None,
        }),
        max_retries: Some(1),
        ..Settings::default()
    }
}

fn client(settings: Settings) -> Client {
    static CLEAN: Once = Once::new();
    CLEAN.call_once(|| {
        // What the machine happens to have set is not what is tested.
        for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("AWS_")) {
            std::env::remove_var(name);
        }
        let no_file = if cfg!(windows) { "NUL" } else { "/dev/null" };
        std::env::set_var("AWS_CONFIG_FILE", no_file);
        std::env::set_var("AWS_SHARED_CREDENTIALS_FILE", no_file);
    });
    Client::new(Resolved::new(settings).unwrap())
}

fn answer(pending: Result<Pending, Error>) -> Result<Response, Error> {
    pending?
        .wait(Duration::from_secs(20))
        .expect("an answer in time")
}

fn get(client: &Client, id: &str) -> Result<Response, Error> {
    answer(get_session_results(client, id.into(), Level::Off))
}

fn create(client: &Client, new: NewSession) -> Result<String, Error> {
    let answer = answer(create_session(client, new, Level::Off))?;
    Ok(response::created_session(answer.body())
        .unwrap()
        .unwrap()
        .into_owned())
}

fn refused(result: Result<Response, Error>) -> ServiceError {
    match result {
        Err(Error::Service(error)) => error,
        other => panic!("{other:?}"),
    }
}

fn scripted(emulator: &Emulator, status: u16, body: &str) {
    let reply = Reply {
        status,
        headers: Vec::new(),
        body: body.as_bytes().to_vec(),
    };
    emulator.put_result(ID, reply);
}

#[test]
fn a_session_goes_from_created_to_its_results() {
    let emulator = emulator();
    let client = client(settings(&emulator));
    let new = NewSession {
        settings: Some(SessionSettings {
            audit_images_limit: Some(2),
            ..SessionSettings::default()
        }),
        ..NewSession::default()
    };
    let id = create(&client, new).unwrap();
    let created = get(&client, &id).unwrap();
    assert_eq!(
        response::session_results(created.body())
            .unwrap()
            .status
            .as_deref(),
        Some("CREATED")
    );
    emulator.check(
        &id,
        Outcome {
            status: "SUCCEEDED".into(),
            confidence: Some(99.95),
            feedback: Vec::new(),
            reference_image: true,
        },
    );
    let answer = get(&client, &id).unwrap();
    let members: serde_json::Map<String, serde_json::Value> =
        serde_json::from_slice(answer.body()).unwrap();
    let mut names: Vec<_> = members.keys().map(String::as_str).collect();
    names.sort_unstable();
    let all = [
        "AuditImages",
        "Challenge",
        "Confidence",
        "Feedback",
        "Metadata",
        "ReferenceImage",
        "SessionId",
        "Status",
    ];
    assert_eq!(names, all);
    let results = response::session_results(answer.body()).unwrap();
    assert_eq!(results.confidence, Some(99.95));
    assert_eq!(results.audit_images.len(), 2);
    let bytes = results.reference_image.bytes.unwrap();
    let mut picture = vec![0; bytes.decoded_len()];
    bytes.decode_into(&mut picture).unwrap();
    assert_eq!(
        picture,
        include_bytes!("../../../../inst/extdata/portrait-0.jpg")
    );
}

#[test]
fn an_answer_that_the_sdk_s_types_would_refuse_comes_out_right() {
    let emulator = emulator();
    let client = client(settings(&emulator));
    scripted(
        &emulator,
        200,
        r#"{"AuditImages":[null,{"Bytes":"\/\u0038A="}],"Status":"NEW","SessionId":null,"Confidence":1e1}"#,
    );
    let answer = get(&client, ID).unwrap();
    let results = response::session_results(answer.body()).unwrap();
    assert_eq!(results.status.as_deref(), Some("NEW"));
    assert_eq!((results.session_id, results.confidence), (None, Some(10.0)));
    let bytes = results.audit_images[1].bytes.as_ref().unwrap();
    let mut decoded = vec![0; bytes.decoded_len()];
    bytes.decode_into(&mut decoded).unwrap();
    assert_eq!(decoded, [0xff, 0xc0]);
}

#[test]
fn a_refusal_is_not_sent_again_and_says_all_it_knows() {
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
fn throttling_in_any_form_is_sent_again() {
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
fn a_session_that_is_created_twice_by_a_resend_is_one_session() {
    let emulator = emulator();
    let client = client(settings(&emulator));
    emulator.fault(rekognition_emulator::Fault::CutOff(Part::Body), 1);
    create(&client, NewSession::default()).unwrap();
    let tokens: Vec<_> = emulator
        .requests()
        .into_iter()
        .map(|r| r.client_request_token.unwrap())
        .collect();
    assert_eq!(tokens.len(), 2);
    assert_eq!(tokens[0], tokens[1]);
}

#[test]
fn a_connection_that_closes_before_the_answer_is_a_connection_fault() {
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
fn an_answer_that_is_cut_off_is_asked_for_again_and_then_a_response_fault() {
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
            assert!(
                reason.contains("closed before the end of the response"),
                "{reason}"
            );
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
fn nobody_there_is_a_connection_fault() {
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
fn a_cancelled_call_is_over() {
    let emulator = emulator();
    let client = client(settings(&emulator));
    emulator.fault(rekognition_emulator::Fault::Hang, 1);
    let mut pending = get_session_results(&client, ID.into(), Level::Off).unwrap();
    while emulator.requests().is_empty() {
        assert!(pending.wait(Duration::from_millis(10)).is_none());
    }
    pending.cancel();
    assert!(matches!(
        pending.wait(Duration::from_secs(5)),
        Some(Err(Error::Internal { .. }))
    ));
    refused(get(&client, ID));
}

#[test]
fn wrong_keys_are_refused_in_the_service_s_words() {
    let emulator = emulator();
    let code = |change: fn(&mut Settings)| {
        let mut settings = settings(&emulator);
        change(&mut settings);
        refused(get(&client(settings), ID)).code.unwrap()
    };
    assert_eq!(code(|_| {}), "SessionNotFoundException");
    assert_eq!(
        code(|s| s.keys.as_mut().unwrap().secret_access_key = Secret::new("wrong".into())),
        "InvalidSignatureException"
    );
    assert_eq!(
        code(|s| s.keys.as_mut().unwrap().access_key_id = "AKIANOBODY".into()),
        "UnrecognizedClientException"
    );
    assert_eq!(
        code(|s| s.keys.as_mut().unwrap().session_token = Some(Secret::new("x".into()))),
        "UnrecognizedClientException"
    );
    assert_eq!(
        code(|s| s.region = Some("eu-west-1".into())),
        "InvalidSignatureException"
    );
    assert_eq!(
        code(|s| {
            s.keys = None;
            s.anonymous = true;
        }),
        "MissingAuthenticationTokenException"
    );
}

#[test]
fn temporary_keys_work_until_they_expire() {
    let emulator = emulator();
    let keys = emulator.temporary_keys(900.0);
    let client = client(Settings {
        keys: Some(Keys {
            access_key_id: keys.access_key_id,
            secret_access_key: Secret::new(keys.secret_access_key),
            session_token: keys.session_token.map(Secret::new),
            expires: None,
        }),
        ..settings(&emulator)
    });
    create(&client, NewSession::default()).unwrap();
    emulator.advance(900.0);
    assert_eq!(
        refused(get(&client, ID)).code.as_deref(),
        Some("ExpiredTokenException")
    );
}

#[test]
fn an_error_without_words_or_a_message_is_still_an_error() {
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

#[test]
fn close_connection_is_asked_for() {
    for close_connection in [true, false] {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let endpoint = format!("http://{}", listener.local_addr().unwrap());
        let server = std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let mut head = vec![0; 4096];
            let length = stream.read(&mut head).unwrap();
            stream
                .write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}")
                .unwrap();
            String::from_utf8_lossy(&head[..length]).to_lowercase()
        });
        let settings = Settings {
            endpoint: Some(endpoint),
            close_connection,
            ..settings(&emulator())
        };
        get(&client(settings), ID).unwrap();
        let head = server.join().unwrap();
        assert_eq!(
            head.contains("\r\nconnection: close\r\n"),
            close_connection,
            "{head}"
        );
    }
}
