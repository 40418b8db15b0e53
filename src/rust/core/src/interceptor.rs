//! What is watched and changed on the way of a call through the SDK.

use crate::error::{describe_response, request_id, Error, ServiceError};
use crate::explain;
use crate::http::body::{Slot, SLOT};
use crate::log::{Level, Log};
use crate::response::Response;
use crate::sync::lock;
use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::context::{
    BeforeDeserializationInterceptorContextRef, BeforeTransmitInterceptorContextRef,
    FinalizerInterceptorContextRef, Output,
};
use aws_smithy_runtime_api::client::interceptors::Intercept;
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse, OrchestratorError};
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_runtime_api::client::ser_de::{DeserializeResponse, SharedResponseDeserializer};
use aws_smithy_types::config_bag::ConfigBag;
use bytes::Bytes;
use std::fmt;
use std::future::Future;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Instant;

tokio::task_local! {
    /// When the call that a request belongs to, or its batch, began.
    pub static SINCE: Instant;
}

/// Follows one call: counts its requests, keeps the bytes of its answer, and tells the log.
#[derive(Debug, Clone)]
pub struct Trace {
    /// The call's log.
    pub log: Log,
    /// When the call, or the batch that it belongs to, began.
    pub since: Instant,
    attempts: Arc<AtomicU32>,
    body: Slot,
    answer: Arc<Mutex<Option<Response>>>,
    /// The id of the temporary keys of the last attempt; afterwards only if the service did not take them.
    refused_keys: Arc<Mutex<Option<String>>>,
}

impl Trace {
    /// Of a call that has not begun.
    pub fn new(log: Log) -> Self {
        Trace {
            log,
            since: Instant::now(),
            attempts: Arc::default(),
            body: Arc::default(),
            answer: Arc::default(),
            refused_keys: Arc::default(),
        }
    }

    /// The same, of a call that belongs to a batch which began at this time.
    pub fn since(self, since: Instant) -> Self {
        Trace { since, ..self }
    }

    /// Sends a request whose answer's body comes here.
    pub async fn send<T>(&self, request: impl Future<Output = T>) -> T {
        let request = SLOT.scope(self.body.clone(), request);
        SINCE.scope(self.since, request).await
    }

    /// Requests that were tried.
    pub fn attempts(&self) -> u32 {
        self.attempts.load(Ordering::Relaxed)
    }

    /// Tells the log how the call ended: with this status and request id, or not at all.
    pub fn end(&self, outcome: Result<(u16, Option<&str>), &Error>) {
        let text = match outcome {
            Ok((status, request_id)) => describe_response(status, None, request_id),
            Err(fault) => fault.summary(),
        };
        self.log.end(&text, self.attempts());
    }

    /// What came of the last attempt's body.
    fn take_body(&self) -> Option<Bytes> {
        lock(&self.body).take()
    }

    /// The id of the temporary keys that the last attempt was signed with, if the service called them expired or unknown.
    pub fn take_refused_keys(&self) -> Option<String> {
        lock(&self.refused_keys).take()
    }

    /// The answer, if one with a good status came.
    pub fn take_response(&self) -> Option<Response> {
        lock(&self.answer).take()
    }
}

/// Interceptor and response deserializer of one call. `output` makes the SDK's output, which nobody reads:
/// the answer's bytes are kept instead of parsed, because the SDK's types lose digits and invent values.
pub struct CaptureResponse<F> {
    /// Where to keep what is seen.
    pub trace: Trace,
    /// Makes an output for the SDK.
    pub output: F,
}

impl<F> fmt::Debug for CaptureResponse<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CaptureResponse")
    }
}

impl<F> Intercept for CaptureResponse<F>
where
    F: Fn() -> Output + Clone + Send + Sync + 'static,
{
    fn name(&self) -> &'static str {
        "CaptureResponse"
    }

    fn read_before_transmit(
        &self,
        context: &BeforeTransmitInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let attempt = self.trace.attempts.fetch_add(1, Ordering::Relaxed) + 1;
        self.trace.take_body();
        *lock(&self.trace.refused_keys) = temporary_keys(context.request());
        self.trace.log.add(Level::Debug, || {
            format!("attempt {attempt} to {}", context.request().uri())
        });
        Ok(())
    }

    fn read_after_attempt(
        &self,
        context: &FinalizerInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        if !is_about_keys(context) {
            self.trace.take_refused_keys();
        }
        self.trace.log.add(Level::Debug, || {
            let outcome = match (context.response(), context.output_or_error()) {
                (Some(response), _) => {
                    let header = |name: &str| response.headers().get(name);
                    let status = response.status().as_u16();
                    let body = response.body().bytes().unwrap_or_default();
                    let code = (status >= 400)
                        .then(|| ServiceError::read(status, header, body).code)
                        .flatten();
                    describe_response(status, code.as_deref(), request_id(header).as_deref())
                }
                (None, Some(Err(error))) => explain::explain(error),
                (None, _) => "no answer".into(),
            };
            format!("attempt {}: {outcome}", self.trace.attempts())
        });
        Ok(())
    }

    fn read_before_deserialization(
        &self,
        context: &BeforeDeserializationInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        cfg: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        if context.response().status().is_success() {
            let keep = CaptureResponse {
                trace: self.trace.clone(),
                output: self.output.clone(),
            };
            cfg.interceptor_state()
                .store_put(SharedResponseDeserializer::new(keep));
        }
        Ok(())
    }
}

/// The id of the keys that a request is signed with, if they are temporary.
fn temporary_keys(request: &HttpRequest) -> Option<String> {
    let headers = request.headers();
    headers.get("x-amz-security-token")?;
    let (_, rest) = headers.get("authorization")?.split_once("Credential=")?;
    Some(rest.split_once('/')?.0.to_owned())
}

/// Whether the service called the keys of the attempt expired or unknown.
fn is_about_keys(context: &FinalizerInterceptorContextRef<'_>) -> bool {
    let response = context.response();
    response.is_some_and(|response| {
        let status = response.status();
        let body = response.body().bytes().unwrap_or_default();
        status.is_client_error()
            && ServiceError::read(status.as_u16(), |name| response.headers().get(name), body)
                .is_about_keys()
    })
}

impl<F> DeserializeResponse for CaptureResponse<F>
where
    F: Fn() -> Output + Clone + Send + Sync + 'static,
{
    fn deserialize_nonstreaming(
        &self,
        response: &HttpResponse,
    ) -> Result<
        Output,
        OrchestratorError<aws_smithy_runtime_api::client::interceptors::context::Error>,
    > {
        let body = self.trace.take_body().unwrap_or_default();
        let captured = Response::new(response, body);
        *lock(&self.trace.answer) = Some(captured);
        Ok((self.output)())
    }
}
