//! The metadata service of an instance.

use crate::error::Error;
use crate::settings::resolve::Resolved;
use aws_config::imds;
use aws_config::provider_config::ProviderConfig;

/// A client of the metadata service of an instance, where the settings say that it is: the SDK's own reader of the shared
/// files is not asked.
pub fn metadata(
    resolved: &Resolved,
    config: &ProviderConfig,
) -> Result<imds::client::Builder, Error> {
    imds::Client::builder()
        .configure(config)
        .endpoint(&resolved.metadata_endpoint)
        .map_err(|error| Error::config("AWS_EC2_METADATA_SERVICE_ENDPOINT", error.to_string()))
}
