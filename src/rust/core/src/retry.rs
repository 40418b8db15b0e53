//! The one retry policy: what is sent again, when, and how long.

use crate::error::ServiceError;
use crate::explain;
use crate::http::body::BodyError;
use crate::sdk_text;
use crate::settings::RetryMode;
use aws_sdk_rekognition::error::SdkError;
use aws_smithy_runtime_api::client::interceptors::context::InterceptorContext;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::retries::classifiers::{ClassifyRetry, RetryAction};
use aws_smithy_types::retry::RetryConfig;
use std::error::Error as StdError;
use std::time::Duration;

/// The wait before a second attempt, unless the service asks for another; doubled each time.
const FIRST_BACKOFF: Duration = Duration::from_millis(200);
const LONGEST_BACKOFF: Duration = Duration::from_secs(20);

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

/// The SDK's retries, set up with this policy.
pub fn retry_config(mode: RetryMode, max_attempts: u32) -> RetryConfig {
    let config = match mode {
        RetryMode::Standard => RetryConfig::standard(),
        RetryMode::Adaptive => RetryConfig::adaptive(),
    };
    config
        .with_max_attempts(max_attempts)
        .with_initial_backoff(FIRST_BACKOFF)
        .with_max_backoff(LONGEST_BACKOFF)
}

/// The wait after this many failures in a row.
pub fn backoff(failures: u32) -> Duration {
    let longest = FIRST_BACKOFF * 2_u32.saturating_pow(failures.min(16).saturating_sub(1));
    longest.min(LONGEST_BACKOFF).mul_f64(jitter(0.5, 1.0))
}

/// A random number, so that many clients do not send at the same time.
pub fn jitter(low: f64, high: f64) -> f64 {
    let random = uuid::Uuid::new_v4().as_u128() >> 96;
    low + (high - low) * random as f64 / f64::from(u32::MAX)
}

/// As the SDK decides it.
pub fn next<E: StdError + 'static>(error: &SdkError<E, HttpResponse>) -> Next {
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
    if explain::is_out_of_resources(error) {
        Next::MakeRoom
    } else if is_transient && !is_hopeless(error) {
        Next::TryAgain(after)
    } else {
        Next::GiveUp
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
fn is_hopeless(error: &(dyn std::error::Error + 'static)) -> bool {
    sdk_text::is_certificate_error(error) || BodyError::in_causes(error) == Some(BodyError::TooLong)
}
