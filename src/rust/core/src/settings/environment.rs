//! What the environment and the shared files say, each value checked.

use crate::error::Error;
use crate::secret::Secret;
use crate::settings::endpoint::{check_endpoint, check_region, Endpoints};
use crate::settings::keys::check_key;
use crate::settings::no_proxy::NoProxy;
use crate::settings::profiles::Profiles;
use crate::settings::shared_files::in_home;
use crate::settings::source::{Source, Sourced};
use crate::settings::{CredentialSource, RetryMode, Settings};
use aws_types::app_name::AppName;
use aws_types::os_shim_internal::Env;
use std::env::VarError;
use std::path::PathBuf;

const SERVICE: &str = "rekognition";

/// The metadata service of an instance.
const METADATA: &str = "http://169.254.169.254";
const METADATA_IPV6: &str = "http://[fd00:ec2::254]";

/// Variables that are read here or by the SDK.
const VARIABLES: [&str; 34] = [
    "AWS_ACCESS_KEY_ID",
    "AWS_CA_BUNDLE",
    "AWS_CONFIG_FILE",
    "AWS_CONTAINER_AUTHORIZATION_TOKEN",
    "AWS_CONTAINER_CREDENTIALS_FULL_URI",
    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
    "AWS_DEFAULT_PROFILE",
    "AWS_DEFAULT_REGION",
    "AWS_EC2_METADATA_DISABLED",
    "AWS_EC2_METADATA_SERVICE_ENDPOINT",
    "AWS_ENDPOINT_URL",
    "AWS_ENDPOINT_URL_REKOGNITION",
    "AWS_EXECUTION_ENV",
    "AWS_MAX_ATTEMPTS",
    "AWS_PROFILE",
    "AWS_REGION",
    "AWS_RETRY_MODE",
    "AWS_ROLE_ARN",
    "AWS_ROLE_SESSION_NAME",
    "AWS_SDK_UA_APP_ID",
    "AWS_SECRET_ACCESS_KEY",
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

/// Variables that name a proxy for https, the first wins.
pub const HTTPS_PROXY: &[Spellings] = &[&["https_proxy", "HTTPS_PROXY"], ALL_PROXY];
const HTTP_PROXY: &[Spellings] = &[&["http_proxy", "HTTP_PROXY"], ALL_PROXY];
const ALL_PROXY: Spellings = &["all_proxy", "ALL_PROXY"];

/// Names of one variable. The first that is set counts, as for curl and Python; one that is empty means none.
type Spellings = &'static [&'static str];

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

    /// The call's value, or the variable's, or the profile's.
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

    /// The same for a setting that is on or off.
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
            _ => Err(bad_value(setting, &found, "`true` or `false`")),
        }
    }

    pub fn region(&self, given: &Settings) -> Result<Option<Sourced<String>>, Error> {
        given_value(&given.region)
            .or_else(|| self.variable(&["AWS_REGION", "AWS_DEFAULT_REGION"]))
            .or_else(|| self.in_profile("region"))
            .map(check_region)
            .transpose()
    }

    pub fn endpoint(&self, given: &Settings) -> Result<Option<Sourced<String>>, Error> {
        let endpoint = match given_value(&given.endpoint) {
            Some(endpoint) => Some(endpoint),
            None if self.ignores_configured_endpoints()? => None,
            None => self.configured_endpoint("AWS_ENDPOINT_URL_REKOGNITION", SERVICE)?,
        };
        endpoint
            .map(|endpoint| check_endpoint("endpoint", endpoint))
            .transpose()
    }

    fn ignores_configured_endpoints(&self) -> Result<bool, Error> {
        self.flag(
            "ignore_configured_endpoint_urls",
            None,
            "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS",
            "ignore_configured_endpoint_urls",
        )
    }

    /// The endpoint of a service: its variable, the one of all services, the profile's `services` section, the profile.
    fn configured_endpoint(
        &self,
        variable: &str,
        service: &str,
    ) -> Result<Option<Sourced<String>>, Error> {
        let in_services = self
            .profiles
            .service_endpoint(service)
            .map_err(|reason| Error::config("endpoint", reason))?;
        let in_profile = || {
            let own = self.profiles.has("endpoint_url").then(|| {
                // An empty one is refused later, too.
                self.profiles.get("endpoint_url").unwrap_or_default()
            });
            in_services.or(own)
        };
        Ok(self
            .variable_or_empty(variable)
            .or_else(|| self.variable_or_empty("AWS_ENDPOINT_URL"))
            .or_else(|| {
                Some(Sourced {
                    value: in_profile()?.to_owned(),
                    source: self.profile_source("endpoint_url"),
                })
            }))
    }

    /// Unlike the other settings an empty endpoint is kept, and then refused: whoever set it meant to send
    /// requests elsewhere, and they must not go to AWS instead.
    fn variable_or_empty(&self, name: &str) -> Option<Sourced<String>> {
        Some(Sourced {
            value: self.env.get(name).ok()?,
            source: Source::Environment(name.into()),
        })
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
                _ => Err(bad_value(
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
            // What boto3 does by default; this SDK has no such mode.
            "legacy" if found.source != Source::Call => Ok(RetryMode::Standard),
            "adaptive" => Ok(RetryMode::Adaptive),
            _ => Err(bad_value(
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
            Err(_) => Err(bad_value("app_name", &found, expected)),
        }
    }

    /// Variables that are set to something that nobody could have meant.
    pub fn check_variables(&self) -> Result<(), Error> {
        for name in VARIABLES {
            if let Err(VarError::NotUnicode(_)) = self.env.get(name) {
                return Err(Error::config(
                    name,
                    format!("environment variable {name} is not UTF-8 text"),
                ));
            }
        }
        if let Some(found) = self.variable(&["AWS_EXECUTION_ENV"]) {
            if found.value.chars().any(char::is_control) {
                return Err(bad_value(
                    "AWS_EXECUTION_ENV",
                    &found,
                    "text without line breaks",
                ));
            }
        }
        Ok(())
    }

    /// Where the metadata service of an instance is.
    pub fn metadata_endpoint(&self) -> Result<String, Error> {
        let setting = "AWS_EC2_METADATA_SERVICE_ENDPOINT";
        if let Some(found) = self.text(&None, setting, "ec2_metadata_service_endpoint") {
            return Ok(check_endpoint(setting, found)?.value);
        }
        let mode = "AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE";
        let Some(found) = self.text(&None, mode, "ec2_metadata_service_endpoint_mode") else {
            return Ok(METADATA.into());
        };
        match found.value.to_ascii_lowercase().as_str() {
            "ipv4" => Ok(METADATA.into()),
            "ipv6" => Ok(METADATA_IPV6.into()),
            _ => Err(bad_value(mode, &found, "`IPv4` or `IPv6`")),
        }
    }

    /// Endpoints of the services that credentials come from: the SDK panics on some bad ones.
    pub fn other_endpoints(&self) -> Result<Endpoints, Error> {
        if self.ignores_configured_endpoints()? {
            return Ok(Endpoints::default());
        }
        let endpoint = |variable, service| -> Result<Option<String>, Error> {
            let found = self.configured_endpoint(variable, service)?;
            let found = found.map(|found| check_endpoint("endpoint", found));
            Ok(found.transpose()?.map(|found| found.value))
        };
        Ok(Endpoints {
            sts: endpoint("AWS_ENDPOINT_URL_STS", "sts")?,
            sso: endpoint("AWS_ENDPOINT_URL_SSO", "sso")?,
            sso_oidc: endpoint("AWS_ENDPOINT_URL_SSO_OIDC", "sso_oidc")?,
        })
    }

    /// The path of the CA bundle; `~` is expanded, as nobody else does it for a path in a file.
    pub fn ca_bundle(&self, given: &Settings) -> Option<Sourced<PathBuf>> {
        if let Some(value) = given.ca_bundle.clone() {
            return Some(Sourced {
                value,
                source: Source::Call,
            });
        }
        let bundle = self.text(&None, "AWS_CA_BUNDLE", "ca_bundle")?;
        let path = in_home(self.env, &bundle.value).unwrap_or(bundle.value);
        Some(Sourced {
            value: path.into(),
            source: bundle.source,
        })
    }

    /// In a CGI program `HTTP_PROXY` is the request's header `Proxy`: whoever sends it must not choose a proxy. On
    /// Windows `http_proxy` is the same variable.
    pub fn http_proxy_variables(&self) -> &'static [Spellings] {
        match self.env.get("REQUEST_METHOD") {
            Ok(_) if cfg!(windows) => &[ALL_PROXY],
            Ok(_) => &[&["http_proxy"], ALL_PROXY],
            Err(_) => HTTP_PROXY,
        }
    }

    fn spelt(&self, names: Spellings) -> Option<Sourced<String>> {
        let set = names.iter().find(|name| self.env.get(name).is_ok())?;
        self.variable(&[set])
    }

    pub fn proxy(&self, given: &Settings, variables: &[Spellings]) -> Option<Sourced<Secret>> {
        if let Some(value) = given.proxy.clone() {
            return Some(Sourced {
                value,
                source: Source::Call,
            });
        }
        let found = variables.iter().find_map(|names| self.spelt(names))?;
        Some(Sourced {
            value: Secret::new(found.value),
            source: found.source,
        })
    }

    /// The hosts that are reached without a proxy.
    pub fn no_proxy(&self) -> NoProxy {
        let found = self.spelt(&["no_proxy", "NO_PROXY"]);
        NoProxy::new(found.as_ref().map_or("", |found| &found.value))
    }

    pub fn credentials(&self, given: &Settings) -> Result<CredentialSource, Error> {
        if given.anonymous {
            return Ok(CredentialSource::Anonymous);
        }
        if given.keys_are_supplied {
            return Ok(CredentialSource::Supplied);
        }
        if let Some(keys) = &given.keys {
            keys.check(&Source::Call.to_string())?;
            return Ok(CredentialSource::Given);
        }
        if let Some(profile) = &given.profile {
            return Ok(CredentialSource::Profile(profile.clone()));
        }
        self.environment_keys()
    }

    fn environment_keys(&self) -> Result<CredentialSource, Error> {
        for (setting, name) in [
            ("access_key_id", "AWS_ACCESS_KEY_ID"),
            ("secret_access_key", "AWS_SECRET_ACCESS_KEY"),
            ("session_token", "AWS_SESSION_TOKEN"),
        ] {
            if let Some(found) = self.variable(&[name]) {
                check_key(setting, &found.value, &found.source.to_string())?;
            }
        }
        let has_keys = self
            .variable(&["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"])
            .is_some();
        Ok(if has_keys {
            CredentialSource::Environment
        } else {
            CredentialSource::DefaultChain
        })
    }
}

fn given_value(given: &Option<String>) -> Option<Sourced<String>> {
    given.clone().map(|value| Sourced {
        value,
        source: Source::Call,
    })
}

fn bad_value(setting: &str, found: &Sourced<String>, expected: &str) -> Error {
    Error::config(
        setting,
        format!(
            "{:?} (from {}) is no good `{setting}`: it must be {expected}",
            found.value, found.source
        ),
    )
}
