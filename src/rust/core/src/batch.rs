//! Many sessions at once: requests at the pace that the service allows, each session once, none lost.

use crate::client::Client;
use crate::credentials::Listener;
use crate::fault::Fault;
use crate::log::{Level, Log};
use crate::rows::{Delivery, Sender};
use crate::run::Run;
use crate::runtime;
use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use tokio::task::AbortHandle;

pub use crate::rows::{Found, Row, Taken, Wake};

/// What is asked for.
#[derive(Debug, Clone)]
pub struct Order {
    /// The sessions, each once.
    pub session_ids: Vec<String>,
    /// The most requests in flight.
    pub max_active: usize,
    /// Where images and results go, if they are to be saved. What is there already is not asked for.
    pub dir: Option<PathBuf>,
    /// Ask until all have ended; once if absent.
    pub until_final: Option<Polling>,
    /// How much is told.
    pub level: Level,
}

/// How to ask again.
#[derive(Debug, Clone, Copy)]
pub struct Polling {
    /// The time between two questions for one session, at first.
    pub interval: Duration,
    /// When to stop.
    pub timeout: Duration,
}

/// A batch under way. Dropping it cancels what is in flight.
pub struct Batch {
    pid: u32,
    log: Log,
    delivery: Arc<Delivery>,
    task: AbortHandle,
}

impl fmt::Debug for Batch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Batch")
    }
}

impl Batch {
    /// Starts it. `wake` is called, on some thread, whenever it pays to take rows and when the last have come.
    pub fn start(client: &Client, order: Order, wake: Option<Wake>) -> Result<Self, Fault> {
        let (home, runtime) = runtime::current()?;
        let session = client.session(home);
        let log = Log::new(order.level, "GetFaceLivenessSessionResults");
        let delivery = Arc::new(Delivery::new(wake));
        if let Some(supply) = client.supply() {
            let listener: Arc<dyn Listener> = delivery.clone();
            supply.listen(&listener);
        }
        let sender = Sender(delivery.clone());
        let run = Run::new(session, order, log.clone(), sender);
        let task = runtime.spawn(run.go()).abort_handle();
        // Nobody waits for it inside the runtime.
        runtime.hand_over();
        Ok(Batch {
            pid: home.pid,
            log,
            delivery,
            task,
        })
    }

    /// What has come, after this time at the latest.
    pub fn take(&self, patience: Duration) -> Taken {
        if self.pid != std::process::id() {
            return Taken {
                rows: Vec::new(),
                ended: true,
                failed: None,
            };
        }
        self.delivery.take(patience)
    }

    /// Takes the lines that the log has got.
    pub fn take_log(&self) -> Vec<String> {
        if self.pid == std::process::id() {
            self.log.take()
        } else {
            Vec::new()
        }
    }

    /// Stops it.
    pub fn cancel(&self) {
        if self.pid == std::process::id() {
            self.task.abort();
        }
    }
}

impl Drop for Batch {
    fn drop(&mut self) {
        self.cancel();
    }
}
