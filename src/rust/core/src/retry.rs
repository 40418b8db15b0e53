//! The retry policy: what is sent again, when, how often, and for how long. The SDK applies it to single calls, the
//! schedule of a batch to its sessions.

use crate::error::ServiceError;
use crate::explain;
use crate::http::body::BodyError;
use crate::sdk_text;
use crate::settings::resolve::Resolved;
use crate::settings::RetryMode;
use aws_sdk_rekognition::error::SdkError;
use aws_smithy_runtime::client::retries::{RetryPartition, TokenBucket};
use aws_smithy_runtime_api::client::interceptors::context::InterceptorContext;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::retries::classifiers::{ClassifyRetry, RetryAction};
use aws_smithy_types::retry::RetryConfig;
use std::error::Error as StdError;
use std::time::{Duration, Instant};

/// The wait before a second attempt, unless the service asks for a longer one; doubled each time.
const FIRST_BACKOFF: Duration = Duration::from_millis(200);
const LONGEST_BACKOFF: Duration = Duration::from_secs(20);

/// What to do after a failed attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next {
    /// Give up: another attempt would fail as well.
    GiveUp,
    /// Retry, no sooner than the server asked.
    Retry(Duration),
    /// Slow down, then retry: the service throttled the request.
    SlowDown,
    /// Use fewer connections, then retry: the process cannot open another one.
    MakeRoom,
}

/// The bounds of one operation's attempts.
#[derive(Debug, Clone, Copy)]
pub struct RetryPolicy {
    /// The most attempts, the first one included.
    pub max_attempts: u32,
    /// The time limit for all attempts together.
    pub limit: Duration,
}

/// The SDK's retries of single calls, with this policy's back-off.
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

/// A place for these retries alone. The SDK's token bucket is shared by all clients of the process, and loses tokens for
/// good.
pub fn retry_partition() -> RetryPartition {
    RetryPartition::custom("rekognition")
        .token_bucket(TokenBucket::unlimited())
        .build()
}

/// The retries of requests for credentials: the SDK's defaults, as in AWS's other tools.
pub fn credentials_retry_config() -> RetryConfig {
    RetryConfig::standard()
}

/// The wait after this many failures in a row. `random` is from 0 to 1.
pub fn backoff(failures: u32, random: f64) -> Duration {
    let longest = FIRST_BACKOFF * 2_u32.saturating_pow(failures.min(16).saturating_sub(1));
    let longest = longest.min(LONGEST_BACKOFF);
    longest.mul_f64(jitter(0.5, 1.0, random))
}

/// A number between these, so that many clients do not send at the same time. `random` is from 0 to 1.
pub fn jitter(low: f64, high: f64, random: f64) -> f64 {
    low + (high - low) * random
}

/// A random number from 0 to 1.
pub fn random() -> f64 {
    let bits = uuid::Uuid::new_v4().as_u128() >> 96;
    bits as f64 / f64::from(u32::MAX)
}

impl RetryPolicy {
    /// The policy of a client.
    pub fn of(resolved: &Resolved) -> Self {
        RetryPolicy {
            max_attempts: resolved.max_attempts,
            limit: resolved.given.operation_timeout(),
        }
    }

    /// When an operation that began at this time must have ended.
    pub fn deadline(&self, began: Instant) -> Instant {
        // A limit that a clock cannot represent is as good as none.
        let far = Duration::from_secs(1 << 30);
        began.checked_add(self.limit).unwrap_or_else(|| began + far)
    }

    /// When to send again after this many failures in a row, no sooner than the server asked. `None` if no attempt is
    /// left or the operation's deadline comes first.
    pub fn retry_at(
        &self,
        failures: u32,
        requested: Duration,
        deadline: Instant,
        now: Instant,
        random: f64,
    ) -> Option<Instant> {
        let due = now + backoff(failures, random).max(requested);
        (failures < self.max_attempts && due < deadline).then_some(due)
    }

    /// Whether a throttled attempt is followed by another one. When is for the rate limit to say.
    pub fn retries_throttled(&self, deadline: Instant, now: Instant) -> bool {
        self.max_attempts > 1 && now < deadline
    }
}

impl Next {
    /// What to do after this error. Decides as the SDK does for single calls.
    pub fn after<E: StdError + 'static>(error: &SdkError<E, HttpResponse>) -> Self {
        if error.raw_response().is_some_and(is_throttled) {
            Next::SlowDown
        } else if explain::is_out_of_resources(error) {
            Next::MakeRoom
        } else if is_transient(error) && !is_permanent(error) {
            let requested = error
                .raw_response()
                .and_then(|response| response.headers().get("x-amz-retry-after")?.parse().ok());
            Next::Retry(requested.map_or(Duration::ZERO, Duration::from_millis))
        } else {
            Next::GiveUp
        }
    }
}

/// Corrects the SDK's choice of what is sent again: throttling in any form of the protocol is, permanent errors are not.
#[derive(Debug)]
pub struct RetryClassifier;

impl ClassifyRetry for RetryClassifier {
    fn name(&self) -> &'static str {
        "RekognitionRetryClassifier"
    }

    fn classify_retry(&self, context: &InterceptorContext) -> RetryAction {
        let error = context.output_or_error().and_then(|result| result.err());
        if error.is_some_and(|error| is_permanent(error)) {
            RetryAction::RetryForbidden
        } else if context.response().is_some_and(is_throttled) {
            RetryAction::throttling_error()
        } else {
            RetryAction::NoActionIndicated
        }
    }
}

fn is_throttled(response: &HttpResponse) -> bool {
    let status = response.status().as_u16();
    let body = response.body().bytes().unwrap_or_default();
    status >= 400
        && ServiceError::read(status, |name| response.headers().get(name), body).is_throttling()
}

fn is_transient<E: StdError + 'static>(error: &SdkError<E, HttpResponse>) -> bool {
    match error {
        SdkError::TimeoutError(_) | SdkError::ResponseError(_) => true,
        SdkError::ServiceError(refused) => {
            matches!(refused.raw().status().as_u16(), 500 | 502 | 503 | 504)
        }
        SdkError::DispatchFailure(failure) => failure
            .as_connector_error()
            .is_some_and(|error| error.is_io() || error.is_timeout() || error.as_other().is_some()),
        _ => false,
    }
}

/// Whether every attempt would fail in the same way: the certificate stays what it is, and so does the size of a response.
fn is_permanent(error: &(dyn StdError + 'static)) -> bool {
    sdk_text::is_certificate_error(error) || BodyError::in_causes(error) == Some(BodyError::TooLong)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_backoff_doubles_between_bounds() {
        for failures in 1..100 {
            let longest =
                Duration::from_millis(200 << (failures - 1).min(20)).min(Duration::from_secs(20));
            assert_eq!(backoff(failures, 1.0), longest);
            assert_eq!(backoff(failures, 0.0), longest / 2);
        }
    }

    #[test]
    fn an_operation_is_retried_within_its_attempts_and_its_time() {
        let policy = RetryPolicy {
            max_attempts: 3,
            limit: Duration::from_secs(10),
        };
        let now = Instant::now();
        let deadline = now + policy.limit;
        let retry_at = |failures, requested| {
            policy.retry_at(
                failures,
                Duration::from_millis(requested),
                deadline,
                now,
                0.5,
            )
        };
        assert_eq!(retry_at(1, 0), Some(now + Duration::from_millis(150)));
        assert_eq!(retry_at(2, 9_000), Some(now + Duration::from_secs(9)));
        assert_eq!(retry_at(3, 0), None);
        assert_eq!(retry_at(1, 10_000), None);
        assert!(policy.retries_throttled(deadline, now));
        assert!(!policy.retries_throttled(deadline, deadline));
    }

    #[test]
    fn random_numbers_are_from_0_to_1() {
        assert!((0..1000).all(|_| (0.0..=1.0).contains(&random())));
    }
}
