//! Settings completed from the environment and the shared files.
//!
//! Every value is checked here, before the SDK sees it, because the SDK panics on several bad ones; and
//! every complaint names where the value came from.

use crate::error::Error;
use crate::secret::Secret;
use crate::settings::endpoint::Endpoints;
use crate::settings::environment::{Environment, HTTPS_PROXY};
use crate::settings::keys;
use crate::settings::no_proxy::NoProxy;
use crate::settings::profiles::Profiles;
use crate::settings::source::Sourced;
use crate::settings::{CredentialSource, RetryMode, Settings};
use aws_credential_types::Credentials;
use aws_types::app_name::AppName;
use aws_types::os_shim_internal::Env;
use std::path::PathBuf;

/// Settings that are complete, apart from what only the network can tell.
#[derive(Debug, Clone)]
pub struct Resolved {
    /// What was given.
    pub given: Settings,
    /// Region, unless only instance metadata may know it.
    pub region: Option<Sourced<String>>,
    /// Endpoint, unless the service's own one is meant.
    pub endpoint: Option<Sourced<String>>,
    /// Endpoints of the services that credentials come from.
    pub other_endpoints: Endpoints,
    /// The metadata service of an instance.
    pub metadata_endpoint: String,
    /// Requests for one call, the first included.
    pub max_attempts: u32,
    /// How failed requests are sent again.
    pub retry_mode: RetryMode,
    /// CA bundle.
    pub ca_bundle: Option<Sourced<PathBuf>>,
    /// Proxy for https.
    pub proxy: Option<Sourced<Secret>>,
    /// Proxy for http.
    pub http_proxy: Option<Sourced<Secret>>,
    /// Hosts that are reached without the proxy.
    pub no_proxy: NoProxy,
    /// Use the FIPS endpoint.
    pub use_fips: bool,
    /// Use the dual-stack endpoint.
    pub use_dualstack: bool,
    /// Name for the user agent.
    pub app_name: Option<AppName>,
    /// Profile of the shared files.
    pub profile: String,
    /// Where credentials will be looked for.
    pub credentials: CredentialSource,
    /// The environment's keys, if those are meant: the environment may be another one at the first call.
    pub environment_keys: Option<Credentials>,
}

impl Resolved {
    /// Completes settings from this process's environment and the user's shared files.
    pub fn new(given: Settings) -> Result<Self, Error> {
        Self::with(given, &Env::real())
    }

    fn with(given: Settings, env: &Env) -> Result<Self, Error> {
        let profiles = Profiles::load(given.profile.as_deref(), env)?;
        let ambient = Environment {
            env,
            profiles: &profiles,
        };
        ambient.check_variables()?;
        let credentials = ambient.credentials(&given)?;
        let resolved = Resolved {
            region: ambient.region(&given)?,
            endpoint: ambient.endpoint(&given)?,
            other_endpoints: ambient.other_endpoints()?,
            metadata_endpoint: ambient.metadata_endpoint()?,
            max_attempts: ambient.max_attempts(&given)?,
            retry_mode: ambient.retry_mode(&given)?,
            ca_bundle: ambient.ca_bundle(&given),
            proxy: ambient.proxy(&given, HTTPS_PROXY),
            http_proxy: ambient.proxy(&given, ambient.http_proxy_variables()),
            no_proxy: ambient.no_proxy(),
            use_fips: ambient.flag(
                "use_fips",
                given.use_fips,
                "AWS_USE_FIPS_ENDPOINT",
                "use_fips_endpoint",
            )?,
            use_dualstack: ambient.flag(
                "use_dualstack",
                given.use_dualstack,
                "AWS_USE_DUALSTACK_ENDPOINT",
                "use_dualstack_endpoint",
            )?,
            app_name: ambient.app_name(&given)?,
            profile: profiles.selected().to_owned(),
            environment_keys: match credentials {
                CredentialSource::Environment => keys::usable_from_environment(env),
                _ => None,
            },
            credentials,
            given,
        };
        resolved.check_endpoint_variants()?;
        Ok(resolved)
    }

    /// A custom endpoint has no FIPS or dual-stack variant.
    fn check_endpoint_variants(&self) -> Result<(), Error> {
        let Some(endpoint) = &self.endpoint else {
            return Ok(());
        };
        for (setting, on) in [
            ("use_fips", self.use_fips),
            ("use_dualstack", self.use_dualstack),
        ] {
            if on {
                return Err(Error::config(
                    setting,
                    format!(
                        "`{setting}` (set in the call, in AWS_{}_ENDPOINT or in the profile) cannot be combined with an \
                         endpoint of your own ({}, from {})",
                        setting.to_uppercase(),
                        endpoint.value,
                        endpoint.source
                    ),
                ));
            }
        }
        Ok(())
    }

    /// The endpoint that requests go to, if the region is known.
    pub fn describe_endpoint(&self) -> Option<String> {
        if let Some(endpoint) = &self.endpoint {
            return Some(endpoint.value.clone());
        }
        let region = &self.region.as_ref()?.value;
        // Partitions whose domains are not public knowledge.
        if region.contains("-iso") || region.starts_with("eusc-") {
            return None;
        }
        let fips = if self.use_fips { "-fips" } else { "" };
        let domain = match (region.starts_with("cn-"), self.use_dualstack) {
            (false, false) => "amazonaws.com",
            (false, true) => "api.aws",
            (true, false) => "amazonaws.com.cn",
            (true, true) => "api.amazonwebservices.com.cn",
        };
        Some(format!("https://rekognition{fips}.{region}.{domain}"))
    }
}

#[cfg(test)]
mod tests;
