//! Settings as somebody gave them: what is not given is `None`.

pub(crate) mod endpoint;
mod environment;
pub mod fingerprint;
mod ini;
pub mod keys;
pub mod no_proxy;
pub(crate) mod profiles;
pub mod resolve;
pub(crate) mod shared_files;
pub mod source;

use crate::secret::Secret;
use keys::Keys;
use std::path::PathBuf;
use std::time::Duration;

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

/// How a failed request is sent again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RetryMode {
    /// Exponential back-off.
    Standard,
    /// Back-off and a rate that follows the service's throttling.
    Adaptive,
}

/// Where credentials will be looked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CredentialSource {
    /// Keys given when the client was made.
    Given,
    /// Keys that are given when they are wanted.
    Supplied,
    /// No credentials: requests are not signed.
    Anonymous,
    /// A profile that was named when the client was made.
    Profile(String),
    /// The environment holds keys, which come first in the default chain.
    Environment,
    /// The default chain.
    DefaultChain,
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
