//! The two operations, and the calls that are under way.

use crate::attempt::{empty_results, finish, with_good_keys};
use crate::client::{Client, Session};
use crate::credentials::Supply;
use crate::fault::{Fault, Limit};
use crate::log::{self, Level, Log};
use crate::runtime::{self, Runtime};
use crate::wire::{Answer, Keep, Trace};
use aws_sdk_rekognition::operation::create_face_liveness_session::CreateFaceLivenessSessionOutput;
use aws_sdk_rekognition::types::{
    ChallengePreference, ChallengeType, CreateFaceLivenessSessionRequestSettings,
    LivenessOutputConfig, Versions,
};
use aws_smithy_runtime_api::client::interceptors::context::Output;
use std::error::Error;
use std::fmt;
use std::future::{pending, poll_fn, Future};
use std::pin::{pin, Pin};
use std::sync::{Arc, Weak};
use std::task::Poll;
use std::time::Duration;
use tokio::task::JoinHandle;

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
    supply: Option<Arc<Supply>>,
    call: Call,
}

type Work = Pin<Box<dyn Future<Output = Result<Answer, Fault>> + Send>>;

enum Call {
    New(Work),
    Begun(JoinHandle<Result<Answer, Fault>>),
    Over,
}

impl fmt::Debug for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Call::New(_) => "New",
            Call::Begun(_) => "Begun",
            Call::Over => "Over",
        })
    }
}

impl Pending {
    /// The answer, or `None` if there is none after this time, or if keys are wanted before.
    pub fn wait(&mut self, patience: Duration) -> Option<Result<Answer, Fault>> {
        let cancelled = || Fault::Internal {
            reason: "the call was cancelled".into(),
        };
        if self.pid != std::process::id() {
            return Some(Err(cancelled()));
        }
        let Some(runtime) = self.runtime.upgrade() else {
            return Some(Err(cancelled()));
        };
        let call = &mut self.call;
        let supply = self.supply.as_deref();
        let mut wanted = pin!(async {
            match supply {
                Some(supply) => supply.wanted().await,
                None => pending().await,
            }
        });
        let result = runtime.block_on_for(patience, async {
            *call = match std::mem::replace(call, Call::Over) {
                // Spawned, so that it goes on between two waits.
                Call::New(work) => Call::Begun(tokio::spawn(work)),
                begun => begun,
            };
            let Call::Begun(task) = call else {
                return Some(Err(cancelled()));
            };
            poll_fn(|context| match Pin::new(&mut *task).poll(context) {
                Poll::Ready(ended) => Poll::Ready(Some(
                    ended.unwrap_or_else(|error| Err(runtime::broken_off(error))),
                )),
                Poll::Pending => wanted.as_mut().poll(context).map(|()| None),
            })
            .await
        })??;
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
        } else if let Call::Begun(task) = call {
            task.abort();
        }
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
        let sdk = session.sdk().await?;
        let request = sdk
            .retrying
            .get_face_liveness_session_results()
            .session_id(session_id);
        let send = || {
            let keep = Keep {
                trace: trace.clone(),
                output: empty_results,
            };
            request.clone().customize().interceptor(keep).send()
        };
        let sent = with_good_keys(sdk, &trace, send).await?;
        finish(sent.map(drop), &trace, &session)
    })
}

/// A call of CreateFaceLivenessSession.
pub fn create_session(client: &Client, new: NewSession, level: Level) -> Result<Pending, Fault> {
    let log = Log::new(level, "CreateFaceLivenessSession");
    start(client, log, move |session, trace| async move {
        let token = new
            .client_request_token
            .unwrap_or_else(|| uuid::Uuid::new_v4().to_string());
        let sdk = session.sdk().await?;
        let request = sdk
            .retrying
            .create_face_liveness_session()
            .set_kms_key_id(new.kms_key_id)
            .set_settings(new.settings.map(sdk_settings).transpose()?)
            .client_request_token(token);
        let send = || {
            let keep = Keep {
                trace: trace.clone(),
                output: empty_session,
            };
            request.clone().customize().interceptor(keep).send()
        };
        let sent = with_good_keys(sdk, &trace, send).await?;
        finish(sent.map(drop), &trace, &session)
    })
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
    let (home, runtime) = runtime::current()?;
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
        supply: client.supply().cloned(),
        call: Call::New(Box::pin(work)),
    })
}
