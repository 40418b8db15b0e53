//! Calls over a real socket, against the emulator.

mod failures;
mod keys;

use rekognition_core::base64::Blob;
use rekognition_core::call::log::Level;
use rekognition_core::call::{self, new_token, Pending, Request};
use rekognition_core::error::{Error, ServiceError};
use rekognition_core::json::Value;
use rekognition_core::results::{self, session_results};
use rekognition_core::secret::Secret;
use rekognition_core::settings::keys::Keys;
use rekognition_core::settings::resolve::Resolved;
use rekognition_core::settings::Settings;
use rekognition_core::{Client, Response};
use rekognition_emulator::{CheckOutcome, Emulator, Options, Part, Reply, Timing};
use rekognition_model::model;
use std::io::{Read, Write};
use std::net::TcpListener;
use std::sync::Once;
use std::time::Duration;

const ID: &str = "0f959dbb-37cc-45d8-a08d-dc42cce85fa8";

fn emulator() -> Emulator {
    let never = Timing {
        starts_after: f64::INFINITY,
        takes: 1.0,
    };
    Emulator::start(Options {
        timing: never,
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
        // Tests must not depend on this machine's configuration.
        for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("AWS_")) {
            std::env::remove_var(name);
        }
        let no_file = if cfg!(windows) { "NUL" } else { "/dev/null" };
        std::env::set_var("AWS_CONFIG_FILE", no_file);
        std::env::set_var("AWS_SHARED_CREDENTIALS_FILE", no_file);
    });
    Client::new(Resolved::new(settings).unwrap())
}

fn wait(pending: Result<Pending, Error>) -> Result<Response, Error> {
    pending?
        .wait(Duration::from_secs(20))
        .expect("a response in time")
}

fn get(client: &Client, id: &str) -> Result<Response, Error> {
    wait(call::start(client, results::request(id), Level::Off))
}

fn create(client: &Client, settings: &str) -> Result<String, Error> {
    let token = new_token();
    let input = format!(r#"{{"ClientRequestToken":"{token}","Settings":{settings}}}"#);
    let request = Request {
        operation: &model()["CreateFaceLivenessSession"],
        input: input.into(),
    };
    let response = wait(call::start(client, request, Level::Off))?;
    let output = Value::parse(response.body()).unwrap();
    Ok(output.string("SessionId").unwrap().into_owned())
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
    let id = create(&client, r#"{"AuditImagesLimit":2}"#).unwrap();
    let created = get(&client, &id).unwrap();
    assert_eq!(
        session_results(created.body()).unwrap().status().as_deref(),
        Some("CREATED")
    );
    emulator.check(
        &id,
        CheckOutcome {
            confidence: Some(99.95),
            ..CheckOutcome::automatic("SUCCEEDED")
        },
    );
    let response = get(&client, &id).unwrap();
    let members: serde_json::Map<String, serde_json::Value> =
        serde_json::from_slice(response.body()).unwrap();
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
    let results = session_results(response.body()).unwrap();
    assert_eq!(results.confidence(), Some(99.95));
    assert_eq!(results.audit_images().len(), 2);
    let bytes = Blob::in_member(results.reference_image().unwrap(), "Bytes").unwrap();
    let mut image = vec![0; bytes.decoded_len()];
    bytes.decode_into(&mut image).unwrap();
    assert_eq!(
        image,
        include_bytes!("../../../../../inst/extdata/face-0.jpg")
    );
}

#[test]
fn a_response_that_the_sdk_s_types_would_reject_is_read() {
    let emulator = emulator();
    let client = client(settings(&emulator));
    scripted(
        &emulator,
        200,
        r#"{"AuditImages":[null,{"Bytes":"\/\u0038A="}],"Status":"NEW","SessionId":null,"Confidence":1e1}"#,
    );
    let response = get(&client, ID).unwrap();
    let results = session_results(response.body()).unwrap();
    assert_eq!(results.status().as_deref(), Some("NEW"));
    assert_eq!(
        (results.session_id(), results.confidence()),
        (None, Some(10.0))
    );
    let bytes = Blob::in_member(&results.audit_images()[1], "Bytes").unwrap();
    let mut decoded = vec![0; bytes.decoded_len()];
    bytes.decode_into(&mut decoded).unwrap();
    assert_eq!(decoded, [0xff, 0xc0]);
}

#[test]
fn a_retry_does_not_create_a_second_session() {
    let emulator = emulator();
    let client = client(settings(&emulator));
    emulator.fault(rekognition_emulator::Fault::CutOff(Part::Body), 1);
    create(&client, "{}").unwrap();
    let tokens: Vec<_> = emulator
        .requests()
        .into_iter()
        .map(|r| r.client_request_token.unwrap())
        .collect();
    assert_eq!(tokens.len(), 2);
    assert_eq!(tokens[0], tokens[1]);
}

#[test]
fn a_canceled_call_ends() {
    let emulator = emulator();
    let client = client(settings(&emulator));
    emulator.fault(rekognition_emulator::Fault::Hang, 1);
    let mut pending = call::start(&client, results::request(ID), Level::Off).unwrap();
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
fn close_connection_is_sent() {
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
