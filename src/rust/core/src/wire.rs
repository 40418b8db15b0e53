//! What is watched and changed on the way of a call through the SDK.

use crate::fault::{request_id, Fault, ServiceError};
use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::context::{
    BeforeDeserializationInterceptorContextRef, BeforeTransmitInterceptorContextMut,
    BeforeTransmitInterceptorContextRef, InterceptorContext, Output,
};
use aws_smithy_runtime_api::client::interceptors::Intercept;
use aws_smithy_runtime_api::client::orchestrator::{HttpResponse, OrchestratorError};
use aws_smithy_runtime_api::client::retries::classifiers::{ClassifyRetry, RetryAction};
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_runtime_api::client::ser_de::{DeserializeResponse, SharedResponseDeserializer};
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::config_bag::ConfigBag;
use std::fmt;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// An answer with a good status, unread.
pub struct Answer {
    body: SdkBody,
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
        self.body.bytes().unwrap_or_default()
    }

    /// A complaint about this answer.
    pub fn unreadable(&self, reason: impl Into<String>) -> Fault {
        Fault::Response {
            reason: reason.into(),
            status: self.status,
            request_id: self.request_id.clone(),
        }
    }
}

/// Follows one call: counts its requests and keeps the bytes of its answer.
#[derive(Debug, Clone, Default)]
pub struct Trace {
    attempts: Arc<AtomicU32>,
    answer: Arc<Mutex<Option<Answer>>>,
}

impl Trace {
    /// Requests that were tried.
    pub fn attempts(&self) -> u32 {
        self.attempts.load(Ordering::Relaxed)
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
        _: &BeforeTransmitInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        self.trace.attempts.fetch_add(1, Ordering::Relaxed);
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
            // The body has been read by now: the clone shares its bytes.
            body: response.body().try_clone().unwrap_or_else(SdkBody::empty),
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

/// Sends again what the service throttles in any form of the protocol, and does not send again what failed
/// because the server's certificate is not to be trusted.
#[derive(Debug)]
pub struct RetryClassifier;

impl ClassifyRetry for RetryClassifier {
    fn name(&self) -> &'static str {
        "RekognitionRetryClassifier"
    }

    fn classify_retry(&self, context: &InterceptorContext) -> RetryAction {
        if let Some(response) = context.response() {
            let status = response.status().as_u16();
            let body = response.body().bytes().unwrap_or_default();
            if status >= 400
                && ServiceError::read(status, |name| response.headers().get(name), body)
                    .is_throttling()
            {
                return RetryAction::throttling_error();
            }
            return RetryAction::NoActionIndicated;
        }
        let failed = context.output_or_error().and_then(|result| result.err());
        match failed.and_then(|error| error.as_connector_error()) {
            Some(error) if crate::connection::is_certificate_problem(error) => {
                RetryAction::RetryForbidden
            }
            _ => RetryAction::NoActionIndicated,
        }
    }
}

/// Asks the server to close the connection after each answer.
#[derive(Debug)]
pub struct CloseConnection;

impl Intercept for CloseConnection {
    fn name(&self) -> &'static str {
        "CloseConnection"
    }

    fn modify_before_transmit(
        &self,
        context: &mut BeforeTransmitInterceptorContextMut<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        context
            .request_mut()
            .headers_mut()
            .insert("connection", "close");
        Ok(())
    }
}
