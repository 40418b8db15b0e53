//! A batch in progress, for the thread that takes its rows.

use crate::batch::delivery::{Delivered, Delivery, Sender, Wake};
use crate::batch::request::BatchRequest;
use crate::batch::run::Run;
use crate::call::log::Log;
use crate::client::credentials::KeyRequestListener;
use crate::client::Client;
use crate::error::Error;
use crate::process::InProcess;
use crate::results;
use crate::runtime;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;
use tokio::task::AbortHandle;

/// A batch in progress. Dropping it cancels what is in flight.
pub struct Batch(InProcess<Running>);

struct Running {
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
    /// Starts a batch. `wake` is called on any thread when enough rows are ready and when the batch has ended.
    pub fn start(
        client: &Client,
        request: BatchRequest,
        wake: Option<Wake>,
    ) -> Result<Self, Error> {
        let (id, runtime) = runtime::current()?;
        let live = client.live(id);
        let log = Log::new(request.level, &results::operation().name);
        let delivery = Arc::new(Delivery::new(wake));
        if let Some(requests) = client.key_requests() {
            let listener: Arc<dyn KeyRequestListener> = delivery.clone();
            requests.subscribe(&listener);
        }
        let sender = Sender::new(delivery.clone());
        let run = Run::new(live, request, log.clone(), sender);
        let task = runtime.spawn(run.go()).abort_handle();
        // No thread drives the runtime to wait for it.
        runtime.hand_over();
        Ok(Batch(InProcess::new(Running {
            log,
            delivery,
            task,
        })))
    }

    /// Takes the rows that are ready. Waits no longer than `limit` for more of them.
    pub fn take(&self, limit: Duration) -> Delivered {
        match self.0.get() {
            Some(running) => running.delivery.take(limit),
            None => Delivered {
                rows: Vec::new(),
                ended: true,
                failed: None,
            },
        }
    }

    /// Takes the lines of the log.
    pub fn take_log(&self) -> Vec<String> {
        let running = self.0.get();
        running.map_or_else(Vec::new, |running| running.log.take())
    }

    /// Cancels the batch.
    pub fn cancel(&self) {
        if let Some(running) = self.0.get() {
            running.task.abort();
        }
    }
}

impl Drop for Batch {
    fn drop(&mut self) {
        self.cancel();
    }
}
