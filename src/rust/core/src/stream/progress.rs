//! How far a check is: what the page's requests and the task that streams to the service share.

use crate::error::Error;
use crate::stream::page::Reason;
use crate::sync::lock;
use bytes::Bytes;
use std::collections::VecDeque;
use std::sync::Mutex;
use std::time::{Duration, Instant};
use tokio::sync::Notify;
use tokio::time::timeout_at;

/// The code of a WebSocket for a page that has gone.
const GOING_AWAY: u16 = 1001;

/// Most bytes of a check: the service takes 10 MB of video, which frames contain in base64.
const MAX_BYTES: usize = 14_000_000;
/// Most frames of a check: AWS's component sends about twenty.
const MAX_FRAMES: usize = 2000;
/// Most bytes that wait for the page: the service sends some kilobytes.
const MAX_ANSWERS: usize = 256 << 10;
/// How a check has ended.
#[derive(Debug, Clone)]
pub enum End {
    /// The service has the whole video.
    Completed,
    /// The page or R closed it, with this code of a WebSocket.
    Closed(u16),
    /// It failed.
    Failed(Error),
}

/// What both sides know.
#[derive(Debug)]
pub struct Progress {
    state: Mutex<State>,
    changed: Notify,
    closing: Notify,
    /// For how long a page may send nothing.
    silence: Duration,
}

#[derive(Debug)]
struct State {
    is_open: bool,
    to_service: VecDeque<Bytes>,
    bytes: usize,
    frames: usize,
    to_page: Vec<Bytes>,
    close: Option<u16>,
    end: Option<End>,
    asked: Instant,
}

/// What the page is to know.
#[derive(Debug)]
pub struct News {
    /// The service's messages since the last request.
    pub frames: Vec<Bytes>,
    /// Whether the service has accepted the stream.
    pub is_open: bool,
    /// How the check has ended.
    pub end: Option<End>,
}

impl Progress {
    /// Of a check that has not begun, whose page has gone when it sends nothing for this long.
    pub fn new(silence: Duration) -> Self {
        Progress {
            state: Mutex::new(State {
                is_open: false,
                to_service: VecDeque::new(),
                bytes: 0,
                frames: 0,
                to_page: Vec::new(),
                close: None,
                end: None,
                asked: Instant::now(),
            }),
            changed: Notify::new(),
            closing: Notify::new(),
            silence,
        }
    }

    /// Takes the message of a frame of this size. Whether it is within the limits.
    pub fn put(&self, message: Bytes, size: usize) -> bool {
        let mut state = lock(&self.state);
        state.bytes += size;
        state.frames += 1;
        let is_allowed = state.bytes <= MAX_BYTES && state.frames <= MAX_FRAMES;
        if is_allowed && state.end.is_none() {
            state.to_service.push_back(message);
            self.changed.notify_one();
        }
        is_allowed
    }

    /// Records a request of the page.
    pub fn page_asked(&self) {
        lock(&self.state).asked = Instant::now();
    }

    fn silence_ends(&self) -> Instant {
        lock(&self.state).asked + self.silence
    }

    /// Closes the connection with this code. What waits for the service is not sent.
    pub fn close(&self, code: u16) {
        lock(&self.state).close.get_or_insert(code);
        self.closing.notify_one();
    }

    /// Takes the next message for the service, if there is one.
    pub fn next(&self) -> Option<Bytes> {
        lock(&self.state).to_service.pop_front()
    }

    /// Waits until there may be a message for the service.
    pub async fn changed(&self) {
        self.changed.notified().await;
    }

    /// Waits until the page or R closes the check, or the page has been silent for too long. Returns the code.
    pub async fn closed(&self) -> u16 {
        loop {
            if let Some(code) = lock(&self.state).close {
                return code;
            }
            let silence_ends = self.silence_ends();
            let woken = timeout_at(silence_ends.into(), self.closing.notified()).await;
            if woken.is_err() && silence_ends == self.silence_ends() {
                return GOING_AWAY;
            }
        }
    }

    /// Takes a message of the service. Whether there is room for it.
    pub fn receive(&self, message: Bytes) -> bool {
        let mut state = lock(&self.state);
        state.is_open = true;
        state.to_page.push(message);
        state.to_page.iter().map(Bytes::len).sum::<usize>() <= MAX_ANSWERS
    }

    /// Records the end, unless there is one. What waits for the service is dropped.
    pub fn end(&self, end: End) {
        let mut state = lock(&self.state);
        state.to_service.clear();
        state.end.get_or_insert(end);
    }

    /// The end, if there is one.
    pub fn ended(&self) -> Option<End> {
        lock(&self.state).end.clone()
    }

    /// Takes what the page is to know.
    pub fn take_news(&self) -> News {
        let mut state = lock(&self.state);
        News {
            frames: std::mem::take(&mut state.to_page),
            is_open: state.is_open,
            end: state.end.clone(),
        }
    }
}

/// What the person in front of the camera may know about the end: nothing about accounts, keys or hosts, which a message of
/// the service may name.
pub fn reason(end: &End) -> Option<Reason> {
    match end {
        End::Completed | End::Closed(_) => None,
        End::Failed(Error::Page { reason }) => Some(Reason::new("REFUSED", reason)),
        End::Failed(Error::Timeout { .. }) => {
            Some(Reason::new("TIMEOUT", "The check took too long."))
        }
        End::Failed(Error::Service(error)) => {
            let code = error.code.as_deref().unwrap_or_default();
            let message = match code {
                "SessionNotFoundException" => "The session does not exist or has expired.",
                "ThrottlingException" | "ServiceQuotaExceededException" => {
                    "There are too many checks at the moment."
                }
                "ValidationException" => {
                    "The service did not accept the check. Its session may have expired or been used before."
                }
                "InternalServerException" | "ServiceUnavailableException" => {
                    "The service is not available right now."
                }
                _ => return unavailable(),
            };
            Some(Reason::new(code, message))
        }
        End::Failed(_) => unavailable(),
    }
}

fn unavailable() -> Option<Reason> {
    let message = "The check is not available right now.";
    Some(Reason::new("UNAVAILABLE", message))
}
