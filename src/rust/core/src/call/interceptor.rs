//! Observes a call inside the SDK: counts its attempts, exchanges its bytes, writes its log.

use crate::call::log::{Level, Log};
use crate::call::request::Request;
use crate::client::credentials::SINCE;
use crate::error::{describe_response, request_id, Error, ServiceError};
use crate::explain;
use crate::http::body::{Slot, SLOT};
use crate::response::Response;
use crate::sync::lock;
use aws_sdk_rekognition::operation::get_face_liveness_session_results::GetFaceLivenessSessionResultsOutput;
use aws_sdk_rekognition::types::LivenessSessionStatus;
use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::context::{
    BeforeDeserializationInterceptorContextRef, BeforeSerializationInterceptorContextRef,
    BeforeTransmitInterceptorContextRef, FinalizerInterceptorContextRef, Input, Output,
};
use aws_smithy_runtime_api::client::interceptors::Intercept;
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse, OrchestratorError};
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_runtime_api::client::ser_de::{
    DeserializeResponse, SerializeRequest, SharedRequestSerializer, SharedResponseDeserializer,
};
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::config_bag::ConfigBag;
use bytes::Bytes;
use std::future::Future;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Instant;

/// What is known about one call in progress: its attempts, the bytes of its response, its log.
#[derive(Debug, Clone)]
pub struct Trace {
    /// The call's log.
    pub log: Log,
    /// When the call or the batch that it belongs to began.
    pub since: Instant,
    /// Whether the path of requests is kept out of the log.
    hides_path: bool,
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
            hides_path: false,
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

    /// The same for an object in S3, whose key may contain a person's name.
    pub fn without_path(self) -> Self {
        Trace {
            hides_path: true,
            ..self
        }
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
        self.log.end(self.attempts(), || match outcome {
            Ok((status, request_id)) => describe_response(status, None, request_id),
            Err(error) => error.summary(),
        });
    }

    /// Takes the body of the latest attempt.
    fn take_body(&self) -> Option<Bytes> {
        lock(&self.body).take()
    }

    /// The access key ID of the latest attempt, if the service rejected its temporary keys as expired or unknown.
    pub fn take_rejected_keys(&self) -> Option<String> {
        lock(&self.rejected_keys).take()
    }

    /// Keeps the latest attempt's response, which has status 2xx.
    pub fn keep_response(&self, response: &HttpResponse) {
        let body = self.take_body().unwrap_or_default();
        *lock(&self.response) = Some(Response::new(response, body));
    }

    /// Takes the response, if there was one with status 2xx.
    pub fn take_response(&self) -> Option<Response> {
        lock(&self.response).take()
    }
}

impl Intercept for Trace {
    fn name(&self) -> &'static str {
        "Trace"
    }

    fn read_before_transmit(
        &self,
        context: &BeforeTransmitInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let attempt = self.attempts.fetch_add(1, Ordering::Relaxed) + 1;
        self.take_body();
        *lock(&self.rejected_keys) = temporary_keys(context.request());
        self.log.add(Level::Debug, || {
            let uri = context.request().uri();
            let shown = if self.hides_path { origin(uri) } else { uri };
            format!("attempt {attempt} to {shown}")
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
            self.take_rejected_keys();
        }
        self.log.add(Level::Debug, || {
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
            format!("attempt {}: {outcome}", self.attempts())
        });
        Ok(())
    }
}

/// Interceptor, request serializer and response deserializer of one call. It sends the request's bytes and keeps the
/// response's, because the SDK's types lose digits and invent values.
#[derive(Clone, Debug)]
pub struct Exchange {
    /// What to send.
    pub request: Request,
    /// Where to keep the response.
    pub trace: Trace,
}

impl Intercept for Exchange {
    fn name(&self) -> &'static str {
        "Exchange"
    }

    fn read_before_serialization(
        &self,
        _: &BeforeSerializationInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        cfg: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        cfg.interceptor_state()
            .store_put(SharedRequestSerializer::new(self.clone()));
        Ok(())
    }

    fn read_before_deserialization(
        &self,
        context: &BeforeDeserializationInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        cfg: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        if context.response().status().is_success() {
            cfg.interceptor_state()
                .store_put(SharedResponseDeserializer::new(self.clone()));
        }
        Ok(())
    }
}

/// The part of a URL before its path.
fn origin(url: &str) -> &str {
    let host = url.find("://").map_or(0, |at| at + 3);
    let end = url[host..].find('/').map(|at| host + at);
    &url[..end.unwrap_or(url.len())]
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

impl SerializeRequest for Exchange {
    fn serialize_input(&self, _: Input, _: &mut ConfigBag) -> Result<HttpRequest, BoxError> {
        let Request { operation, input } = &self.request;
        let request = http::Request::builder()
            .method("POST")
            .uri("/")
            .header("content-type", "application/x-amz-json-1.1")
            .header(
                "x-amz-target",
                format!("RekognitionService.{}", operation.name),
            )
            .header("content-length", input.len())
            .body(SdkBody::from(input.clone()))?;
        Ok(request.try_into()?)
    }
}

impl DeserializeResponse for Exchange {
    fn deserialize_nonstreaming(
        &self,
        response: &HttpResponse,
    ) -> Result<
        Output,
        OrchestratorError<aws_smithy_runtime_api::client::interceptors::context::Error>,
    > {
        self.trace.keep_response(response);
        Ok(empty_output())
    }
}

/// The output that the SDK gets in place of a parsed response.
fn empty_output() -> Output {
    let output = GetFaceLivenessSessionResultsOutput::builder()
        .session_id("")
        .status(LivenessSessionStatus::Created)
        .build();
    output.map_or_else(|_| Output::erase(()), Output::erase)
}
