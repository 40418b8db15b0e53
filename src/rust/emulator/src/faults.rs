//! Fault injection.

use crate::error::Refusal;
use std::collections::{HashSet, VecDeque};
use std::time::{Duration, Instant};

/// A fault to inject into the response to a request.
#[derive(Debug, Clone, PartialEq)]
pub enum Fault {
    /// Return this error.
    Refuse(Refusal),
    /// Delay the response.
    Delay(Duration),
    /// Never respond.
    Hang,
    /// Close the connection without a response.
    Close,
    /// Process the request, and close the connection without a response.
    Drop,
    /// Reset the connection without a response.
    Reset,
    /// Close the connection in the middle of this part of the response.
    CutOff(Part),
    /// Stop sending in the middle of the response body, and keep the connection open.
    Stall,
    /// Send the response byte by byte, with this pause between bytes.
    Dribble(Duration),
    /// Announce this many bytes more (or fewer) than there are, then close the connection.
    ContentLength(i64),
    /// Send the body in chunks.
    Chunked,
    /// Compress the body.
    Gzip,
    /// Return an HTML page with this status, as a proxy does.
    Html(u16),
}

/// A fault to inject into a stream.
#[derive(Debug, Clone, PartialEq)]
pub enum StreamFault {
    /// Refuse the handshake with this HTTP status.
    Refused(u16),
    /// Accept the handshake, and never send anything.
    Silent,
    /// Delay the session's information.
    Late(Duration),
    /// Close the connection without a closing frame.
    CutOff(Moment),
    /// Close the WebSocket with this code.
    Close(u16, Moment),
    /// Send this exception.
    Error(Refusal, Moment),
    /// Send no disconnection event.
    NoDisconnection,
    /// Send everything byte by byte, with this pause between bytes.
    Dribble(Duration),
}

impl StreamFault {
    /// When it happens, if that is a choice.
    pub fn moment(&self) -> Option<Moment> {
        match self {
            StreamFault::CutOff(moment)
            | StreamFault::Close(_, moment)
            | StreamFault::Error(_, moment) => Some(*moment),
            _ => None,
        }
    }
}

/// A moment of a stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moment {
    /// Instead of the session's information.
    Start,
    /// Instead of the disconnection event.
    End,
}

/// A part of a response.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// Status line and headers.
    Header,
    /// Body.
    Body,
}

/// The faults to inject: first those in the queue, in order.
#[derive(Debug, Default)]
pub struct Faults {
    queue: VecDeque<(Fault, u64)>,
    streams: VecDeque<(StreamFault, u64)>,
    first: Option<(Fault, HashSet<String>)>,
    bucket: Option<TokenBucket>,
}

/// A token bucket: `per_second` requests on average, `burst` at once.
#[derive(Debug)]
struct TokenBucket {
    per_second: f64,
    burst: f64,
    level: f64,
    since: Instant,
}

impl TokenBucket {
    fn take(&mut self) -> bool {
        let now = Instant::now();
        let filled = self.level + (now - self.since).as_secs_f64() * self.per_second;
        self.level = filled.min(self.burst);
        self.since = now;
        let taken = self.level >= 1.0;
        if taken {
            self.level -= 1.0;
        }
        taken
    }
}

/// Takes one of the times for which a fault is queued.
fn pop<T: Clone>(queue: &mut VecDeque<(T, u64)>) -> Option<T> {
    let (fault, times) = queue.front_mut()?;
    let fault = fault.clone();
    *times -= 1;
    if *times == 0 {
        queue.pop_front();
    }
    Some(fault)
}

impl Faults {
    /// Queues a fault for `times` requests, after the faults queued earlier.
    pub fn push(&mut self, fault: Fault, times: u64) {
        if times > 0 {
            self.queue.push_back((fault, times));
        }
    }

    /// Injects a fault into the first request for each session, or with each input of another operation.
    pub fn set_first(&mut self, fault: Fault) {
        self.first = Some((fault, HashSet::new()));
    }

    /// Throttles requests above `per_second`, with bursts of up to `burst`.
    pub fn set_rate(&mut self, per_second: f64, burst: f64) {
        self.bucket = Some(TokenBucket {
            per_second,
            burst,
            level: burst,
            since: Instant::now(),
        });
    }

    /// The fault to inject into the next request, if any. `subject` is what it shares with other requests.
    pub fn next(&mut self, subject: impl FnOnce() -> Option<String>) -> Option<Fault> {
        if let Some(fault) = pop(&mut self.queue) {
            return Some(fault);
        }
        if let Some((fault, seen)) = self.first.as_mut() {
            if subject().is_some_and(|subject| seen.insert(subject)) {
                return Some(fault.clone());
            }
        }
        self.throttle().map(Fault::Refuse)
    }

    /// Queues a fault for the next `times` streams, after the faults queued earlier.
    pub fn push_stream(&mut self, fault: StreamFault, times: u64) {
        if times > 0 {
            self.streams.push_back((fault, times));
        }
    }

    /// The fault to inject into the next stream, if any.
    pub fn next_stream(&mut self) -> Option<StreamFault> {
        pop(&mut self.streams).or_else(|| Some(StreamFault::Error(self.throttle()?, Moment::Start)))
    }

    /// The refusal of a request above the rate, if there is a limit.
    fn throttle(&mut self) -> Option<Refusal> {
        let bucket = self.bucket.as_mut()?;
        (!bucket.take()).then(|| Refusal::new("ThrottlingException", "Rate exceeded"))
    }

    /// Removes all faults and the rate limit.
    pub fn clear(&mut self) {
        *self = Faults::default();
    }
}
