//! A connection to the streaming service.

use crate::call::log::{Level, Log};
use crate::client::LiveClient;
use crate::error::{Cause, Error, Limit, ServiceError};
use crate::explain;
use crate::http::connector::MAX_HEADERS;
use crate::http::dial::{self, DialError};
use crate::http::head::LimitedHead;
use crate::sdk_text;
use aws_credential_types::Credentials;
use aws_smithy_types::DateTime;
use bytes::Bytes;
use futures_util::{SinkExt, StreamExt};
use http::Uri;
use rekognition_streaming::chain::Chain;
use rekognition_streaming::message::Signed;
use rekognition_streaming::presign::{presign, Scope};
use rekognition_streaming::{PATH, SERVICE};
use std::error::Error as StdError;
use std::time::{Duration, SystemTime};
use tokio::time::timeout;
use tokio_websockets::{upgrade, ClientBuilder, CloseCode, Limits, Message, WebSocketStream};

/// As in AWS's SDK for JavaScript.
const EXPIRES_IN: Duration = Duration::from_secs(299);
/// The session's information takes some kilobytes.
const MAX_MESSAGE: usize = 128 << 10;
/// For the service to close a connection, or to say why it did.
pub const CLOSING: Duration = Duration::from_secs(2);

/// What an attempt needs besides the client.
#[derive(Debug)]
pub struct Attempt<'a> {
    /// Its number, from 1 on.
    pub number: u32,
    /// The keys.
    pub keys: Credentials,
    /// The query of the request.
    pub query: &'a str,
    /// The log.
    pub log: &'a Log,
}

/// A connection on which messages are signed.
pub struct Connection {
    socket: WebSocketStream<LimitedHead<Box<dyn dial::Connection>>>,
    chain: Chain,
    endpoint: String,
    attempt: u32,
    read_timeout: Duration,
    /// The service's ID of the request.
    pub request_id: Option<String>,
}

/// Why an attempt failed.
#[derive(Debug)]
pub struct Failed {
    /// The error.
    pub error: Error,
    /// Whether another attempt may succeed.
    pub is_transient: bool,
}

/// Another attempt would fail as well.
impl From<Error> for Failed {
    fn from(error: Error) -> Self {
        Failed {
            error,
            is_transient: false,
        }
    }
}

fn transient(error: Error) -> Failed {
    Failed {
        error,
        is_transient: true,
    }
}

/// What has come from the service.
#[derive(Debug)]
pub enum Received {
    /// A message.
    Message(Bytes),
    /// The end of the connection, with this code if there is one.
    Closed(Option<u16>),
}

impl Connection {
    /// Connects, and asks the service for a stream.
    pub async fn open(live: &LiveClient, attempt: Attempt<'_>) -> Result<Self, Failed> {
        let region = live.sdk().await?.services.region.to_string();
        let resolved = live.resolved();
        let endpoint = resolved.streaming_endpoint(&region).ok_or_else(|| {
            Error::config(
                "region",
                format!(
                    "the endpoint of the streaming service in {region} is not known; set \
                     AWS_ENDPOINT_URL_REKOGNITIONSTREAMING"
                ),
            )
        })?;
        let scope = Scope {
            keys: attempt.keys.clone(),
            region: &region,
            service: SERVICE,
            date: SystemTime::now(),
            expires_in: EXPIRES_IN,
        };
        let (uri, signature) =
            presigned(&endpoint, attempt.query, scope).ok_or_else(|| Error::Credentials {
                reason: "the keys are not usable in a URL: they are too long".into(),
            })?;
        attempt.log.add(Level::Debug, || {
            format!("attempt {} to {endpoint}{PATH}", attempt.number)
        });
        let connect_timeout = resolved.given.connect_timeout();
        let read_timeout = resolved.given.read_timeout();
        let timed_out = |limit, time| transient(Error::timeout(limit, time, attempt.number));
        let failed = |error: &(dyn StdError + 'static)| Failed {
            error: failed(error, &endpoint, attempt.number),
            is_transient: !sdk_text::is_certificate_error(error),
        };
        let stream = match live.dialer().await?.connect(&uri).await {
            Ok(stream) => stream,
            Err(DialError::Settings(error)) => return Err(error.into()),
            Err(DialError::Timeout) => return Err(timed_out(Limit::Connect, connect_timeout)),
            Err(DialError::Failed(error)) => return Err(failed(error.as_ref())),
        };
        let (stream, head) = LimitedHead::new(stream, MAX_HEADERS);
        let builder = ClientBuilder::from_uri(uri)
            .limits(Limits::default().max_payload_len(Some(MAX_MESSAGE)));
        let (socket, response) = match timeout(read_timeout, builder.connect_on(stream)).await {
            Ok(Ok(upgraded)) => upgraded,
            Ok(Err(tokio_websockets::Error::Io(error))) if sdk_text::is_not_http(&error) => {
                return Err(invalid(&explain::explain(&error)).into())
            }
            Ok(Err(tokio_websockets::Error::Upgrade(error))) => {
                return Err(refused(&error, attempt.number))
            }
            Ok(Err(error)) => return Err(failed(&error)),
            Err(_) => return Err(timed_out(Limit::Read, read_timeout)),
        };
        head.lift();
        let request_id =
            crate::error::request_id(|name| response.headers().get(name)?.to_str().ok());
        attempt.log.add(Level::Debug, || {
            crate::error::describe_response(101, None, request_id.as_deref())
        });
        Ok(Connection {
            socket,
            chain: Chain::new(attempt.keys, &region, SERVICE, &signature),
            endpoint,
            attempt: attempt.number,
            read_timeout,
            request_id,
        })
    }

    /// The next message of the service, or the end.
    pub async fn receive(&mut self) -> Result<Received, Error> {
        loop {
            let message = match self.socket.next().await {
                None => return Ok(Received::Closed(None)),
                Some(Err(tokio_websockets::Error::Io(error))) => return Err(self.failed(&error)),
                Some(Err(_)) => return Err(invalid("a message is not one of the protocol")),
                Some(Ok(message)) => message,
            };
            if message.is_binary() {
                return Ok(Received::Message(message.into_payload().into()));
            }
            if let Some((code, _)) = message.as_close() {
                let code = Some(code).filter(|code| *code != CloseCode::NO_STATUS_RECEIVED);
                return Ok(Received::Closed(code.map(u16::from)));
            }
            if message.is_text() {
                return Err(invalid("a message is text, not bytes"));
            }
            // The response to a ping.
            let flushed = self.socket.flush().await;
            flushed.map_err(|error| self.failed(&error))?;
        }
    }

    /// The same, within the read timeout.
    pub async fn receive_first(&mut self) -> Result<Received, Error> {
        let limit = self.read_timeout;
        let received = timeout(limit, self.receive()).await;
        received.map_err(|_| Error::timeout(Limit::Read, limit, self.attempt))?
    }

    /// Signs and sends a message.
    pub async fn send(&mut self, message: Bytes) -> Result<(), Error> {
        let date = DateTime::from(SystemTime::now());
        let signed = self.chain.sign(date, &message).and_then(|signature| {
            Signed {
                date,
                signature: signature.into(),
                message,
            }
            .into_bytes()
        });
        let signed = signed.ok_or_else(|| Error::Internal {
            reason: "a message cannot be signed".into(),
        })?;
        let sent = timeout(self.read_timeout, self.socket.send(Message::binary(signed))).await;
        match sent {
            Ok(Ok(())) => Ok(()),
            Ok(Err(error)) => Err(self.failed(&error)),
            Err(_) => Err(Error::timeout(Limit::Read, self.read_timeout, self.attempt)),
        }
    }

    /// Closes the connection with this code.
    pub async fn close(&mut self, code: u16) {
        let code = CloseCode::try_from(code).ok();
        let code = code.filter(|code| !code.is_reserved());
        let code = code.unwrap_or(CloseCode::NORMAL_CLOSURE);
        let closing = async {
            if self
                .socket
                .send(Message::close(Some(code), ""))
                .await
                .is_ok()
            {
                while let Some(Ok(_)) = self.socket.next().await {}
            }
        };
        // The service may have left.
        let _ = timeout(CLOSING, closing).await;
    }

    /// The error of a connection that the service has ended too early.
    pub fn cut(&self, code: Option<u16>) -> Error {
        let code = code
            .map(|code| format!(" (code {code})"))
            .unwrap_or_default();
        Error::Connection {
            reason: format!("the service ended the connection before the end of the check{code}"),
            endpoint: self.endpoint.clone(),
            attempts: self.attempt,
            source: None,
        }
    }

    fn failed(&self, error: &(dyn StdError + 'static)) -> Error {
        failed(error, &self.endpoint, self.attempt)
    }
}

/// The presigned URL of a stream, and its signature.
fn presigned(endpoint: &str, query: &str, scope: Scope<'_>) -> Option<(Uri, String)> {
    let base: Uri = endpoint.parse().ok()?;
    let host = base.authority()?.as_str();
    let prefix = base.path().trim_end_matches('/');
    let presigned = presign(host, &format!("{prefix}{PATH}?{query}"), scope)?;
    let scheme = base.scheme_str()?;
    let uri = format!("{scheme}://{host}{}", presigned.path)
        .parse()
        .ok()?;
    Some((uri, presigned.signature))
}

/// The error of a request that got no WebSocket.
fn refused(error: &upgrade::Error, attempts: u32) -> Failed {
    match error {
        upgrade::Error::DidNotSwitchProtocols(status) => Failed {
            error: Error::Service(ServiceError {
                attempts,
                ..ServiceError::read(*status, |_| None, b"")
            }),
            is_transient: matches!(status, 429 | 500 | 502 | 503 | 504),
        },
        _ => invalid(&format!("no WebSocket was opened: {error}")).into(),
    }
}

fn failed(error: &(dyn StdError + 'static), endpoint: &str, attempts: u32) -> Error {
    Error::Connection {
        reason: explain::explain(error),
        endpoint: endpoint.to_owned(),
        attempts,
        source: Some(Cause::of(error)),
    }
}

/// A response that does not follow the protocol.
pub fn invalid(reason: &str) -> Error {
    Error::InvalidResponse {
        reason: reason.to_owned(),
        status: None,
        request_id: None,
        source: None,
    }
}
