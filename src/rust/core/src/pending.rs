//! A call under way.

use crate::client::credentials::KeyRequests;
use crate::error::Error;
use crate::log::{Level, Log};
use crate::process::InProcess;
use crate::response::Response;
use crate::runtime::{self, Runtime};
use std::fmt;
use std::future::{pending, poll_fn, Future};
use std::pin::{pin, Pin};
use std::sync::{Arc, Weak};
use std::task::Poll;
use std::time::Duration;
use tokio::task::JoinHandle;

/// A call, made when it is first waited for. Dropping it cancels the request.
#[derive(Debug)]
pub struct Pending(InProcess<Underway>);

#[derive(Debug)]
struct Underway {
    log: Log,
    /// Weak, so that a shutdown of the runtime does not wait for calls that are forgotten.
    runtime: Weak<Runtime>,
    key_requests: Option<Arc<KeyRequests>>,
    call: Call,
}

type Work = Pin<Box<dyn Future<Output = Result<Response, Error>> + Send>>;

enum Call {
    New(Work),
    Begun(JoinHandle<Result<Response, Error>>),
    Over,
}

impl fmt::Debug for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Call::New(_) => "New",
            Call::Begun(_) => "Begun",
            Call::Over => "Over",
        })
    }
}

fn cancelled() -> Error {
    Error::Internal {
        reason: "the call was cancelled".into(),
    }
}

impl Pending {
    /// A call that has not begun.
    pub fn new(
        log: Log,
        runtime: &Arc<Runtime>,
        key_requests: Option<Arc<KeyRequests>>,
        work: impl Future<Output = Result<Response, Error>> + Send + 'static,
    ) -> Self {
        Pending(InProcess::new(Underway {
            log,
            runtime: Arc::downgrade(runtime),
            key_requests,
            call: Call::New(Box::pin(work)),
        }))
    }

    /// The response, or `None` if there is none after this time, or if keys are wanted before.
    pub fn wait(&mut self, patience: Duration) -> Option<Result<Response, Error>> {
        match self.0.get_mut() {
            Some(underway) => underway.wait(patience),
            None => Some(Err(cancelled())),
        }
    }

    /// Whether anything about this call is logged.
    pub fn is_logged(&self) -> bool {
        let underway = self.0.get();
        underway.is_some_and(|underway| underway.log.level() != Level::Off)
    }

    /// Takes the lines that the log has got.
    pub fn take_log(&self) -> Vec<String> {
        let underway = self.0.get();
        underway.map_or_else(Vec::new, |underway| underway.log.take())
    }

    /// Adds to the log that the response cannot be used.
    pub fn log_error(&self, error: &Error) {
        if let Some(underway) = self.0.get() {
            underway.log.add(Level::Info, || error.summary());
        }
    }

    /// Cancels the request.
    pub fn cancel(&mut self) {
        if let Some(underway) = self.0.get_mut() {
            if let Call::Begun(task) = std::mem::replace(&mut underway.call, Call::Over) {
                task.abort();
            }
        }
    }
}

impl Drop for Pending {
    fn drop(&mut self) {
        self.cancel();
    }
}

impl Underway {
    fn wait(&mut self, patience: Duration) -> Option<Result<Response, Error>> {
        let Some(runtime) = self.runtime.upgrade() else {
            return Some(Err(cancelled()));
        };
        let call = &mut self.call;
        let key_requests = self.key_requests.as_deref();
        let mut wanted = pin!(async {
            match key_requests {
                Some(key_requests) => key_requests.requested().await,
                None => pending().await,
            }
        });
        let result = runtime.block_on_for(patience, async {
            *call = match std::mem::replace(call, Call::Over) {
                // Spawned, so that it goes on between two waits.
                Call::New(work) => Call::Begun(tokio::spawn(work)),
                begun => begun,
            };
            let Call::Begun(task) = call else {
                return Some(Err(cancelled()));
            };
            poll_fn(|context| match Pin::new(&mut *task).poll(context) {
                Poll::Ready(ended) => Poll::Ready(Some(
                    ended.unwrap_or_else(|error| Err(runtime::broken_off(error))),
                )),
                Poll::Pending => wanted.as_mut().poll(context).map(|()| None),
            })
            .await
        })??;
        self.call = Call::Over;
        Some(result)
    }
}
