//! Settings as somebody gave them: what is not given is `None`.

use crate::credentials::check_key;
use crate::fault::Fault;
use crate::secret::Secret;
use aws_credential_types::Credentials;
use std::path::PathBuf;
use std::time::{Duration, SystemTime};

/// The settings of a client.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    /// AWS region.
    pub region: Option<String>,
    /// Address to send requests to, with its scheme.
    pub endpoint: Option<String>,
    /// Keys to sign with.
    pub keys: Option<Keys>,
    /// Keys are given when they are wanted.
    pub keys_are_supplied: bool,
    /// Profile in the shared files; it comes before the environment's keys.
    pub profile: Option<String>,
    /// Send requests without a signature.
    pub anonymous: bool,
    /// Send `Connection: close`.
    pub close_connection: bool,
    /// Requests that may follow a failed one.
    pub max_retries: Option<u32>,
    /// `standard` or `adaptive`.
    pub retry_mode: Option<String>,
    /// To reach the server, TLS included.
    pub connect_timeout: Option<Duration>,
    /// Without a byte from the server.
    pub read_timeout: Option<Duration>,
    /// For the whole operation.
    pub operation_timeout: Option<Duration>,
    /// PEM file with certificates to trust beside the system's.
    pub ca_bundle: Option<PathBuf>,
    /// Proxy for https.
    pub proxy: Option<Secret>,
    /// Use the FIPS endpoint.
    pub use_fips: Option<bool>,
    /// Use the dual-stack endpoint.
    pub use_dualstack: Option<bool>,
    /// Name of the application, for the user agent.
    pub app_name: Option<String>,
}

/// Long-lived or temporary keys.
#[derive(Debug, Clone)]
pub struct Keys {
    /// Access key id.
    pub access_key_id: String,
    /// Secret access key.
    pub secret_access_key: Secret,
    /// Session token of temporary keys.
    pub session_token: Option<Secret>,
    /// When they expire, if that is known.
    pub expires: Option<SystemTime>,
}

impl Keys {
    /// Refuses what cannot stand in a header.
    pub fn check(&self, source: &str) -> Result<(), Fault> {
        check_key("access_key_id", &self.access_key_id, source)?;
        check_key("secret_access_key", self.secret_access_key.reveal(), source)?;
        let token = self.session_token.as_ref();
        token.map_or(Ok(()), |token| {
            check_key("session_token", token.reveal(), source)
        })
    }

    /// As the SDK has them.
    pub fn credentials(&self) -> Credentials {
        let token = self.session_token.as_ref();
        Credentials::new(
            self.access_key_id.clone(),
            self.secret_access_key.reveal(),
            token.map(|token| token.reveal().to_owned()),
            self.expires,
            "config",
        )
    }
}

impl Settings {
    /// Limit for reaching the server.
    pub fn connect_timeout(&self) -> Duration {
        self.connect_timeout.unwrap_or(Duration::from_secs(10))
    }

    /// Limit for silence of the server.
    pub fn read_timeout(&self) -> Duration {
        self.read_timeout.unwrap_or(Duration::from_secs(60))
    }

    /// Limit for the whole operation.
    pub fn operation_timeout(&self) -> Duration {
        self.operation_timeout.unwrap_or(Duration::from_secs(180))
    }
}
