//! Settings completed from the environment and the shared files.
//!
//! Every value is checked before it reaches the SDK, which panics on some invalid ones, and every error names the source of
//! the value.

use crate::error::Error;
use crate::settings::endpoint::{or_loopback, Endpoints};
use crate::settings::environment::Environment;
use crate::settings::keys;
use crate::settings::profiles::Profiles;
use crate::settings::proxies::Proxies;
use crate::settings::source::Sourced;
use crate::settings::{CredentialSource, RetryMode, Settings};
use aws_credential_types::Credentials;
use aws_types::app_name::AppName;
use aws_types::os_shim_internal::Env;
use std::path::PathBuf;

/// Complete settings, except for what only the network knows.
#[derive(Debug, Clone)]
pub struct Resolved {
    /// The settings from the call.
    pub given: Settings,
    /// Region; `None` if only the instance metadata service may know it.
    pub region: Option<Sourced<String>>,
    /// Custom endpoint.
    pub endpoint: Option<Sourced<String>>,
    /// Custom endpoints of the other services.
    pub other_endpoints: Endpoints,
    /// Endpoint of the instance metadata service.
    pub metadata_endpoint: String,
    /// Requests per call, the first one included.
    pub max_attempts: u32,
    /// How failed requests are retried.
    pub retry_mode: RetryMode,
    /// CA bundle.
    pub ca_bundle: Option<Sourced<PathBuf>>,
    /// Proxies, and the hosts that are reached without one.
    pub proxies: Proxies,
    /// Use the FIPS endpoint.
    pub use_fips: bool,
    /// Use the dual-stack endpoint.
    pub use_dualstack: bool,
    /// Name for the user agent.
    pub app_name: Option<AppName>,
    /// Profile of the shared files.
    pub profile: String,
    /// Source of the credentials.
    pub credentials: CredentialSource,
    /// The keys in the environment, if they are the source: the environment may have changed by the first call.
    pub environment_keys: Option<Credentials>,
}

impl Resolved {
    /// Completes settings from this process's environment and the user's shared files.
    pub fn new(given: Settings) -> Result<Self, Error> {
        Self::with(given, &Env::real())
    }

    fn with(given: Settings, env: &Env) -> Result<Self, Error> {
        let profiles = Profiles::load(given.profile.as_deref(), env)?;
        let environment = Environment {
            env,
            profiles: &profiles,
        };
        environment.check_variables()?;
        let credentials = environment.credentials(&given)?;
        let resolved = Resolved {
            region: environment.region(&given)?,
            endpoint: environment.endpoint(&given)?,
            other_endpoints: environment.other_endpoints()?,
            metadata_endpoint: environment.metadata_endpoint()?,
            max_attempts: environment.max_attempts(&given)?,
            retry_mode: environment.retry_mode(&given)?,
            ca_bundle: environment.ca_bundle(&given),
            proxies: environment.proxies(&given),
            use_fips: environment.flag(
                "use_fips",
                given.use_fips,
                "AWS_USE_FIPS_ENDPOINT",
                "use_fips_endpoint",
            )?,
            use_dualstack: environment.flag(
                "use_dualstack",
                given.use_dualstack,
                "AWS_USE_DUALSTACK_ENDPOINT",
                "use_dualstack_endpoint",
            )?,
            app_name: environment.app_name(&given)?,
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
                        "`{setting}` (from the client's configuration, AWS_{}_ENDPOINT or the profile) cannot be combined with a \
                         custom endpoint ({}, from {})",
                        setting.to_uppercase(),
                        endpoint.value,
                        endpoint.source
                    ),
                ));
            }
        }
        Ok(())
    }

    /// The endpoint of requests, if the region is known.
    pub fn describe_endpoint(&self) -> Option<String> {
        match &self.endpoint {
            Some(endpoint) => Some(endpoint.value.clone()),
            None => self.aws_endpoint("rekognition", &self.region.as_ref()?.value),
        }
    }

    /// The endpoint of the streaming service in this region.
    pub fn streaming_endpoint(&self, region: &str) -> Option<String> {
        let found = or_loopback(
            self.other_endpoints.streaming.clone(),
            self.endpoint.as_ref(),
        );
        found.or_else(|| self.aws_endpoint("streaming-rekognition", region))
    }

    /// The endpoint of S3, unless it is AWS's own.
    pub fn s3_endpoint(&self) -> Option<String> {
        or_loopback(self.other_endpoints.s3.clone(), self.endpoint.as_ref())
    }

    /// AWS's own host of S3 in this region, if it is public.
    pub fn s3_host(&self, region: &str) -> Option<String> {
        if is_private(region) {
            return None;
        }
        let fips = if self.use_fips { "-fips" } else { "" };
        let dualstack = if self.use_dualstack { ".dualstack" } else { "" };
        let end = if region.starts_with("cn-") { ".cn" } else { "" };
        Some(format!("s3{fips}{dualstack}.{region}.amazonaws.com{end}"))
    }

    /// AWS's own endpoint of a service in this region, if it is public.
    pub fn aws_endpoint(&self, service: &str, region: &str) -> Option<String> {
        if is_private(region) {
            return None;
        }
        let fips = if self.use_fips { "-fips" } else { "" };
        let domain = match (region.starts_with("cn-"), self.use_dualstack) {
            (false, false) => "amazonaws.com",
            (false, true) => "api.aws",
            (true, false) => "amazonaws.com.cn",
            (true, true) => "api.amazonwebservices.com.cn",
        };
        Some(format!("https://{service}{fips}.{region}.{domain}"))
    }
}

/// Whether a region is in a partition whose domains are not public.
fn is_private(region: &str) -> bool {
    region.contains("-iso") || region.starts_with("eusc-")
}

#[cfg(test)]
mod tests;
