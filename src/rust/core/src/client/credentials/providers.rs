//! The providers of the default chain, and of a profile.

use super::load_error::LoadError;
use super::plan::{self, Base, WebIdentity};
use super::services::Services;
use super::{container, credential_process, sso};
use crate::error::Error;
use crate::settings::keys;
use crate::settings::profiles::Profiles;
use aws_config::imds::credentials::ImdsCredentialsProvider;
use aws_credential_types::provider::ProvideCredentials;
use aws_credential_types::Credentials;
use aws_types::os_shim_internal::Env;
use std::time::Duration;

/// A provider of keys.
#[derive(Debug)]
pub enum Provider {
    Environment,
    Profile { name: String, is_named: bool },
    WebIdentity,
    Container,
    Instance,
}

impl Provider {
    pub fn name(&self) -> String {
        match self {
            Provider::Environment => keys::ENVIRONMENT.into(),
            Provider::Profile {
                name,
                is_named: true,
            } => format!("profile [{name}]"),
            Provider::Profile { .. } => "Profile".into(),
            Provider::WebIdentity => "WebIdentityToken".into(),
            Provider::Container => "EcsContainer".into(),
            Provider::Instance => "Ec2InstanceMetadata".into(),
        }
    }
}

/// What providers need.
#[derive(Debug)]
pub struct Context {
    pub env: Env,
    pub services: Services,
    pub instance: ImdsCredentialsProvider,
    /// The longest that a process may run.
    pub limit: Duration,
}

impl Context {
    async fn load(&self, provider: &Provider) -> Result<Credentials, LoadError> {
        match provider {
            Provider::Environment => environment(&self.env),
            Provider::Profile { name, .. } => self.profile(name).await,
            Provider::WebIdentity => self.web_identity().await,
            Provider::Container => container::load(&self.env, &self.services.http_client).await,
            Provider::Instance => Ok(self.instance.provide_credentials().await?),
        }
    }

    /// A profile's keys. The files are read each time, because they may have changed.
    async fn profile(&self, name: &str) -> Result<Credentials, LoadError> {
        let profiles = match Profiles::load(Some(name), &self.env) {
            Ok(profiles) => profiles,
            Err(Error::Config { reason, .. }) => return Err(LoadError::Failed(reason)),
            Err(other) => return Err(LoadError::Failed(other.to_string())),
        };
        let plan = plan::plan(&profiles, name)?.ok_or_else(|| match profiles.profile(name) {
            Ok(Some(_)) => {
                LoadError::NotConfigured(format!("the profile [{name}] has no credentials"))
            }
            _ => LoadError::unset(),
        })?;
        let mut keys = self.base(plan.base).await?;
        for role in &plan.roles {
            keys = self.services.assume_role(keys, role).await?;
        }
        Ok(keys)
    }

    async fn base(&self, base: Base) -> Result<Credentials, LoadError> {
        let of_source = |source: &str, error| match error {
            LoadError::NotConfigured(reason) | LoadError::Failed(reason) => {
                LoadError::Failed(format!("`credential_source` {source}: {reason}"))
            }
        };
        match base {
            Base::Keys(keys) => Ok(keys),
            Base::Environment => {
                environment(&self.env).map_err(|error| of_source("Environment", error))
            }
            Base::Container => container::load(&self.env, &self.services.http_client)
                .await
                .map_err(|error| of_source("EcsContainer", error)),
            Base::Instance => (self.instance.provide_credentials().await)
                .map_err(|error| of_source("Ec2InstanceMetadata", error.into())),
            Base::WebIdentity(identity) => Ok(self
                .services
                .assume_role_with_web_identity(&identity)
                .await?),
            Base::Sso(sso) => Ok(sso::load(&sso, &self.env, &self.services).await?),
            Base::Process { profile, command } => {
                Ok(credential_process::load(&profile, &command, self.limit)?)
            }
        }
    }

    async fn web_identity(&self) -> Result<Credentials, LoadError> {
        let variable = |name| self.env.get(name).ok().filter(|value| !value.is_empty());
        let token_file = variable("AWS_WEB_IDENTITY_TOKEN_FILE").ok_or_else(LoadError::unset)?;
        let role_arn = variable("AWS_ROLE_ARN").ok_or_else(|| {
            LoadError::Failed("AWS_WEB_IDENTITY_TOKEN_FILE is set, but AWS_ROLE_ARN is not".into())
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

fn environment(env: &Env) -> Result<Credentials, LoadError> {
    keys::from_environment(env)?.ok_or_else(LoadError::unset)
}

/// The keys of the first provider that is configured.
pub async fn first(providers: &[Provider], context: &Context) -> Result<Credentials, String> {
    let mut reasons = Vec::new();
    for provider in providers {
        let name = provider.name();
        match context.load(provider).await {
            Ok(keys) => return keys::checked(keys, &name),
            Err(LoadError::NotConfigured(reason)) if providers.len() > 1 => {
                reasons.push(format!("\n  {name}: {reason}"));
            }
            Err(LoadError::NotConfigured(reason) | LoadError::Failed(reason)) => {
                return Err(format!("{reason} (source: {name})"))
            }
        }
    }
    Err(format!("none were found. Attempted:{}", reasons.concat()))
}
