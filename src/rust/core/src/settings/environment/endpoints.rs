//! Endpoints, from the environment and the selected profile.

use super::{given_value, invalid_value, Environment};
use crate::error::Error;
use crate::settings::endpoint::{check_endpoint, Endpoints};
use crate::settings::source::{Source, Sourced};
use crate::settings::Settings;

const SERVICE: &str = "rekognition";

/// The instance metadata service.
const METADATA: &str = "http://169.254.169.254";
const METADATA_IPV6: &str = "http://[fd00:ec2::254]";

impl Environment<'_> {
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

    /// The endpoint of a service: from its variable, the variable of all services, the profile's `services` section, the
    /// profile.
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
                // An empty one is refused later.
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

    /// Unlike other settings, an empty endpoint is kept, and then refused: it was meant to redirect requests, and they must not
    /// go to AWS instead.
    fn variable_or_empty(&self, name: &str) -> Option<Sourced<String>> {
        Some(Sourced {
            value: self.env.get(name).ok()?,
            source: Source::Environment(name.into()),
        })
    }

    /// The endpoint of the instance metadata service.
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
            _ => Err(invalid_value(mode, &found, "`IPv4` or `IPv6`")),
        }
    }

    /// Endpoints of the services besides Rekognition. They are checked because the SDK panics on some invalid ones.
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
            streaming: endpoint(
                "AWS_ENDPOINT_URL_REKOGNITIONSTREAMING",
                "rekognitionstreaming",
            )?,
            s3: endpoint("AWS_ENDPOINT_URL_S3", "s3")?,
        })
    }
}
