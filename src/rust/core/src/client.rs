//! The SDK's client for some settings, in this process.

use crate::credentials::{self, Keys, Services, Supply};
use crate::fault::Fault;
use crate::resolve::{CredentialSource, Resolved, RetryMode, Source, Sourced};
use crate::runtime::Home;
use crate::transport;
use crate::wire::{ExactPath, Headers, RetryClassifier};
use aws_config::imds;
use aws_config::provider_config::ProviderConfig;
use aws_credential_types::Credentials;
use aws_sdk_rekognition::config::{
    BehaviorVersion, IdentityCache, Region, StalledStreamProtectionConfig,
};
use aws_smithy_async::rt::sleep::TokioSleep;
use aws_smithy_runtime::client::retries::{RetryPartition, TokenBucket};
use aws_smithy_types::retry::RetryConfig;
use aws_smithy_types::timeout::TimeoutConfig;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::OnceCell;

/// A client: settings, and the connections that were made with them.
#[derive(Debug)]
pub struct Client {
    resolved: Arc<Resolved>,
    supply: Option<Arc<Supply>>,
    /// Its connections live on the runtime it was made for.
    session: Mutex<Option<(Home, Arc<Session>)>>,
}

/// What a client holds in one process. Made without the network, completed by the first call.
#[derive(Debug)]
pub struct Session {
    resolved: Arc<Resolved>,
    supply: Option<Arc<Supply>>,
    sdk: OnceCell<Sdk>,
}

/// The SDK's client, twice: both share connections and credentials.
#[derive(Debug)]
pub struct Sdk {
    /// Sends again what failed.
    pub retrying: aws_sdk_rekognition::Client,
    /// Sends each request once: a batch knows better when to send again.
    pub once: aws_sdk_rekognition::Client,
    /// The keys of both, unless requests are not signed.
    pub keys: Option<Keys>,
}

impl Client {
    /// A client for these settings. Nothing is sent.
    pub fn new(resolved: Resolved) -> Self {
        let is_supplied = resolved.credentials == CredentialSource::Supplied;
        Client {
            resolved: Arc::new(resolved),
            supply: is_supplied.then(Arc::default),
            session: Mutex::new(None),
        }
    }

    /// The client's settings.
    pub fn resolved(&self) -> &Arc<Resolved> {
        &self.resolved
    }

    /// Where keys are given, if they are given when they are wanted.
    pub fn supply(&self) -> Option<&Arc<Supply>> {
        self.supply.as_ref()
    }

    /// The session on this runtime.
    pub fn session(&self, home: Home) -> Arc<Session> {
        let mut slot = self.session.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((owner, session)) = slot.as_ref() {
            if *owner == home {
                return session.clone();
            }
        }
        let session = Arc::new(Session {
            resolved: self.resolved.clone(),
            supply: self.supply.clone(),
            sdk: OnceCell::new(),
        });
        forget_if_foreign(slot.replace((home, session.clone())));
        session
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        let slot = self
            .session
            .get_mut()
            .unwrap_or_else(PoisonError::into_inner);
        forget_if_foreign(slot.take());
    }
}

/// After a fork the sockets of a session are the parent's: it is leaked on purpose.
fn forget_if_foreign(session: Option<(Home, Arc<Session>)>) {
    if session
        .as_ref()
        .is_some_and(|(owner, _)| owner.pid != std::process::id())
    {
        std::mem::forget(session);
    }
}

impl Session {
    /// The settings of this session's client.
    pub fn resolved(&self) -> &Resolved {
        &self.resolved
    }

    /// The SDK's client, made by the first call that needs it.
    pub async fn sdk(&self) -> Result<&Sdk, Fault> {
        self.sdk
            .get_or_try_init(|| sdk_client(&self.resolved, self.supply.as_ref()))
            .await
    }
}

async fn sdk_client(resolved: &Resolved, supply: Option<&Arc<Supply>>) -> Result<Sdk, Fault> {
    let given = &resolved.given;
    let http_client = transport::http_client(resolved).await?;
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
    let keys = Keys::new(resolved, supply, services, &providers)?;

    // All defaults that matter are set below; an older version is one that older SDKs have, too.
    #[allow(deprecated)]
    let version = BehaviorVersion::v2025_08_07();
    let mut config = aws_sdk_rekognition::Config::builder()
        .behavior_version(version)
        .http_client(http_client)
        .sleep_impl(TokioSleep::new())
        .region(region)
        .retry_config(retry_config(resolved))
        // The SDK's own token bucket is one for all clients of the process, and it leaks.
        .retry_partition(
            RetryPartition::custom("rekognition")
                .token_bucket(TokenBucket::unlimited())
                .build(),
        )
        .retry_classifier(RetryClassifier)
        .timeout_config(timeouts)
        // Answers are watched by the transport, which knows `read_timeout` and all credential providers.
        .stalled_stream_protection(StalledStreamProtectionConfig::disabled())
        // `Keys` keeps them, and knows when others are needed.
        .identity_cache(IdentityCache::no_cache());
    config.set_endpoint_url(
        resolved
            .endpoint
            .as_ref()
            .map(|endpoint| endpoint.value.clone()),
    );
    // All operations are sent to one path.
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
    })
}

fn retry_config(resolved: &Resolved) -> RetryConfig {
    let config = match resolved.retry_mode {
        RetryMode::Standard => RetryConfig::standard(),
        RetryMode::Adaptive => RetryConfig::adaptive(),
    };
    config
        .with_max_attempts(resolved.max_attempts)
        .with_initial_backoff(Duration::from_millis(200))
        .with_max_backoff(Duration::from_secs(20))
}

/// Asks the instance metadata service, for no more than a second: on most machines there is none.
async fn region_from_metadata(
    resolved: &Resolved,
    providers: &ProviderConfig,
) -> Result<Sourced<String>, Fault> {
    const PATIENCE: Duration = Duration::from_secs(1);
    let client = credentials::metadata(resolved, providers)?
        .max_attempts(1)
        .connect_timeout(PATIENCE)
        .read_timeout(PATIENCE)
        .build();
    let provider = imds::region::ImdsRegionProvider::builder()
        .configure(providers)
        .imds_client(client)
        .build();
    match tokio::time::timeout(PATIENCE, provider.region()).await {
        Ok(Some(region)) => Resolved::check_region(Sourced {
            value: region.to_string(),
            source: Source::InstanceMetadata,
        }),
        _ => Err(Fault::config(
            "region",
            "no region is set: not in the client's configuration, not in AWS_REGION or AWS_DEFAULT_REGION, \
             not in the profile, not in instance metadata",
        )),
    }
}
