//! Where keys come from, and what the SDK may be given of them.

mod chain;
mod container;
mod document;
mod keys;
mod known_secrets;
mod process;
mod services;
mod sso;
mod supply;

pub use document::time as parse_time;
pub use keys::Keys;
pub use services::{Endpoints, Services};
pub use supply::{Listener, Supply};

use crate::connection;
use crate::fault::Fault;
use crate::profiles::Profiles;
use crate::resolve::Resolved;
use aws_config::imds::{self, credentials::ImdsCredentialsProvider};
use aws_config::provider_config::ProviderConfig;
use aws_credential_types::provider::error::CredentialsError;
use aws_credential_types::provider::ProvideCredentials;
use aws_credential_types::Credentials;
use aws_types::os_shim_internal::Env;
use chain::{Base, WebIdentity};
use known_secrets::KnownSecrets;
use std::error::Error;
use std::time::{Duration, SystemTime};

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
        let plan = chain::plan(&profiles, name)?.ok_or_else(|| match profiles.profile(name) {
            Ok(Some(_)) => Failure::Absent(format!("the profile [{name}] has no credentials")),
            _ => Failure::nothing_is_set(),
        })?;
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
            Base::Process { profile, command } => {
                Ok(process::load(&profile, &command, self.limit)?)
            }
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

/// A client of the metadata service of an instance, where the settings say that it is: the SDK's own reader of the shared
/// files is not asked.
pub fn metadata(
    resolved: &Resolved,
    config: &ProviderConfig,
) -> Result<imds::client::Builder, Fault> {
    imds::Client::builder()
        .configure(config)
        .endpoint(&resolved.metadata_endpoint)
        .map_err(|error| Fault::config("AWS_EC2_METADATA_SERVICE_ENDPOINT", error.to_string()))
}

/// The keys in environment variables, if they can be used.
pub fn environment_keys(env: &Env) -> Option<Credentials> {
    checked(environment(env).ok()?, &Source::Environment.name()).ok()
}

/// The keys in environment variables. Half a pair is an error: the other half is elsewhere or lost.
fn environment(env: &Env) -> Result<Credentials, Failure> {
    let first = |names: &[&str]| {
        let mut values = names.iter().filter_map(|name| env.get(name).ok());
        values.find(|value| !value.is_empty())
    };
    let id = first(&["AWS_ACCESS_KEY_ID"]);
    let secret = first(&["AWS_SECRET_ACCESS_KEY"]);
    let missing = match (id, secret) {
        (Some(id), Some(secret)) => {
            let token = first(&["AWS_SESSION_TOKEN", "AWS_SECURITY_TOKEN"]);
            // `aws configure export-credentials --format env` writes it.
            let expires = first(&["AWS_CREDENTIAL_EXPIRATION"]).map(|text| {
                parse_time(&text).ok_or("AWS_CREDENTIAL_EXPIRATION is not a time".to_owned())
            });
            return Ok(Credentials::new(
                id,
                secret,
                token,
                expires.transpose()?,
                "Environment",
            ));
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

/// Whether a key may have this character. Quotation marks around a value are a mistake: Docker, for one, keeps them.
fn is_of_key(byte: u8) -> bool {
    (0x21..0x7f).contains(&byte) && byte != b'"' && byte != b'\''
}

/// Refuses what cannot stand in a header: the SDK's signer panics on it. The value is not shown.
pub fn check_key(setting: &str, value: &str, source: &str) -> Result<(), Fault> {
    if !value.is_empty() && value.bytes().all(is_of_key) {
        return Ok(());
    }
    let problem = if value.is_empty() {
        "is empty"
    } else {
        "has a space, a quotation mark, a line break or another character that no key has"
    };
    Err(Fault::config(
        setting,
        format!("`{setting}` (from {source}) {problem}"),
    ))
}
