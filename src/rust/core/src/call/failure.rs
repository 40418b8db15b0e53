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

/// The response, or the reason why there is none.
pub fn finish<E>(
    sent: Result<(), SdkError<E, HttpResponse>>,
    trace: &Trace,
    live: &LiveClient,
) -> Result<Response, Error>
where
    E: StdError + 'static,
{
    let attempts = trace.attempts();
    let error = match sent {
        Ok(()) => {
            let response = trace.take_response().ok_or_else(|| Error::Internal {
                reason: "the response was lost".into(),
            })?;
            return response.uncompressed();
        }
        Err(error) => error,
    };
    let body_error = BodyError::in_causes(&error);
    if body_error == Some(BodyError::NoMemory) {
        return Err(Error::NoMemory);
    }
    let is_stalled = body_error == Some(BodyError::Stalled);
    Err(match error.raw_response() {
        Some(response) if !response.status().is_success() => service_error(response, attempts),
        Some(response) if !is_stalled => Error::InvalidResponse {
            reason: explain::explain(&error),
            status: Some(response.status().as_u16()),
            request_id: request_id(|name| response.headers().get(name)),
            source: Some(Cause::of(&error)),
        },
        _ => transport_error(&error, attempts, live),
    })
}

/// The service's error. Its body is empty if it could not be read.
fn service_error(response: &HttpResponse, attempts: u32) -> Error {
    let status = response.status().as_u16();
    let body = response.body().bytes().unwrap_or_default();
    let mut error = ServiceError::read(status, |name| response.headers().get(name), body);
    error.attempts = attempts;
    Error::Service(error)
}

/// The error of a request without a usable HTTP response.
fn transport_error<E>(error: &SdkError<E, HttpResponse>, attempts: u32, live: &LiveClient) -> Error
where
    E: StdError + 'static,
{
    let given = &live.resolved().given;
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
                describe_proxy(live.resolved(), error)
            ),
            endpoint: describe_endpoint(live.resolved()),
            attempts,
            source: Some(Cause::of(error)),
        },
    }
}

/// The proxy of a failed connection, if there is one. With https the error shows that it was used, with http the settings.
fn describe_proxy(resolved: &Resolved, error: &(dyn StdError + 'static)) -> String {
    let endpoint = resolved.endpoint.as_ref().map(|endpoint| &endpoint.value);
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

/// The endpoint that was set, or the service's own in the region.
fn describe_endpoint(resolved: &Resolved) -> String {
    let endpoint = resolved.describe_endpoint();
    endpoint.unwrap_or_else(|| "the service's endpoint".into())
}
