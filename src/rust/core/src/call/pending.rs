//! A call in progress.

use crate::call::log::{Level, Log};
use crate::client::credentials::KeyRequests;
use crate::error::Error;
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

/// A call, sent when it is first waited for. Dropping it cancels the request.
#[derive(Debug)]
pub struct Pending(InProcess<InProgress>);

#[derive(Debug)]
struct InProgress {
    log: Log,
    /// Weak, so that calls that R forgot do not keep the runtime alive after a shutdown.
    runtime: Weak<Runtime>,
    key_requests: Option<Arc<KeyRequests>>,
    call: State,
}

type Work = Pin<Box<dyn Future<Output = Result<Response, Error>> + Send>>;

enum State {
    New(Work),
    Running(JoinHandle<Result<Response, Error>>),
    Done,
}

impl fmt::Debug for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            State::New(_) => "New",
            State::Running(_) => "Running",
            State::Done => "Done",
        })
    }
}

fn canceled() -> Error {
    Error::Internal {
        reason: "the call was canceled".into(),
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
        Pending(InProcess::new(InProgress {
            log,
            runtime: Arc::downgrade(runtime),
            key_requests,
            call: State::New(Box::pin(work)),
        }))
    }

    /// Waits for the response or the error. `None` after this time, and earlier if keys are wanted.
    pub fn wait(&mut self, limit: Duration) -> Option<Result<Response, Error>> {
        match self.0.get_mut() {
            Some(in_progress) => in_progress.wait(limit),
            None => Some(Err(canceled())),
        }
    }

    /// Whether anything about this call is logged.
    pub fn is_logged(&self) -> bool {
        let in_progress = self.0.get();
        in_progress.is_some_and(|in_progress| in_progress.log.level() != Level::Off)
    }

    /// Takes the lines of the log.
    pub fn take_log(&self) -> Vec<String> {
        let in_progress = self.0.get();
        in_progress.map_or_else(Vec::new, |in_progress| in_progress.log.take())
    }

    /// Logs that the response is not usable.
    pub fn log_error(&self, error: &Error) {
        if let Some(in_progress) = self.0.get() {
            in_progress.log.add(Level::Info, || error.summary());
        }
    }

    /// Cancels the request.
    pub fn cancel(&mut self) {
        if let Some(in_progress) = self.0.get_mut() {
            if let State::Running(task) = std::mem::replace(&mut in_progress.call, State::Done) {
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

impl InProgress {
    fn wait(&mut self, limit: Duration) -> Option<Result<Response, Error>> {
        let Some(runtime) = self.runtime.upgrade() else {
            return Some(Err(canceled()));
        };
        let call = &mut self.call;
        let key_requests = self.key_requests.as_deref();
        let mut wanted = pin!(async {
            match key_requests {
                Some(key_requests) => key_requests.requested().await,
                None => pending().await,
            }
        });
        let result = runtime.block_on_for(limit, async {
            *call = match std::mem::replace(call, State::Done) {
                // Spawned, so that it continues between two waits.
                State::New(work) => State::Running(tokio::spawn(work)),
                running => running,
            };
            let State::Running(task) = call else {
                return Some(Err(canceled()));
            };
            poll_fn(|context| match Pin::new(&mut *task).poll(context) {
                Poll::Ready(ended) => Poll::Ready(Some(
                    ended.unwrap_or_else(|error| Err(runtime::broken_off(error))),
                )),
                Poll::Pending => wanted.as_mut().poll(context).map(|()| None),
            })
            .await
        })??;
        self.call = State::Done;
        Some(result)
    }
}
