//! The SDK's client, set up with the settings.

use crate::client::credentials::{self, KeyCache, KeyRequests, Services};
use crate::client::headers::{ExactPath, Headers};
use crate::error::Error;
use crate::http::connector;
use crate::retry::{self, RetryClassifier};
use crate::settings::endpoint::check_region;
use crate::settings::resolve::Resolved;
use crate::settings::source::{Source, Sourced};
use aws_config::imds;
use aws_config::provider_config::ProviderConfig;
use aws_credential_types::Credentials;
use aws_sdk_rekognition::config::{
    BehaviorVersion, IdentityCache, Region, StalledStreamProtectionConfig,
};
use aws_smithy_async::rt::sleep::TokioSleep;
use aws_smithy_types::retry::RetryConfig;
use aws_smithy_types::timeout::TimeoutConfig;
use std::sync::Arc;
use std::time::Duration;

/// The SDK's client, with and without retries. Both share connections and credentials.
#[derive(Debug)]
pub struct Sdk {
    /// Retries.
    pub retrying: aws_sdk_rekognition::Client,
    /// Does not retry: a batch schedules its own retries.
    pub once: aws_sdk_rekognition::Client,
    /// The keys of both; `None` if requests are not signed.
    pub keys: Option<KeyCache>,
    /// How to reach the services that provide credentials.
    pub services: Services,
}

impl Sdk {
    /// From these settings. The region may come from the instance metadata service.
    pub async fn new(
        resolved: &Resolved,
        key_requests: Option<&Arc<KeyRequests>>,
    ) -> Result<Self, Error> {
        let given = &resolved.given;
        let http_client = connector::http_client(resolved).await?;
        let mut providers = ProviderConfig::empty()
            .with_http_client(http_client.clone())
            .with_sleep_impl(TokioSleep::new());
        let region = match &resolved.region {
            Some(region) => region.clone(),
            None => region_from_metadata(resolved, &providers).await?,
        };
        let region = Region::new(region.value);
        providers = providers.with_region(Some(region.clone()));

        let timeouts = TimeoutConfig::builder()
            .connect_timeout(given.connect_timeout())
            .read_timeout(given.read_timeout())
            .build();
        let services = Services {
            http_client: http_client.clone(),
            timeouts: timeouts.clone(),
            region: region.clone(),
            endpoints: resolved.other_endpoints.clone(),
        };
        let keys = KeyCache::new(resolved, key_requests, services.clone(), &providers)?;

        // All defaults that matter are set below. This version also exists in older releases of the SDK.
        #[allow(deprecated)]
        let version = BehaviorVersion::v2025_08_07();
        let mut config = aws_sdk_rekognition::Config::builder()
            .behavior_version(version)
            .http_client(http_client)
            .sleep_impl(TokioSleep::new())
            .region(region.clone())
            .retry_config(retry::retry_config(
                resolved.retry_mode,
                resolved.max_attempts,
            ))
            .retry_partition(retry::retry_partition())
            .retry_classifier(RetryClassifier)
            .timeout_config(timeouts)
            // The connector limits stalled bodies, by `read_timeout` and for credential providers as well.
            .stalled_stream_protection(StalledStreamProtectionConfig::disabled())
            // `KeyCache` caches them, and knows when to renew them.
            .identity_cache(IdentityCache::no_cache());
        config.set_endpoint_url(
            resolved
                .endpoint
                .as_ref()
                .map(|endpoint| endpoint.value.clone()),
        );
        // All operations have the same path.
        let has_path = |url: &&String| {
            let uri = url.parse::<http::Uri>();
            uri.is_ok_and(|uri| uri.path() != "/" && !uri.path().ends_with('/'))
        };
        let endpoint = resolved.endpoint.as_ref().map(|endpoint| &endpoint.value);
        if let Some(url) = endpoint.filter(has_path) {
            config = config.interceptor(ExactPath(url.clone()));
        }
        if resolved.use_fips {
            config = config.use_fips(true);
        }
        if resolved.use_dualstack {
            config = config.use_dual_stack(true);
        }
        if let Some(name) = &resolved.app_name {
            config = config.app_name(name.clone());
        }
        if given.close_connection {
            config = config.interceptor(Headers::CLOSE);
        }
        let config = match &keys {
            Some(keys) => config.credentials_provider(keys.clone()),
            None => config
                .credentials_provider(Credentials::new("anonymous", "", None, None, "anonymous"))
                .interceptor(Headers::ANONYMOUS),
        }
        .build();
        let once = config.to_builder().retry_config(RetryConfig::disabled());
        Ok(Sdk {
            once: aws_sdk_rekognition::Client::from_conf(once.build()),
            retrying: aws_sdk_rekognition::Client::from_conf(config),
            keys,
            services,
        })
    }
}

/// The region of the instance. Waits no longer than a second: most machines have no metadata service.
async fn region_from_metadata(
    resolved: &Resolved,
    providers: &ProviderConfig,
) -> Result<Sourced<String>, Error> {
    const TIMEOUT: Duration = Duration::from_secs(1);
    let client = credentials::metadata(resolved, providers)?
        .max_attempts(1)
        .connect_timeout(TIMEOUT)
        .read_timeout(TIMEOUT)
        .build();
    let provider = imds::region::ImdsRegionProvider::builder()
        .configure(providers)
        .imds_client(client)
        .build();
    match tokio::time::timeout(TIMEOUT, provider.region()).await {
        Ok(Some(region)) => check_region(Sourced {
            value: region.to_string(),
            source: Source::InstanceMetadata,
        }),
        _ => Err(Error::config(
            "region",
            "no region is set (not in the client's configuration, AWS_REGION, AWS_DEFAULT_REGION, the profile or \
             instance metadata)",
        )),
    }
}
