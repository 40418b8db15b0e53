//! What is sent again, and what is not.

use rekognition_core::error::Error;
use rekognition_core::liveness::create_session;
use rekognition_core::log::Level;
use rekognition_core::settings::Settings;
use rekognition_emulator::{Emulator, Part, Refusal};
use rekognition_peers::{
    client, create, emulator, get, respond, settings, settings_for, Environment, Folder, RawServer,
    ID,
};
use std::net::TcpStream;
use std::time::Duration;

fn refuse(status: u16, code: &str) -> rekognition_emulator::Fault {
    rekognition_emulator::Fault::Refuse(Refusal {
        code: code.into(),
        message: None,
        status,
    })
}

/// The requests that a call needs when the first one meets this.
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
fn what_may_pass_is_sent_again() {
    let _environment = Environment::with(&[]);
    use rekognition_emulator::Fault::{Close, ContentLength, CutOff, Html, Reset};
    for fault in [
        refuse(400, "ThrottlingException"),
        refuse(400, "ProvisionedThroughputExceededException"),
        refuse(429, "ThrottlingException"),
        refuse(429, "AnythingElse"),
        refuse(500, "ThrottlingException"),
        refuse(500, "InternalServerError"),
        refuse(503, "ServiceUnavailableException"),
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
fn refusals_are_not_sent_again() {
    let _environment = Environment::with(&[]);
    use rekognition_emulator::Fault::{ContentLength, Gzip, Html};
    for fault in [
        refuse(400, "AccessDeniedException"),
        refuse(400, "InvalidParameterException"),
        refuse(400, "ValidationException"),
        refuse(400, "SessionNotFoundException"),
        refuse(400, "UnrecognizedClientException"),
        refuse(403, "AccessDeniedException"),
        Html(403),
        Html(404),
        Html(407),
        Gzip,
    ] {
        assert_eq!(requests_after(fault.clone()), (false, 1), "{fault:?}");
    }
    // HTTP cannot see that it was promised too few bytes, but half an answer is no answer.
    let emulator = emulator();
    emulator.fault(ContentLength(-10), 1);
    let client = client(settings(&emulator));
    let mut pending = create_session(&client, Default::default(), Level::Off).unwrap();
    let answer = pending.wait(Duration::from_secs(20)).unwrap().unwrap();
    assert!(rekognition_core::response::created_session(answer.body()).is_err());
}

#[test]
fn a_request_that_is_sent_again_is_signed_again_with_the_time_of_then() {
    let _environment = Environment::with(&[]);
    let server = RawServer::start("127.0.0.1:0", |stream: &mut TcpStream, number| {
        if number == 0 {
            // Into the next second: the clock of signatures has no finer hands.
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

/// So many sessions at once, with this many requests to be spoilt before they come.
fn at_once(emulator: &Emulator, settings: Settings, sessions: usize) -> usize {
    let client = client(settings);
    let mut pending: Vec<_> = (0..sessions)
        .map(|_| create_session(&client, Default::default(), Level::Off).unwrap())
        .collect();
    // All are begun before the first is waited for.
    let begun: Vec<_> = pending
        .iter_mut()
        .map(|call| call.wait(Duration::ZERO))
        .collect();
    let answers = pending.iter_mut().zip(begun).map(|(call, begun)| {
        begun.unwrap_or_else(|| call.wait(Duration::from_secs(60)).expect("an end in time"))
    });
    let lost = answers.filter(Result::is_err).count();
    assert!(emulator.requests().len() >= sessions);
    lost
}

#[test]
fn no_call_is_lost_where_many_fail_at_first_and_no_client_pays_for_another() {
    let _environment = Environment::with(&[]);
    for fault in [
        refuse(400, "ThrottlingException"),
        refuse(500, "InternalServerError"),
        rekognition_emulator::Fault::Close,
    ] {
        let emulator = emulator();
        let settings = || Settings {
            max_retries: Some(8),
            ..settings(&emulator)
        };
        // As many faults as calls: the SDK's own bucket of retries would be empty long before.
        for _ in 0..2 {
            emulator.fault(fault.clone(), 200);
            assert_eq!(at_once(&emulator, settings(), 200), 0, "{fault:?}");
        }
    }
}

#[test]
fn the_retry_mode_is_the_one_that_was_set_and_is_told_to_the_service() {
    let environment = Environment::with(&[]);
    // The SDK's codes for the two modes, in the user agent's list of features.
    let is_told = |feature: &str| {
        let emulator = emulator();
        emulator.fault(refuse(500, "InternalServerError"), 1);
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
    assert!(is_told("E") && !is_told("F"));
    environment.set("AWS_RETRY_MODE", "adaptive");
    assert!(is_told("F") && !is_told("E"));
}

#[test]
fn attempts_come_from_the_variable_and_the_profile() {
    let environment = Environment::with(&[("AWS_MAX_ATTEMPTS", "2")]);
    let tries = || {
        let emulator = emulator();
        emulator.fault(refuse(500, "InternalServerError"), 100);
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
    assert_eq!(tries(), 2);
    environment.unset("AWS_MAX_ATTEMPTS");
    assert_eq!(tries(), 4);
    let folder = Folder::new("retries");
    let config = folder.write("config", "[default]\nmax_attempts = 1\n");
    environment.set("AWS_CONFIG_FILE", &config);
    assert_eq!(tries(), 1);
}

#[test]
fn an_idle_connection_that_the_server_closed_is_noticed_before_it_is_used() {
    let _environment = Environment::with(&[]);
    let server = RawServer::start("127.0.0.1:0", |stream: &mut TcpStream, _| {
        respond(stream, 200, "", "{}");
        // It does not say that it closes the connection, and closes it.
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
