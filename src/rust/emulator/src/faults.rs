//! Misbehaviour to order.

use crate::error::Refusal;
use std::collections::VecDeque;
use std::time::Duration;

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
}

impl Faults {
    /// Misbehave in this way `times` times, after what was asked for earlier.
    pub fn push(&mut self, fault: Fault, times: u64) {
        if times > 0 {
            self.queue.push_back((fault, times));
        }
    }

    /// What to do wrong with the next request.
    pub fn next(&mut self) -> Option<Fault> {
        let (fault, times) = self.queue.front_mut()?;
        let next = fault.clone();
        *times -= 1;
        if *times == 0 {
            self.queue.pop_front();
        }
        Some(next)
    }

    /// Misbehave no more.
    pub fn clear(&mut self) {
        self.queue.clear();
    }
}
