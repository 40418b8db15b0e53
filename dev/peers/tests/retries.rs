//! Which requests are retried.

use rekognition_core::error::Error;
use rekognition_core::response::output;
use rekognition_core::settings::Settings;
use rekognition_emulator::{Emulator, Part, Refusal};
use rekognition_model::model;
use rekognition_peers::{
    client, create, emulator, get, respond, settings, settings_for, start_create, Environment,
    Folder, RawServer, ID,
};
use std::net::TcpStream;
use std::time::Duration;

fn error(status: u16, code: &str) -> rekognition_emulator::Fault {
    rekognition_emulator::Fault::Refuse(Refusal {
        code: code.into(),
        message: None,
        status,
    })
}

/// Whether a call succeeds whose first request fails like this, and the number of its requests.
fn requests_after(fault: rekognition_emulator::Fault) -> (bool, usize) {
    let emulator = emulator();
    emulator.fault(fault, 1);
    let client = client(Settings {
        max_retries: Some(3),
        ..settings(&emulator)
    });
    let is_good = create(&client).is_ok();
    (is_good, emulator.requests().len())
}

#[test]
fn transient_errors_are_retried() {
    let _environment = Environment::with(&[]);
    use rekognition_emulator::Fault::{Close, ContentLength, CutOff, Html, Reset};
    for fault in [
        error(400, "ThrottlingException"),
        error(400, "ProvisionedThroughputExceededException"),
        error(429, "ThrottlingException"),
        error(429, "AnythingElse"),
        error(500, "ThrottlingException"),
        error(500, "InternalServerError"),
        error(503, "ServiceUnavailableException"),
        Html(500),
        Html(502),
        Html(503),
        Html(504),
        Close,
        Reset,
        CutOff(Part::Header),
        CutOff(Part::Body),
        ContentLength(10),
    ] {
        assert_eq!(requests_after(fault.clone()), (true, 2), "{fault:?}");
    }
}

#[test]
fn permanent_errors_are_not_retried() {
    let _environment = Environment::with(&[]);
    use rekognition_emulator::Fault::{ContentLength, Gzip, Html};
    for fault in [
        error(400, "AccessDeniedException"),
        error(400, "InvalidParameterException"),
        error(400, "ValidationException"),
        error(400, "SessionNotFoundException"),
        error(400, "UnrecognizedClientException"),
        error(403, "AccessDeniedException"),
        Html(403),
        Html(404),
        Html(407),
        Gzip,
    ] {
        assert_eq!(requests_after(fault.clone()), (false, 1), "{fault:?}");
    }
    // HTTP does not notice a content length that is too short, but the parser does.
    let emulator = emulator();
    emulator.fault(ContentLength(-10), 1);
    let client = client(settings(&emulator));
    let mut pending = start_create(&client).unwrap();
    let response = pending.wait(Duration::from_secs(20)).unwrap().unwrap();
    assert!(output(&model()["CreateFaceLivenessSession"], response.body()).is_err());
}

#[test]
fn a_retry_is_signed_again_with_its_own_time() {
    let _environment = Environment::with(&[]);
    let server = RawServer::start("127.0.0.1:0", |stream: &mut TcpStream, number| {
        if number == 0 {
            // Wait for the next second: the time in signatures has whole seconds.
            std::thread::sleep(Duration::from_millis(1100));
            return respond(stream, 503, "", "");
        }
        respond(stream, 200, "", "{}")
    });
    let client = client(Settings {
        max_retries: Some(1),
        ..settings_for(server.url())
    });
    get(&client, ID).unwrap();
    let line = |name: &str| -> Vec<String> {
        let heads = server.heads();
        let lines = heads
            .iter()
            .flat_map(|head| head.lines().filter(|line| line.starts_with(name)));
        lines.map(str::to_owned).collect()
    };
    for name in ["x-amz-date", "authorization"] {
        let lines = line(name);
        assert_eq!(lines.len(), 2);
        assert_ne!(lines[0], lines[1]);
    }
    assert_eq!(
        line("amz-sdk-invocation-id")[0],
        line("amz-sdk-invocation-id")[1]
    );
}

/// Creates this number of sessions at once. How many of the calls failed.
fn at_once(emulator: &Emulator, settings: Settings, sessions: usize) -> usize {
    let client = client(settings);
    let mut pending: Vec<_> = (0..sessions)
        .map(|_| start_create(&client).unwrap())
        .collect();
    // All are sent before the first is waited for.
    let started: Vec<_> = pending
        .iter_mut()
        .map(|call| call.wait(Duration::ZERO))
        .collect();
    let results = pending.iter_mut().zip(started).map(|(call, started)| {
        started.unwrap_or_else(|| call.wait(Duration::from_secs(60)).expect("an end in time"))
    });
    let failed = results.filter(Result::is_err).count();
    assert!(emulator.requests().len() >= sessions);
    failed
}

#[test]
fn no_call_fails_where_many_are_retried_and_no_client_affects_another() {
    let _environment = Environment::with(&[]);
    for fault in [
        error(400, "ThrottlingException"),
        error(500, "InternalServerError"),
        rekognition_emulator::Fault::Close,
    ] {
        let emulator = emulator();
        let settings = || Settings {
            max_retries: Some(8),
            ..settings(&emulator)
        };
        // As many faults as calls: the SDK's own retry quota would be used up long before.
        for _ in 0..2 {
            emulator.fault(fault.clone(), 200);
            assert_eq!(at_once(&emulator, settings(), 200), 0, "{fault:?}");
        }
    }
}

#[test]
fn the_retry_mode_is_the_one_that_was_set_and_is_sent_to_the_service() {
    let environment = Environment::with(&[]);
    // The SDK's codes for the two modes, in the user agent's list of features.
    let is_sent = |feature: &str| {
        let emulator = emulator();
        emulator.fault(error(500, "InternalServerError"), 1);
        create(&client(Settings {
            max_retries: Some(1),
            ..settings(&emulator)
        }))
        .unwrap();
        let requests = emulator.requests();
        let agent = requests[1].user_agent.clone().unwrap();
        let features = agent.split(' ').find_map(|part| part.strip_prefix("m/"));
        features.unwrap().split(',').any(|found| found == feature)
    };
    assert!(is_sent("E") && !is_sent("F"));
    environment.set("AWS_RETRY_MODE", "adaptive");
    assert!(is_sent("F") && !is_sent("E"));
}

#[test]
fn attempts_come_from_the_variable_and_the_profile() {
    let environment = Environment::with(&[("AWS_MAX_ATTEMPTS", "2")]);
    let attempts = || {
        let emulator = emulator();
        emulator.fault(error(500, "InternalServerError"), 100);
        let client = client(Settings {
            max_retries: None,
            ..settings(&emulator)
        });
        match get(&client, ID) {
            Err(Error::Service(error)) => {
                assert_eq!(error.attempts as usize, emulator.requests().len());
                error.attempts
            }
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(attempts(), 2);
    environment.unset("AWS_MAX_ATTEMPTS");
    assert_eq!(attempts(), 4);
    let folder = Folder::new("retries");
    let config = folder.write("config", "[default]\nmax_attempts = 1\n");
    environment.set("AWS_CONFIG_FILE", &config);
    assert_eq!(attempts(), 1);
}

#[test]
fn an_idle_connection_that_the_server_closed_is_noticed_before_it_is_used() {
    let _environment = Environment::with(&[]);
    let server = RawServer::start("127.0.0.1:0", |stream: &mut TcpStream, _| {
        respond(stream, 200, "", "{}");
        // Closes the connection without a header that says so.
        false
    });
    let client = client(settings_for(server.url()));
    for calls in 1..=10 {
        get(&client, ID).unwrap();
        std::thread::sleep(Duration::from_millis(20));
        assert_eq!(server.connections(), calls);
    }
}

#[test]
fn a_literal_address_of_ipv6_is_an_endpoint() {
    let _environment = Environment::with(&[]);
    let server = RawServer::start("[::1]:0", |stream: &mut TcpStream, _| {
        respond(stream, 200, "", "{}")
    });
    assert!(server.url().starts_with("http://[::1]:"));
    get(&client(settings_for(server.url())), ID).unwrap();
}
