//! The settings of a client, as they are given in the call.

pub(crate) mod endpoint;
mod environment;
pub mod fingerprint;
mod ini;
pub mod keys;
pub mod no_proxy;
pub(crate) mod profiles;
pub(crate) mod proxies;
pub mod resolve;
pub(crate) mod shared_files;
pub mod source;

use crate::secret::Secret;
use keys::Keys;
use std::path::PathBuf;
use std::time::Duration;

/// Settings from the call. `None` means not given.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    /// AWS region.
    pub region: Option<String>,
    /// Custom endpoint: a URL.
    pub endpoint: Option<String>,
    /// Keys to sign with.
    pub keys: Option<Keys>,
    /// Keys are supplied on request.
    pub keys_on_request: bool,
    /// Profile in the shared files. It takes precedence over keys in the environment.
    pub profile: Option<String>,
    /// Do not sign requests.
    pub anonymous: bool,
    /// Send `Connection: close`.
    pub close_connection: bool,
    /// Most retries of a request.
    pub max_retries: Option<u32>,
    /// `standard` or `adaptive`.
    pub retry_mode: Option<String>,
    /// Limit for connecting to the server, TLS included.
    pub connect_timeout: Option<Duration>,
    /// Limit between two bytes from the server.
    pub read_timeout: Option<Duration>,
    /// Limit for the whole operation, retries included.
    pub operation_timeout: Option<Duration>,
    /// PEM file with certificates to trust besides the system's.
    pub ca_bundle: Option<PathBuf>,
    /// URL of the proxy.
    pub proxy: Option<Secret>,
    /// Use the FIPS endpoint.
    pub use_fips: Option<bool>,
    /// Use the dual-stack endpoint.
    pub use_dualstack: Option<bool>,
    /// Application name for the user agent.
    pub app_name: Option<String>,
}

/// How failed requests are retried.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RetryMode {
    /// Exponential back-off.
    Standard,
    /// Exponential back-off and a rate limit that follows the service's throttling.
    Adaptive,
}

/// The source of credentials.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CredentialSource {
    /// Keys in the call.
    Given,
    /// Keys that the client's owner supplies on request.
    OnRequest,
    /// No credentials: requests are not signed.
    Anonymous,
    /// A profile named in the call.
    Profile(String),
    /// Keys in the environment, the first source of the default chain.
    Environment,
    /// The default chain.
    DefaultChain,
}

impl Settings {
    /// The connect timeout, or its default.
    pub fn connect_timeout(&self) -> Duration {
        self.connect_timeout.unwrap_or(Duration::from_secs(10))
    }

    /// The read timeout, or its default.
    pub fn read_timeout(&self) -> Duration {
        self.read_timeout.unwrap_or(Duration::from_secs(60))
    }

    /// The operation timeout, or its default.
    pub fn operation_timeout(&self) -> Duration {
        self.operation_timeout.unwrap_or(Duration::from_secs(180))
    }
}
