//! Settings from the environment and the selected profile, each value checked.

mod credentials;
mod endpoints;
mod proxies;

use crate::error::Error;
use crate::settings::endpoint::check_region;
use crate::settings::profiles::Profiles;
use crate::settings::shared_files::expand_home;
use crate::settings::source::{Source, Sourced};
use crate::settings::{RetryMode, Settings};
use aws_types::app_name::AppName;
use aws_types::os_shim_internal::Env;
use std::env::VarError;
use std::path::PathBuf;

/// Variables that are read here or by the SDK.
const VARIABLES: [&str; 44] = [
    "AWS_ACCESS_KEY_ID",
    "AWS_CA_BUNDLE",
    "AWS_CONFIG_FILE",
    "AWS_CONTAINER_AUTHORIZATION_TOKEN",
    "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE",
    "AWS_CONTAINER_CREDENTIALS_FULL_URI",
    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
    "AWS_CREDENTIAL_EXPIRATION",
    "AWS_DEFAULT_PROFILE",
    "AWS_DEFAULT_REGION",
    "AWS_EC2_METADATA_DISABLED",
    "AWS_EC2_METADATA_SERVICE_ENDPOINT",
    "AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE",
    "AWS_ENDPOINT_URL",
    "AWS_ENDPOINT_URL_REKOGNITION",
    "AWS_ENDPOINT_URL_REKOGNITIONSTREAMING",
    "AWS_ENDPOINT_URL_S3",
    "AWS_ENDPOINT_URL_SSO",
    "AWS_ENDPOINT_URL_SSO_OIDC",
    "AWS_ENDPOINT_URL_STS",
    "AWS_EXECUTION_ENV",
    "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS",
    "AWS_MAX_ATTEMPTS",
    "AWS_PROFILE",
    "AWS_REGION",
    "AWS_RETRY_MODE",
    "AWS_ROLE_ARN",
    "AWS_ROLE_SESSION_NAME",
    "AWS_SDK_UA_APP_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SECURITY_TOKEN",
    "AWS_SESSION_TOKEN",
    "AWS_SHARED_CREDENTIALS_FILE",
    "AWS_USE_DUALSTACK_ENDPOINT",
    "AWS_USE_FIPS_ENDPOINT",
    "AWS_WEB_IDENTITY_TOKEN_FILE",
    "HTTPS_PROXY",
    "https_proxy",
    "HTTP_PROXY",
    "http_proxy",
    "ALL_PROXY",
    "all_proxy",
    "NO_PROXY",
    "no_proxy",
];

/// The environment and the selected profile.
pub struct Environment<'a> {
    /// The environment.
    pub env: &'a Env,
    /// The shared files.
    pub profiles: &'a Profiles,
}

impl Environment<'_> {
    /// The first of these variables that is set and not empty.
    pub fn variable(&self, names: &[&str]) -> Option<Sourced<String>> {
        names.iter().find_map(|name| {
            let value = self.env.get(name).ok().filter(|value| !value.is_empty())?;
            Some(Sourced {
                value,
                source: Source::Environment((*name).into()),
            })
        })
    }

    fn in_profile(&self, key: &str) -> Option<Sourced<String>> {
        let value = self.profiles.get(key)?;
        Some(Sourced {
            value: value.to_owned(),
            source: self.profile_source(key),
        })
    }

    fn profile_source(&self, key: &str) -> Source {
        Source::Profile {
            key: key.into(),
            profile: self.profiles.selected().into(),
        }
    }

    /// The value from the call, else from the variable, else from the profile.
    pub fn text(
        &self,
        given: &Option<String>,
        variable: &str,
        key: &str,
    ) -> Option<Sourced<String>> {
        given_value(given)
            .or_else(|| self.variable(&[variable]))
            .or_else(|| self.in_profile(key))
    }

    /// The same for a flag.
    pub fn flag(
        &self,
        setting: &str,
        given: Option<bool>,
        variable: &str,
        key: &str,
    ) -> Result<bool, Error> {
        if let Some(given) = given {
            return Ok(given);
        }
        let Some(found) = self.variable(&[variable]).or_else(|| self.in_profile(key)) else {
            return Ok(false);
        };
        match found.value.to_ascii_lowercase().as_str() {
            "true" => Ok(true),
            "false" => Ok(false),
            _ => Err(invalid_value(setting, &found, "`true` or `false`")),
        }
    }

    pub fn region(&self, given: &Settings) -> Result<Option<Sourced<String>>, Error> {
        given_value(&given.region)
            .or_else(|| self.variable(&["AWS_REGION", "AWS_DEFAULT_REGION"]))
            .or_else(|| self.in_profile("region"))
            .map(check_region)
            .transpose()
    }

    pub fn max_attempts(&self, given: &Settings) -> Result<u32, Error> {
        if let Some(retries) = given.max_retries {
            return Ok(retries.saturating_add(1));
        }
        let found = self
            .variable(&["AWS_MAX_ATTEMPTS"])
            .or_else(|| self.in_profile("max_attempts"));
        match found {
            None => Ok(4),
            Some(found) => match found.value.trim().parse() {
                Ok(attempts) if attempts >= 1 => Ok(attempts),
                _ => Err(invalid_value(
                    "max_retries",
                    &found,
                    "a whole number from 1 to 4294967295",
                )),
            },
        }
    }

    pub fn retry_mode(&self, given: &Settings) -> Result<RetryMode, Error> {
        let Some(found) = self.text(&given.retry_mode, "AWS_RETRY_MODE", "retry_mode") else {
            return Ok(RetryMode::Standard);
        };
        match found.value.trim().to_ascii_lowercase().as_str() {
            "standard" => Ok(RetryMode::Standard),
            // The default of boto3; this SDK has no such mode.
            "legacy" if found.source != Source::Call => Ok(RetryMode::Standard),
            "adaptive" => Ok(RetryMode::Adaptive),
            _ => Err(invalid_value(
                "retry_mode",
                &found,
                "\"standard\" or \"adaptive\"",
            )),
        }
    }

    pub fn app_name(&self, given: &Settings) -> Result<Option<AppName>, Error> {
        let Some(found) = self.text(&given.app_name, "AWS_SDK_UA_APP_ID", "sdk_ua_app_id") else {
            return Ok(None);
        };
        let expected = "up to 50 letters, digits or !#$%&'*+-.^_`|~";
        match AppName::new(found.value.clone()) {
            Ok(name) => Ok(Some(name)),
            Err(_) => Err(invalid_value("app_name", &found, expected)),
        }
    }

    /// Refuses variables that are not text, and an execution environment that no header can contain.
    pub fn check_variables(&self) -> Result<(), Error> {
        for name in VARIABLES {
            if let Err(VarError::NotUnicode(_)) = self.env.get(name) {
                return Err(Error::config(
                    name,
                    format!("environment variable {name} must be UTF-8 text"),
                ));
            }
        }
        if let Some(found) = self.variable(&["AWS_EXECUTION_ENV"]) {
            if found.value.chars().any(char::is_control) {
                return Err(invalid_value(
                    "AWS_EXECUTION_ENV",
                    &found,
                    "text without line breaks",
                ));
            }
        }
        Ok(())
    }

    /// The path of the CA bundle. `~` is expanded, because a shell does not do it for a path in a file.
    pub fn ca_bundle(&self, given: &Settings) -> Option<Sourced<PathBuf>> {
        if let Some(value) = given.ca_bundle.clone() {
            return Some(Sourced {
                value,
                source: Source::Call,
            });
        }
        let bundle = self.text(&None, "AWS_CA_BUNDLE", "ca_bundle")?;
        let path = expand_home(self.env, &bundle.value).unwrap_or(bundle.value);
        Some(Sourced {
            value: path.into(),
            source: bundle.source,
        })
    }
}

fn given_value(given: &Option<String>) -> Option<Sourced<String>> {
    given.clone().map(|value| Sourced {
        value,
        source: Source::Call,
    })
}

fn invalid_value(setting: &str, found: &Sourced<String>, expected: &str) -> Error {
    Error::config(
        setting,
        format!(
            "invalid `{setting}` {:?} (from {}): must be {expected}",
            found.value, found.source
        ),
    )
}
