//! Direct mode of a check: the page streams to the service itself, with temporary keys of a role that can do nothing else.

use crate::batch::Wake;
use crate::call::log::{Level, Log};
use crate::call::{failure, within, Trace};
use crate::client::credentials::{from_sts, KeyRequestListener, Role, SINCE};
use crate::client::{Client, LiveClient, Sdk};
use crate::error::{request_id, Error, ServiceError};
use crate::process::InProcess;
use crate::retry::{self, RetryPolicy};
use crate::runtime;
use crate::settings::endpoint::or_loopback;
use crate::settings::resolve::Resolved;
use crate::sync::lock;
use aws_credential_types::Credentials;
use aws_sdk_sts::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_sts::operation::assume_role::{AssumeRoleError, AssumeRoleOutput};
use aws_sdk_sts::operation::RequestId;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_types::date_time::Format;
use aws_smithy_types::DateTime;
use std::fmt;
use std::sync::{Arc, Mutex};
use std::time::Instant;
use tokio::task::AbortHandle;

/// What the keys may do, whatever else the role may.
const POLICY: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"rekognition:StartFaceLivenessSession","Resource":"*"}]}"#;

/// The shortest lifetime that STS allows.
const SECONDS: i32 = 900;

/// A ticket for a page that streams to the service itself.
#[derive(Debug)]
pub struct DirectTicket {
    /// The region of the client, and so of its sessions.
    pub region: String,
    /// The endpoint of the streaming service, unless it is AWS's own.
    pub endpoint: Option<String>,
    /// Temporary keys that can start a stream.
    pub keys: Credentials,
}

impl DirectTicket {
    /// When the keys expire, such as `2026-01-31T23:59:59Z`.
    pub fn expiration(&self) -> Option<String> {
        let time = DateTime::from(self.keys.expiry()?);
        time.fmt(Format::DateTime).ok()
    }
}

/// A request for a ticket, in progress. Dropping it cancels the request.
pub struct TicketRequest(InProcess<Running>);

struct Running {
    log: Log,
    /// Also listens for requests for keys, as long as it lives.
    outcome: Arc<Outcome>,
    task: AbortHandle,
}

impl fmt::Debug for TicketRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TicketRequest")
    }
}

impl TicketRequest {
    /// Starts a request. `wake` is called on any thread when it has ended, and when it waits for keys.
    pub fn start(client: &Client, role: Role, level: Level, wake: Wake) -> Result<Self, Error> {
        let (id, runtime) = runtime::current()?;
        let live = client.live(id);
        let log = Log::new(level, "AssumeRole");
        let outcome = Arc::new(Outcome {
            result: Mutex::default(),
            wake,
        });
        if let Some(requests) = client.key_requests() {
            let listener: Arc<dyn KeyRequestListener> = outcome.clone();
            requests.subscribe(&listener);
        }
        let role = Role {
            duration: Some(SECONDS),
            ..role
        };
        let task = runtime.spawn(ticket(live, role, Trace::new(log.clone())));
        let abort = task.abort_handle();
        let ending = Ending(outcome.clone());
        runtime.spawn(async move {
            let result = task.await;
            ending.end(result.unwrap_or_else(|error| Err(runtime::broken_off(error))));
        });
        // No thread drives the runtime to wait for it.
        runtime.hand_over();
        Ok(TicketRequest(InProcess::new(Running {
            log,
            outcome,
            task: abort,
        })))
    }

    /// Takes the ticket, or the error. `None` while the request is in progress.
    pub fn take(&self) -> Option<Result<DirectTicket, Error>> {
        match self.0.get() {
            Some(running) => lock(&running.outcome.result).take(),
            None => Some(Err(canceled())),
        }
    }

    /// Takes the lines of the log.
    pub fn take_log(&self) -> Vec<String> {
        let running = self.0.get();
        running.map_or_else(Vec::new, |running| running.log.take())
    }

    /// Cancels the request.
    pub fn cancel(&self) {
        if let Some(running) = self.0.get() {
            running.task.abort();
        }
    }
}

impl Drop for TicketRequest {
    fn drop(&mut self) {
        self.cancel();
    }
}

/// The outcome of a request, on its way to the owner.
struct Outcome {
    result: Mutex<Option<Result<DirectTicket, Error>>>,
    wake: Wake,
}

impl KeyRequestListener for Outcome {
    fn keys_requested(&self) {
        (self.wake)();
    }
}

/// Puts an outcome there when it is dropped, even if the runtime ends before the request.
struct Ending(Arc<Outcome>);

impl Ending {
    fn end(self, result: Result<DirectTicket, Error>) {
        *lock(&self.0.result) = Some(result);
    }
}

impl Drop for Ending {
    fn drop(&mut self) {
        lock(&self.0.result).get_or_insert_with(|| Err(canceled()));
        (self.0.wake)();
    }
}

fn canceled() -> Error {
    Error::Internal {
        reason: "the request was canceled".into(),
    }
}

/// Assumes the role, within the time limit of an operation.
async fn ticket(live: Arc<LiveClient>, role: Role, trace: Trace) -> Result<DirectTicket, Error> {
    let policy = RetryPolicy::of(live.resolved());
    let deadline = policy.deadline(Instant::now());
    let work = SINCE.scope(trace.since, assume(&live, &role, &trace));
    let assumed = within(deadline, policy.limit, &trace, work)
        .await
        .and_then(|assumed| assumed);
    trace.end(assumed.as_ref().map(|output| (200, output.request_id())));
    let output = assumed?;
    let request_id = output.request_id().map(str::to_owned);
    let keys = from_sts(output.credentials).map_err(|reason| Error::InvalidResponse {
        reason,
        status: Some(200),
        request_id,
        source: None,
    })?;
    let region = live.sdk().await?.services.region.to_string();
    // The page finds AWS's usual endpoint by the region.
    let usual = format!("https://streaming-rekognition.{region}.amazonaws.com");
    let endpoint = live.resolved().streaming_endpoint(&region);
    Ok(DirectTicket {
        region,
        endpoint: endpoint.filter(|endpoint| *endpoint != usual),
        keys,
    })
}

/// Assumes the role, again with renewed keys if STS rejects temporary keys as expired or unknown.
async fn assume(live: &LiveClient, role: &Role, trace: &Trace) -> Result<AssumeRoleOutput, Error> {
    let sdk = live.sdk().await?;
    let Some(cache) = &sdk.keys else {
        return Err(Error::Credentials {
            reason: "the client is anonymous, and only credentials can assume a role".into(),
        });
    };
    let resolved = live.resolved();
    let endpoint = or_loopback(
        resolved.other_endpoints.sts.clone(),
        resolved.endpoint.as_ref(),
    );
    let keys = cache.get().await?;
    let mut sent = send(sdk, keys.clone(), role, &endpoint, resolved, trace).await;
    let has_new_keys = match &sent {
        Err(error) if keys.session_token().is_some() && is_about_keys(error) => {
            cache.replace(keys.access_key_id(), trace.since).await?
        }
        _ => false,
    };
    if has_new_keys {
        sent = send(sdk, cache.get().await?, role, &endpoint, resolved, trace).await;
    }
    let output = sent.map_err(|error| {
        let endpoint =
            endpoint.or_else(|| resolved.aws_endpoint("sts", sdk.services.region.as_ref()));
        let read = |response: &HttpResponse| service_error(&error, response);
        failure(&error, resolved, endpoint, trace.attempts(), read)
    })?;
    cache.accepted();
    Ok(output)
}

async fn send(
    sdk: &Sdk,
    keys: Credentials,
    role: &Role,
    endpoint: &Option<String>,
    resolved: &Resolved,
    trace: &Trace,
) -> Result<AssumeRoleOutput, SdkError<AssumeRoleError, HttpResponse>> {
    let retries = aws_sdk_sts::Config::builder()
        .retry_config(retry::retry_config(
            resolved.retry_mode,
            resolved.max_attempts,
        ))
        .retry_partition(retry::retry_partition());
    let request = sdk.services.role_request(keys, role, endpoint);
    let sent = request
        .policy(POLICY)
        .customize()
        .interceptor(trace.clone())
        .config_override(retries)
        .send();
    // Boxed: the futures around it would each be as large.
    Box::pin(sent).await
}

/// Whether STS rejected the keys as expired or unknown.
fn is_about_keys(error: &SdkError<AssumeRoleError, HttpResponse>) -> bool {
    matches!(
        error.code(),
        Some("ExpiredToken" | "ExpiredTokenException" | "InvalidClientTokenId")
    )
}

/// The error that STS sent. It is XML, which the SDK has parsed.
fn service_error(
    error: &SdkError<AssumeRoleError, HttpResponse>,
    response: &HttpResponse,
) -> ServiceError {
    let header = |name: &str| response.headers().get(name);
    let code = error.code().map(str::to_owned);
    ServiceError {
        error_type: code.clone(),
        code,
        message: error.message().map(str::to_owned),
        request_id: request_id(header),
        ..ServiceError::read(response.status().as_u16(), header, &[])
    }
}
