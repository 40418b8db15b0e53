//! Where keys come from, and what the SDK may be given of them.

use crate::connection;
use crate::fault::Fault;
use crate::resolve::{CredentialSource, Resolved};
use aws_config::default_provider::credentials::DefaultCredentialsChain;
use aws_config::profile::ProfileFileCredentialsProvider;
use aws_config::provider_config::ProviderConfig;
use aws_credential_types::provider::error::CredentialsError;
use aws_credential_types::provider::{
    future, ProvideCredentials, Result, SharedCredentialsProvider,
};
use aws_credential_types::Credentials;
use aws_types::region::Region;
use std::error::Error as _;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};
use tokio::runtime::Handle;
use tokio::task::spawn_blocking;

/// A failure that took long is remembered this long, so that a batch does not wait for a metadata service
/// that is not there once for every session.
const FAILURE_MEMORY: Duration = Duration::from_secs(5);
const LONG: Duration = Duration::from_millis(100);

/// The provider for these settings; `None` if requests are not to be signed.
pub async fn provider(
    resolved: &Resolved,
    config: &ProviderConfig,
    region: &Region,
) -> Option<SharedCredentialsProvider> {
    let provider = match &resolved.credentials {
        CredentialSource::Anonymous => return None,
        CredentialSource::Given => {
            let keys = resolved.given.keys.as_ref()?;
            SharedCredentialsProvider::new(Credentials::new(
                keys.access_key_id.clone(),
                keys.secret_access_key.reveal(),
                keys.session_token
                    .as_ref()
                    .map(|token| token.reveal().to_owned()),
                None,
                "config",
            ))
        }
        CredentialSource::Profile(name) => SharedCredentialsProvider::new(
            ProfileFileCredentialsProvider::builder()
                .configure(config)
                .profile_name(name)
                .build(),
        ),
        CredentialSource::Environment | CredentialSource::DefaultChain => {
            let mut chain = DefaultCredentialsChain::builder()
                .configure(config.clone())
                .profile_name(&resolved.profile);
            chain.set_region(Some(region.clone()));
            SharedCredentialsProvider::new(chain.build().await)
        }
    };
    let place = match &resolved.credentials {
        CredentialSource::Profile(name) => format!("profile [{name}]"),
        _ => "environment variables, profile, web identity, container metadata, instance metadata"
            .into(),
    };
    Some(SharedCredentialsProvider::new(Guard {
        provider,
        place,
        failed: Mutex::new(None),
    }))
}

/// Keeps keys with odd characters from the SDK's signer, which panics on them, and remembers failures.
#[derive(Debug)]
struct Guard {
    provider: SharedCredentialsProvider,
    /// Where it looks, in words.
    place: String,
    failed: Mutex<Option<(Instant, String)>>,
}

impl Guard {
    async fn load(&self) -> Result {
        let failed = self
            .failed
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        if let Some((when, reason)) = failed {
            if when.elapsed() < FAILURE_MEMORY {
                return Err(CredentialsError::provider_error(reason));
            }
        }
        let asked = Instant::now();
        let provider = self.provider.clone();
        let here = Handle::current();
        // Providers read files, and a file can be one that never ends to be read.
        let loaded = spawn_blocking(move || here.block_on(provider.provide_credentials()))
            .await
            .unwrap_or_else(|error| Err(CredentialsError::unhandled(error)));
        match loaded {
            Ok(credentials) => checked(credentials),
            Err(error) => {
                let cause = error
                    .source()
                    .map_or_else(|| error.to_string(), connection::chain);
                // The chain lists what it tried if nothing was found, not if something failed.
                let reason = if cause.contains("Attempted") {
                    cause
                } else {
                    format!("{cause} (looked in: {})", self.place)
                };
                if asked.elapsed() > LONG {
                    let failure = Some((Instant::now(), reason.clone()));
                    *self.failed.lock().unwrap_or_else(PoisonError::into_inner) = failure;
                }
                Err(CredentialsError::provider_error(reason))
            }
        }
    }
}

impl ProvideCredentials for Guard {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        future::ProvideCredentials::new(self.load())
    }
}

/// Refuses what cannot stand in a header: the SDK's signer panics on it. The value is not shown.
pub fn check_key(setting: &str, value: &str, source: &str) -> std::result::Result<(), Fault> {
    if !value.is_empty() && value.bytes().all(|b| (0x21..0x7f).contains(&b)) {
        return Ok(());
    }
    let problem = if value.is_empty() {
        "is empty"
    } else {
        "has a space, a line break or another character that no key has"
    };
    Err(Fault::config(
        setting,
        format!("`{setting}` (from {source}) {problem}"),
    ))
}

fn checked(credentials: Credentials) -> Result {
    let source = "the credential provider";
    let checks = [
        check_key("access_key_id", credentials.access_key_id(), source),
        check_key("secret_access_key", credentials.secret_access_key(), source),
        credentials
            .session_token()
            .map_or(Ok(()), |token| check_key("session_token", token, source)),
    ];
    for check in checks {
        if let Err(Fault::Config { reason, .. }) = check {
            return Err(CredentialsError::provider_error(reason));
        }
    }
    Ok(credentials)
}
