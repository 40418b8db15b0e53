//! What a relay does when the service, the network or the settings fail.

use futures_util::SinkExt;
use rekognition_core::call::log::Level;
use rekognition_core::error::{Error, Limit};
use rekognition_core::secret::Secret;
use rekognition_core::settings::Settings;
use rekognition_core::stream::{Relay, State};
use rekognition_core::Client;
use rekognition_emulator::stream::messages::event_message;
use rekognition_emulator::{Moment, Refusal, StreamFault};
use rekognition_peers::stream::{video, Page, Response, MOVEMENT};
use rekognition_peers::{
    base_settings, client, create, create_with, emulator, server_runtime, settings, settings_for,
    Authority, Environment, Folder, RawServer, TlsFront, Tunnel, Validity,
};
use serde_json::json;
use std::io::{self, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};
use tokio::net::TcpListener;
use tokio_websockets::{Message, ServerBuilder};

fn relay(client: &Client, session_id: &str) -> Relay {
    Relay::new(client, session_id.to_owned(), Level::Off).unwrap()
}

fn exception(code: &str, message: &str) -> Refusal {
    Refusal {
        code: code.into(),
        message: Some(message.into()),
        status: 400,
    }
}

/// Opens a check, and waits for its end: the page's last response, and the relay's error.
fn failure(relay: &Relay) -> (Response, Error) {
    let mut page = Page::new(relay);
    page.open();
    let (_, response) = page.ask_until(|response| response.state == "closed");
    failed(relay, response)
}

fn failed(relay: &Relay, response: Response) -> (Response, Error) {
    match relay.state() {
        State::Failed(error) => (response, error),
        other => panic!("{other:?}"),
    }
}

/// The reason that a page gets for failures of this side.
fn assert_unavailable(response: &Response) {
    assert_eq!(response.code, Some(1011));
    let expected = (
        "UNAVAILABLE".to_owned(),
        "The check is not available right now.".to_owned(),
    );
    assert_eq!(response.error.as_ref(), Some(&expected));
}

#[test]
fn an_exception_of_the_service_is_an_error_like_that_of_a_call() {
    let _environment = Environment::with(&[]);
    let emulator = emulator();
    let client = client(settings(&emulator));
    let arn = "User: arn:aws:sts::111122223333:assumed-role/x is not authorized";
    for (code, message, status, is_public) in [
        ("ThrottlingException", arn, 429, true),
        ("ServiceQuotaExceededException", arn, 429, true),
        ("InternalServerException", arn, 500, true),
        ("ServiceUnavailableException", arn, 503, true),
        ("ValidationException", arn, 400, true),
        ("AccessDeniedException", arn, 403, false),
        ("InvalidSignatureException", "Signature expired", 400, false),
    ] {
        emulator.fault_stream(
            StreamFault::Error(exception(code, message), Moment::Start),
            1,
        );
        let (response, error) = failure(&relay(&client, &create(&client).unwrap()));
        let Error::Service(error) = error else {
            panic!("{error:?}");
        };
        assert_eq!(error.code.as_deref(), Some(code));
        assert_eq!(error.message.as_deref(), Some(message));
        assert_eq!((error.status, error.attempts), (status, 1));
        assert!(error.request_id.is_some());
        if is_public {
            let (found, shown) = response.error.expect("a reason");
            assert_eq!(found, code);
            assert!(!shown.contains("arn"), "{shown}");
        } else {
            assert_unavailable(&response);
        }
    }
}

#[test]
fn a_session_that_does_not_exist_or_was_used_is_the_service_s_error() {
    let _environment = Environment::with(&[]);
    let emulator = emulator();
    let client = client(settings(&emulator));
    let code = |id: &str| match failure(&relay(&client, id)).1 {
        Error::Service(error) => error.code.unwrap(),
        other => panic!("{other:?}"),
    };
    assert_eq!(code(rekognition_peers::ID), "SessionNotFoundException");
    let id = create_with(
        &client,
        r#"{"ChallengePreferences":[{"Type":"FaceMovementChallenge"}]}"#,
    );
    let first = relay(&client, &id);
    let mut page = Page::new(&first);
    page.open_check();
    page.send_check(MOVEMENT);
    assert_eq!(code(&id), "ValidationException");
}

#[test]
fn throttling_and_failures_at_the_start_are_retried() {
    let _environment = Environment::with(&[]);
    let emulator = emulator();
    let client = client(Settings {
        max_retries: Some(3),
        ..settings(&emulator)
    });
    let throttling = exception("ThrottlingException", "Rate exceeded");
    for fault in [
        StreamFault::Error(throttling, Moment::Start),
        StreamFault::Error(exception("InternalServerException", ""), Moment::Start),
        StreamFault::Refused(503),
    ] {
        emulator.fault_stream(fault, 2);
        let id = create_with(
            &client,
            r#"{"ChallengePreferences":[{"Type":"FaceMovementChallenge"}]}"#,
        );
        let relay = relay(&client, &id);
        let mut page = Page::new(&relay);
        page.open_check();
        let (_, response) = page.send_check(MOVEMENT);
        assert_eq!(response.code, Some(1000));
        assert_eq!(relay.state(), State::Completed);
    }
}

#[test]
fn a_connection_that_ends_too_early_is_an_error() {
    let _environment = Environment::with(&[]);
    let emulator = emulator();
    let client = client(settings(&emulator));
    for (fault, reason) in [
        (
            StreamFault::Close(1011, Moment::End),
            "before the end of the check (code 1011)",
        ),
        (
            StreamFault::CutOff(Moment::End),
            "before the end of the check",
        ),
        (
            StreamFault::Close(1011, Moment::Start),
            "before the end of the check (code 1011)",
        ),
        (
            StreamFault::CutOff(Moment::Start),
            "before the end of the check",
        ),
    ] {
        emulator.fault_stream(fault.clone(), 1);
        let id = create_with(
            &client,
            r#"{"ChallengePreferences":[{"Type":"FaceMovementChallenge"}]}"#,
        );
        let relay = relay(&client, &id);
        let (response, error) = if fault.moment() == Some(Moment::Start) {
            failure(&relay)
        } else {
            let mut page = Page::new(&relay);
            page.open_check();
            let (_, response) = page.send_check(MOVEMENT);
            failed(&relay, response)
        };
        assert_unavailable(&response);
        let Error::Connection { reason: found, .. } = &error else {
            panic!("{fault:?}: {error:?}");
        };
        assert!(
            found.ends_with(reason) || found.contains("reset"),
            "{fault:?}: {found}"
        );
    }
    emulator.fault_stream(StreamFault::Refused(403), 1);
    let (response, error) = failure(&relay(&client, &create(&client).unwrap()));
    assert_unavailable(&response);
    assert!(matches!(error, Error::Service(error) if error.status == 403 && error.code.is_none()));
}

#[test]
fn a_service_that_says_nothing_is_a_timeout() {
    let _environment = Environment::with(&[]);
    let emulator = emulator();
    let client = client(Settings {
        read_timeout: Some(Duration::from_millis(300)),
        ..settings(&emulator)
    });
    emulator.fault_stream(StreamFault::Silent, 1);
    let (response, error) = failure(&relay(&client, &create(&client).unwrap()));
    assert_eq!(response.error.unwrap().0, "TIMEOUT");
    assert!(
        matches!(
            error,
            Error::Timeout {
                limit: Limit::Read,
                attempts: 1,
                ..
            }
        ),
        "{error:?}"
    );
}

#[test]
fn a_page_can_leave_while_the_service_says_nothing() {
    let _environment = Environment::with(&[]);
    let emulator = emulator();
    let client = client(settings(&emulator));
    emulator.fault_stream(StreamFault::Silent, 1);
    let relay = relay(&client, &create(&client).unwrap());
    let mut page = Page::new(&relay);
    assert_eq!(page.open().state, "connecting");
    page.request(json!({"close": 4003}), b"");
    let (_, response) = page.ask_until(|response| response.state == "closed");
    assert_eq!(response.code, Some(4003));
    assert_eq!(relay.state(), State::Closed);
}

#[test]
fn a_server_that_does_not_speak_the_protocol_is_an_invalid_response() {
    let _environment = Environment::with(&[]);
    let answers: [fn(&mut TcpStream) -> io::Result<()>; 3] = [
        |stream| stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"),
        |stream| stream.write_all(b"SSH-2.0-OpenSSH\r\n\r\n"),
        |stream| loop {
            stream.write_all(&[b'x'; 8192])?;
        },
    ];
    for (i, answer) in answers.into_iter().enumerate() {
        let server = RawServer::start("127.0.0.1:0", move |stream, _| {
            // The client leaves.
            let _ = answer(stream);
            false
        });
        let client = client(settings_for(server.url()));
        let (response, error) = failure(&relay(&client, rekognition_peers::ID));
        assert_unavailable(&response);
        match error {
            Error::Service(error) if i == 0 => assert_eq!(error.status, 200),
            Error::InvalidResponse { .. } if i > 0 => {}
            other => panic!("{i}: {other:?}"),
        }
    }
}

#[test]
fn a_service_that_reads_nothing_does_not_hold_a_check_that_is_closed() {
    let _environment = Environment::with(&[]);
    let information = event_message("ServerSessionInformationEvent", &json!({}));
    let listener = server_runtime()
        .block_on(TcpListener::bind("127.0.0.1:0"))
        .unwrap();
    let address = listener.local_addr().unwrap();
    let server = server_runtime().spawn(async move {
        let (stream, _) = listener.accept().await.unwrap();
        let mut socket = ServerBuilder::new().accept(stream).await.unwrap().1;
        socket.send(Message::binary(information)).await.unwrap();
        // Open, and never read.
        std::future::pending::<()>().await;
        drop(socket);
    });
    let client = client(settings_for(format!("http://{address}")));
    let relay = Relay::new(&client, rekognition_peers::ID.into(), Level::Info).unwrap();
    let mut page = Page::new(&relay);
    page.open();
    page.ask_until(|response| response.state == "open");
    let chunk = video(&[0; 2_000_000]);
    for _ in 0..4 {
        let frame = page.frame("VideoEvent", &chunk);
        assert_eq!(page.request(json!({}), &frame).state, "open");
    }
    relay.close();
    // The read timeout is 60 seconds.
    let deadline = Instant::now() + Duration::from_secs(30);
    while relay.take_log().is_empty() {
        assert!(Instant::now() < deadline);
        std::thread::sleep(Duration::from_millis(5));
    }
    server.abort();
}

#[test]
fn the_relay_goes_through_the_proxy_and_trusts_the_ca_bundle_of_its_client() {
    const SERVICE: &str = "streaming-rekognition.eu-west-1.amazonaws.com";
    let emulator = emulator();
    let folder = Folder::new("relay");
    let authority = Authority::new("Private CA");
    let bundle = folder.write("ca.pem", &authority.pem);
    let front = TlsFront::start(authority.sign(&[SERVICE], Validity::Now), &emulator.url());
    let tunnel = Tunnel::to(front.port());
    let environment = Environment::with(&[("AWS_CA_BUNDLE", &bundle)]);
    // Sessions from the emulator, streams to AWS's own host, which the tunnel leads to the emulator.
    let id = create_with(
        &client(settings(&emulator)),
        r#"{"ChallengePreferences":[{"Type":"FaceMovementChallenge"}]}"#,
    );
    let at_aws = || {
        client(Settings {
            region: Some("eu-west-1".into()),
            keys: Some(rekognition_peers::keys(&emulator)),
            proxy: Some(Secret::new(tunnel.url())),
            ..base_settings()
        })
    };
    let code = |error: Error| match error {
        Error::Service(error) => error.message.unwrap(),
        other => panic!("{other:?}"),
    };
    // The emulator is in another region: it has read the request, its signature and its host.
    let (_, error) = failure(&relay(&at_aws(), &id));
    assert!(code(error).contains("valid region"));

    environment.unset("AWS_CA_BUNDLE");
    let (response, error) = failure(&relay(&at_aws(), &id));
    assert_unavailable(&response);
    assert!(matches!(error, Error::Connection { reason, .. } if reason.contains("not trusted")));
}

#[test]
fn what_keeps_a_client_from_connecting_is_the_error_of_its_calls() {
    let environment = Environment::with(&[]);
    let emulator = emulator();
    let error = |settings: Settings| {
        let (response, error) = failure(&relay(&client(settings), rekognition_peers::ID));
        assert_unavailable(&response);
        error
    };
    let refused = Settings {
        endpoint: Some("http://127.0.0.1:1".into()),
        ..settings(&emulator)
    };
    let found = error(refused);
    assert!(
        matches!(&found, Error::Connection { reason, endpoint, attempts: 1, .. }
            if reason == "the connection was refused" && endpoint == "http://127.0.0.1:1"),
        "{found:?}"
    );
    let no_keys = Settings {
        keys: None,
        ..settings(&emulator)
    };
    assert!(matches!(error(no_keys.clone()), Error::Credentials { .. }));
    let anonymous = Settings {
        anonymous: true,
        ..no_keys
    };
    assert!(matches!(error(anonymous), Error::Credentials { .. }));
    environment.set(
        "AWS_ENDPOINT_URL_REKOGNITIONSTREAMING",
        "http://127.0.0.1:2",
    );
    let found = error(settings(&emulator));
    assert!(
        matches!(found, Error::Connection { endpoint, .. } if endpoint == "http://127.0.0.1:2")
    );
}
