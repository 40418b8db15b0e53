//! The instance metadata service.

use crate::error::Error;
use crate::settings::resolve::Resolved;
use aws_config::imds;
use aws_config::provider_config::ProviderConfig;

/// A client of the instance metadata service at the endpoint in the settings, which the SDK would read from the shared files
/// by other rules.
pub fn metadata(
    resolved: &Resolved,
    config: &ProviderConfig,
) -> Result<imds::client::Builder, Error> {
    imds::Client::builder()
        .configure(config)
        .endpoint(&resolved.metadata_endpoint)
        .map_err(|error| Error::config("AWS_EC2_METADATA_SERVICE_ENDPOINT", error.to_string()))
}
