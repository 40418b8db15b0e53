//! One attempt of a call: its keys, its time limit, and its response or error.

use crate::call::failure::finish;
use crate::call::interceptor::{Exchange, Trace};
use crate::call::request::Request;
use crate::client::{LiveClient, Sdk};
use crate::error::{Error, Limit};
use crate::response::Response;
use crate::retry::Next;
use aws_sdk_rekognition::error::SdkError;
use aws_sdk_rekognition::operation::get_face_liveness_session_results::GetFaceLivenessSessionResultsError;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use std::future::Future;
use std::time::{Duration, Instant};

/// Who sends a request again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Retries {
    /// The SDK, within one attempt as its caller sees it.
    BySdk,
    /// The caller.
    ByCaller,
}

/// Sends a request, and returns its response, or its error and what to do next.
pub async fn attempt(
    live: &LiveClient,
    request: &Request,
    trace: &Trace,
    retries: Retries,
) -> Result<Response, (Error, Next)> {
    let give_up = |error| (error, Next::GiveUp);
    let sdk = live.sdk().await.map_err(give_up)?;
    let client = match retries {
        Retries::BySdk => &sdk.retrying,
        Retries::ByCaller => &sdk.once,
    };
    let sent = send_with_valid_keys(sdk, trace, || send(client, request, trace))
        .await
        .map_err(give_up)?;
    let next = sent.as_ref().err().map_or(Next::GiveUp, Next::after);
    let endpoint = || live.resolved().describe_endpoint();
    finish(sent, trace, live, endpoint).map_err(|error| (error, next))
}

/// How a request ended. If there is a response, the trace has it.
pub type Sent<E> = Result<(), SdkError<E, HttpResponse>>;

/// One operation of the SDK carries all: they differ in a header and the body alone, and the interceptor puts in both. So
/// the SDK signs, finds endpoint and credentials and retries, while its typed inputs and outputs are not used.
async fn send(
    client: &aws_sdk_rekognition::Client,
    request: &Request,
    trace: &Trace,
) -> Sent<GetFaceLivenessSessionResultsError> {
    let exchange = Exchange {
        request: request.clone(),
        trace: trace.clone(),
    };
    let carrier = client.get_face_liveness_session_results().session_id("");
    // Boxed: the futures around it would each be as large, and copied until the call starts.
    let sent = Box::pin(
        carrier
            .customize()
            .interceptor(trace.clone())
            .interceptor(exchange)
            .send(),
    );
    sent.await.map(drop)
}

/// Ends an operation with a timeout at its deadline. `limit` is the operation's time limit, for the error.
pub async fn within<T>(
    deadline: Instant,
    limit: Duration,
    trace: &Trace,
    work: impl Future<Output = T>,
) -> Result<T, Error> {
    tokio::time::timeout_at(deadline.into(), work)
        .await
        .map_err(|_| Error::timeout(Limit::Operation, limit, trace.attempts()))
}

/// Sends a request, and again with renewed keys if the service rejects its temporary keys as expired or unknown.
pub async fn send_with_valid_keys<E, Sending: Future<Output = Sent<E>>>(
    sdk: &Sdk,
    trace: &Trace,
    send: impl Fn() -> Sending,
) -> Result<Sent<E>, Error> {
    let mut sent = trace.send(send()).await;
    let Some(keys) = &sdk.keys else {
        return Ok(sent);
    };
    if let Some(rejected) = trace.take_rejected_keys() {
        if !keys.replace(&rejected, trace.since).await? {
            return Ok(sent);
        }
        sent = trace.send(send()).await;
    }
    let has_response = match &sent {
        Ok(_) => true,
        Err(error) => error.raw_response().is_some(),
    };
    if has_response && trace.take_rejected_keys().is_none() {
        keys.accepted();
    }
    Ok(sent)
}
