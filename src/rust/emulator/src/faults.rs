//! Misbehaviour to order.

use crate::error::Refusal;
use std::collections::{HashSet, VecDeque};
use std::time::{Duration, Instant};

/// What to do wrong with a request.
#[derive(Debug, Clone, PartialEq)]
pub enum Fault {
    /// Answer with this error.
    Refuse(Refusal),
    /// Answer late.
    Delay(Duration),
    /// Never answer.
    Hang,
    /// Close the connection without an answer.
    Close,
    /// Reset the connection without an answer.
    Reset,
    /// Close the connection in the middle of this part of the answer.
    CutOff(Part),
    /// Fall silent in the middle of the answer's body.
    Stall,
    /// Answer byte by byte, with so much time between two.
    Dribble(Duration),
    /// Promise so many bytes more (or fewer) than there are, then close the connection.
    ContentLength(i64),
    /// Answer in chunks.
    Chunked,
    /// Answer with a body that is compressed.
    Gzip,
    /// Answer with a page of HTML and this status, as a proxy does.
    Html(u16),
}

/// A part of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// Status line and headers.
    Header,
    /// Body.
    Body,
}

/// Faults in the order in which they were asked for.
#[derive(Debug, Default)]
pub struct Faults {
    queue: VecDeque<(Fault, u64)>,
    first: Option<(Fault, HashSet<String>)>,
    bucket: Option<Bucket>,
}

/// Requests that may come: so many a second, and so many at once.
#[derive(Debug)]
struct Bucket {
    per_second: f64,
    burst: f64,
    level: f64,
    since: Instant,
}

impl Bucket {
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

impl Faults {
    /// Misbehave in this way `times` times, after what was asked for earlier.
    pub fn push(&mut self, fault: Fault, times: u64) {
        if times > 0 {
            self.queue.push_back((fault, times));
        }
    }

    /// Misbehave in this way with the first request for each session.
    pub fn set_first(&mut self, fault: Fault) {
        self.first = Some((fault, HashSet::new()));
    }

    /// Refuse more than so many requests a second; so many may come at once.
    pub fn set_rate(&mut self, per_second: f64, burst: f64) {
        self.bucket = Some(Bucket {
            per_second,
            burst,
            level: burst,
            since: Instant::now(),
        });
    }

    /// What to do wrong with the next request.
    pub fn next(&mut self, session_id: Option<&str>) -> Option<Fault> {
        if let Some((fault, times)) = self.queue.front_mut() {
            let next = fault.clone();
            *times -= 1;
            if *times == 0 {
                self.queue.pop_front();
            }
            return Some(next);
        }
        if let (Some((fault, seen)), Some(id)) = (self.first.as_mut(), session_id) {
            if seen.insert(id.to_owned()) {
                return Some(fault.clone());
            }
        }
        let bucket = self.bucket.as_mut()?;
        (!bucket.take()).then(|| {
            Fault::Refuse(Refusal {
                code: "ThrottlingException".into(),
                message: Some("Rate exceeded".into()),
                status: 400,
            })
        })
    }

    /// Misbehave no more.
    pub fn clear(&mut self) {
        *self = Faults::default();
    }
}
