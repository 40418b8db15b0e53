//! The keys of a client: loaded when they are wanted, kept while they are good, renewed before and after they expire.

use super::{checked, first, Context, Services, Source, Supply};
use crate::fault::Fault;
use crate::resolve::{CredentialSource, Resolved};
use crate::runtime;
use aws_config::imds::credentials::ImdsCredentialsProvider;
use aws_config::provider_config::ProviderConfig;
use aws_credential_types::provider::error::CredentialsError;
use aws_credential_types::provider::{future, ProvideCredentials};
use aws_credential_types::Credentials;
use aws_types::os_shim_internal::Env;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};
use tokio::runtime::Handle;
use tokio::sync::Mutex;

/// A failure that took long is remembered this long, so that a batch does not wait for a metadata service
/// that is not there once for every session.
const FAILURE_MEMORY: Duration = Duration::from_secs(5);
const LONG: Duration = Duration::from_millis(100);

/// Keys are renewed this long before they expire, or in the last quarter of a shorter life.
const MARGIN: Duration = Duration::from_secs(300);

/// Renewed keys that the service has never taken are not renewed again for the same batch, for this long.
const PATIENCE: Duration = Duration::from_secs(30);

/// Where keys may come from.
#[derive(Debug)]
enum Sources {
    Given(Credentials),
    Supplied(Arc<Supply>),
    /// The first of these that has some.
    Chain(Arc<[Source]>),
}

/// The keys of a client: loaded when they are wanted, kept while they are good.
#[derive(Debug, Clone)]
pub struct Keys(Arc<Store>);

#[derive(Debug)]
struct Store {
    sources: Sources,
    context: Arc<Context>,
    /// Locked while keys are loaded, so that they are loaded once for all calls.
    state: Mutex<State>,
    /// Whether the service has taken the keys that are kept.
    accepted: AtomicBool,
    /// How many times keys were loaded.
    loads: AtomicU64,
}

#[derive(Debug, Default)]
struct State {
    kept: Option<Kept>,
    failed: Option<(Instant, String)>,
    /// The load that failed last, and why.
    failed_load: Option<(u64, Fault)>,
}

impl State {
    /// Why the load failed that a call has waited for, which began when there had been so many of them.
    fn failed_since(&self, loads: u64) -> Option<Fault> {
        let failed = self.failed_load.as_ref();
        failed
            .filter(|(load, _)| *load > loads)
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

impl Keys {
    /// The keys for these settings; `None` if requests are not to be signed.
    pub fn new(
        resolved: &Resolved,
        supply: Option<&Arc<Supply>>,
        services: Services,
        config: &ProviderConfig,
    ) -> Option<Self> {
        let profile = |name: &str, is_named| Source::Profile {
            name: name.to_owned(),
            is_named,
        };
        let sources = match &resolved.credentials {
            CredentialSource::Anonymous => return None,
            CredentialSource::Supplied => Sources::Supplied(supply?.clone()),
            CredentialSource::Given => Sources::Given(resolved.given.keys.as_ref()?.credentials()),
            CredentialSource::Profile(name) => Sources::Chain([profile(name, true)].into()),
            CredentialSource::Environment | CredentialSource::DefaultChain => Sources::Chain(
                [
                    Source::Environment,
                    profile(&resolved.profile, false),
                    Source::WebIdentity,
                    Source::Container,
                    Source::Instance,
                ]
                .into(),
            ),
        };
        let context = Arc::new(Context {
            env: Env::real(),
            services,
            instance: ImdsCredentialsProvider::builder().configure(config).build(),
            // The operation's own limit comes first.
            limit: resolved.given.operation_timeout() + Duration::from_secs(1),
        });
        Some(Keys(Arc::new(Store {
            sources,
            context,
            state: Mutex::new(State {
                kept: (resolved.environment_keys.clone()).map(|keys| Kept::new(keys, false)),
                ..State::default()
            }),
            accepted: AtomicBool::new(false),
            loads: AtomicU64::new(0),
        })))
    }

    /// Keys that are good for now.
    async fn get(&self) -> Result<Credentials, Fault> {
        let loads = self.0.loads.load(Ordering::Relaxed);
        let mut state = self.0.state.lock().await;
        if let Some(fault) = state.failed_since(loads) {
            return Err(fault);
        }
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
                    return Err(Fault::Credentials {
                        reason: reason.clone(),
                    });
                }
            }
        }
        let asked = Instant::now();
        let fault = match self.load_into(&mut state).await {
            Ok(keys) => return Ok(self.keep(&mut state, keys, false)),
            Err(fault) => fault,
        };
        let kept = state.kept.take().filter(Kept::is_good);
        if kept.is_some() || asked.elapsed() > LONG {
            if let Fault::Credentials { reason } = &fault {
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

    /// Loads keys. Calls that wait for the same get the same failure, instead of one load after the other.
    async fn load_into(&self, state: &mut State) -> Result<Credentials, Fault> {
        let loaded = self.load().await;
        let number = self.0.loads.fetch_add(1, Ordering::Relaxed) + 1;
        state.failed_load = loaded.as_ref().err().map(|fault| (number, fault.clone()));
        loaded
    }

    async fn load(&self) -> Result<Credentials, Fault> {
        let sources = match &self.0.sources {
            Sources::Given(keys) => return Ok(keys.clone()),
            Sources::Supplied(supply) => {
                let keys = supply.ask().await?;
                return checked(keys, "the function `creds`")
                    .map_err(|reason| Fault::Credentials { reason });
            }
            Sources::Chain(sources) => sources.clone(),
        };
        let context = self.0.context.clone();
        let here = Handle::current();
        // Sources read files and run processes, and these can take any time.
        let work = move || here.block_on(first(&sources, &context));
        match runtime::blocking(work).await {
            Ok(loaded) => loaded.map_err(|reason| Fault::Credentials { reason }),
            Err(Fault::Internal { .. }) => Err(Fault::Credentials {
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
    pub async fn replace(&self, access_key_id: &str, since: Instant) -> Result<bool, Fault> {
        let loads = self.0.loads.load(Ordering::Relaxed);
        let mut state = self.0.state.lock().await;
        if let Some(fault) = state.failed_since(loads) {
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

impl ProvideCredentials for Keys {
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
