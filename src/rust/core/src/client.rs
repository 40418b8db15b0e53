//! Clients: settings, and the SDK's client that is made from them in each process.

pub mod credentials;
mod headers;
mod sdk;

use crate::error::Error;
use crate::http::dial::Dialer;
use crate::process::InProcess;
use crate::runtime::RuntimeId;
use crate::settings::resolve::Resolved;
use crate::settings::CredentialSource;
use crate::sync::lock;
use credentials::KeyRequests;
pub use headers::{ExactPath, Headers};
pub use sdk::Sdk;
use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use tokio::sync::OnceCell;

/// A client: settings, and the live client of this process.
#[derive(Debug)]
pub struct Client {
    resolved: Arc<Resolved>,
    key_requests: Option<Arc<KeyRequests>>,
    /// With the runtime that its connections belong to.
    live: Mutex<Option<(RuntimeId, InProcess<Arc<LiveClient>>)>>,
}

/// The SDK's client in this process, made from a client's settings. The first call completes it, because that may need the
/// network.
#[derive(Debug)]
pub struct LiveClient {
    resolved: Arc<Resolved>,
    key_requests: Option<Arc<KeyRequests>>,
    sdk: OnceCell<Sdk>,
    dialer: OnceCell<Dialer>,
    /// The regions of buckets that are not in the client's.
    bucket_regions: Mutex<HashMap<String, String>>,
}

impl Client {
    /// A client for these settings. Nothing is sent.
    pub fn new(resolved: Resolved) -> Self {
        let is_on_request = resolved.credentials == CredentialSource::OnRequest;
        Client {
            resolved: Arc::new(resolved),
            key_requests: is_on_request.then(Arc::default),
            live: Mutex::new(None),
        }
    }

    /// The client's settings.
    pub fn resolved(&self) -> &Arc<Resolved> {
        &self.resolved
    }

    /// The requests for keys that the owner of the client answers, if its keys come on request.
    pub fn key_requests(&self) -> Option<&Arc<KeyRequests>> {
        self.key_requests.as_ref()
    }

    /// The live client on this runtime.
    pub fn live(&self, runtime: RuntimeId) -> Arc<LiveClient> {
        let mut slot = lock(&self.live);
        if let Some((owner, live)) = slot.as_ref() {
            if let Some(live) = live.get().filter(|_| *owner == runtime) {
                return live.clone();
            }
        }
        let live = Arc::new(LiveClient {
            resolved: self.resolved.clone(),
            key_requests: self.key_requests.clone(),
            sdk: OnceCell::new(),
            dialer: OnceCell::new(),
            bucket_regions: Mutex::default(),
        });
        *slot = Some((runtime, InProcess::new(live.clone())));
        live
    }
}

impl LiveClient {
    /// The client's settings.
    pub fn resolved(&self) -> &Resolved {
        &self.resolved
    }

    /// The region. If it is not set, the first call finds it.
    pub fn region(&self) -> Option<String> {
        let set = || Some(self.resolved.region.as_ref()?.value.clone());
        let found = self.sdk.get().map(|sdk| sdk.services.region.to_string());
        found.or_else(set)
    }

    /// The SDK's client; the first call makes it.
    pub async fn sdk(&self) -> Result<&Sdk, Error> {
        let make = || Sdk::new(&self.resolved, self.key_requests.as_ref());
        // Boxed: the future of each call would be as large.
        self.sdk.get_or_try_init(|| Box::pin(make())).await
    }

    /// Opens connections for other protocols than the SDK's.
    pub async fn dialer(&self) -> Result<&Dialer, Error> {
        let make = || Dialer::new(&self.resolved);
        self.dialer.get_or_try_init(make).await
    }

    /// The region of a bucket, if S3 has said that it is not the client's.
    pub fn bucket_region(&self, bucket: &str) -> Option<String> {
        lock(&self.bucket_regions).get(bucket).cloned()
    }

    /// Remembers the region of a bucket.
    pub fn set_bucket_region(&self, bucket: &str, region: &str) {
        lock(&self.bucket_regions).insert(bucket.to_owned(), region.to_owned());
    }
}
