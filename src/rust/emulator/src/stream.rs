//! The streaming protocol of Face Liveness: the video of a check over a WebSocket.

mod challenge;
pub mod check;
pub mod messages;
mod paced;
mod socket;

use crate::challenges::version_text;
use crate::connections::Place;
use crate::error::Refusal;
use crate::faults::{Moment, StreamFault};
use crate::opening::Opening;
use crate::service::{Accepted, Shared};
use crate::signature::{invalid, MAX_SKEW};
use crate::sync::lock;
use aws_smithy_types::date_time::Format;
use aws_smithy_types::DateTime;
use bytes::Bytes;
use check::{Check, Progress};
use hyper::StatusCode;
use paced::Paced;
use rekognition_streaming::chain::Chain;
use rekognition_streaming::message::Signed;
use serde_json::json;
use socket::{Received, Socket};
use std::future::Future;
use std::pin::pin;
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio::time::timeout;

/// How often a stream looks whether its session has expired.
const TICK: Duration = Duration::from_millis(500);
/// A check takes no longer than its session lives.
const LONGEST: Duration = Duration::from_secs(180);
const NORMAL: u16 = 1000;

/// How a stream has ended.
enum End {
    /// The video is complete.
    Complete,
    /// The service refuses to go on.
    Refused(Refusal),
    /// The client has left.
    Left,
}

/// Serves a stream on this connection, from which `early` was already read.
pub async fn serve(
    opening: Opening,
    mut stream: TcpStream,
    early: Bytes,
    service: Shared,
    place: &Place,
) {
    let request_id = uuid::Uuid::new_v4().to_string();
    let accept = opening.accept();
    let fault = lock(&service).receive_stream(&opening, &request_id, accept.is_ok());
    let refused = match (&fault, accept) {
        (Some(StreamFault::Refused(status)), _) => *status,
        (_, Err(status)) => status.as_u16(),
        (_, Ok(accept)) => {
            let head = switching_protocols(&accept, &request_id);
            if stream.write_all(head.as_bytes()).await.is_err() {
                return;
            }
            let pause = match &fault {
                Some(StreamFault::Dribble(pause)) => Some(*pause),
                _ => None,
            };
            let socket = Socket::new(Paced::new(stream, early, pause));
            return upgraded(socket, &opening, &request_id, fault, service, place).await;
        }
    };
    lock(&service).record_response(&request_id, refused, None);
    let _ = stream.write_all(refusal_head(refused).as_bytes()).await;
    let _ = stream.shutdown().await;
}

/// AWS's mobile SDKs set their clock by the date.
fn switching_protocols(accept: &str, request_id: &str) -> String {
    let date = DateTime::from(SystemTime::now()).fmt(Format::HttpDate);
    format!(
        "HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: upgrade\r\n\
         date: {}\r\nsec-websocket-accept: {accept}\r\nx-amzn-requestid: {request_id}\r\n\r\n",
        date.unwrap_or_default()
    )
}

fn refusal_head(status: u16) -> String {
    let reason = StatusCode::from_u16(status).ok();
    let reason = reason.and_then(|status| status.canonical_reason());
    format!(
        "HTTP/1.1 {status} {}\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\n\
         connection: upgrade, close\r\ncontent-length: 0\r\n\r\n",
        reason.unwrap_or_default()
    )
}

/// Serves a stream after the handshake. Refusals are messages, because a page cannot read a refused handshake.
async fn upgraded(
    mut socket: Socket,
    opening: &Opening,
    request_id: &str,
    fault: Option<StreamFault>,
    service: Shared,
    place: &Place,
) {
    match &fault {
        Some(StreamFault::Silent) => {
            lock(&service).record_response(request_id, 101, None);
            return socket.ignore(LONGEST).await;
        }
        Some(StreamFault::Late(delay)) => tokio::time::sleep(*delay).await,
        _ => {}
    }
    if !place.work() {
        return;
    }
    let accepted = match &fault {
        Some(StreamFault::Error(refusal, Moment::Start)) => Err(refusal.clone()),
        _ => lock(&service).open_stream(opening),
    };
    let accepted = match accepted {
        Ok(accepted) => accepted,
        Err(refusal) => {
            // A client without keys must not hold a connection that others need.
            place.wait();
            lock(&service).record_response(request_id, 101, Some(&refusal.code));
            return refuse(socket, &refusal).await;
        }
    };
    lock(&service).record_response(request_id, 101, None);
    let session_id = accepted.session_id.clone();
    let mut check = Check::new(accepted.challenge.0, accepted.keeps_video);
    let fault_at_start = fault
        .as_ref()
        .filter(|fault| fault.moment() == Some(Moment::Start));
    let end = if fault_at_start.is_some() {
        End::Left
    } else {
        run(&mut socket, accepted, &mut check, &service).await
    };
    let end = match (end, fault.as_ref()) {
        (End::Complete, Some(StreamFault::Error(refusal, _))) => End::Refused(refusal.clone()),
        (end, _) => end,
    };
    {
        let mut service = lock(&service);
        service.record_video(request_id, check.video_bytes());
        if let End::Refused(refusal) = &end {
            service.record_response(request_id, 101, Some(&refusal.code));
        }
        let is_complete = matches!(end, End::Complete);
        service.end_stream(&session_id, is_complete, check.into_video());
    }
    match (end, fault) {
        (End::Refused(refusal), _) => refuse(socket, &refusal).await,
        (_, Some(StreamFault::CutOff(_))) => socket.cut_off().await,
        (_, Some(StreamFault::Close(code, _))) => socket.close(code, "").await,
        (End::Complete, Some(StreamFault::NoDisconnection)) => socket.ignore(LONGEST).await,
        (End::Complete, _) => {
            let event = json!({"TimestampMillis": milliseconds()});
            let message = messages::event_message("DisconnectionEvent", &event);
            socket.send(message).await;
            socket.close(NORMAL, "").await;
        }
        (End::Left, _) => {}
    }
}

async fn refuse(mut socket: Socket, refusal: &Refusal) {
    socket.send(messages::exception_message(refusal)).await;
    socket.close(NORMAL, "").await;
}

/// Sends the session's information, then takes the events of the check.
async fn run(
    socket: &mut Socket,
    mut accepted: Accepted,
    check: &mut Check,
    service: &Shared,
) -> End {
    let (width, height) = accepted.size;
    let (kind, version) = accepted.challenge;
    let version = version_text(version);
    // AWS's mobile SDKs wait for this event, its component for browsers ignores it.
    let challenge =
        messages::event_message("ChallengeEvent", &json!({"Type": kind, "Version": version}));
    let information = challenge::information(kind, width, height);
    let information = messages::event_message("ServerSessionInformationEvent", &information);
    let is_expired = || lock(service).has_expired(&accepted.session_id);
    for message in [challenge, information] {
        if unless(is_expired, socket.send(message)).await.is_none() {
            return End::Left;
        }
    }
    loop {
        let Some(received) = unless(is_expired, socket.receive()).await else {
            return End::Refused(Refusal::validation("The session has expired."));
        };
        let message = match received {
            Received::Message(message) => message,
            Received::Text => {
                return End::Refused(Refusal::validation("A message is text, not bytes."))
            }
            Received::Control => continue,
            Received::Closed => return End::Left,
        };
        match take(&mut accepted.chain, check, message) {
            Ok(Progress::Continues) => {}
            Ok(Progress::Complete) => return End::Complete,
            Err(refusal) => return End::Refused(refusal),
        }
    }
}

/// The value of a future, unless something is the case before.
async fn unless<T>(is_over: impl Fn() -> bool, future: impl Future<Output = T>) -> Option<T> {
    let mut future = pin!(future);
    while !is_over() {
        if let Ok(value) = timeout(TICK, &mut future).await {
            return Some(value);
        }
    }
    None
}

/// Takes a message: its signature first.
fn take(chain: &mut Chain, check: &mut Check, message: Bytes) -> Result<Progress, Refusal> {
    let signed = Signed::parse(message).map_err(messages::refusal)?;
    if !chain.accepts(signed.date, &signed.message, &signed.signature) {
        return Err(invalid(
            "The signature of a message does not match the one that was calculated from the message before."
                .into(),
        ));
    }
    let now = DateTime::from(SystemTime::now()).secs();
    if signed.date.secs().abs_diff(now) > MAX_SKEW.as_secs() {
        return Err(invalid(format!(
            "Signature expired: the date of a message differs from the service's clock by more than {} s",
            MAX_SKEW.as_secs()
        )));
    }
    match messages::event(signed.message)? {
        Some((kind, body)) => check.receive(&kind, &body),
        None => Err(Refusal::validation(
            "The stream ended before the end of the video.",
        )),
    }
}

fn milliseconds() -> u64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    u64::try_from(now.unwrap_or_default().as_millis()).unwrap_or_default()
}
