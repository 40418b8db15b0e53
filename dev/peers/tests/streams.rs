//! The streams of the emulator, opened and signed by the AWS SDK.

use aws_smithy_eventstream::frame::{read_message_from, write_message_to};
use aws_smithy_types::event_stream::Message;
use base64::engine::general_purpose::STANDARD;
use base64::Engine as _;
use rekognition_emulator::{Bytes, CheckOutcome, Emulator, Options, Plan};
use rekognition_peers::stream::{events, video, Opening, Sent, Setting, Stream, LIGHT, MOVEMENT};
use rekognition_peers::{client, create, create_with, results, settings, Environment, ID};
use std::io::{Read, Write};
use std::time::{Duration, SystemTime};

fn outcome(status: &str, confidence: f64) -> CheckOutcome {
    CheckOutcome {
        confidence: Some(confidence),
        ..CheckOutcome::automatic(status)
    }
}

#[test]
fn a_check_signed_by_the_sdk_succeeds_and_shows_in_the_results() {
    let setting = Setting::start();
    for (challenge, version) in [(LIGHT, "2.0.0"), (MOVEMENT, "1.0.0")] {
        let (id, mut stream) = setting.stream(challenge);
        assert_eq!(setting.status(&id), "IN_PROGRESS");
        stream.send_check(challenge);
        let Sent::Event(kind, body) = stream.receive() else {
            panic!("no event");
        };
        assert_eq!(kind, "DisconnectionEvent");
        assert!(body["TimestampMillis"].is_u64());
        assert_eq!(stream.receive(), Sent::Close(1000));

        let results = results(&setting.client, &id);
        assert_eq!(results["Status"], "SUCCEEDED");
        assert_eq!(results["Challenge"]["Type"], challenge);
        assert_eq!(results["Challenge"]["Version"], version);
        assert_eq!(results["Metadata"]["SDKType"], "test-liveness/1.0");
        assert!(results["ReferenceImage"]["Bytes"].is_string());
    }
}

#[test]
fn the_host_may_be_signed_with_its_port() {
    let setting = Setting::start();
    let mut opening = setting.opening();
    opening.host.clone_from(&opening.address);
    opening.open().receive_challenge();
    let mut other = setting.opening();
    other.host = "rekognition.example".into();
    assert_eq!(setting.refused(&other).0, "InvalidSignatureException");
}

#[test]
fn an_opening_that_is_not_signed_as_it_must_be_is_refused() {
    let setting = Setting::start();
    let refused = |change: fn(&mut Opening)| {
        let mut opening = setting.opening();
        change(&mut opening);
        let refused = setting.refused(&opening);
        // The session is still unused.
        assert_eq!(setting.status(&opening.session_id), "CREATED");
        refused
    };
    let (kind, message) = refused(|opening| opening.keys.secret_access_key = "x".into());
    assert_eq!(kind, "InvalidSignatureException");
    assert!(message.contains("does not match"), "{message}");
    let (kind, message) = refused(|opening| opening.region = "eu-west-1".into());
    assert_eq!(kind, "InvalidSignatureException");
    assert!(message.contains("valid region"), "{message}");
    let (kind, message) = refused(|opening| opening.time -= Duration::from_secs(600));
    assert_eq!(kind, "InvalidSignatureException");
    assert!(message.contains("Signature expired"), "{message}");
    let (kind, message) = refused(|opening| opening.time += Duration::from_secs(600));
    assert_eq!(kind, "InvalidSignatureException");
    assert!(message.contains("not yet current"), "{message}");
    let (kind, _) = refused(|opening| opening.keys.access_key_id = "AKIAOTHER".into());
    assert_eq!(kind, "UnrecognizedClientException");
    let (kind, _) = refused(|opening| opening.keys.session_token = Some("x".into()));
    assert_eq!(kind, "UnrecognizedClientException");
}

#[test]
fn an_opening_that_was_changed_after_it_was_signed_is_refused() {
    let setting = Setting::start();
    let (mine, other) = (setting.session(), setting.session());
    let opening = Opening::new(&setting.emulator, &mine);
    let (path, _) = opening.presign();
    let changed = [
        path.replace(&mine, &other),
        path.replace("640", "641"),
        format!("{path}&a=b"),
        path.replace("X-Amz-Expires=299", "X-Amz-Expires=2990"),
        path.replace("X-Amz-Expires=299", "X-Amz-Expires=0"),
    ];
    // Names that are there twice mean two things.
    let twice = [
        format!("{path}&X-Amz-Expires=299"),
        format!("{path}&session-id={mine}"),
    ];
    let changed = changed.map(|path| (path, "InvalidSignatureException"));
    let twice = twice.map(|path| (path, "IncompleteSignatureException"));
    for (path, expected) in changed.into_iter().chain(twice) {
        let mut stream = Stream::connect(&opening.address, opening.signer(String::new()));
        assert!(stream.upgrade(&path).contains(" 101 "));
        let Sent::Exception(kind, _) = stream.receive() else {
            panic!("not refused: {path}");
        };
        assert_eq!(kind, expected, "{path}");
    }
}

#[test]
fn temporary_keys_open_a_stream_until_they_expire() {
    let setting = Setting::start();
    let mut opening = setting.opening();
    opening.keys = setting.emulator.temporary_keys(60.0);
    opening.open().receive_challenge();
    let mut opening = setting.opening();
    opening.keys = setting.emulator.temporary_keys(60.0);
    setting.emulator.advance(60.0);
    assert_eq!(setting.refused(&opening).0, "ExpiredTokenException");
}

#[test]
fn a_session_can_be_used_once_within_three_minutes() {
    let setting = Setting::start();
    let unknown = Opening::new(&setting.emulator, ID);
    assert_eq!(setting.refused(&unknown).0, "SessionNotFoundException");

    let opening = setting.opening();
    opening.open().receive_challenge();
    let (kind, message) = setting.refused(&opening);
    assert_eq!(kind, "ValidationException");
    assert!(message.contains("already been used"), "{message}");

    let checked = setting.opening();
    let done = outcome("SUCCEEDED", 99.0);
    assert!(setting.emulator.check(&checked.session_id, done));
    assert_eq!(setting.refused(&checked).0, "ValidationException");

    let late = setting.opening();
    setting.emulator.advance(180.0);
    let (kind, message) = setting.refused(&late);
    assert_eq!(kind, "ValidationException");
    assert!(message.contains("expired"), "{message}");
    assert_eq!(setting.status(&late.session_id), "EXPIRED");
}

#[test]
fn a_stream_ends_when_its_session_expires() {
    let setting = Setting::start();
    let opening = setting.opening();
    let mut stream = opening.open();
    stream.receive_challenge();
    setting.emulator.advance(180.0);
    let Sent::Exception(kind, message) = stream.receive() else {
        panic!("not ended");
    };
    assert_eq!(kind, "ValidationException");
    assert!(message.contains("expired"), "{message}");
    assert_eq!(setting.status(&opening.session_id), "EXPIRED");
}

#[test]
fn the_challenge_is_the_first_that_the_session_prefers_and_the_client_knows() {
    let setting = Setting::start();
    let challenge = |preferences: &str, known: &str| {
        let id = create_with(
            &setting.client,
            &format!(r#"{{"ChallengePreferences":[{preferences}]}}"#),
        );
        let mut opening = Opening::new(&setting.emulator, &id);
        opening.challenges = known.into();
        opening
    };
    let both = format!(r#"{{"Type":"{MOVEMENT}"}},{{"Type":"{LIGHT}"}}"#);
    let known = format!("{LIGHT}_2.0.0");
    let mut stream = challenge(&both, &known).open();
    assert_eq!(stream.receive_challenge(), LIGHT);
    let known = format!("{LIGHT}_2.0.0,{MOVEMENT}_1.0.0");
    let mut stream = challenge(&both, &known).open();
    assert_eq!(stream.receive_challenge(), MOVEMENT);
    let old = format!(r#"{{"Type":"{LIGHT}","Versions":{{"Maximum":"1.9.9"}}}}"#);
    let (kind, message) = setting.refused(&challenge(&old, &known));
    assert_eq!(kind, "ValidationException");
    assert!(message.contains("no challenge"), "{message}");
}

/// A message with the headers of another.
fn with_signature_of(message: &[u8], signed: &[u8]) -> Vec<u8> {
    let message = read_message_from(message).unwrap();
    let signed = read_message_from(signed).unwrap();
    let forged = Message::new_from_parts(signed.headers().to_vec(), message.payload().clone());
    let mut bytes = Vec::new();
    write_message_to(&forged, &mut bytes).unwrap();
    bytes
}

#[test]
fn messages_that_break_the_chain_of_signatures_are_refused() {
    let setting = Setting::start();
    type Change = fn(&mut Stream) -> Vec<u8>;
    let changes: [Change; 4] = [
        // Another video with the signature of this one, and with valid checksums.
        |stream| {
            let signed = stream.sign("VideoEvent", &video(b"webm"));
            let other = stream.sign("VideoEvent", &video(b"more"));
            with_signature_of(&other, &signed)
        },
        // The same message twice.
        |stream| {
            let message = stream.sign("VideoEvent", &video(b"webm"));
            stream.send_message(&message);
            message
        },
        // One message is missing.
        |stream| {
            stream.sign("VideoEvent", &video(b"webm"));
            stream.sign("VideoEvent", &video(b"more"))
        },
        // Not a message.
        |_| vec![0; 20],
    ];
    for (n, change) in changes.iter().enumerate() {
        let opening = setting.opening();
        let mut stream = opening.open();
        stream.receive_challenge();
        let message = change(&mut stream);
        stream.send_message(&message);
        let Sent::Exception(kind, _) = stream.receive() else {
            panic!("not refused: {n}");
        };
        let expected = if n == 3 {
            "ValidationException"
        } else {
            "InvalidSignatureException"
        };
        assert_eq!(kind, expected, "{n}");
        assert_eq!(stream.receive(), Sent::Close(1000));
        assert_eq!(setting.status(&opening.session_id), "FAILED");
    }
}

#[test]
fn a_check_fails_when_the_client_leaves_before_its_end() {
    let setting = Setting::start();
    let opening = setting.opening();
    let mut stream = opening.open();
    stream.receive_challenge();
    for (kind, body) in &events(LIGHT)[..3] {
        stream.send(kind, body);
    }
    drop(stream);
    let deadline = SystemTime::now() + Duration::from_secs(60);
    while setting.status(&opening.session_id) == "IN_PROGRESS" && SystemTime::now() < deadline {
        std::thread::yield_now();
    }
    assert_eq!(setting.status(&opening.session_id), "FAILED");
}

#[test]
fn the_outcome_of_a_stream_can_be_set_before() {
    let setting = Setting::start();
    let opening = setting.opening();
    let id = &opening.session_id;
    let plan = |outcome| setting.emulator.plan(id, outcome);
    assert_eq!(
        setting.emulator.plan(ID, outcome("FAILED", 1.0)),
        Plan::NoSession
    );
    let image = include_bytes!("../../../inst/extdata/person-2-0.jpg").as_slice();
    let planned = CheckOutcome {
        images: vec![Bytes::from_static(image)],
        ..outcome("SUCCEEDED", 12.5)
    };
    assert_eq!(plan(planned), Plan::Set);
    assert_eq!(setting.status(id), "CREATED");
    let mut stream = opening.open();
    stream.receive_challenge();
    stream.send_check(LIGHT);
    assert!(matches!(stream.receive(), Sent::Event(..)));
    let results = results(&setting.client, id);
    assert_eq!(results["Confidence"], 12.5);
    assert_eq!(results["ReferenceImage"]["Bytes"], STANDARD.encode(image));
    assert_eq!(plan(outcome("FAILED", 1.0)), Plan::TooLate);
}

#[test]
fn a_request_for_a_stream_that_is_no_websocket_is_an_http_error() {
    let setting = Setting::start();
    let opening = setting.opening();
    let (path, signature) = opening.presign();
    let mut stream = Stream::connect(&opening.address, opening.signer(signature));
    let request = format!("GET {path} HTTP/1.1\r\nHost: {}\r\n\r\n", opening.address);
    stream.connection.write_all(request.as_bytes()).unwrap();
    let mut response = String::new();
    stream.connection.read_to_string(&mut response).unwrap();
    assert!(
        response.starts_with("HTTP/1.1 426 Upgrade Required\r\n"),
        "{response}"
    );
}

#[test]
fn a_hundred_streams_at_once_are_the_limit() {
    let setting = Setting::start();
    let mut streams: Vec<_> = (0..100)
        .map(|_| {
            let mut stream = setting.opening().open();
            stream.receive_challenge();
            stream
        })
        .collect();
    let refused = setting.refused(&setting.opening());
    assert_eq!(refused.0, "ServiceQuotaExceededException");
    for stream in &mut streams {
        stream.send_check(LIGHT);
    }
    for stream in &mut streams {
        assert!(matches!(stream.receive(), Sent::Event(kind, _) if kind == "DisconnectionEvent"));
    }
    setting.opening().open().receive_challenge();
}

#[test]
fn the_record_of_a_stream_has_the_size_of_its_video_but_not_the_video() {
    let setting = Setting::start();
    let (id, _) = setting.check(MOVEMENT);
    let requests = setting.emulator.requests();
    let records: Vec<_> = requests
        .iter()
        .filter(|record| record.session_id.as_ref() == Some(&id))
        .collect();
    let record = records
        .iter()
        .find(|record| record.video_bytes.is_some())
        .unwrap();
    assert_eq!(record.video_bytes, Some(8));
    assert_eq!(record.status, Some(101));
    assert_eq!(record.code, None);
    assert_eq!(
        record.access_key_id.as_ref(),
        Some(&setting.emulator.keys().access_key_id)
    );
    assert_eq!(setting.emulator.video(&id), None);
}

#[test]
fn an_outcome_that_is_set_during_a_stream_stays() {
    let setting = Setting::start();
    for (set, expected) in [
        ("CREATED", "SUCCEEDED"),
        ("IN_PROGRESS", "SUCCEEDED"),
        ("FAILED", "FAILED"),
    ] {
        let (id, mut stream) = setting.stream(MOVEMENT);
        assert!(setting.emulator.check(&id, outcome(set, 1.0)));
        assert_eq!(setting.status(&id), set);
        stream.send_check(MOVEMENT);
        assert!(matches!(stream.receive(), Sent::Event(..)), "{set}");
        assert_eq!(setting.status(&id), expected);
    }
    let (id, mut stream) = setting.stream(MOVEMENT);
    assert!(setting.emulator.check(&id, outcome("EXPIRED", 1.0)));
    assert!(matches!(stream.receive(), Sent::Exception(_, message) if message.contains("expired")));
}

#[test]
fn only_streams_with_video_take_a_place_among_the_videos() {
    let _environment = Environment::with(&[]);
    let emulator = Emulator::start(Options {
        keeps_video: true,
        ..Options::default()
    })
    .unwrap();
    let client = client(settings(&emulator));
    let id = create(&client).unwrap();
    let mut stream = Opening::new(&emulator, &id).open();
    stream.receive_challenge();
    stream.send_check(LIGHT);
    assert!(matches!(stream.receive(), Sent::Event(..)));
    assert_eq!(emulator.video(&id).unwrap(), b"webmmore");
    for _ in 0..11 {
        let other = create(&client).unwrap();
        let mut stream = Opening::new(&emulator, &other).open();
        stream.receive_challenge();
        // An end without video.
        stream.send("VideoEvent", &video(b""));
        assert!(matches!(stream.receive(), Sent::Exception(..)));
        assert_eq!(emulator.video(&other), None);
    }
    assert!(emulator.video(&id).is_some());
}
