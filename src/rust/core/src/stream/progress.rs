//! How far a check is: what the page's requests and the task that streams to the service share.

use crate::error::Error;
use crate::stream::page::Reason;
use crate::sync::lock;
use bytes::Bytes;
use std::collections::VecDeque;
use std::sync::Mutex;
use std::time::{Duration, Instant};
use tokio::sync::Notify;

/// Most bytes of video that the service takes.
const MAX_VIDEO: usize = 10_000_000;
/// Most bytes of other events: AWS's component sends less than ten kilobytes.
const MAX_EVENTS: usize = 256 << 10;
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

/// An event of the page for the service.
#[derive(Debug)]
pub struct Event {
    /// The message.
    pub message: Bytes,
    /// Its bytes of video; 0 for other events.
    pub video: usize,
}

/// What the task is to do next.
#[derive(Debug)]
pub enum Work {
    /// Send this message.
    Send(Bytes),
    /// Close the connection with this code.
    Close(u16),
}

/// What both sides know.
#[derive(Debug)]
pub struct Progress {
    state: Mutex<State>,
    changed: Notify,
    /// For how long a page may send nothing.
    silence: Duration,
}

#[derive(Debug)]
struct State {
    is_open: bool,
    to_service: VecDeque<Bytes>,
    video: usize,
    events: usize,
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
                video: 0,
                events: 0,
                to_page: Vec::new(),
                close: None,
                end: None,
                asked: Instant::now(),
            }),
            changed: Notify::new(),
            silence,
        }
    }

    /// Takes an event of the page. Whether it is within the limits.
    pub fn put(&self, event: Event) -> bool {
        let mut state = lock(&self.state);
        state.video += event.video;
        if event.video == 0 {
            state.events += event.message.len();
        }
        let is_allowed = state.video <= MAX_VIDEO && state.events <= MAX_EVENTS;
        if is_allowed && state.end.is_none() {
            state.to_service.push_back(event.message);
            self.changed.notify_one();
        }
        is_allowed
    }

    /// Records a request of the page.
    pub fn page_asked(&self) {
        lock(&self.state).asked = Instant::now();
    }

    /// When the page will have been silent for too long.
    pub fn silence_ends(&self) -> Instant {
        lock(&self.state).asked + self.silence
    }

    /// Closes the connection after what the page has sent.
    pub fn close(&self, code: u16) {
        lock(&self.state).close.get_or_insert(code);
        self.changed.notify_one();
    }

    /// What to do next, if there is anything.
    pub fn next(&self) -> Option<Work> {
        let mut state = lock(&self.state);
        match state.to_service.pop_front() {
            Some(message) => Some(Work::Send(message)),
            None => state.close.map(Work::Close),
        }
    }

    /// Waits until there may be something to do.
    pub async fn changed(&self) {
        self.changed.notified().await;
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

/// What the person in front of the camera may know about the end: nothing about accounts, keys or hosts.
pub fn reason(end: &End) -> Option<Reason> {
    const PUBLIC: [&str; 6] = [
        "InternalServerException",
        "ServiceQuotaExceededException",
        "ServiceUnavailableException",
        "SessionNotFoundException",
        "ThrottlingException",
        "ValidationException",
    ];
    match end {
        End::Completed | End::Closed(_) => None,
        End::Failed(Error::Page { reason }) => Some(Reason::new("REFUSED", reason)),
        End::Failed(Error::Timeout { .. }) => {
            Some(Reason::new("TIMEOUT", "The check took too long."))
        }
        End::Failed(Error::Service(error)) => {
            let code = error.code.as_deref().filter(|code| PUBLIC.contains(code));
            code.map(|code| Reason::new(code, error.message.as_deref().unwrap_or_default()))
                .or_else(unavailable)
        }
        End::Failed(_) => unavailable(),
    }
}

fn unavailable() -> Option<Reason> {
    Some(Reason::new(
        "UNAVAILABLE",
        "The check is not available right now.",
    ))
}
