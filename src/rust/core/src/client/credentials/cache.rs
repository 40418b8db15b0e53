//! The keys of a client: loaded by the first call, cached, and renewed before they expire or once the service rejects them.

use super::instance::metadata;
use super::key_requests::KeyRequests;
use super::providers::{first, Context, Provider};
use super::services::Services;
use crate::error::Error;
use crate::settings::keys::checked;
use crate::settings::resolve::Resolved;
use crate::settings::CredentialSource;
use aws_config::imds::credentials::ImdsCredentialsProvider;
use aws_config::provider_config::ProviderConfig;
use aws_credential_types::provider::error::CredentialsError;
use aws_credential_types::provider::{future, ProvideCredentials};
use aws_credential_types::Credentials;
use aws_types::os_shim_internal::Env;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};
use tokio::runtime::Handle;
use tokio::sync::Mutex;

tokio::task_local! {
    /// When the call or batch that a request belongs to began.
    pub static SINCE: Instant;
}

/// How long a slow failure is cached: a batch must not wait for a missing metadata service once per session.
const FAILURE_LIFETIME: Duration = Duration::from_secs(5);
const SLOW: Duration = Duration::from_millis(100);

/// Keys are renewed this long before they expire, or in the last quarter of a shorter lifetime.
const KEY_RENEWAL_MARGIN: Duration = Duration::from_secs(300);

/// Renewed keys that the service has never accepted are not renewed again for the same batch, for this long.
const RENEWAL_INTERVAL: Duration = Duration::from_secs(30);

/// The source of a client's keys.
#[derive(Debug)]
enum KeySource {
    Given(Credentials),
    OnRequest(Arc<KeyRequests>),
    /// The first of these providers that is configured.
    Chain(Arc<[Provider]>),
}

/// The cached keys of a client. Clones share the cache.
#[derive(Debug, Clone)]
pub struct KeyCache(Arc<Store>);

#[derive(Debug)]
struct Store {
    source: KeySource,
    context: Arc<Context>,
    /// Locked while keys are loaded: one load is enough for all calls.
    state: Mutex<State>,
    /// Whether the service has accepted the cached keys.
    accepted: AtomicBool,
}

#[derive(Debug, Default)]
struct State {
    cached: Option<Cached>,
    /// A slow failure, and when it happened.
    failed: Option<(Instant, String)>,
    /// The last load, if it failed.
    failed_load: Option<(Instant, Error)>,
}

impl State {
    /// Why keys could not be loaded since a call, or its batch, began: it does not load them again.
    fn failed_since(&self, since: Instant) -> Option<Error> {
        let failed = self.failed_load.as_ref();
        failed
            .filter(|(when, _)| *when > since)
            .map(|(_, error)| error.clone())
    }
}

#[derive(Debug)]
struct Cached {
    keys: Credentials,
    loaded: Instant,
    renew_at: Option<SystemTime>,
    /// Whether they replaced keys that the service rejected.
    is_replacement: bool,
}

/// When to renew keys with this expiry.
fn renewal(expiry: SystemTime, now: SystemTime) -> SystemTime {
    let lifetime = expiry.duration_since(now).unwrap_or_default();
    expiry - KEY_RENEWAL_MARGIN.min(lifetime / 4)
}

impl Cached {
    fn new(keys: Credentials, is_replacement: bool) -> Self {
        let now = SystemTime::now();
        let renew_at = keys.expiry().map(|expiry| renewal(expiry, now));
        Cached {
            keys,
            loaded: Instant::now(),
            renew_at,
            is_replacement,
        }
    }

    fn is_fresh(&self) -> bool {
        self.renew_at.is_none_or(|time| SystemTime::now() < time)
    }

    fn is_valid(&self) -> bool {
        self.keys
            .expiry()
            .is_none_or(|time| SystemTime::now() < time)
    }
}

impl KeyCache {
    /// An empty cache for these settings; `None` if requests are not signed.
    pub fn new(
        resolved: &Resolved,
        key_requests: Option<&Arc<KeyRequests>>,
        services: Services,
        config: &ProviderConfig,
    ) -> Result<Option<Self>, Error> {
        let profile = |name: &str, is_named| Provider::Profile {
            name: name.to_owned(),
            is_named,
        };
        let source = match &resolved.credentials {
            CredentialSource::Anonymous => return Ok(None),
            CredentialSource::OnRequest => match key_requests {
                Some(key_requests) => KeySource::OnRequest(key_requests.clone()),
                None => return Ok(None),
            },
            CredentialSource::Given => match &resolved.given.keys {
                Some(keys) => KeySource::Given(keys.credentials()),
                None => return Ok(None),
            },
            CredentialSource::Profile(name) => KeySource::Chain([profile(name, true)].into()),
            CredentialSource::Environment | CredentialSource::DefaultChain => KeySource::Chain(
                [
                    Provider::Environment,
                    profile(&resolved.profile, false),
                    Provider::WebIdentity,
                    Provider::Container,
                    Provider::Instance,
                ]
                .into(),
            ),
        };
        let context = Arc::new(Context {
            env: Env::real(),
            services,
            instance: ImdsCredentialsProvider::builder()
                .configure(config)
                .imds_client(metadata(resolved, config)?.build())
                .build(),
            // The operation's limit expires first.
            limit: resolved.given.operation_timeout() + Duration::from_secs(1),
        });
        Ok(Some(KeyCache(Arc::new(Store {
            source,
            context,
            state: Mutex::new(State {
                cached: (resolved.environment_keys.clone()).map(|keys| Cached::new(keys, false)),
                ..State::default()
            }),
            accepted: AtomicBool::new(false),
        }))))
    }

    /// Valid keys: the cached ones, or new ones.
    pub async fn get(&self) -> Result<Credentials, Error> {
        let since = SINCE.try_with(|since| *since).ok();
        let mut state = self.0.state.lock().await;
        let recent_failure = || {
            let failed = state.failed.as_ref();
            failed.filter(|(when, _)| when.elapsed() < FAILURE_LIFETIME)
        };
        match &state.cached {
            Some(cached) if cached.is_fresh() => return Ok(cached.keys.clone()),
            // Renewing them has just failed; until they expire they can be used.
            Some(cached) if cached.is_valid() && recent_failure().is_some() => {
                return Ok(cached.keys.clone())
            }
            Some(_) => {}
            None => {
                if let Some((_, reason)) = recent_failure() {
                    return Err(Error::Credentials {
                        reason: reason.clone(),
                    });
                }
            }
        }
        if let Some(error) = since.and_then(|since| state.failed_since(since)) {
            return Err(error);
        }
        let started = Instant::now();
        let error = match self.load_into(&mut state).await {
            Ok(keys) => return Ok(self.store(&mut state, keys, false)),
            Err(error) => error,
        };
        let cached = state.cached.take().filter(Cached::is_valid);
        if cached.is_some() || started.elapsed() > SLOW {
            if let Error::Credentials { reason } = &error {
                state.failed = Some((Instant::now(), reason.clone()));
            }
        }
        state.cached = cached;
        match &state.cached {
            Some(cached) => Ok(cached.keys.clone()),
            None => Err(error),
        }
    }

    fn store(&self, state: &mut State, keys: Credentials, is_replacement: bool) -> Credentials {
        self.0.accepted.store(false, Ordering::Relaxed);
        state.failed = None;
        state.cached = Some(Cached::new(keys.clone(), is_replacement));
        keys
    }

    /// Loads keys, and records a failure: it is the failure of all calls that wait for this load.
    async fn load_into(&self, state: &mut State) -> Result<Credentials, Error> {
        let loaded = self.load().await;
        let failed = loaded.as_ref().err();
        state.failed_load = failed.map(|error| (Instant::now(), error.clone()));
        loaded
    }

    async fn load(&self) -> Result<Credentials, Error> {
        let providers = match &self.0.source {
            KeySource::Given(keys) => return Ok(keys.clone()),
            KeySource::OnRequest(key_requests) => {
                let keys = key_requests.request().await?;
                return checked(keys, "the function `creds`")
                    .map_err(|reason| Error::Credentials { reason });
            }
            KeySource::Chain(providers) => providers.clone(),
        };
        let context = self.0.context.clone();
        let runtime = Handle::current();
        // Providers read files and run processes, which may block.
        let work = move || runtime.block_on(first(&providers, &context));
        match crate::runtime::blocking(work).await {
            Ok(loaded) => loaded.map_err(|reason| Error::Credentials { reason }),
            Err(Error::Internal { .. }) => Err(Error::Credentials {
                reason: "a source of credentials has keys with a line break or another character that no request can \
                         contain"
                    .into(),
            }),
            Err(error) => Err(error),
        }
    }

    /// Records that the service accepted the keys.
    pub fn accepted(&self) {
        self.0.accepted.store(true, Ordering::Relaxed);
    }

    /// Replaces the keys with this id, which the service rejected as expired or unknown, for a call or a batch that began at
    /// `since`. Whether the cache has different keys now.
    pub async fn replace(&self, access_key_id: &str, since: Instant) -> Result<bool, Error> {
        let replaced = self.try_replace(access_key_id, since).await;
        replaced.map_err(|error| match error {
            Error::Credentials { reason } => Error::Credentials {
                reason: format!(
                    "the service rejected the keys as expired or unknown, and renewing them failed: {reason}"
                ),
            },
            other => other,
        })
    }

    async fn try_replace(&self, access_key_id: &str, since: Instant) -> Result<bool, Error> {
        let mut state = self.0.state.lock().await;
        if let Some(error) = state.failed_since(since) {
            return Err(error);
        }
        match &state.cached {
            Some(cached) if cached.keys.access_key_id() == access_key_id => {
                let is_accepted = self.0.accepted.load(Ordering::Relaxed);
                let is_new = cached.loaded > since && cached.loaded.elapsed() < RENEWAL_INTERVAL;
                if cached.is_replacement && !is_accepted && is_new {
                    return Ok(false);
                }
            }
            // Another call has already replaced them.
            _ => return Ok(true),
        }
        let old = state.cached.take();
        let new = self.load_into(&mut state).await?;
        let is_different = old.is_none_or(|old| {
            old.keys.access_key_id() != new.access_key_id()
                || old.keys.secret_access_key() != new.secret_access_key()
                || old.keys.session_token() != new.session_token()
        });
        self.store(&mut state, new, true);
        Ok(is_different)
    }
}

impl ProvideCredentials for KeyCache {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        future::ProvideCredentials::new(async {
            self.get().await.map_err(CredentialsError::provider_error)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_renewed_five_minutes_before_they_expire_or_in_the_last_quarter_of_their_lifetime() {
        let now = SystemTime::now();
        let after = |seconds| {
            let expiry = now + Duration::from_secs(seconds);
            renewal(expiry, now).duration_since(now).unwrap().as_secs()
        };
        assert_eq!(after(3600), 3300);
        assert_eq!(after(900), 675);
        assert_eq!(after(4), 3);
    }
}
