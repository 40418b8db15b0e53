//! Observes a call inside the SDK: counts its attempts, captures its response, writes its log.

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
    /// When the call or batch that a request belongs to began.
    pub static SINCE: Instant;
}

/// What is known about one call in progress: its attempts, the bytes of its response, its log.
#[derive(Debug, Clone)]
pub struct Trace {
    /// The call's log.
    pub log: Log,
    /// When the call or the batch that it belongs to began.
    pub since: Instant,
    attempts: Arc<AtomicU32>,
    body: Slot,
    response: Arc<Mutex<Option<Response>>>,
    /// The access key ID of the latest attempt, if its keys are temporary; after the attempt only if the service has
    /// rejected them.
    rejected_keys: Arc<Mutex<Option<String>>>,
}

impl Trace {
    /// The trace of a call that has not begun.
    pub fn new(log: Log) -> Self {
        Trace {
            log,
            since: Instant::now(),
            attempts: Arc::default(),
            body: Arc::default(),
            response: Arc::default(),
            rejected_keys: Arc::default(),
        }
    }

    /// The same for a call of a batch that began at this time.
    pub fn since(self, since: Instant) -> Self {
        Trace { since, ..self }
    }

    /// Sends a request whose response body is kept in this trace.
    pub async fn send<T>(&self, request: impl Future<Output = T>) -> T {
        let request = SLOT.scope(self.body.clone(), request);
        SINCE.scope(self.since, request).await
    }

    /// The number of attempts.
    pub fn attempts(&self) -> u32 {
        self.attempts.load(Ordering::Relaxed)
    }

    /// Logs how the call ended: with a response of this status and request ID, or with an error.
    pub fn end(&self, outcome: Result<(u16, Option<&str>), &Error>) {
        let text = match outcome {
            Ok((status, request_id)) => describe_response(status, None, request_id),
            Err(error) => error.summary(),
        };
        self.log.end(&text, self.attempts());
    }

    /// Takes the body of the latest attempt.
    fn take_body(&self) -> Option<Bytes> {
        lock(&self.body).take()
    }

    /// The access key ID of the latest attempt, if the service rejected its temporary keys as expired or unknown.
    pub fn take_rejected_keys(&self) -> Option<String> {
        lock(&self.rejected_keys).take()
    }

    /// Takes the response, if there was one with status 2xx.
    pub fn take_response(&self) -> Option<Response> {
        lock(&self.response).take()
    }
}

/// Interceptor and response deserializer of one call. It keeps the response's bytes instead of parsing them, because the
/// SDK's types lose digits and invent values. `output` makes an output for the SDK, which is not used.
pub struct CaptureResponse<F> {
    /// Where to keep the response.
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
        *lock(&self.trace.rejected_keys) = temporary_keys(context.request());
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
        if !are_keys_rejected(context) {
            self.trace.take_rejected_keys();
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
                (None, _) => "no response".into(),
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
            let capture = CaptureResponse {
                trace: self.trace.clone(),
                output: self.output.clone(),
            };
            cfg.interceptor_state()
                .store_put(SharedResponseDeserializer::new(capture));
        }
        Ok(())
    }
}

/// The access key ID that a request is signed with, if the keys are temporary.
fn temporary_keys(request: &HttpRequest) -> Option<String> {
    let headers = request.headers();
    headers.get("x-amz-security-token")?;
    let (_, rest) = headers.get("authorization")?.split_once("Credential=")?;
    Some(rest.split_once('/')?.0.to_owned())
}

/// Whether the service rejected the keys of the attempt as expired or unknown.
fn are_keys_rejected(context: &FinalizerInterceptorContextRef<'_>) -> bool {
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
        *lock(&self.trace.response) = Some(captured);
        Ok((self.output)())
    }
}
