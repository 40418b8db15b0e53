//! The keys of a client: loaded when they are wanted, kept while they are good, renewed before and after they expire.

use super::instance::metadata;
use super::services::Services;
use super::sources::{first, Context, KeySource};
use super::supply::Supply;
use crate::error::Error;
use crate::interceptor::SINCE;
use crate::runtime;
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

/// A failure that took long is remembered this long, so that a batch does not wait for a metadata service
/// that is not there once for every session.
const FAILURE_MEMORY: Duration = Duration::from_secs(5);
const LONG: Duration = Duration::from_millis(100);

/// KeyCache are renewed this long before they expire, or in the last quarter of a shorter life.
const MARGIN: Duration = Duration::from_secs(300);

/// Renewed keys that the service has never taken are not renewed again for the same batch, for this long.
const PATIENCE: Duration = Duration::from_secs(30);

/// Where keys may come from.
#[derive(Debug)]
enum Sources {
    Given(Credentials),
    Supplied(Arc<Supply>),
    /// The first of these that has some.
    Chain(Arc<[KeySource]>),
}

/// The keys of a client: loaded when they are wanted, kept while they are good.
#[derive(Debug, Clone)]
pub struct KeyCache(Arc<Store>);

#[derive(Debug)]
struct Store {
    sources: Sources,
    context: Arc<Context>,
    /// Locked while keys are loaded, so that they are loaded once for all calls.
    state: Mutex<State>,
    /// Whether the service has taken the keys that are kept.
    accepted: AtomicBool,
}

#[derive(Debug, Default)]
struct State {
    kept: Option<Kept>,
    failed: Option<(Instant, String)>,
    /// When the last load failed, if it did, and why.
    failed_load: Option<(Instant, Error)>,
}

impl State {
    /// Why keys could not be loaded since a call, or the batch that it belongs to, began: they are not asked for again.
    fn failed_since(&self, since: Instant) -> Option<Error> {
        let failed = self.failed_load.as_ref();
        failed
            .filter(|(when, _)| *when > since)
            .map(|(_, fault)| fault.clone())
    }
}

#[derive(Debug)]
struct Kept {
    keys: Credentials,
    loaded: Instant,
    renew_at: Option<SystemTime>,
    /// Whether they came in the place of others that the service did not take.
    is_replacement: bool,
}

/// When keys that expire are renewed.
fn renewal(expiry: SystemTime, now: SystemTime) -> SystemTime {
    let life = expiry.duration_since(now).unwrap_or_default();
    expiry - MARGIN.min(life / 4)
}

impl Kept {
    fn new(keys: Credentials, is_replacement: bool) -> Self {
        let now = SystemTime::now();
        let renew_at = keys.expiry().map(|expiry| renewal(expiry, now));
        Kept {
            keys,
            loaded: Instant::now(),
            renew_at,
            is_replacement,
        }
    }

    fn is_fresh(&self) -> bool {
        self.renew_at.is_none_or(|time| SystemTime::now() < time)
    }

    fn is_good(&self) -> bool {
        self.keys
            .expiry()
            .is_none_or(|time| SystemTime::now() < time)
    }
}

impl KeyCache {
    /// The keys for these settings; `None` if requests are not to be signed.
    pub fn new(
        resolved: &Resolved,
        supply: Option<&Arc<Supply>>,
        services: Services,
        config: &ProviderConfig,
    ) -> Result<Option<Self>, Error> {
        let profile = |name: &str, is_named| KeySource::Profile {
            name: name.to_owned(),
            is_named,
        };
        let sources = match &resolved.credentials {
            CredentialSource::Anonymous => return Ok(None),
            CredentialSource::Supplied => match supply {
                Some(supply) => Sources::Supplied(supply.clone()),
                None => return Ok(None),
            },
            CredentialSource::Given => match &resolved.given.keys {
                Some(keys) => Sources::Given(keys.credentials()),
                None => return Ok(None),
            },
            CredentialSource::Profile(name) => Sources::Chain([profile(name, true)].into()),
            CredentialSource::Environment | CredentialSource::DefaultChain => Sources::Chain(
                [
                    KeySource::Environment,
                    profile(&resolved.profile, false),
                    KeySource::WebIdentity,
                    KeySource::Container,
                    KeySource::Instance,
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
            // The operation's own limit comes first.
            limit: resolved.given.operation_timeout() + Duration::from_secs(1),
        });
        Ok(Some(KeyCache(Arc::new(Store {
            sources,
            context,
            state: Mutex::new(State {
                kept: (resolved.environment_keys.clone()).map(|keys| Kept::new(keys, false)),
                ..State::default()
            }),
            accepted: AtomicBool::new(false),
        }))))
    }

    /// KeyCache that are good for now.
    async fn get(&self) -> Result<Credentials, Error> {
        let since = SINCE.try_with(|since| *since).ok();
        let mut state = self.0.state.lock().await;
        let has_failed = |memory| {
            let failed = state.failed.as_ref();
            failed.filter(|(when, _)| when.elapsed() < memory)
        };
        match &state.kept {
            Some(kept) if kept.is_fresh() => return Ok(kept.keys.clone()),
            // They cannot be renewed, and do for now.
            Some(kept) if kept.is_good() && has_failed(FAILURE_MEMORY).is_some() => {
                return Ok(kept.keys.clone())
            }
            Some(_) => {}
            None => {
                if let Some((_, reason)) = has_failed(FAILURE_MEMORY) {
                    return Err(Error::Credentials {
                        reason: reason.clone(),
                    });
                }
            }
        }
        if let Some(fault) = since.and_then(|since| state.failed_since(since)) {
            return Err(fault);
        }
        let asked = Instant::now();
        let fault = match self.load_into(&mut state).await {
            Ok(keys) => return Ok(self.keep(&mut state, keys, false)),
            Err(fault) => fault,
        };
        let kept = state.kept.take().filter(Kept::is_good);
        if kept.is_some() || asked.elapsed() > LONG {
            if let Error::Credentials { reason } = &fault {
                state.failed = Some((Instant::now(), reason.clone()));
            }
        }
        state.kept = kept;
        match &state.kept {
            Some(kept) => Ok(kept.keys.clone()),
            None => Err(fault),
        }
    }

    fn keep(&self, state: &mut State, keys: Credentials, is_replacement: bool) -> Credentials {
        self.0.accepted.store(false, Ordering::Relaxed);
        state.failed = None;
        state.kept = Some(Kept::new(keys.clone(), is_replacement));
        keys
    }

    /// Loads keys, and notes a failure: it is that of all calls which wait for the same.
    async fn load_into(&self, state: &mut State) -> Result<Credentials, Error> {
        let loaded = self.load().await;
        let failed = loaded.as_ref().err();
        state.failed_load = failed.map(|fault| (Instant::now(), fault.clone()));
        loaded
    }

    async fn load(&self) -> Result<Credentials, Error> {
        let sources = match &self.0.sources {
            Sources::Given(keys) => return Ok(keys.clone()),
            Sources::Supplied(supply) => {
                let keys = supply.ask().await?;
                return checked(keys, "the function `creds`")
                    .map_err(|reason| Error::Credentials { reason });
            }
            Sources::Chain(sources) => sources.clone(),
        };
        let context = self.0.context.clone();
        let here = Handle::current();
        // Sources read files and run processes, and these can take any time.
        let work = move || here.block_on(first(&sources, &context));
        match runtime::blocking(work).await {
            Ok(loaded) => loaded.map_err(|reason| Error::Credentials { reason }),
            Err(Error::Internal { .. }) => Err(Error::Credentials {
                reason: "a source of credentials gave keys with a line break or another character that no request \
                         can hold"
                    .into(),
            }),
            Err(fault) => Err(fault),
        }
    }

    /// Notes that the service has taken the keys.
    pub fn accepted(&self) {
        self.0.accepted.store(true, Ordering::Relaxed);
    }

    /// Loads keys anew in the place of those with this id, which the service calls expired or unknown, for a call or a batch
    /// that began at `since`. Whether there are other ones now.
    pub async fn replace(&self, access_key_id: &str, since: Instant) -> Result<bool, Error> {
        let mut state = self.0.state.lock().await;
        if let Some(fault) = state.failed_since(since) {
            return Err(fault);
        }
        match &state.kept {
            Some(kept) if kept.keys.access_key_id() == access_key_id => {
                let is_accepted = self.0.accepted.load(Ordering::Relaxed);
                let is_new = kept.loaded > since && kept.loaded.elapsed() < PATIENCE;
                if kept.is_replacement && !is_accepted && is_new {
                    return Ok(false);
                }
            }
            // Another call was faster.
            _ => return Ok(true),
        }
        let old = state.kept.take();
        let new = self.load_into(&mut state).await?;
        let is_other = old.is_none_or(|old| {
            old.keys.access_key_id() != new.access_key_id()
                || old.keys.secret_access_key() != new.secret_access_key()
                || old.keys.session_token() != new.session_token()
        });
        self.keep(&mut state, new, true);
        Ok(is_other)
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
    fn keys_are_renewed_five_minutes_before_they_expire_or_in_the_last_quarter_of_their_life() {
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
