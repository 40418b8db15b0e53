//! What came of an attempt, or of all attempts, and what to do next.

use crate::body::Stopped;
use crate::client::{Sdk, Session};
use crate::connection;
use crate::fault::{request_id, Fault, Limit, ServiceError};
use crate::proxy;
use crate::resolve::Resolved;
use crate::wire::{is_hopeless, Answer, Keep, Trace};
use aws_credential_types::provider::error::CredentialsError;
use aws_sdk_rekognition::error::SdkError;
use aws_sdk_rekognition::operation::get_face_liveness_session_results::GetFaceLivenessSessionResultsOutput;
use aws_sdk_rekognition::types::LivenessSessionStatus;
use aws_smithy_runtime_api::client::interceptors::context::Output;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use std::error::Error;
use std::future::Future;
use std::time::Duration;

/// What to do after an attempt that failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next {
    /// Nothing: it would fail again.
    GiveUp,
    /// Try again, no sooner than the server said.
    TryAgain(Duration),
    /// Slow down, then try again.
    SlowDown,
    /// Have fewer connections, then try again: the process has no room for one more.
    MakeRoom,
}

/// One attempt of GetFaceLivenessSessionResults.
pub async fn attempt(
    session: &Session,
    session_id: &str,
    trace: &Trace,
) -> Result<Answer, (Fault, Next)> {
    let sdk = session.sdk().await.map_err(|fault| (fault, Next::GiveUp))?;
    let request = sdk
        .once
        .get_face_liveness_session_results()
        .session_id(session_id);
    let send = || {
        let keep = Keep {
            trace: trace.clone(),
            output: empty_results,
        };
        request.clone().customize().interceptor(keep).send()
    };
    let sent = with_good_keys(sdk, trace, send)
        .await
        .map_err(|fault| (fault, Next::GiveUp))?;
    let next = sent.as_ref().err().map_or(Next::GiveUp, next);
    finish(sent.map(drop), trace, session).map_err(|fault| match &fault {
        Fault::Service(error) if error.is_throttling() => (fault, Next::SlowDown),
        _ => (fault, next),
    })
}

/// Sends a request, and once more with other keys if the service calls its temporary keys expired or unknown.
pub async fn with_good_keys<T, E, Sending>(
    sdk: &Sdk,
    trace: &Trace,
    send: impl Fn() -> Sending,
) -> Result<Result<T, SdkError<E, HttpResponse>>, Fault>
where
    Sending: Future<Output = Result<T, SdkError<E, HttpResponse>>>,
{
    let mut sent = trace.send(send()).await;
    let Some(keys) = &sdk.keys else {
        return Ok(sent);
    };
    if let Some(refused) = trace.take_refused_keys() {
        match keys.replace(&refused, trace.since).await {
            Ok(true) => sent = trace.send(send()).await,
            Ok(false) => return Ok(sent),
            Err(Fault::Credentials { reason }) => {
                let reason = format!(
                    "the service rejected the keys as expired or unknown, and renewing them failed: {reason}"
                );
                return Err(Fault::Credentials { reason });
            }
            Err(fault) => return Err(fault),
        }
    }
    let has_response = match &sent {
        Ok(_) => true,
        Err(error) => error.raw_response().is_some(),
    };
    if has_response && trace.take_refused_keys().is_none() {
        keys.accepted();
    }
    Ok(sent)
}

/// As the SDK decides it.
fn next<E: Error + 'static>(error: &SdkError<E, HttpResponse>) -> Next {
    let after = error
        .raw_response()
        .and_then(|response| response.headers().get("x-amz-retry-after")?.parse().ok())
        .map_or(Duration::ZERO, Duration::from_millis);
    let connector = match error {
        SdkError::DispatchFailure(failure) => failure.as_connector_error(),
        _ => None,
    };
    let is_transient = match error {
        SdkError::TimeoutError(_) | SdkError::ResponseError(_) => true,
        SdkError::ServiceError(refused) => {
            matches!(refused.raw().status().as_u16(), 500 | 502 | 503 | 504)
        }
        _ => connector
            .is_some_and(|error| error.is_io() || error.is_timeout() || error.as_other().is_some()),
    };
    if connection::is_crowded(error) {
        Next::MakeRoom
    } else if is_transient && !is_hopeless(error) {
        Next::TryAgain(after)
    } else {
        Next::GiveUp
    }
}

/// What the SDK is given in the place of results.
pub fn empty_results() -> Output {
    let output = GetFaceLivenessSessionResultsOutput::builder()
        .session_id("")
        .status(LivenessSessionStatus::Created)
        .build();
    output.map_or_else(|_| Output::erase(()), Output::erase)
}

/// The answer, or why there is none.
pub fn finish<E>(
    sent: Result<(), SdkError<E, HttpResponse>>,
    trace: &Trace,
    session: &Session,
) -> Result<Answer, Fault>
where
    E: Error + 'static,
{
    let attempts = trace.attempts();
    let error = match sent {
        Ok(()) => {
            let answer = trace.take_answer().ok_or_else(|| Fault::Internal {
                reason: "an answer came and was lost".into(),
            })?;
            return answer.uncompressed();
        }
        Err(error) => error,
    };
    let stopped = Stopped::cause_of(&error);
    if stopped == Some(Stopped::NoMemory) {
        return Err(Fault::NoMemory);
    }
    let silent = stopped == Some(Stopped::Silent);
    Err(match error.raw_response() {
        Some(response) if !response.status().is_success() => service_fault(response, attempts),
        Some(response) if !silent => Fault::Response {
            reason: connection::explain(&error),
            status: Some(response.status().as_u16()),
            request_id: request_id(|name| response.headers().get(name)),
        },
        _ => transport_fault(&error, attempts, session),
    })
}

/// What the service said; the body is empty if it could not be read.
fn service_fault(response: &HttpResponse, attempts: u32) -> Fault {
    let status = response.status().as_u16();
    let body = response.body().bytes().unwrap_or_default();
    let mut error = ServiceError::read(status, |name| response.headers().get(name), body);
    error.attempts = attempts;
    Fault::Service(error)
}

/// A fault that comes from before or beneath HTTP.
fn transport_fault<E>(error: &SdkError<E, HttpResponse>, attempts: u32, session: &Session) -> Fault
where
    E: Error + 'static,
{
    let given = &session.resolved().given;
    let timeout = |limit, duration: Duration| Fault::Timeout {
        limit,
        seconds: duration.as_secs_f64(),
        attempts,
    };
    let text = connection::chain(error);
    if let Some(credentials) = find::<CredentialsError>(error) {
        let source = credentials.source();
        if let Some(fault) = source.and_then(|source| source.downcast_ref::<Fault>()) {
            return fault.clone();
        }
        // What `credentials` says has lines, and is fit to be shown.
        let reason = source.map_or_else(|| credentials.to_string(), ToString::to_string);
        return Fault::Credentials { reason };
    }
    // What stopped the request before it was sent.
    if let Some(fault) = find::<Fault>(error) {
        return fault.clone();
    }
    if text.contains("HTTP connect timeout") {
        return timeout(Limit::Connect, given.connect_timeout());
    }
    if text.contains("HTTP read timeout") || Stopped::cause_of(error) == Some(Stopped::Silent) {
        return timeout(Limit::Read, given.read_timeout());
    }
    match error {
        SdkError::ConstructionFailure(_) => Fault::config("client", text),
        _ if connection::is_not_http(error) => Fault::Response {
            reason: connection::explain(error),
            status: None,
            request_id: None,
        },
        _ => Fault::Connection {
            reason: format!(
                "{}{}",
                connection::explain(error),
                proxy_in_words(session.resolved(), &text)
            ),
            endpoint: endpoint(session),
            attempts,
        },
    }
}

/// The proxy that a connection went through, if any: with https the error tells, with http the settings.
fn proxy_in_words(resolved: &Resolved, error: &str) -> String {
    let endpoint = resolved.endpoint.as_ref().map(|endpoint| &endpoint.value);
    let proxy = if error.contains("tunnel error") {
        resolved.proxy.as_ref()
    } else {
        endpoint
            .filter(|endpoint| !proxy::is_https(endpoint))
            .and_then(|endpoint| proxy::taken(resolved, endpoint))
    };
    proxy.map_or_else(String::new, |proxy| {
        format!(" (proxy from {})", proxy.source)
    })
}

/// The first error of this type among an error and its causes.
fn find<'e, E: Error + 'static>(error: &'e (dyn Error + 'static)) -> Option<&'e E> {
    let mut cause = Some(error);
    while let Some(error) = cause {
        if let Some(found) = error.downcast_ref() {
            return Some(found);
        }
        cause = error.source();
    }
    None
}

/// The endpoint in words: the one that was set, or the service's own in the region.
fn endpoint(session: &Session) -> String {
    let resolved = session.resolved();
    resolved
        .endpoint_in_words()
        .unwrap_or_else(|| "the service's endpoint".into())
}
