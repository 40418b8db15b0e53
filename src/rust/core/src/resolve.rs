//! Settings completed from the environment and the shared files.
//!
//! Every value is checked here, before the SDK sees it, because the SDK panics on several bad ones; and
//! every complaint names where the value came from.

use crate::fault::Fault;
use crate::secret::Secret;
use crate::settings::Settings;
#[allow(deprecated)] // the name that older releases of the SDK have, too
use aws_config::profile::profile_file::ProfileFiles;
use aws_config::profile::{ProfileFileLoadError, ProfileSet};
use aws_runtime::env_config::EnvConfigValue;
use aws_types::app_name::AppName;
use aws_types::os_shim_internal::{Env, Fs};
use std::env::VarError;
use std::fmt;

const SERVICE: &str = "rekognition";

/// Variables that are read here or by the SDK.
const VARIABLES: [&str; 26] = [
    "AWS_ACCESS_KEY_ID",
    "AWS_CA_BUNDLE",
    "AWS_CONFIG_FILE",
    "AWS_CONTAINER_AUTHORIZATION_TOKEN",
    "AWS_CONTAINER_CREDENTIALS_FULL_URI",
    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
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
];

/// A value and where it came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sourced<T> {
    /// The value.
    pub value: T,
    /// Where it came from, in words.
    pub source: Source,
}

/// Where a value came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// Given when the client was made.
    Call,
    /// An environment variable.
    Environment(String),
    /// A key in a profile of the shared files.
    Profile {
        /// The key.
        key: String,
        /// The profile.
        profile: String,
    },
    /// The instance metadata service.
    InstanceMetadata,
}

/// How a failed request is sent again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RetryMode {
    /// Exponential back-off.
    Standard,
    /// Back-off and a rate that follows the service's throttling.
    Adaptive,
}

/// Settings that are complete, apart from what only the network can tell.
#[derive(Debug, Clone)]
pub struct Resolved {
    /// What was given.
    pub given: Settings,
    /// Region, unless only instance metadata may know it.
    pub region: Option<Sourced<String>>,
    /// Endpoint, unless the service's own one is meant.
    pub endpoint: Option<Sourced<String>>,
    /// Requests for one call, the first included.
    pub max_attempts: u32,
    /// How failed requests are sent again.
    pub retry_mode: RetryMode,
    /// CA bundle.
    pub ca_bundle: Option<Sourced<String>>,
    /// Proxy for https.
    pub proxy: Option<Sourced<Secret>>,
    /// Hosts that are reached without the proxy.
    pub no_proxy: Option<String>,
    /// Use the FIPS endpoint.
    pub use_fips: bool,
    /// Use the dual-stack endpoint.
    pub use_dualstack: bool,
    /// Name for the user agent.
    pub app_name: Option<AppName>,
    /// Where credentials will be looked for.
    pub credentials: CredentialSource,
}

/// Where credentials will be looked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CredentialSource {
    /// Keys given when the client was made.
    Given,
    /// No credentials: requests are not signed.
    Anonymous,
    /// A profile that was named when the client was made.
    Profile(String),
    /// The environment holds keys, which come first in the default chain.
    Environment,
    /// The default chain.
    DefaultChain,
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Source::Call => f.write_str("the client's configuration"),
            Source::Environment(name) => write!(f, "environment variable {name}"),
            Source::Profile { key, profile } => write!(f, "{key} in profile [{profile}]"),
            Source::InstanceMetadata => f.write_str("instance metadata"),
        }
    }
}

impl Resolved {
    /// Completes settings from this process's environment and the user's shared files.
    pub async fn new(given: Settings) -> Result<Self, Fault> {
        Self::with(given, &Env::real(), &Fs::real()).await
    }

    async fn with(given: Settings, env: &Env, fs: &Fs) -> Result<Self, Fault> {
        let profiles = load_profiles(&given, env, fs).await?;
        let ambient = Ambient {
            env,
            profiles: &profiles,
        };
        ambient.check_variables()?;
        ambient.check_other_endpoints()?;
        let credentials = ambient.credentials(&given)?;
        let resolved = Resolved {
            region: ambient.region(&given)?,
            endpoint: ambient.endpoint(&given)?,
            max_attempts: ambient.max_attempts(&given)?,
            retry_mode: ambient.retry_mode(&given)?,
            ca_bundle: ambient.text(&given.ca_bundle, "AWS_CA_BUNDLE", "ca_bundle"),
            proxy: ambient.proxy(&given),
            no_proxy: ambient.variable(&["NO_PROXY", "no_proxy"]).map(|s| s.value),
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
            credentials,
            given,
        };
        resolved.check_endpoint_variants()?;
        Ok(resolved)
    }

    /// A custom endpoint has no FIPS or dual-stack variant.
    fn check_endpoint_variants(&self) -> Result<(), Fault> {
        let Some(endpoint) = &self.endpoint else {
            return Ok(());
        };
        for (setting, on) in [
            ("use_fips", self.use_fips),
            ("use_dualstack", self.use_dualstack),
        ] {
            if on {
                return Err(Fault::config(
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
    pub fn endpoint_in_words(&self) -> Option<String> {
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

    /// Checks a region wherever it came from.
    pub fn check_region(region: Sourced<String>) -> Result<Sourced<String>, Fault> {
        let label = &region.value;
        let good = (1..=63).contains(&label.len())
            && label
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-');
        if good {
            return Ok(region);
        }
        Err(Fault::config(
            "region",
            format!(
                "the region {label:?} (from {}) is not a host name label such as us-east-1",
                region.source
            ),
        ))
    }
}

struct Ambient<'a> {
    env: &'a Env,
    profiles: &'a ProfileSet,
}

impl Ambient<'_> {
    /// The first of these variables that is set and not empty.
    fn variable(&self, names: &[&str]) -> Option<Sourced<String>> {
        names.iter().find_map(|name| {
            let value = self.env.get(name).ok().filter(|value| !value.is_empty())?;
            Some(Sourced {
                value,
                source: Source::Environment((*name).into()),
            })
        })
    }

    fn in_profile(&self, key: &str) -> Option<Sourced<String>> {
        let value = self.profiles.get(key).filter(|value| !value.is_empty())?;
        Some(Sourced {
            value: value.to_owned(),
            source: self.profile_source(key),
        })
    }

    fn profile_source(&self, key: &str) -> Source {
        Source::Profile {
            key: key.into(),
            profile: self.profiles.selected_profile().into(),
        }
    }

    fn text(&self, given: &Option<String>, variable: &str, key: &str) -> Option<Sourced<String>> {
        given_value(given)
            .or_else(|| self.variable(&[variable]))
            .or_else(|| self.in_profile(key))
    }

    fn flag(
        &self,
        setting: &str,
        given: Option<bool>,
        variable: &str,
        key: &str,
    ) -> Result<bool, Fault> {
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

    fn region(&self, given: &Settings) -> Result<Option<Sourced<String>>, Fault> {
        given_value(&given.region)
            .or_else(|| self.variable(&["AWS_REGION", "AWS_DEFAULT_REGION"]))
            .or_else(|| self.in_profile("region"))
            .map(Resolved::check_region)
            .transpose()
    }

    fn endpoint(&self, given: &Settings) -> Result<Option<Sourced<String>>, Fault> {
        let endpoint = match given_value(&given.endpoint) {
            Some(endpoint) => Some(endpoint),
            None if self.ignores_configured_endpoints()? => None,
            None => self.configured_endpoint(),
        };
        endpoint
            .map(|endpoint| check_endpoint("endpoint", endpoint))
            .transpose()
    }

    fn ignores_configured_endpoints(&self) -> Result<bool, Fault> {
        self.flag(
            "ignore_configured_endpoint_urls",
            None,
            "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS",
            "ignore_configured_endpoint_urls",
        )
    }

    /// Unlike the other settings an empty endpoint is kept, and then refused: whoever set it meant to send
    /// requests elsewhere, and they must not go to AWS instead.
    fn configured_endpoint(&self) -> Option<Sourced<String>> {
        for name in ["AWS_ENDPOINT_URL_REKOGNITION", "AWS_ENDPOINT_URL"] {
            if let Ok(value) = self.env.get(name) {
                return Some(Sourced {
                    value,
                    source: Source::Environment(name.into()),
                });
            }
        }
        let nowhere = Env::from_slice(&[]);
        let in_files = EnvConfigValue::new()
            .profile("endpoint_url")
            .service_id(SERVICE);
        let (value, _) = in_files.load(&nowhere, Some(self.profiles))?;
        Some(Sourced {
            value: value.into_owned(),
            source: self.profile_source("endpoint_url"),
        })
    }

    fn max_attempts(&self, given: &Settings) -> Result<u32, Fault> {
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

    fn retry_mode(&self, given: &Settings) -> Result<RetryMode, Fault> {
        let Some(found) = self.text(&given.retry_mode, "AWS_RETRY_MODE", "retry_mode") else {
            return Ok(RetryMode::Standard);
        };
        match found.value.trim().to_ascii_lowercase().as_str() {
            "standard" => Ok(RetryMode::Standard),
            "adaptive" => Ok(RetryMode::Adaptive),
            _ => Err(bad_value(
                "retry_mode",
                &found,
                "\"standard\" or \"adaptive\"",
            )),
        }
    }

    fn app_name(&self, given: &Settings) -> Result<Option<AppName>, Fault> {
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
    fn check_variables(&self) -> Result<(), Fault> {
        for name in VARIABLES {
            if let Err(VarError::NotUnicode(_)) = self.env.get(name) {
                return Err(Fault::config(
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

    /// Endpoints of the services that credentials come from: the SDK panics on some bad ones.
    fn check_other_endpoints(&self) -> Result<(), Fault> {
        let metadata = "AWS_EC2_METADATA_SERVICE_ENDPOINT";
        if let Some(found) = self.variable(&[metadata]) {
            check_endpoint(metadata, found)?;
        }
        let nowhere = Env::from_slice(&[]);
        for (variable, service) in [
            ("AWS_ENDPOINT_URL_STS", "STS"),
            ("AWS_ENDPOINT_URL_SSO", "SSO"),
            ("AWS_ENDPOINT_URL_SSO_OIDC", "SSO OIDC"),
        ] {
            if let Ok(value) = self.env.get(variable) {
                let source = Source::Environment(variable.into());
                check_endpoint("endpoint", Sourced { value, source })?;
            }
            let in_files = EnvConfigValue::new()
                .profile("endpoint_url")
                .service_id(service);
            if let Some((value, _)) = in_files.load(&nowhere, Some(self.profiles)) {
                let source = self.profile_source("endpoint_url");
                let value = value.into_owned();
                check_endpoint("endpoint", Sourced { value, source })?;
            }
        }
        Ok(())
    }

    fn proxy(&self, given: &Settings) -> Option<Sourced<Secret>> {
        if let Some(value) = given.proxy.clone() {
            return Some(Sourced {
                value,
                source: Source::Call,
            });
        }
        let found = self.variable(&["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"])?;
        Some(Sourced {
            value: Secret::new(found.value),
            source: found.source,
        })
    }

    fn credentials(&self, given: &Settings) -> Result<CredentialSource, Fault> {
        if given.anonymous {
            return Ok(CredentialSource::Anonymous);
        }
        if let Some(keys) = &given.keys {
            let call = Source::Call.to_string();
            check_key("access_key_id", &keys.access_key_id, &call)?;
            check_key("secret_access_key", keys.secret_access_key.reveal(), &call)?;
            if let Some(token) = &keys.session_token {
                check_key("session_token", token.reveal(), &call)?;
            }
            return Ok(CredentialSource::Given);
        }
        if let Some(profile) = &given.profile {
            return Ok(CredentialSource::Profile(profile.clone()));
        }
        self.environment_keys()
    }

    fn environment_keys(&self) -> Result<CredentialSource, Fault> {
        for (setting, name) in [
            ("access_key_id", "AWS_ACCESS_KEY_ID"),
            ("secret_access_key", "AWS_SECRET_ACCESS_KEY"),
            ("session_token", "AWS_SESSION_TOKEN"),
        ] {
            if let Some(found) = self.variable(&[name]) {
                check_key(setting, &found.value, &found.source.to_string())?;
            }
        }
        let has_keys = self.variable(&["AWS_ACCESS_KEY_ID"]).is_some()
            && self
                .variable(&["AWS_SECRET_ACCESS_KEY", "SECRET_ACCESS_KEY"])
                .is_some();
        Ok(if has_keys {
            CredentialSource::Environment
        } else {
            CredentialSource::DefaultChain
        })
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

fn given_value(given: &Option<String>) -> Option<Sourced<String>> {
    given.clone().map(|value| Sourced {
        value,
        source: Source::Call,
    })
}

fn bad_value(setting: &str, found: &Sourced<String>, expected: &str) -> Fault {
    Fault::config(
        setting,
        format!(
            "{:?} (from {}) is no good `{setting}`: it must be {expected}",
            found.value, found.source
        ),
    )
}

fn check_endpoint(setting: &str, endpoint: Sourced<String>) -> Result<Sourced<String>, Fault> {
    let complaint = |problem: &str| {
        Fault::config(
            setting,
            format!(
                "the endpoint {:?} (from {}) {problem}; it must be like https://host or http://127.0.0.1:8080",
                endpoint.value, endpoint.source
            ),
        )
    };
    let url = &endpoint.value;
    let Some((scheme, rest)) = url.split_once("://") else {
        return Err(complaint("has no scheme"));
    };
    if !scheme.eq_ignore_ascii_case("http") && !scheme.eq_ignore_ascii_case("https") {
        return Err(complaint("has a scheme that is neither http nor https"));
    }
    if rest
        .split('/')
        .next()
        .is_some_and(|authority| authority.contains('@'))
    {
        // Not shown: what stands before the @ is a secret.
        return Err(Fault::config(
            setting,
            format!(
                "the endpoint (from {}) holds a user name or password",
                endpoint.source
            ),
        ));
    }
    match url.parse::<http::Uri>() {
        Ok(uri) if uri.host().is_some_and(|host| !host.is_empty()) && has_good_port(&uri) => {}
        _ => return Err(complaint("is not a URL")),
    }
    if url.contains(['?', '#']) {
        return Err(complaint("has a query or a fragment"));
    }
    Ok(endpoint)
}

/// Whether the port, if there is one, is a number from 1 to 65535.
pub fn has_good_port(uri: &http::Uri) -> bool {
    let authority = uri.authority().map_or("", |authority| authority.as_str());
    let after_host = authority
        .rsplit_once(']')
        .map_or(authority, |(_, rest)| rest);
    match after_host.rsplit_once(':') {
        Some((_, port)) => port.parse::<u16>().is_ok_and(|port| port > 0),
        None => true,
    }
}

#[allow(deprecated)]
async fn load_profiles(given: &Settings, env: &Env, fs: &Fs) -> Result<ProfileSet, Fault> {
    let named = given.profile.clone().map(std::borrow::Cow::Owned);
    let profiles = aws_config::profile::load(fs, env, &ProfileFiles::default(), named)
        .await
        .map_err(|error| Fault::config("profile", unreadable_file(&error)))?;
    let name = profiles.selected_profile();
    let source = match (&given.profile, env.get("AWS_PROFILE")) {
        (Some(_), _) => Source::Call,
        (None, Ok(_)) => Source::Environment("AWS_PROFILE".into()),
        (None, Err(_)) => return Ok(profiles),
    };
    if name != "default" && profiles.get_profile(name).is_none() {
        return Err(Fault::config(
            "profile",
            format!("there is no profile {name:?} (from {source}) in the shared config and credentials files"),
        ));
    }
    Ok(profiles)
}

fn unreadable_file(error: &ProfileFileLoadError) -> String {
    let mut text = format!("the shared config and credentials files cannot be read: {error}");
    let mut cause = std::error::Error::source(error);
    while let Some(error) = cause {
        text.push_str(&format!(": {error}"));
        cause = error.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::Keys;

    const CONFIG: &str = "
[default]
region = eu-west-1
[profile work]
region = ap-south-1
max_attempts = 7
retry_mode = adaptive
services = local
[profile odd]
region = a_b
[services local]
rekognition =
  endpoint_url = http://127.0.0.1:9
";

    fn resolve(given: Settings, env: &[(&str, &str)]) -> Result<Resolved, Fault> {
        let mut env = env.to_vec();
        env.push(("HOME", "/home/me"));
        let fs = Fs::from_slice(&[("/home/me/.aws/config", CONFIG)]);
        with(given, &Env::from_slice(&env), &fs)
    }

    fn with(given: Settings, env: &Env, fs: &Fs) -> Result<Resolved, Fault> {
        crate::runtime::runtime()
            .unwrap()
            .block_on(Resolved::with(given, env, fs))
    }

    fn setting_and_reason(result: Result<Resolved, Fault>) -> (String, String) {
        match result {
            Err(Fault::Config { setting, reason }) => (setting, reason),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn the_call_comes_before_the_environment_and_that_before_the_files() {
        let region = |r: Result<Resolved, Fault>| r.unwrap().region.unwrap().value;
        let given = Settings {
            region: Some("us-west-2".into()),
            ..Settings::default()
        };
        let env = [
            ("AWS_REGION", "sa-east-1"),
            ("AWS_DEFAULT_REGION", "us-east-1"),
        ];
        assert_eq!(region(resolve(given, &env)), "us-west-2");
        assert_eq!(region(resolve(Settings::default(), &env)), "sa-east-1");
        assert_eq!(region(resolve(Settings::default(), &env[1..])), "us-east-1");
        assert_eq!(region(resolve(Settings::default(), &[])), "eu-west-1");
        let work = [("AWS_PROFILE", "work"), ("AWS_REGION", "")];
        assert_eq!(region(resolve(Settings::default(), &work)), "ap-south-1");
    }

    #[test]
    fn a_profile_gives_retries_and_the_service_s_endpoint() {
        let work = resolve(Settings::default(), &[("AWS_PROFILE", "work")]).unwrap();
        assert_eq!(work.max_attempts, 7);
        assert_eq!(work.retry_mode, RetryMode::Adaptive);
        assert_eq!(work.endpoint.unwrap().value, "http://127.0.0.1:9");
        let env = [
            ("AWS_PROFILE", "work"),
            ("AWS_ENDPOINT_URL", "http://127.0.0.1:7"),
            ("AWS_ENDPOINT_URL_REKOGNITION", "http://127.0.0.1:8"),
        ];
        let both = resolve(Settings::default(), &env).unwrap();
        assert_eq!(both.endpoint.unwrap().value, "http://127.0.0.1:8");
        let ignored = [
            ("AWS_PROFILE", "work"),
            ("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "true"),
        ];
        let ignored = resolve(Settings::default(), &ignored).unwrap();
        assert_eq!(ignored.endpoint, None);
    }

    #[test]
    fn max_retries_come_before_max_attempts() {
        let given = Settings {
            max_retries: Some(0),
            ..Settings::default()
        };
        let env = [("AWS_MAX_ATTEMPTS", "9")];
        assert_eq!(resolve(given, &env).unwrap().max_attempts, 1);
        assert_eq!(resolve(Settings::default(), &env).unwrap().max_attempts, 9);
        assert_eq!(resolve(Settings::default(), &[]).unwrap().max_attempts, 4);
    }

    #[test]
    fn a_bad_value_names_where_it_came_from() {
        for (name, value, setting) in [
            ("AWS_RETRY_MODE", "legacy", "retry_mode"),
            ("AWS_RETRY_MODE", "sometimes", "retry_mode"),
            ("AWS_MAX_ATTEMPTS", "abc", "max_retries"),
            ("AWS_MAX_ATTEMPTS", "0", "max_retries"),
            ("AWS_MAX_ATTEMPTS", "-1", "max_retries"),
            ("AWS_ENDPOINT_URL", "", "endpoint"),
            ("AWS_ENDPOINT_URL", "127.0.0.1:80", "endpoint"),
            ("AWS_ENDPOINT_URL_REKOGNITION", "ftp://x", "endpoint"),
            ("AWS_ENDPOINT_URL", "http://", "endpoint"),
            ("AWS_ENDPOINT_URL", "http://a b", "endpoint"),
            ("AWS_REGION", "us east 1", "region"),
            ("AWS_DEFAULT_REGION", "-x", "region"),
            ("AWS_USE_FIPS_ENDPOINT", "yes", "use_fips"),
            ("AWS_ACCESS_KEY_ID", "AKIA\nX", "access_key_id"),
            ("AWS_SESSION_TOKEN", "a b", "session_token"),
            ("AWS_PROFILE", "nobody", "profile"),
            ("AWS_SDK_UA_APP_ID", "my app", "app_name"),
            ("AWS_ENDPOINT_URL", "http://h:abc", "endpoint"),
            ("AWS_ENDPOINT_URL", "http://h:99999", "endpoint"),
            ("AWS_ENDPOINT_URL_STS", "", "endpoint"),
            ("AWS_ENDPOINT_URL_SSO_OIDC", "host", "endpoint"),
            (
                "AWS_EC2_METADATA_SERVICE_ENDPOINT",
                "junk",
                "AWS_EC2_METADATA_SERVICE_ENDPOINT",
            ),
            ("AWS_EXECUTION_ENV", "a\nb", "AWS_EXECUTION_ENV"),
        ] {
            let (found, reason) =
                setting_and_reason(resolve(Settings::default(), &[(name, value)]));
            assert_eq!(found, setting, "{name}={value}");
            assert!(reason.contains(name), "{name}={value}: {reason}");
        }
        let (setting, reason) =
            setting_and_reason(resolve(Settings::default(), &[("AWS_PROFILE", "odd")]));
        assert_eq!(setting, "region");
        assert!(reason.contains("region in profile [odd]"), "{reason}");
    }

    #[test]
    fn a_secret_in_a_bad_value_is_not_shown() {
        let given = Settings {
            keys: Some(Keys {
                access_key_id: "AKIAEXAMPLE".into(),
                secret_access_key: Secret::new("hunter2\n".into()),
                session_token: None,
            }),
            ..Settings::default()
        };
        let (setting, reason) = setting_and_reason(resolve(given, &[]));
        assert_eq!(setting, "secret_access_key");
        assert!(!reason.contains("hunter2"), "{reason}");
        let env = [("AWS_ENDPOINT_URL", "http://me:hunter2@host")];
        let (_, reason) = setting_and_reason(resolve(Settings::default(), &env));
        assert!(!reason.contains("hunter2"), "{reason}");
    }

    #[test]
    fn a_named_profile_is_used_where_the_environment_holds_keys() {
        let env = [
            ("AWS_ACCESS_KEY_ID", "AKIA"),
            ("AWS_SECRET_ACCESS_KEY", "s"),
        ];
        let given = Settings {
            profile: Some("work".into()),
            ..Settings::default()
        };
        let resolved = resolve(given, &env).unwrap();
        assert_eq!(
            resolved.credentials,
            CredentialSource::Profile("work".into())
        );
        let resolved = resolve(Settings::default(), &env).unwrap();
        assert_eq!(resolved.credentials, CredentialSource::Environment);
    }

    #[test]
    fn an_endpoint_of_one_s_own_has_no_fips_variant() {
        let given = Settings {
            endpoint: Some("http://127.0.0.1:1".into()),
            use_fips: Some(true),
            ..Settings::default()
        };
        assert_eq!(setting_and_reason(resolve(given, &[])).0, "use_fips");
    }

    #[test]
    fn a_file_that_is_no_config_file_is_named() {
        let fs = Fs::from_slice(&[("/home/me/.aws/config", "region = eu-west-1\n")]);
        let env = Env::from_slice(&[("HOME", "/home/me")]);
        let (setting, reason) = setting_and_reason(with(Settings::default(), &env, &fs));
        assert_eq!(setting, "profile");
        assert!(reason.contains(".aws/config"), "{reason}");
    }
}
