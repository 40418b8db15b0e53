//! Starts calls.

use crate::call::attempt::{attempt, within, Retries};
use crate::call::interceptor::Trace;
use crate::call::log::{Level, Log};
use crate::call::pending::Pending;
use crate::call::request::Request;
use crate::client::Client;
use crate::error::Error;
use crate::response::Response;
use crate::retry::RetryPolicy;
use crate::runtime;
use std::time::Instant;

/// A call, with its time limit and its log.
pub fn start(client: &Client, request: Request, level: Level) -> Result<Pending, Error> {
    let (id, runtime) = runtime::current()?;
    let live = client.live(id);
    let policy = RetryPolicy::of(live.resolved());
    let log = Log::new(level, &request.operation.name);
    let trace = Trace::new(log.clone());
    let work = async move {
        let deadline = policy.deadline(Instant::now());
        let work = attempt(&live, &request, &trace, Retries::BySdk);
        let result = match within(deadline, policy.limit, &trace, work).await {
            Ok(sent) => sent.map_err(|(error, _)| error),
            Err(timeout) => Err(timeout),
        };
        trace.end(result.as_ref().map(Response::head));
        result
    };
    Ok(Pending::new(
        log,
        &runtime,
        client.key_requests().cloned(),
        work,
    ))
}
