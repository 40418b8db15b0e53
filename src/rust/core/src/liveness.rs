//! The two operations, and the calls that are under way.

use crate::body::Stopped;
use crate::client::{Client, Session};
use crate::connection;
use crate::fault::{request_id, Fault, Limit, ServiceError};
use crate::log::{self, Level, Log};
use crate::resolve::{Resolved, Sourced};
use crate::runtime::{self, Runtime};
use crate::wire::{is_hopeless, Answer, Keep, Trace};
use aws_credential_types::provider::error::CredentialsError;
use aws_sdk_rekognition::error::SdkError;
use aws_sdk_rekognition::operation::create_face_liveness_session::CreateFaceLivenessSessionOutput;
use aws_sdk_rekognition::operation::get_face_liveness_session_results::GetFaceLivenessSessionResultsOutput;
use aws_sdk_rekognition::types::{
    ChallengePreference, ChallengeType, CreateFaceLivenessSessionRequestSettings,
    LivenessOutputConfig, LivenessSessionStatus, Versions,
};
use aws_smithy_runtime_api::client::interceptors::context::Output;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use std::error::Error;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Weak};
use std::time::Duration;
use tokio::sync::oneshot::{self, Receiver};
use tokio::task::AbortHandle;

/// Input of CreateFaceLivenessSession.
#[derive(Debug, Clone, Default)]
pub struct NewSession {
    /// Key to encrypt pictures with.
    pub kms_key_id: Option<String>,
    /// Settings, if any are given.
    pub settings: Option<SessionSettings>,
    /// Same token, same session. One is made up if it is absent, so that a request that is sent again
    /// makes no second session.
    pub client_request_token: Option<String>,
}

/// Settings of a new session.
#[derive(Debug, Clone, Default)]
pub struct SessionSettings {
    /// Bucket and key prefix for the pictures.
    pub output_config: Option<(String, Option<String>)>,
    /// Number of audit images.
    pub audit_images_limit: Option<i32>,
    /// Kinds of challenge, in order of preference.
    pub challenge_preferences: Option<Vec<Challenge>>,
}

/// A kind of challenge, and the versions of it that will do.
#[derive(Debug, Clone, Default)]
pub struct Challenge {
    /// `FaceMovementAndLightChallenge` or `FaceMovementChallenge`.
    pub kind: String,
    /// Lowest and highest version, if `Versions` is given at all.
    pub versions: Option<(Option<String>, Option<String>)>,
}

/// A call, made when it is first waited for. Dropping it cancels the request.
#[derive(Debug)]
pub struct Pending {
    pid: u32,
    log: Log,
    /// Whoever shuts it down need not wait for calls that are forgotten.
    runtime: Weak<Runtime>,
    call: Call,
}

type Work = Pin<Box<dyn Future<Output = Result<Answer, Fault>> + Send>>;

enum Call {
    New(Work),
    Begun {
        answer: Receiver<Result<Answer, Fault>>,
        task: AbortHandle,
    },
    Over,
}

impl fmt::Debug for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Call::New(_) => "New",
            Call::Begun { .. } => "Begun",
            Call::Over => "Over",
        })
    }
}

impl Pending {
    /// The answer, or `None` if there is none after this time.
    pub fn wait(&mut self, patience: Duration) -> Option<Result<Answer, Fault>> {
        let broken_off = || Fault::Internal {
            reason: "the call was cancelled or broke off".into(),
        };
        if self.pid != std::process::id() {
            return Some(Err(broken_off()));
        }
        let Some(runtime) = self.runtime.upgrade() else {
            return Some(Err(broken_off()));
        };
        let call = &mut self.call;
        let result = runtime.block_on_for(patience, async {
            if let Call::New(_) = call {
                if let Call::New(work) = std::mem::replace(call, Call::Over) {
                    *call = begin(work);
                }
            }
            match call {
                // The task went away without an answer: it panicked, or it was cancelled.
                Call::Begun { answer, .. } => answer.await.unwrap_or_else(|_| Err(broken_off())),
                _ => Err(broken_off()),
            }
        })?;
        self.call = Call::Over;
        Some(result)
    }

    /// Whether anything is told of this call.
    pub fn is_logged(&self) -> bool {
        self.log.level() != Level::Off
    }

    /// Takes the lines that the log has got.
    pub fn take_log(&self) -> Vec<String> {
        // In a fork's child the log is the parent's.
        if self.pid == std::process::id() {
            self.log.take()
        } else {
            Vec::new()
        }
    }

    /// Adds to the log that the answer cannot be used.
    pub fn log_fault(&self, fault: &Fault) {
        self.log.add(Level::Info, || log::fault(fault));
    }

    /// Cancels the request.
    pub fn cancel(&mut self) {
        let call = std::mem::replace(&mut self.call, Call::Over);
        if self.pid != std::process::id() {
            // In a fork's child both ends belong to the parent's threads.
            std::mem::forget(call);
        } else if let Call::Begun { task, .. } = call {
            task.abort();
        }
    }
}

/// Spawns the work, so that it goes on while nobody waits for it.
fn begin(work: Work) -> Call {
    let (sender, answer) = oneshot::channel();
    let task = tokio::spawn(async move {
        // Nobody listens to a call that was cancelled.
        let _ = sender.send(work.await);
    });
    Call::Begun {
        answer,
        task: task.abort_handle(),
    }
}

impl Drop for Pending {
    fn drop(&mut self) {
        self.cancel();
    }
}

/// A call of GetFaceLivenessSessionResults.
pub fn get_session_results(
    client: &Client,
    session_id: String,
    level: Level,
) -> Result<Pending, Fault> {
    let log = Log::new(level, "GetFaceLivenessSessionResults");
    start(client, log, move |session, trace| async move {
        let request = session
            .sdk()
            .await?
            .retrying
            .get_face_liveness_session_results()
            .session_id(session_id);
        let keep = Keep {
            trace: trace.clone(),
            output: empty_results,
        };
        let sent = request.customize().interceptor(keep).send().await;
        finish(sent.map(drop), &trace, &session)
    })
}

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
pub(crate) async fn attempt(
    session: &Session,
    session_id: &str,
    trace: &Trace,
) -> Result<Answer, (Fault, Next)> {
    let sdk = session.sdk().await.map_err(|fault| (fault, Next::GiveUp))?;
    let keep = Keep {
        trace: trace.clone(),
        output: empty_results,
    };
    let sent = sdk
        .once
        .get_face_liveness_session_results()
        .session_id(session_id)
        .customize()
        .interceptor(keep)
        .send()
        .await;
    let next = sent.as_ref().err().map_or(Next::GiveUp, next);
    finish(sent.map(drop), trace, session).map_err(|fault| match &fault {
        Fault::Service(error) if error.is_throttling() => (fault, Next::SlowDown),
        _ => (fault, next),
    })
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

/// A call of CreateFaceLivenessSession.
pub fn create_session(client: &Client, new: NewSession, level: Level) -> Result<Pending, Fault> {
    let log = Log::new(level, "CreateFaceLivenessSession");
    start(client, log, move |session, trace| async move {
        let token = new
            .client_request_token
            .unwrap_or_else(|| uuid::Uuid::new_v4().to_string());
        let request = session
            .sdk()
            .await?
            .retrying
            .create_face_liveness_session()
            .set_kms_key_id(new.kms_key_id)
            .set_settings(new.settings.map(sdk_settings).transpose()?)
            .client_request_token(token);
        let keep = Keep {
            trace: trace.clone(),
            output: empty_session,
        };
        let sent = request.customize().interceptor(keep).send().await;
        finish(sent.map(drop), &trace, &session)
    })
}

fn empty_results() -> Output {
    let output = GetFaceLivenessSessionResultsOutput::builder()
        .session_id("")
        .status(LivenessSessionStatus::Created)
        .build();
    output.map_or_else(|_| Output::erase(()), Output::erase)
}

fn empty_session() -> Output {
    let output = CreateFaceLivenessSessionOutput::builder()
        .session_id("")
        .build();
    output.map_or_else(|_| Output::erase(()), Output::erase)
}

fn sdk_settings(
    settings: SessionSettings,
) -> Result<CreateFaceLivenessSessionRequestSettings, Fault> {
    let incomplete = |error: &dyn Error| Fault::Internal {
        reason: error.to_string(),
    };
    let output_config = settings
        .output_config
        .map(|(bucket, prefix)| {
            LivenessOutputConfig::builder()
                .s3_bucket(bucket)
                .set_s3_key_prefix(prefix)
                .build()
        })
        .transpose()
        .map_err(|error| incomplete(&error))?;
    let challenge = |challenge: Challenge| {
        let versions = challenge.versions.map(|(minimum, maximum)| {
            Versions::builder()
                .set_minimum(minimum)
                .set_maximum(maximum)
                .build()
        });
        ChallengePreference::builder()
            .r#type(ChallengeType::from(challenge.kind.as_str()))
            .set_versions(versions)
            .build()
    };
    let challenges = settings
        .challenge_preferences
        .map(|challenges| {
            challenges
                .into_iter()
                .map(challenge)
                .collect::<Result<Vec<_>, _>>()
        })
        .transpose()
        .map_err(|error| incomplete(&error))?;
    Ok(CreateFaceLivenessSessionRequestSettings::builder()
        .set_output_config(output_config)
        .set_audit_images_limit(settings.audit_images_limit)
        .set_challenge_preferences(challenges)
        .build())
}

/// A call with its limit of time and its log.
fn start<F, Fut>(client: &Client, log: Log, call: F) -> Result<Pending, Fault>
where
    F: FnOnce(Arc<Session>, Trace) -> Fut,
    Fut: Future<Output = Result<Answer, Fault>> + Send + 'static,
{
    let (home, runtime) = runtime::current().map_err(|error| Fault::Internal {
        reason: format!("no threads can be made: {error}"),
    })?;
    let session = client.session(home);
    let limit = session.resolved().given.operation_timeout();
    let trace = Trace::new(log.clone());
    let work = call(session, trace.clone());
    let work = async move {
        let result = tokio::time::timeout(limit, work).await.unwrap_or_else(|_| {
            Err(Fault::Timeout {
                limit: Limit::Operation,
                seconds: limit.as_secs_f64(),
                attempts: trace.attempts(),
            })
        });
        let answered = result.as_ref();
        trace.end(answered.map(|answer| (answer.status, answer.request_id.as_deref())));
        result
    };
    Ok(Pending {
        pid: home.pid,
        log,
        runtime: Arc::downgrade(&runtime),
        call: Call::New(Box::pin(work)),
    })
}

fn finish<E>(
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
    let silent = Stopped::cause_of(&error) == Some(Stopped::Silent);
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
    if let Some(credentials) = find_credentials_error(error) {
        let cause = credentials
            .source()
            .map_or_else(|| credentials.to_string(), connection::chain);
        return Fault::Credentials { reason: cause };
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
    let is_http = |endpoint: &Sourced<String>| {
        endpoint.value.starts_with("http://") && !crate::proxy::is_this_machine(&endpoint.value)
    };
    let proxy = if error.contains("tunnel error") {
        resolved.proxy.as_ref()
    } else {
        let is_plain = resolved.endpoint.as_ref().is_some_and(is_http);
        resolved.http_proxy.as_ref().filter(|_| is_plain)
    };
    proxy.map_or_else(String::new, |proxy| {
        format!(" (proxy from {})", proxy.source)
    })
}

fn find_credentials_error<'e>(error: &'e (dyn Error + 'static)) -> Option<&'e CredentialsError> {
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
