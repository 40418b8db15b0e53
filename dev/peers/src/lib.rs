//! The client under test, an isolated environment, and the peers that it connects to.

mod credentials;
mod environment;
mod folder;
mod http;
pub mod objects;
mod raw;
pub mod stream;
mod tls;
mod tunnel;

pub use credentials::{
    assert_signed_with, assumed_role, credentials_reason, default_chain_error,
    metadata_credentials, metadata_service, role_credentials, settings_without_keys,
};
pub use environment::Environment;
pub use folder::Folder;
pub use http::{HttpServer, Reply, Request};
pub use raw::{respond, RawServer};
pub use tls::{certificate, Authority, Certificate, TlsFront, Validity};
pub use tunnel::Tunnel;

use rekognition_core::call::log::Level;
use rekognition_core::call::{self, new_token, Pending, Request as Call};
use rekognition_core::error::Error;
use rekognition_core::json::Value;
use rekognition_core::results::request as results_request;
use rekognition_core::secret::Secret;
use rekognition_core::settings::keys::Keys;
use rekognition_core::settings::resolve::Resolved;
use rekognition_core::settings::Settings;
use rekognition_core::{Client, Response};
use rekognition_emulator::{Emulator, Options, Timing};
use rekognition_model::model;
use std::net::SocketAddr;
use std::sync::OnceLock;
use std::time::Duration;
use tokio::net::TcpListener;

/// The id of no session.
pub const ID: &str = "0f959dbb-37cc-45d8-a08d-dc42cce85fa8";

/// Longer than any call takes.
const LIMIT: Duration = Duration::from_secs(60);

/// The runtime of the servers.
pub fn server_runtime() -> &'static tokio::runtime::Runtime {
    static RUNTIME: OnceLock<tokio::runtime::Runtime> = OnceLock::new();
    RUNTIME.get_or_init(|| tokio::runtime::Runtime::new().expect("a runtime"))
}

/// Listens on a free port.
fn listen() -> (TcpListener, SocketAddr) {
    let listener = server_runtime()
        .block_on(TcpListener::bind("127.0.0.1:0"))
        .expect("a port");
    let address = listener.local_addr().expect("an address");
    (listener, address)
}

/// An emulator whose checks complete only when they are told to.
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

/// Settings for a client of this emulator, without retries.
pub fn settings(emulator: &Emulator) -> Settings {
    Settings {
        endpoint: Some(emulator.url()),
        keys: Some(keys(emulator)),
        ..base_settings()
    }
}

/// Settings without endpoint, keys and retries.
pub fn base_settings() -> Settings {
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

/// A client with these settings, in the current environment.
pub fn client(settings: Settings) -> Client {
    Client::new(Resolved::new(settings).expect("valid settings"))
}

/// Gets the results of a session.
pub fn get(client: &Client, id: &str) -> Result<Response, Error> {
    start_get(client, id, Level::Off)?
        .wait(LIMIT)
        .expect("a result in time")
}

/// Creates a session, and returns its id.
pub fn create(client: &Client) -> Result<String, Error> {
    let response = start_create(client)?
        .wait(LIMIT)
        .expect("a result in time")?;
    let output = Value::parse(response.body()).expect("JSON");
    Ok(output.string("SessionId").expect("an id").into_owned())
}

/// Creates a session with these settings, in JSON.
pub fn create_with(client: &Client, settings: &str) -> String {
    let call = Call {
        operation: &model()["CreateFaceLivenessSession"],
        input: format!(r#"{{"Settings":{settings}}}"#).into(),
    };
    let response = call::start(client, call, Level::Off)
        .and_then(|mut call| call.wait(LIMIT).expect("a result in time"))
        .expect("a session");
    let output = Value::parse(response.body()).expect("JSON");
    output.string("SessionId").expect("an id").into_owned()
}

/// The results of a session, which exists.
pub fn results(client: &Client, id: &str) -> serde_json::Value {
    let response = get(client, id).expect("results");
    serde_json::from_slice(response.body()).expect("JSON")
}

/// Starts to get the results of a session.
pub fn start_get(client: &Client, id: &str, level: Level) -> Result<Pending, Error> {
    call::start(client, results_request(id), level)
}

/// Starts to create a session.
pub fn start_create(client: &Client) -> Result<Pending, Error> {
    let input = format!(r#"{{"ClientRequestToken":"{}"}}"#, new_token());
    let call = Call {
        operation: &model()["CreateFaceLivenessSession"],
        input: input.into(),
    };
    call::start(client, call, Level::Off)
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
        ..base_settings()
    }
}

/// The reason of a connection error.
pub fn connection_reason(error: Error) -> String {
    match error {
        Error::Connection { reason, .. } => reason,
        other => panic!("{other:?}"),
    }
}
