//! A batch in progress, for the thread that takes its rows.

use crate::batch::delivery::{Delivered, Delivery, Sender, Wake};
use crate::batch::request::{BatchRequest, Content};
use crate::batch::run::Run;
use crate::batch::supply::Supply;
use crate::call::log::Log;
use crate::client::credentials::KeyRequestListener;
use crate::client::Client;
use crate::error::Error;
use crate::process::InProcess;
use crate::runtime;
use bytes::Bytes;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;
use tokio::task::AbortHandle;

/// A batch in progress. Dropping it cancels what is in flight.
pub struct Batch(InProcess<Running>);

struct Running {
    log: Log,
    content: Content,
    delivery: Arc<Delivery>,
    supply: Arc<Supply>,
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
        let log = Log::new(request.level, request.work.operation());
        let content = request.work.content();
        let is_eager = matches!(content, Content::Values(_));
        let delivery = Arc::new(Delivery::new(wake, is_eager));
        let supply = Arc::new(Supply::default());
        if let Some(requests) = client.key_requests() {
            let listener: Arc<dyn KeyRequestListener> = delivery.clone();
            requests.subscribe(&listener);
        }
        let sender = Sender::new(delivery.clone());
        let run = Run::new(live, request, log.clone(), sender, supply.clone());
        let task = runtime.spawn(run.go()).abort_handle();
        // No thread drives the runtime to wait for it.
        runtime.hand_over();
        Ok(Batch(InProcess::new(Running {
            log,
            content,
            delivery,
            supply,
            task,
        })))
    }

    /// What the rows contain. `None` in another process.
    pub fn content(&self) -> Option<Content> {
        Some(self.0.get()?.content)
    }

    /// Adds the input of another call, in a batch of calls.
    pub fn supply(&self, input: Bytes) {
        if let Some(running) = self.0.get() {
            running.supply.put(input);
        }
    }

    /// Ends the batch after the calls whose inputs have been supplied.
    pub fn close(&self) {
        if let Some(running) = self.0.get() {
            running.supply.close();
        }
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
