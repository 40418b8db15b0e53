//! What the tests of this crate have in common: the client under test, an environment of its own, and stand-ins
//! for the peers it meets.

mod credentials;
mod environment;
mod folder;
mod http;
mod raw;
mod tls;
mod tunnel;

pub use credentials::{assumed_role, metadata_credentials, metadata_service, role_credentials};
pub use environment::Environment;
pub use folder::Folder;
pub use http::{HttpServer, Seen};
pub use raw::{answer_with, RawServer};
pub use tls::{certificate, Authority, Certificate, TlsFront, Validity};
pub use tunnel::Tunnel;

use rekognition_core::error::Error;
use rekognition_core::liveness::{create_session, get_session_results, NewSession};
use rekognition_core::log::Level;
use rekognition_core::secret::Secret;
use rekognition_core::settings::keys::Keys;
use rekognition_core::settings::resolve::Resolved;
use rekognition_core::settings::Settings;
use rekognition_core::{response, Client, Response};
use rekognition_emulator::{Emulator, Options, Timing};
use std::net::SocketAddr;
use std::sync::OnceLock;
use std::time::Duration;
use tokio::net::TcpListener;

/// An id that no session has.
pub const ID: &str = "0f959dbb-37cc-45d8-a08d-dc42cce85fa8";

/// Long enough for everything that ends.
const PATIENCE: Duration = Duration::from_secs(60);

/// The runtime that stand-ins run on.
pub fn stand_ins() -> &'static tokio::runtime::Runtime {
    static RUNTIME: OnceLock<tokio::runtime::Runtime> = OnceLock::new();
    RUNTIME.get_or_init(|| tokio::runtime::Runtime::new().expect("a runtime"))
}

/// A free port of this machine.
fn listen() -> (TcpListener, SocketAddr) {
    let listener = stand_ins()
        .block_on(TcpListener::bind("127.0.0.1:0"))
        .expect("a port");
    let address = listener.local_addr().expect("an address");
    (listener, address)
}

/// An emulator whose checks happen to order only.
pub fn emulator() -> Emulator {
    Emulator::start(Options {
        timing: Timing {
            starts_after: f64::INFINITY,
            takes: 1.0,
        },
        ..Options::default()
    })
    .expect("an emulator")
}

/// Settings for a client of this emulator. Nothing is sent again.
pub fn settings(emulator: &Emulator) -> Settings {
    Settings {
        endpoint: Some(emulator.url()),
        keys: Some(keys(emulator)),
        ..bare()
    }
}

/// Settings without endpoint and keys.
pub fn bare() -> Settings {
    Settings {
        region: Some("us-east-1".into()),
        max_retries: Some(0),
        ..Settings::default()
    }
}

/// The emulator's keys.
pub fn keys(emulator: &Emulator) -> Keys {
    let keys = emulator.keys();
    Keys {
        access_key_id: keys.access_key_id.clone(),
        secret_access_key: Secret::new(keys.secret_access_key.clone()),
        session_token: None,
        expires: None,
    }
}

/// A client with these settings, in the environment as it is now.
pub fn client(settings: Settings) -> Client {
    Client::new(Resolved::new(settings).expect("good settings"))
}

/// Asks for results.
pub fn get(client: &Client, id: &str) -> Result<Response, Error> {
    get_session_results(client, id.into(), Level::Off)?
        .wait(PATIENCE)
        .expect("an end in time")
}

/// Creates a session, and gives its id.
pub fn create(client: &Client) -> Result<String, Error> {
    let answer = create_session(client, NewSession::default(), Level::Off)?
        .wait(PATIENCE)
        .expect("an end in time")?;
    let id = response::created_session(answer.body()).expect("an answer that can be read");
    Ok(id.expect("an id").into_owned())
}

/// Settings for a client of any server.
pub fn settings_for(endpoint: String) -> Settings {
    Settings {
        endpoint: Some(endpoint),
        keys: Some(Keys {
            access_key_id: "AKIAEXAMPLE".into(),
            secret_access_key: Secret::new("secret".into()),
            session_token: None,
            expires: None,
        }),
        ..bare()
    }
}

/// The reason of a connection fault.
pub fn connection_reason(fault: Error) -> String {
    match fault {
        Error::Connection { reason, .. } => reason,
        other => panic!("{other:?}"),
    }
}
