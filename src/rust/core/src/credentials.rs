//! Where keys come from, and what the SDK may be given of them.

use crate::connection;
use crate::container::ContainerProvider;
use crate::fault::Fault;
use crate::known_secrets::KnownSecrets;
use crate::profiles;
use crate::resolve::{CredentialSource, Resolved};
use crate::runtime;
use crate::text::clean;
use aws_config::environment::EnvironmentVariableCredentialsProvider;
use aws_config::imds::credentials::ImdsCredentialsProvider;
use aws_config::profile::ProfileFileCredentialsProvider;
use aws_config::provider_config::ProviderConfig;
use aws_config::web_identity_token::WebIdentityTokenCredentialsProvider;
use aws_credential_types::provider::error::CredentialsError;
use aws_credential_types::provider::{
    future, ProvideCredentials, Result, SharedCredentialsProvider,
};
use aws_credential_types::Credentials;
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use aws_types::os_shim_internal::Env;
use std::error::Error;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};
use tokio::runtime::Handle;

/// A failure that took long is remembered this long, so that a batch does not wait for a metadata service
/// that is not there once for every session.
const FAILURE_MEMORY: Duration = Duration::from_secs(5);
const LONG: Duration = Duration::from_millis(100);

/// The provider for these settings; `None` if requests are not to be signed.
pub fn provider(
    resolved: &Resolved,
    config: &ProviderConfig,
    http_client: &SharedHttpClient,
) -> Option<SharedCredentialsProvider> {
    let sources = match &resolved.credentials {
        CredentialSource::Anonymous => return None,
        CredentialSource::Given => {
            let keys = resolved.given.keys.as_ref()?;
            let keys = Credentials::new(
                keys.access_key_id.clone(),
                keys.secret_access_key.reveal(),
                keys.session_token
                    .as_ref()
                    .map(|token| token.reveal().to_owned()),
                None,
                "config",
            );
            vec![source("config", keys)]
        }
        CredentialSource::Profile(name) => {
            vec![source(
                &format!("profile [{name}]"),
                profile(name, config, http_client),
            )]
        }
        CredentialSource::Environment | CredentialSource::DefaultChain => vec![
            source("Environment", EnvironmentVariableCredentialsProvider::new()),
            source("Profile", profile(&resolved.profile, config, http_client)),
            source(
                "WebIdentityToken",
                WebIdentityTokenCredentialsProvider::builder()
                    .configure(config)
                    .build(),
            ),
            source("EcsContainer", ContainerProvider::new(http_client.clone())),
            source(
                "Ec2InstanceMetadata",
                ImdsCredentialsProvider::builder().configure(config).build(),
            ),
        ],
    };
    Some(SharedCredentialsProvider::new(Guard {
        sources,
        failed: Mutex::new(None),
    }))
}

type Source = (String, SharedCredentialsProvider);

fn source(name: &str, provider: impl ProvideCredentials + 'static) -> Source {
    (name.to_owned(), SharedCredentialsProvider::new(provider))
}

fn profile(
    name: &str,
    config: &ProviderConfig,
    http_client: &SharedHttpClient,
) -> ProfileFileCredentialsProvider {
    ProfileFileCredentialsProvider::builder()
        .configure(config)
        .with_custom_provider("EcsContainer", ContainerProvider::new(http_client.clone()))
        .profile_files(profiles::files(&Env::real()))
        .profile_name(name)
        .build()
}

/// The first of the sources that has keys.
async fn first(sources: &[Source]) -> std::result::Result<Credentials, String> {
    let mut reasons = Vec::new();
    for (name, provider) in sources {
        let error = match provider.provide_credentials().await {
            Ok(credentials) => return Ok(credentials),
            Err(error) => error,
        };
        let is_absent = matches!(error, CredentialsError::CredentialsNotLoaded(_));
        let cause = match error.source() {
            Some(source) => cause(source),
            None if is_absent => "nothing is set".into(),
            None => error.to_string(),
        };
        // What is set up and fails is not passed over.
        if sources.len() == 1 || !is_absent {
            return Err(format!("{cause} (looked in: {name})"));
        }
        reasons.push(format!("\n  {name}: {cause}"));
    }
    Err(format!("none were found. Attempted:{}", reasons.concat()))
}

/// Why a provider has no keys: nothing that a process printed, and no secret that a service repeats.
fn cause(error: &(dyn Error + 'static)) -> String {
    let secrets = KnownSecrets::gather(&Env::real());
    let text = connection::chain_of(error, |text| secrets.hide(text));
    if text.contains("credentials from IMDS") {
        // Its own words go on from there, and the answer holds keys.
        return "the instance metadata service answered without credentials".into();
    }
    process_failure(&text).unwrap_or(text)
}

/// What became of a `credential_process`, from the SDK's words, which go on with what it printed.
fn process_failure(text: &str) -> Option<String> {
    let (_, rest) = text.split_once("external process")?;
    let what = if let Some(rest) = rest.strip_prefix(" exited with code ") {
        let status = rest.split(". Stderr").next().unwrap_or_default();
        format!("failed ({})", clean(status, 40))
    } else if rest.starts_with(", could not parse") || rest.contains("decode output") {
        "did not print credentials in the format of a `credential_process`".into()
    } else {
        "could not be run".into()
    };
    Some(format!(
        "the `credential_process` of the profile {what}; run it in a terminal to see what it prints"
    ))
}

/// Keeps keys with odd characters from the SDK's signer, which panics on them, and remembers failures.
#[derive(Debug)]
struct Guard {
    sources: Vec<Source>,
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
        let sources = self.sources.clone();
        let here = Handle::current();
        // Providers read files, and a file can be one that never ends to be read.
        let loaded = runtime::blocking(move || here.block_on(first(&sources))).await;
        let loaded = match loaded {
            Ok(loaded) => loaded,
            Err(Fault::Internal { .. }) => Err(
                "a source of credentials gave keys with a line break or another character that no request can hold"
                    .into(),
            ),
            Err(fault) => return Err(CredentialsError::provider_error(fault)),
        };
        let reason = match loaded {
            Ok(credentials) => return checked(credentials),
            Err(reason) => reason,
        };
        if asked.elapsed() > LONG {
            let failure = Some((Instant::now(), reason.clone()));
            *self.failed.lock().unwrap_or_else(PoisonError::into_inner) = failure;
        }
        Err(CredentialsError::provider_error(reason))
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
