//! What is watched and changed on the way of a call through the SDK.

use crate::body::{Slot, Stopped, SLOT};
use crate::connection;
use crate::fault::{request_id, Fault, ServiceError};
use crate::log::{self, Level, Log};
use crate::read::Unreadable;
use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::context::{
    BeforeDeserializationInterceptorContextRef, BeforeTransmitInterceptorContextMut,
    BeforeTransmitInterceptorContextRef, FinalizerInterceptorContextRef, InterceptorContext,
    Output,
};
use aws_smithy_runtime_api::client::interceptors::Intercept;
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse, OrchestratorError};
use aws_smithy_runtime_api::client::retries::classifiers::{ClassifyRetry, RetryAction};
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_runtime_api::client::ser_de::{DeserializeResponse, SharedResponseDeserializer};
use aws_smithy_types::config_bag::ConfigBag;
use bytes::Bytes;
use std::fmt;
use std::future::Future;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

tokio::task_local! {
    /// When the call that a request belongs to, or its batch, began.
    pub static SINCE: Instant;
}

/// An answer with a good status, unread.
pub struct Answer {
    body: Bytes,
    encoding: Option<String>,
    /// HTTP status.
    pub status: u16,
    /// The service's id of the request.
    pub request_id: Option<String>,
}

impl fmt::Debug for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Answer")
            .field("body", &format_args!("<{} bytes>", self.body().len()))
            .field("status", &self.status)
            .field("request_id", &self.request_id)
            .finish()
    }
}

impl Answer {
    /// The body.
    pub fn body(&self) -> &[u8] {
        &self.body
    }

    /// A complaint about this answer.
    pub fn unreadable(&self, problem: Unreadable) -> Fault {
        match problem {
            Unreadable::Wrong(reason) => Fault::Response {
                reason,
                status: Some(self.status),
                request_id: self.request_id.clone(),
            },
            Unreadable::NoMemory => Fault::NoMemory,
        }
    }

    /// Refuses a body that is compressed: nobody asked for it, and a few bytes could become gigabytes.
    pub fn uncompressed(self) -> Result<Self, Fault> {
        match &self.encoding {
            Some(encoding) if !encoding.eq_ignore_ascii_case("identity") => {
                let complaint = format!("it is compressed ({encoding}), which nobody asked for");
                Err(self.unreadable(Unreadable::Wrong(complaint)))
            }
            _ => Ok(self),
        }
    }
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
    answer: Arc<Mutex<Option<Answer>>>,
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
    pub fn end(&self, outcome: Result<(u16, Option<&str>), &Fault>) {
        let text = match outcome {
            Ok((status, request_id)) => log::head(status, None, request_id),
            Err(fault) => log::fault(fault),
        };
        self.log.end(&text, self.attempts());
    }

    /// What came of the last attempt's body.
    fn take_body(&self) -> Option<Bytes> {
        self.body
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take()
    }

    /// The id of the temporary keys that the last attempt was signed with, if the service called them expired or unknown.
    pub fn take_refused_keys(&self) -> Option<String> {
        self.refused_keys
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take()
    }

    /// The answer, if one with a good status came.
    pub fn take_answer(&self) -> Option<Answer> {
        self.answer
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take()
    }
}

/// Interceptor and response deserializer of one call. `output` makes the SDK's output, which nobody reads:
/// the answer's bytes are kept instead of parsed, because the SDK's types lose digits and invent values.
pub struct Keep<F> {
    /// Where to keep what is seen.
    pub trace: Trace,
    /// Makes an output for the SDK.
    pub output: F,
}

impl<F> fmt::Debug for Keep<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Keep")
    }
}

impl<F> Intercept for Keep<F>
where
    F: Fn() -> Output + Clone + Send + Sync + 'static,
{
    fn name(&self) -> &'static str {
        "KeepAnswer"
    }

    fn read_before_transmit(
        &self,
        context: &BeforeTransmitInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let attempt = self.trace.attempts.fetch_add(1, Ordering::Relaxed) + 1;
        self.trace.take_body();
        *self
            .trace
            .refused_keys
            .lock()
            .unwrap_or_else(PoisonError::into_inner) = temporary_keys(context.request());
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
                    log::head(status, code.as_deref(), request_id(header).as_deref())
                }
                (None, Some(Err(error))) => connection::explain(error),
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
            let keep = Keep {
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

impl<F> DeserializeResponse for Keep<F>
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
        let answer = Answer {
            body: self.trace.take_body().unwrap_or_default(),
            encoding: response
                .headers()
                .get("content-encoding")
                .map(str::to_owned),
            status: response.status().as_u16(),
            request_id: request_id(|name| response.headers().get(name)),
        };
        *self
            .trace
            .answer
            .lock()
            .unwrap_or_else(PoisonError::into_inner) = Some(answer);
        Ok((self.output)())
    }
}

/// Sends again what the service throttles in any form of the protocol, and does not send again what would fail
/// again.
#[derive(Debug)]
pub struct RetryClassifier;

impl ClassifyRetry for RetryClassifier {
    fn name(&self) -> &'static str {
        "RekognitionRetryClassifier"
    }

    fn classify_retry(&self, context: &InterceptorContext) -> RetryAction {
        let failed = context.output_or_error().and_then(|result| result.err());
        if failed.is_some_and(|error| is_hopeless(error)) {
            return RetryAction::RetryForbidden;
        }
        let Some(response) = context.response() else {
            return RetryAction::NoActionIndicated;
        };
        let status = response.status().as_u16();
        let body = response.body().bytes().unwrap_or_default();
        if status >= 400
            && ServiceError::read(status, |name| response.headers().get(name), body).is_throttling()
        {
            return RetryAction::throttling_error();
        }
        RetryAction::NoActionIndicated
    }
}

/// Whether the same would happen again: the certificate stays what it is, and so does the size of an answer.
pub fn is_hopeless(error: &(dyn std::error::Error + 'static)) -> bool {
    connection::is_certificate_problem(error) || Stopped::cause_of(error) == Some(Stopped::TooLong)
}

/// Changes the headers of each request, after it was signed.
#[derive(Debug)]
pub struct Headers(pub fn(&mut aws_smithy_runtime_api::http::Headers));

impl Headers {
    /// Asks the server to close the connection after each answer.
    pub const CLOSE: Self = Headers(|headers| {
        headers.insert("connection", "close");
    });

    /// Takes the signature off again: this SDK cannot be told to leave it out.
    pub const ANONYMOUS: Self = Headers(|headers| {
        headers.remove("authorization");
        headers.remove("x-amz-date");
    });
}

impl Intercept for Headers {
    fn name(&self) -> &'static str {
        "Headers"
    }

    fn modify_before_transmit(
        &self,
        context: &mut BeforeTransmitInterceptorContextMut<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        (self.0)(context.request_mut().headers_mut());
        Ok(())
    }
}

/// Sends requests to the path of the endpoint that was set, as it is: the SDK adds a slash.
#[derive(Debug)]
pub struct ExactPath(pub String);

impl Intercept for ExactPath {
    fn name(&self) -> &'static str {
        "ExactPath"
    }

    fn modify_before_signing(
        &self,
        context: &mut BeforeTransmitInterceptorContextMut<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        context.request_mut().set_uri(self.0.as_str())?;
        Ok(())
    }
}
