//! Misbehaviour to order.

use crate::error::Refusal;
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
    /// Close the connection in the middle of the answer's body.
    CutOff,
}

/// Faults in the order in which they were asked for.
#[derive(Debug, Default)]
pub struct Faults {
    queue: Vec<(Fault, u64)>,
}

impl Faults {
    /// Misbehave in this way `times` times, after what was asked for earlier.
    pub fn push(&mut self, fault: Fault, times: u64) {
        if times > 0 {
            self.queue.push((fault, times));
        }
    }

    /// What to do wrong with the next request.
    pub fn next(&mut self) -> Option<Fault> {
        let (fault, times) = self.queue.first_mut()?;
        let next = fault.clone();
        *times -= 1;
        if *times == 0 {
            self.queue.remove(0);
        }
        Some(next)
    }

    /// Misbehave no more.
    pub fn clear(&mut self) {
        self.queue.clear();
    }
}
