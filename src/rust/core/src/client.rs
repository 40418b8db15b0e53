//! Clients: settings, and what was made of them in this process.

pub mod credentials;
mod headers;
mod sdk;

use crate::error::Error;
use crate::process::InProcess;
use crate::runtime::RuntimeId;
use crate::settings::resolve::Resolved;
use crate::settings::CredentialSource;
use crate::sync::lock;
use credentials::Supply;
pub use sdk::Sdk;
use std::sync::{Arc, Mutex};
use tokio::sync::OnceCell;

/// A client: settings, and the connections that were made with them.
#[derive(Debug)]
pub struct Client {
    resolved: Arc<Resolved>,
    supply: Option<Arc<Supply>>,
    /// Its connections live on the runtime it was made for.
    live: Mutex<Option<(RuntimeId, InProcess<Arc<LiveClient>>)>>,
}

/// What a client holds in one process. Made without the network, completed by the first call.
#[derive(Debug)]
pub struct LiveClient {
    resolved: Arc<Resolved>,
    supply: Option<Arc<Supply>>,
    sdk: OnceCell<Sdk>,
}

impl Client {
    /// A client for these settings. Nothing is sent.
    pub fn new(resolved: Resolved) -> Self {
        let is_supplied = resolved.credentials == CredentialSource::Supplied;
        Client {
            resolved: Arc::new(resolved),
            supply: is_supplied.then(Arc::default),
            live: Mutex::new(None),
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
            supply: self.supply.clone(),
            sdk: OnceCell::new(),
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

    /// The SDK's client, made by the first call that needs it.
    pub async fn sdk(&self) -> Result<&Sdk, Error> {
        self.sdk
            .get_or_try_init(|| Sdk::new(&self.resolved, self.supply.as_ref()))
            .await
    }
}
