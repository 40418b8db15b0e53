//! The task of a check: it connects to the service, and passes on what comes from both sides.

use crate::call::log::Log;
use crate::client::credentials::SINCE;
use crate::client::LiveClient;
use crate::error::{Error, Limit, ServiceError};
use crate::retry::{self, RetryPolicy};
use crate::stream::connection::{invalid, Attempt, Connection, Failed, Received, CLOSING};
use crate::stream::progress::{End, Progress};
use bytes::Bytes;
use futures_util::future::{select, Either};
use rekognition_streaming::message;
use std::pin::pin;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::time::{sleep_until, timeout, timeout_at};

/// A check on its way to the service.
pub struct Run {
    /// The client.
    pub live: Arc<LiveClient>,
    /// What the page can do: the query of the request.
    pub query: String,
    /// What the page sends and gets.
    pub progress: Arc<Progress>,
    /// The log.
    pub log: Log,
    /// When the check must have ended.
    pub deadline: Instant,
    /// The time that it had, for the error.
    pub limit: Duration,
}

impl Run {
    /// Streams the check to its end.
    pub async fn go(self) {
        let began = Instant::now();
        let mut attempts = 0;
        let work = SINCE.scope(began, self.check(began, &mut attempts));
        let end = match timeout_at(self.deadline.into(), work).await {
            Ok(Ok(end)) => end,
            Ok(Err(error)) => End::Failed(error),
            Err(_) => End::Failed(Error::timeout(Limit::Check, self.limit, attempts)),
        };
        self.progress.end(end);
        self.log.end(attempts, || match self.progress.ended() {
            Some(End::Failed(error)) => error.summary(),
            Some(End::Closed(code)) => format!("closed (code {code})"),
            _ => "completed".into(),
        });
    }

    async fn check(&self, began: Instant, attempts: &mut u32) -> Result<End, Error> {
        let connected = {
            let connecting = pin!(self.connect(began, attempts));
            match select(connecting, pin!(self.progress.closed())).await {
                Either::Left((connected, _)) => connected,
                Either::Right((code, _)) => return Ok(End::Closed(code)),
            }
        };
        let (mut connection, first) = connected?;
        let mut received = Received::Message(first);
        loop {
            let message = match received {
                Received::Message(message) => message,
                Received::Closed(code) => return Err(connection.cut(code)),
            };
            let kind = kind_of(&message, &connection, *attempts)?;
            if kind != Kind::Other && !self.progress.receive(message) {
                return Err(invalid("the service sent too much"));
            }
            if kind == Kind::Last {
                self.progress.end(End::Completed);
                connection.close(1000).await;
                return Ok(End::Completed);
            }
            let code = {
                let passing = pin!(self.pass_on(&mut connection));
                match select(passing, pin!(self.progress.closed())).await {
                    Either::Left((next, _)) => {
                        received = next?;
                        continue;
                    }
                    Either::Right((code, _)) => code,
                }
            };
            connection.close(code).await;
            return Ok(End::Closed(code));
        }
    }

    /// Passes on what the page sends, until something comes from the service.
    async fn pass_on(&self, connection: &mut Connection) -> Result<Received, Error> {
        loop {
            let Some(message) = self.progress.next() else {
                let receiving = pin!(connection.receive());
                match select(receiving, pin!(self.progress.changed())).await {
                    Either::Left((received, _)) => return received,
                    Either::Right(_) => continue,
                }
            };
            if let Err(error) = connection.send(message).await {
                // The service may have said why it ended the connection.
                return match timeout(CLOSING, connection.receive()).await {
                    Ok(Ok(received @ Received::Message(_))) => Ok(received),
                    _ => Err(error),
                };
            }
        }
    }

    /// A connection on which the service has accepted the stream, and its first message.
    async fn connect(
        &self,
        began: Instant,
        attempts: &mut u32,
    ) -> Result<(Connection, Bytes), Error> {
        let policy = RetryPolicy::of(self.live.resolved());
        let deadline = policy.deadline(began).min(self.deadline);
        let mut has_new_keys = false;
        loop {
            *attempts += 1;
            let failed = match self.attempt(*attempts, began, &mut has_new_keys).await {
                Ok(Some(connected)) => return Ok(connected),
                Ok(None) => continue,
                Err(failed) => failed,
            };
            let now = Instant::now();
            let again = policy.retry_at(*attempts, Duration::ZERO, deadline, now, retry::random());
            match again.filter(|_| failed.is_transient) {
                Some(time) => sleep_until(time.into()).await,
                None => return Err(failed.error),
            }
        }
    }

    /// One attempt. `None` if the service rejected the keys, and there are new ones.
    async fn attempt(
        &self,
        number: u32,
        began: Instant,
        has_new_keys: &mut bool,
    ) -> Result<Option<(Connection, Bytes)>, Failed> {
        let cache = self.live.sdk().await?.keys.as_ref();
        let cache = cache.ok_or_else(|| Error::Credentials {
            reason: "a check needs credentials, and requests of this client are not signed".into(),
        })?;
        let keys = cache.get().await?;
        let access_key_id = keys.access_key_id().to_owned();
        let attempt = Attempt {
            number,
            keys,
            query: &self.query,
            log: &self.log,
        };
        let mut connection = Connection::open(&self.live, attempt).await?;
        let message = match connection.receive_first().await {
            Ok(Received::Message(message)) => message,
            Ok(Received::Closed(code)) => {
                return Err(Failed {
                    error: connection.cut(code),
                    is_transient: true,
                })
            }
            Err(error) => return Err(error.into()),
        };
        match kind_of(&message, &connection, number) {
            Ok(_) => {
                cache.accepted();
                Ok(Some((connection, message)))
            }
            Err(Error::Service(error)) if error.is_about_keys() && !*has_new_keys => {
                *has_new_keys = true;
                if cache.replace(&access_key_id, began).await? {
                    return Ok(None);
                }
                Err(Error::Service(error).into())
            }
            Err(error) => Err(Failed {
                is_transient: matches!(&error, Error::Service(error) if error.is_throttling() || error.status >= 500),
                error,
            }),
        }
    }
}

/// What a message of the service is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// For the page.
    ForPage,
    /// For the page, and the last one.
    Last,
    /// Nothing that the page knows.
    Other,
}

/// What a message of the service is. An exception is an error.
fn kind_of(message: &Bytes, connection: &Connection, attempts: u32) -> Result<Kind, Error> {
    let message = message::parse(message.clone())
        .ok_or_else(|| invalid("a message is not a valid event stream message"))?;
    let text = |name| message::text(&message, name);
    let code = match text(":message-type") {
        Some("event") => {
            return Ok(match text(":event-type") {
                Some("ChallengeEvent" | "ServerSessionInformationEvent") => Kind::ForPage,
                Some("DisconnectionEvent") => Kind::Last,
                _ => Kind::Other,
            })
        }
        Some("exception") => text(":exception-type"),
        Some("error") => text(":error-code"),
        _ => return Err(invalid("a message is neither an event nor an exception")),
    };
    let code = code.filter(|code| !code.is_empty());
    let error = ServiceError::read(status(code), |_| None, message.payload());
    Err(Error::Service(ServiceError {
        code: code.map(str::to_owned).or(error.code),
        error_type: code.map(str::to_owned).or(error.error_type),
        message: error
            .message
            .or_else(|| text(":error-message").map(str::to_owned)),
        request_id: connection.request_id.clone(),
        attempts,
        ..error
    }))
}

/// The HTTP status of an exception, as the service's model has it.
fn status(code: Option<&str>) -> u16 {
    match code {
        Some("AccessDeniedException") => 403,
        Some("ServiceQuotaExceededException" | "ThrottlingException") => 429,
        Some("InternalServerException") => 500,
        Some("ServiceUnavailableException") => 503,
        _ => 400,
    }
}
