//! The two operations, and the calls that are under way.

use crate::attempt::{empty_results, finish, with_good_keys};
use crate::client::{Client, LiveClient};
use crate::error::{Error, Limit};
use crate::interceptor::{CaptureResponse, Trace};
use crate::log::{Level, Log};
use crate::pending::Pending;
use crate::response::Response;
use crate::runtime;
use aws_sdk_rekognition::operation::create_face_liveness_session::CreateFaceLivenessSessionOutput;
use aws_sdk_rekognition::types::{
    ChallengePreference, ChallengeType, CreateFaceLivenessSessionRequestSettings,
    LivenessOutputConfig, Versions,
};
use aws_smithy_runtime_api::client::interceptors::context::Output;
use std::error::Error as StdError;
use std::future::Future;
use std::sync::Arc;

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

/// A call of GetFaceLivenessSessionResults.
pub fn get_session_results(
    client: &Client,
    session_id: String,
    level: Level,
) -> Result<Pending, Error> {
    let log = Log::new(level, "GetFaceLivenessSessionResults");
    start(client, log, move |live, trace| async move {
        let sdk = live.sdk().await?;
        let request = sdk
            .retrying
            .get_face_liveness_session_results()
            .session_id(session_id);
        let send = || {
            let keep = CaptureResponse {
                trace: trace.clone(),
                output: empty_results,
            };
            request.clone().customize().interceptor(keep).send()
        };
        let sent = with_good_keys(sdk, &trace, send).await?;
        finish(sent.map(drop), &trace, &live)
    })
}

/// A call of CreateFaceLivenessSession.
pub fn create_session(client: &Client, new: NewSession, level: Level) -> Result<Pending, Error> {
    let log = Log::new(level, "CreateFaceLivenessSession");
    start(client, log, move |live, trace| async move {
        let token = new
            .client_request_token
            .unwrap_or_else(|| uuid::Uuid::new_v4().to_string());
        let sdk = live.sdk().await?;
        let request = sdk
            .retrying
            .create_face_liveness_session()
            .set_kms_key_id(new.kms_key_id)
            .set_settings(new.settings.map(sdk_settings).transpose()?)
            .client_request_token(token);
        let send = || {
            let keep = CaptureResponse {
                trace: trace.clone(),
                output: empty_session,
            };
            request.clone().customize().interceptor(keep).send()
        };
        let sent = with_good_keys(sdk, &trace, send).await?;
        finish(sent.map(drop), &trace, &live)
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
) -> Result<CreateFaceLivenessSessionRequestSettings, Error> {
    let incomplete = |error: &dyn StdError| Error::Internal {
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
fn start<F, Fut>(client: &Client, log: Log, call: F) -> Result<Pending, Error>
where
    F: FnOnce(Arc<LiveClient>, Trace) -> Fut,
    Fut: Future<Output = Result<Response, Error>> + Send + 'static,
{
    let (id, runtime) = runtime::current()?;
    let live = client.live(id);
    let limit = live.resolved().given.operation_timeout();
    let trace = Trace::new(log.clone());
    let work = call(live, trace.clone());
    let work = async move {
        let result = tokio::time::timeout(limit, work)
            .await
            .unwrap_or_else(|_| Err(Error::timeout(Limit::Operation, limit, trace.attempts())));
        let answered = result.as_ref();
        trace.end(answered.map(|answer| (answer.status, answer.request_id.as_deref())));
        result
    };
    Ok(Pending::new(
        log,
        &runtime,
        client.key_requests().cloned(),
        work,
    ))
}
