//! The two operations.

use crate::attempt::{empty_results, finish, send_with_valid_keys, within};
use crate::client::{Client, LiveClient};
use crate::error::Error;
use crate::interceptor::{CaptureResponse, Trace};
use crate::log::{Level, Log};
use crate::pending::Pending;
use crate::response::Response;
use crate::retry::RetryPolicy;
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
use std::time::Instant;

/// Input of CreateFaceLivenessSession.
#[derive(Debug, Clone, Default)]
pub struct NewSession {
    /// Key that encrypts images.
    pub kms_key_id: Option<String>,
    /// Settings, if any are given.
    pub settings: Option<SessionSettings>,
    /// The same token returns the same session. If absent, each call generates one, so that a retry does not create a
    /// second session.
    pub client_request_token: Option<String>,
}

/// Settings of a new session.
#[derive(Debug, Clone, Default)]
pub struct SessionSettings {
    /// Bucket and key prefix for the images.
    pub output_config: Option<(String, Option<String>)>,
    /// Number of audit images.
    pub audit_images_limit: Option<i32>,
    /// Kinds of challenge, in order of preference.
    pub challenge_preferences: Option<Vec<Challenge>>,
}

/// A kind of challenge, and its acceptable versions.
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
            let capture = CaptureResponse {
                trace: trace.clone(),
                output: empty_results,
            };
            request.clone().customize().interceptor(capture).send()
        };
        let sent = send_with_valid_keys(sdk, &trace, send).await?;
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
            let capture = CaptureResponse {
                trace: trace.clone(),
                output: empty_session,
            };
            request.clone().customize().interceptor(capture).send()
        };
        let sent = send_with_valid_keys(sdk, &trace, send).await?;
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

/// A call with its time limit and its log.
fn start<F, Fut>(client: &Client, log: Log, call: F) -> Result<Pending, Error>
where
    F: FnOnce(Arc<LiveClient>, Trace) -> Fut,
    Fut: Future<Output = Result<Response, Error>> + Send + 'static,
{
    let (id, runtime) = runtime::current()?;
    let live = client.live(id);
    let policy = RetryPolicy::of(live.resolved());
    let trace = Trace::new(log.clone());
    let work = call(live, trace.clone());
    let work = async move {
        let deadline = policy.deadline(Instant::now());
        let result = within(deadline, policy.limit, &trace, work)
            .await
            .and_then(|result| result);
        trace.end(result.as_ref().map(Response::head));
        result
    };
    Ok(Pending::new(
        log,
        &runtime,
        client.key_requests().cloned(),
        work,
    ))
}
