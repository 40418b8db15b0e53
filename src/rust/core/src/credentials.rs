//! Where keys come from, how long they are kept, and what the SDK may be given of them.

mod chain;
mod container;
mod document;
mod known_secrets;
mod process;
mod services;
mod sso;
mod supply;

pub use document::time as parse_time;
pub use services::{Endpoints, Services};
pub use supply::{Listener, Supply};

use crate::connection;
use crate::fault::Fault;
use crate::profiles::Profiles;
use crate::resolve::{CredentialSource, Resolved};
use crate::runtime;
use aws_config::imds::credentials::ImdsCredentialsProvider;
use aws_config::provider_config::ProviderConfig;
use aws_credential_types::provider::error::CredentialsError;
use aws_credential_types::provider::{future, ProvideCredentials};
use aws_credential_types::Credentials;
use aws_types::os_shim_internal::Env;
use chain::{Base, WebIdentity};
use known_secrets::KnownSecrets;
use std::error::Error;
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

/// Why a source has no keys.
#[derive(Debug)]
pub enum Failure {
    /// It is not set up: the next one may have keys.
    Absent(String),
    /// It is set up and failed: no other identity takes its place.
    Broken(String),
}

impl Failure {
    fn nothing_is_set() -> Self {
        Failure::Absent("nothing is set".into())
    }
}

impl From<String> for Failure {
    fn from(reason: String) -> Self {
        Failure::Broken(reason)
    }
}

impl From<CredentialsError> for Failure {
    fn from(error: CredentialsError) -> Self {
        let text = error.source().map_or_else(|| error.to_string(), cause);
        match error {
            CredentialsError::CredentialsNotLoaded(_) => Failure::Absent(text),
            _ => Failure::Broken(text),
        }
    }
}

/// Why a provider of the SDK has no keys, without a secret that a service repeats.
fn cause(error: &(dyn Error + 'static)) -> String {
    let secrets = KnownSecrets::gather(&Env::real());
    let text = connection::chain_of(error, |text| secrets.hide(text));
    if text.contains("credentials from IMDS") {
        // Its own words go on from there, and the answer holds keys.
        return "the instance metadata service answered without credentials".into();
    }
    text
}

/// Where keys may come from.
#[derive(Debug)]
enum Sources {
    Given(Credentials),
    Supplied(Arc<Supply>),
    /// The first of these that has some.
    Chain(Arc<[Source]>),
}

#[derive(Debug)]
enum Source {
    Environment,
    Profile { name: String, is_named: bool },
    WebIdentity,
    Container,
    Instance,
}

impl Source {
    fn name(&self) -> String {
        match self {
            Source::Environment => "Environment".into(),
            Source::Profile {
                name,
                is_named: true,
            } => format!("profile [{name}]"),
            Source::Profile { .. } => "Profile".into(),
            Source::WebIdentity => "WebIdentityToken".into(),
            Source::Container => "EcsContainer".into(),
            Source::Instance => "Ec2InstanceMetadata".into(),
        }
    }
}

/// What sources need.
#[derive(Debug)]
struct Context {
    env: Env,
    services: Services,
    instance: ImdsCredentialsProvider,
    /// For a process.
    limit: Duration,
}

impl Context {
    async fn load(&self, source: &Source) -> Result<Credentials, Failure> {
        match source {
            Source::Environment => environment(&self.env),
            Source::Profile { name, .. } => self.profile(name).await,
            Source::WebIdentity => self.web_identity().await,
            Source::Container => container::load(&self.env, &self.services.http_client).await,
            Source::Instance => Ok(self.instance.provide_credentials().await?),
        }
    }

    /// A profile's keys. The files are read each time: they may have new ones.
    async fn profile(&self, name: &str) -> Result<Credentials, Failure> {
        let profiles = match Profiles::load(Some(name), &self.env) {
            Ok(profiles) => profiles,
            Err(Fault::Config { reason, .. }) => return Err(Failure::Broken(reason)),
            Err(other) => return Err(Failure::Broken(other.to_string())),
        };
        let plan = chain::plan(&profiles, name)?.ok_or_else(Failure::nothing_is_set)?;
        let mut keys = self.base(plan.base).await?;
        for role in &plan.roles {
            keys = self.services.assume_role(keys, role).await?;
        }
        Ok(keys)
    }

    async fn base(&self, base: Base) -> Result<Credentials, Failure> {
        let of_source = |source: &str, failure| match failure {
            Failure::Absent(reason) | Failure::Broken(reason) => {
                Failure::Broken(format!("`credential_source` {source}: {reason}"))
            }
        };
        match base {
            Base::Keys(keys) => Ok(keys),
            Base::Environment => {
                environment(&self.env).map_err(|failure| of_source("Environment", failure))
            }
            Base::Container => container::load(&self.env, &self.services.http_client)
                .await
                .map_err(|failure| of_source("EcsContainer", failure)),
            Base::Instance => (self.instance.provide_credentials().await)
                .map_err(|error| of_source("Ec2InstanceMetadata", error.into())),
            Base::WebIdentity(identity) => Ok(self
                .services
                .assume_role_with_web_identity(&identity)
                .await?),
            Base::Sso(sso) => Ok(sso::load(&sso, &self.env, &self.services).await?),
            Base::Process(command) => Ok(process::load(&command, self.limit)?),
        }
    }

    async fn web_identity(&self) -> Result<Credentials, Failure> {
        let variable = |name| self.env.get(name).ok().filter(|value| !value.is_empty());
        let token_file =
            variable("AWS_WEB_IDENTITY_TOKEN_FILE").ok_or_else(Failure::nothing_is_set)?;
        let role_arn = variable("AWS_ROLE_ARN").ok_or_else(|| {
            Failure::Broken("AWS_WEB_IDENTITY_TOKEN_FILE is set and AWS_ROLE_ARN is not".into())
        })?;
        let identity = WebIdentity {
            role_arn,
            session_name: variable("AWS_ROLE_SESSION_NAME"),
            token_file,
        };
        Ok(self
            .services
            .assume_role_with_web_identity(&identity)
            .await?)
    }
}

/// The keys in environment variables. Half a pair is an error: the other half is elsewhere or lost.
fn environment(env: &Env) -> Result<Credentials, Failure> {
    let first = |names: &[&str]| {
        let mut values = names.iter().filter_map(|name| env.get(name).ok());
        values.find(|value| !value.is_empty())
    };
    let id = first(&["AWS_ACCESS_KEY_ID"]);
    let secret = first(&["AWS_SECRET_ACCESS_KEY", "SECRET_ACCESS_KEY"]);
    let missing = match (id, secret) {
        (Some(id), Some(secret)) => {
            let token = first(&["AWS_SESSION_TOKEN", "AWS_SECURITY_TOKEN"]);
            return Ok(Credentials::new(id, secret, token, None, "Environment"));
        }
        (None, None) => return Err(Failure::nothing_is_set()),
        (None, _) => "AWS_ACCESS_KEY_ID",
        (_, None) => "AWS_SECRET_ACCESS_KEY",
    };
    Err(Failure::Broken(format!(
        "the environment has half a pair of keys: {missing} is not set"
    )))
}

/// The first of the sources that has keys.
async fn first(sources: &[Source], context: &Context) -> Result<Credentials, String> {
    let mut reasons = Vec::new();
    for source in sources {
        let name = source.name();
        match context.load(source).await {
            Ok(keys) => return checked(keys, &name),
            Err(Failure::Absent(reason)) if sources.len() > 1 => {
                reasons.push(format!("\n  {name}: {reason}"));
            }
            Err(Failure::Absent(reason) | Failure::Broken(reason)) => {
                return Err(format!("{reason} (looked in: {name})"))
            }
        }
    }
    Err(format!("none were found. Attempted:{}", reasons.concat()))
}

/// Refuses keys that have expired, and those that the SDK's signer panics on.
fn checked(keys: Credentials, source: &str) -> Result<Credentials, String> {
    let checks = [
        check_key("access_key_id", keys.access_key_id(), source),
        check_key("secret_access_key", keys.secret_access_key(), source),
        keys.session_token()
            .map_or(Ok(()), |token| check_key("session_token", token, source)),
    ];
    for check in checks {
        if let Err(Fault::Config { reason, .. }) = check {
            return Err(reason);
        }
    }
    match keys.expiry() {
        Some(expiry) if expiry <= SystemTime::now() => {
            Err(format!("the keys have expired (looked in: {source})"))
        }
        _ => Ok(keys),
    }
}

/// Refuses what cannot stand in a header: the SDK's signer panics on it. The value is not shown.
pub fn check_key(setting: &str, value: &str, source: &str) -> Result<(), Fault> {
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

impl Kept {
    fn new(keys: Credentials, is_replacement: bool) -> Self {
        let renew_at = keys.expiry().map(|expiry| {
            let life = expiry.duration_since(SystemTime::now()).unwrap_or_default();
            expiry - MARGIN.min(life / 4)
        });
        Kept {
            keys,
            loaded: Instant::now(),
            renew_at,
            is_replacement,
        }
    }

    fn is_fresh(&self) -> bool {
        self.renew_at.map_or(true, |time| SystemTime::now() < time)
    }

    fn is_good(&self) -> bool {
        self.keys
            .expiry()
            .map_or(true, |time| SystemTime::now() < time)
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
            limit: resolved.given.operation_timeout(),
        });
        Some(Keys(Arc::new(Store {
            sources,
            context,
            state: Mutex::default(),
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
        let is_other = old.map_or(true, |old| {
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
