//! Why a call has no response.

use crate::call::interceptor::Trace;
use crate::causes::find;
use crate::client::LiveClient;
use crate::error::{request_id, Cause, Error, Limit, ServiceError};
use crate::explain;
use crate::http::body::BodyError;
use crate::response::Response;
use crate::sdk_text;
use crate::settings::proxies::is_https;
use crate::settings::resolve::Resolved;
use aws_credential_types::provider::error::CredentialsError;
use aws_sdk_rekognition::error::SdkError;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use std::error::Error as StdError;
use std::time::Duration;

/// The response, or the reason why there is none. `endpoint` is where the request was sent.
pub fn finish<E>(
    sent: Result<(), SdkError<E, HttpResponse>>,
    trace: &Trace,
    live: &LiveClient,
    endpoint: impl FnOnce() -> Option<String>,
) -> Result<Response, Error>
where
    E: StdError + 'static,
{
    let error = match sent {
        Ok(()) => {
            let response = trace.take_response().ok_or_else(|| Error::Internal {
                reason: "the response was lost".into(),
            })?;
            return response.uncompressed();
        }
        Err(error) => error,
    };
    let resolved = live.resolved();
    let attempts = trace.attempts();
    Err(failure(
        &error,
        resolved,
        endpoint(),
        attempts,
        service_error,
    ))
}

/// Why a request to this endpoint has no usable response. `service_error` reads the error that a service sent.
pub fn failure<E>(
    error: &SdkError<E, HttpResponse>,
    resolved: &Resolved,
    endpoint: Option<String>,
    attempts: u32,
    service_error: impl FnOnce(&HttpResponse) -> ServiceError,
) -> Error
where
    E: StdError + 'static,
{
    let body_error = BodyError::in_causes(error);
    if body_error == Some(BodyError::NoMemory) {
        return Error::NoMemory;
    }
    let is_stalled = body_error == Some(BodyError::Stalled);
    match error.raw_response() {
        Some(response) if !response.status().is_success() => Error::Service(ServiceError {
            attempts,
            ..service_error(response)
        }),
        Some(response) if !is_stalled => Error::InvalidResponse {
            reason: explain::explain(error),
            status: Some(response.status().as_u16()),
            request_id: request_id(|name| response.headers().get(name)),
            source: Some(Cause::of(error)),
        },
        _ => transport_error(error, resolved, endpoint, attempts),
    }
}

/// The service's error. Its body is empty if it could not be read.
fn service_error(response: &HttpResponse) -> ServiceError {
    let status = response.status().as_u16();
    let body = response.body().bytes().unwrap_or_default();
    ServiceError::read(status, |name| response.headers().get(name), body)
}

/// The error of a request without a usable HTTP response.
fn transport_error<E>(
    error: &SdkError<E, HttpResponse>,
    resolved: &Resolved,
    endpoint: Option<String>,
    attempts: u32,
) -> Error
where
    E: StdError + 'static,
{
    let given = &resolved.given;
    let timeout =
        |limit, duration: Duration| Error::timeout(limit, duration, attempts).with_source(error);
    if let Some(credentials) = find::<CredentialsError>(error) {
        let source = credentials.source();
        if let Some(error) = source.and_then(|source| source.downcast_ref::<Error>()) {
            return error.clone();
        }
        // The text of `client::credentials` has several lines, and is safe to show.
        let reason = source.map_or_else(|| credentials.to_string(), ToString::to_string);
        return Error::Credentials { reason };
    }
    // An error that stopped the request before it was sent.
    if let Some(error) = find::<Error>(error) {
        return error.clone();
    }
    if sdk_text::is_connect_timeout(error) {
        return timeout(Limit::Connect, given.connect_timeout());
    }
    if sdk_text::is_read_timeout(error) || BodyError::in_causes(error) == Some(BodyError::Stalled) {
        return timeout(Limit::Read, given.read_timeout());
    }
    match error {
        SdkError::ConstructionFailure(_) => {
            Error::config("client", sdk_text::chain(error)).with_source(error)
        }
        _ if sdk_text::is_not_http(error) => Error::InvalidResponse {
            reason: explain::explain(error),
            status: None,
            request_id: None,
            source: Some(Cause::of(error)),
        },
        _ => Error::Connection {
            reason: format!(
                "{}{}",
                explain::explain(error),
                describe_proxy(resolved, endpoint.as_deref(), error)
            ),
            endpoint: endpoint.unwrap_or_else(|| "the service's endpoint".into()),
            attempts,
            source: Some(Cause::of(error)),
        },
    }
}

/// The proxy of a failed connection, if there is one. With https the error shows that it was used, with http the settings.
fn describe_proxy(
    resolved: &Resolved,
    endpoint: Option<&str>,
    error: &(dyn StdError + 'static),
) -> String {
    let proxy = if sdk_text::is_tunnel_error(error) {
        resolved.proxies.https.as_ref()
    } else {
        endpoint
            .filter(|endpoint| !is_https(endpoint))
            .and_then(|endpoint| resolved.proxies.proxy_for(endpoint))
    };
    proxy.map_or_else(String::new, |proxy| {
        format!(" (proxy from {})", proxy.source)
    })
}
