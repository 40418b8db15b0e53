//! The limits of relays in time.

use super::*;
use crate::secret::Secret;
use crate::settings::keys::Keys;
use crate::settings::resolve::Resolved;
use crate::settings::Settings;
use aws_credential_types::Credentials;
use rekognition_emulator::{Emulator, Options, StreamFault};
use rekognition_streaming::presign::{presign, Scope};
use rekognition_streaming::{PATH, SERVICE};
use std::time::SystemTime;

const SHORT: Duration = Duration::from_millis(200);

fn emulator_and_client() -> (Emulator, Client) {
    let emulator = Emulator::start(Options::default()).unwrap();
    let settings = Settings {
        region: Some("us-east-1".into()),
        endpoint: Some(emulator.url()),
        keys: Some(Keys {
            access_key_id: emulator.keys().access_key_id.clone(),
            secret_access_key: Secret::new(emulator.keys().secret_access_key.clone()),
            session_token: None,
            expires: None,
        }),
        ..Settings::default()
    };
    let client = Client::new(Resolved::new(settings).unwrap());
    (emulator, client)
}

/// The first request of a page.
fn opening(ticket: &Ticket) -> String {
    let scope = Scope {
        keys: Credentials::new(&ticket.id, ticket.secret.reveal(), None, None, "test"),
        region: &ticket.region,
        service: SERVICE,
        date: SystemTime::now(),
        expires_in: Duration::from_secs(299),
    };
    let path = format!("{PATH}?session-id={}", ticket.session_id);
    let path = presign("relay.invalid", &path, scope).unwrap().path;
    let query = path.split_once('?').unwrap().1;
    format!(
        r#"{{"ticket":"{}","sequence":1,"open":"?{query}"}}"#,
        ticket.id
    )
}

fn end(relay: &Relay) -> State {
    loop {
        let state = relay.state();
        if !matches!(state, State::Waiting | State::Open) {
            return state;
        }
        std::thread::sleep(Duration::from_millis(5));
    }
}

fn is_timeout(state: &State) -> bool {
    matches!(
        state,
        State::Failed(Error::Timeout {
            limit: Limit::Check,
            ..
        })
    )
}

#[test]
fn a_page_that_sends_nothing_has_gone() {
    let (emulator, client) = emulator_and_client();
    emulator.fault_stream(StreamFault::Silent, 1);
    let limits = Limits {
        silence: SHORT,
        ..LIMITS
    };
    let relay = Relay::with(&client, "session".into(), Level::Off, limits).unwrap();
    relay.exchange(opening(relay.ticket().unwrap()).as_bytes());
    assert_eq!(end(&relay), State::Closed);
}

#[test]
fn a_check_that_is_open_ends_with_its_ticket() {
    let (emulator, client) = emulator_and_client();
    emulator.fault_stream(StreamFault::Silent, 1);
    let limits = Limits {
        lifetime: SHORT,
        ..LIMITS
    };
    let relay = Relay::with(&client, "session".into(), Level::Off, limits).unwrap();
    relay.exchange(opening(relay.ticket().unwrap()).as_bytes());
    assert!(is_timeout(&end(&relay)));
}

#[test]
fn a_ticket_that_is_not_used_expires() {
    let (_emulator, client) = emulator_and_client();
    let limits = Limits {
        lifetime: SHORT,
        ..LIMITS
    };
    let relay = Relay::with(&client, "session".into(), Level::Off, limits).unwrap();
    assert!(is_timeout(&end(&relay)));
    let response = relay.exchange(opening(relay.ticket().unwrap()).as_bytes());
    assert!(
        response.contains(r#""state":"closed""#) && response.contains("TIMEOUT"),
        "{response}"
    );
}
