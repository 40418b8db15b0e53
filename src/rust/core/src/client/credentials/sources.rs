//! The sources that keys come from, in their order.

use super::chain::{self, Base, WebIdentity};
use super::failure::Failure;
use super::services::Services;
use super::{container, process, sso};
use crate::error::Error;
use crate::settings::keys;
use crate::settings::profiles::Profiles;
use aws_config::imds::credentials::ImdsCredentialsProvider;
use aws_credential_types::provider::ProvideCredentials;
use aws_credential_types::Credentials;
use aws_types::os_shim_internal::Env;
use std::time::Duration;

/// A source of keys.
#[derive(Debug)]
pub enum KeySource {
    Environment,
    Profile { name: String, is_named: bool },
    WebIdentity,
    Container,
    Instance,
}

impl KeySource {
    pub fn name(&self) -> String {
        match self {
            KeySource::Environment => keys::ENVIRONMENT.into(),
            KeySource::Profile {
                name,
                is_named: true,
            } => format!("profile [{name}]"),
            KeySource::Profile { .. } => "Profile".into(),
            KeySource::WebIdentity => "WebIdentityToken".into(),
            KeySource::Container => "EcsContainer".into(),
            KeySource::Instance => "Ec2InstanceMetadata".into(),
        }
    }
}

/// What sources need.
#[derive(Debug)]
pub struct Context {
    pub env: Env,
    pub services: Services,
    pub instance: ImdsCredentialsProvider,
    /// For a process.
    pub limit: Duration,
}

impl Context {
    async fn load(&self, source: &KeySource) -> Result<Credentials, Failure> {
        match source {
            KeySource::Environment => environment(&self.env),
            KeySource::Profile { name, .. } => self.profile(name).await,
            KeySource::WebIdentity => self.web_identity().await,
            KeySource::Container => container::load(&self.env, &self.services.http_client).await,
            KeySource::Instance => Ok(self.instance.provide_credentials().await?),
        }
    }

    /// A profile's keys. The files are read each time: they may have new ones.
    async fn profile(&self, name: &str) -> Result<Credentials, Failure> {
        let profiles = match Profiles::load(Some(name), &self.env) {
            Ok(profiles) => profiles,
            Err(Error::Config { reason, .. }) => return Err(Failure::Broken(reason)),
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

fn environment(env: &Env) -> Result<Credentials, Failure> {
    keys::from_environment(env)?.ok_or_else(Failure::nothing_is_set)
}

/// The first of the sources that has keys.
pub async fn first(sources: &[KeySource], context: &Context) -> Result<Credentials, String> {
    let mut reasons = Vec::new();
    for source in sources {
        let name = source.name();
        match context.load(source).await {
            Ok(keys) => return keys::checked(keys, &name),
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
