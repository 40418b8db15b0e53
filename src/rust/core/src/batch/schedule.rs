//! The schedule of a batch: which row's attempt is sent when, and what follows from how it ends.
//!
//! It neither waits nor sends nor reads the clock: `Run` does, and reports what happened and when.

use crate::batch::rate::RateLimit;
use crate::batch::request::{BatchRequest, Polling};
use crate::error::Error;
use crate::retry::{backoff, jitter, Next, RetryPolicy};
use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};
use std::time::{Duration, Instant};

/// The service deletes a session after this time: nothing changes any more.
const LIFETIME: Duration = Duration::from_secs(180);
/// Each poll of a session waits longer than the one before by this factor, up to this many intervals.
const INTERVAL_GROWTH: f64 = 1.25;
const MOST_INTERVALS: f64 = 5.0;
/// The wait of a row for which the process could not open a connection.
const CROWDED_WAIT: Duration = Duration::from_millis(20);

/// A source of random numbers from 0 to 1.
pub type Random = Box<dyn FnMut() -> f64 + Send>;

/// The schedule of one batch.
pub struct Schedule {
    policy: RetryPolicy,
    polling: Option<Polling>,
    /// When a batch that polls ends.
    ends: Option<Instant>,
    rate: RateLimit,
    random: Random,
    rows: Vec<RowState>,
    /// Whether more rows may be added.
    is_open: bool,
    /// Not sent yet.
    fresh: VecDeque<usize>,
    /// Throttled: sent before all others.
    throttled: VecDeque<usize>,
    /// To be sent at these times.
    later: BinaryHeap<Reverse<(Instant, usize)>>,
    in_flight: usize,
    /// Since when the service has throttled every request.
    throttled_since: Option<Instant>,
    /// Whether there has been any response of the service.
    has_response: bool,
    /// The error for which nothing is sent any more.
    broken: Option<Error>,
}

#[derive(Default)]
struct RowState {
    /// When its attempt was sent, while that is in flight.
    sent: Option<Instant>,
    /// When its call began: with the first attempt, and anew with each poll.
    began: Option<Instant>,
    /// Attempts that failed in a row, without the throttled ones.
    failures: u32,
    was_throttled: bool,
    /// How often it was throttled.
    throttles: u32,
    polls: i32,
}

/// What to do now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Send an attempt for this row, with this deadline. It is in flight until `completed()`.
    Send {
        /// The row's index.
        index: usize,
        /// When the row's call must have ended.
        deadline: Instant,
    },
    /// Wait until an attempt completes, rows are taken, or this time comes.
    Wait(Option<Instant>),
    /// Deliver the latest results: the batch's time limit is over. `close()` has the sessions.
    LimitReached,
    /// Stop: every row was delivered.
    Done,
}

/// How an attempt ended.
#[derive(Debug, Clone, Copy)]
pub enum Completion<'e> {
    /// With results that no longer change.
    Final,
    /// With results that may still change.
    NotFinal,
    /// With this error.
    Failed(&'e Error, Next),
}

/// What a completed attempt means.
#[derive(Debug, PartialEq)]
pub enum Decision {
    /// Deliver its results or its error.
    Deliver,
    /// Keep its results, if it has any: the row is scheduled again.
    Again,
    /// Deliver this error for these rows.
    Fail(Vec<usize>, Error),
    /// Fail the whole batch with its error.
    BreakOff,
}

impl Schedule {
    /// The schedule of a batch that begins now.
    pub fn new(request: &BatchRequest, policy: RetryPolicy, now: Instant, random: Random) -> Self {
        let polling = request.work.polling();
        let rows = request.work.rows();
        let count = rows.unwrap_or(0);
        Schedule {
            policy,
            polling,
            ends: polling.map(|polling| {
                let longest = LIFETIME + 2 * polling.interval;
                now + polling.timeout.min(longest)
            }),
            rate: RateLimit::new(request.max_active, now),
            random,
            rows: std::iter::repeat_with(RowState::default)
                .take(count)
                .collect(),
            is_open: rows.is_none(),
            fresh: (0..count).collect(),
            throttled: VecDeque::new(),
            later: BinaryHeap::new(),
            in_flight: 0,
            throttled_since: None,
            has_response: false,
            broken: None,
        }
    }

    /// Adds a row, unless nothing is sent any more: then its error is returned.
    pub fn add(&mut self) -> Result<(), Error> {
        let index = self.rows.len();
        self.rows.push(RowState::default());
        match &self.broken {
            Some(error) => Err(error.clone()),
            None => {
                self.fresh.push_back(index);
                Ok(())
            }
        }
    }

    /// No more rows are added.
    pub fn finish(&mut self) {
        self.is_open = false;
    }

    /// Leaves out the sessions that need not be sent, before the first step.
    pub fn retain(&mut self, is_needed: impl Fn(usize) -> bool) {
        self.fresh.retain(|index| is_needed(*index));
    }

    /// What to do now. While `is_full`, nothing is sent: too many results wait to be taken.
    pub fn next(&mut self, now: Instant, is_full: bool) -> Step {
        let due = self.later.peek().map(|Reverse((due, _))| *due);
        let is_due = due.is_some_and(|due| due <= now);
        let has_ready = is_due || !self.throttled.is_empty() || !self.fresh.is_empty();
        if self.in_flight == 0 && !has_ready && due.is_none() && !self.is_open {
            return Step::Done;
        }
        if self.ends.is_some_and(|ends| ends <= now) {
            return Step::LimitReached;
        }
        if !has_ready {
            return self.wait(due);
        }
        if is_full {
            return self.wait(None);
        }
        match self.rate.next(self.in_flight, now) {
            Some(at) if at <= now => {}
            waiting => return self.wait(waiting),
        }
        let index = if let Some(index) = self.throttled.pop_front() {
            Some(index)
        } else if is_due {
            self.later.pop().map(|Reverse((_, index))| index)
        } else {
            self.fresh.pop_front()
        };
        match index {
            Some(index) => self.send(index, now),
            None => self.wait(due),
        }
    }

    fn wait(&self, until: Option<Instant>) -> Step {
        Step::Wait([until, self.ends].into_iter().flatten().min())
    }

    fn send(&mut self, index: usize, now: Instant) -> Step {
        self.rate.sent(now);
        self.in_flight += 1;
        let row = &mut self.rows[index];
        row.sent = Some(now);
        row.began.get_or_insert(now);
        let deadline = self.deadline(index, now);
        Step::Send { index, deadline }
    }

    /// Takes note of a completed attempt of this row, and says what it means.
    pub fn completed(
        &mut self,
        index: usize,
        completion: Completion<'_>,
        now: Instant,
    ) -> Decision {
        let sent = self.rows[index].sent.take().unwrap_or(now);
        self.in_flight = self.in_flight.saturating_sub(1);
        let decision = match completion {
            Completion::Final | Completion::NotFinal => {
                self.has_response = true;
                self.throttled_since = None;
                let row = &mut self.rows[index];
                let was_throttled = std::mem::take(&mut row.was_throttled);
                self.rate.accepted(sent, was_throttled, now);
                if matches!(completion, Completion::Final) {
                    Decision::Deliver
                } else {
                    self.poll_again(index, now)
                }
            }
            Completion::Failed(error, next) => {
                self.has_response |= is_response(error);
                self.failed(index, error, next, sent, now)
            }
        };
        match (&decision, &self.broken) {
            (Decision::Again, Some(error)) => {
                let error = error.clone();
                Decision::Fail(self.take_waiting(), error)
            }
            _ => decision,
        }
    }

    fn failed(
        &mut self,
        index: usize,
        error: &Error,
        next: Next,
        sent: Instant,
        now: Instant,
    ) -> Decision {
        let row = &mut self.rows[index];
        match next {
            Next::SlowDown => {
                let was_throttled = std::mem::replace(&mut row.was_throttled, true);
                self.rate.refused(sent, was_throttled, now);
                self.throttled(index, error, now)
            }
            Next::Retry(requested) => {
                row.failures += 1;
                let failures = row.failures;
                self.throttled_since = None;
                let (deadline, random) = (self.deadline(index, now), (self.random)());
                let policy = self.policy;
                match policy.retry_at(failures, requested, deadline, now, random) {
                    Some(due) => self.send_later(index, due),
                    None => Decision::Deliver,
                }
            }
            Next::MakeRoom if self.in_flight > 0 => {
                self.rate.crowded(self.in_flight);
                self.send_later(index, now + CROWDED_WAIT)
            }
            Next::MakeRoom | Next::GiveUp => match error {
                Error::Config { .. } | Error::Credentials { .. } => self.break_off(index, error),
                _ => Decision::Deliver,
            },
        }
    }

    fn throttled(&mut self, index: usize, error: &Error, now: Instant) -> Decision {
        let since = *self.throttled_since.get_or_insert(now);
        if now - since > self.policy.limit {
            // The service accepts nothing at all: the other rows would wait for as long in vain.
            let others = self.fresh.drain(..).chain(self.throttled.drain(..));
            let rows = others.chain([index]).collect();
            return Decision::Fail(rows, error.clone());
        }
        let deadline = self.deadline(index, now);
        if !self.policy.retries_throttled(deadline, now) {
            return Decision::Deliver;
        }
        let is_single = self.rows.len() == 1 && !self.is_open && self.polling.is_none();
        if is_single {
            // A single call learns no rate, and many of them may be in progress.
            let row = &mut self.rows[index];
            row.throttles += 1;
            let due = now + backoff(row.throttles, (self.random)());
            if due >= deadline {
                return Decision::Deliver;
            }
            return self.send_later(index, due);
        }
        self.throttled.push_back(index);
        Decision::Again
    }

    /// An error of the configuration or the credentials would end every row: no more are sent. Before the first
    /// response it is the error of the batch, afterwards that of each row that is left.
    fn break_off(&mut self, index: usize, error: &Error) -> Decision {
        let mut rows = self.take_waiting();
        if !self.has_response {
            self.close();
            return Decision::BreakOff;
        }
        self.broken = Some(error.clone());
        rows.push(index);
        Decision::Fail(rows, error.clone())
    }

    fn send_later(&mut self, index: usize, due: Instant) -> Decision {
        self.later.push(Reverse((due, index)));
        Decision::Again
    }

    /// Schedules the next poll of a session that is not final.
    fn poll_again(&mut self, index: usize, now: Instant) -> Decision {
        let (Some(polling), Some(ends)) = (self.polling, self.ends) else {
            return Decision::Deliver;
        };
        let row = &mut self.rows[index];
        let intervals = INTERVAL_GROWTH.powi(row.polls).min(MOST_INTERVALS);
        row.polls += 1;
        row.began = None;
        row.failures = 0;
        let intervals = intervals * jitter(0.85, 1.15, (self.random)());
        let mut due = now + polling.interval.mul_f64(intervals);
        if due >= ends {
            let remaining = ends.saturating_duration_since(now);
            let margin = polling.interval.min(Duration::from_secs(1));
            let last = ends - margin.min(remaining);
            // A last poll shortly before the end, unless this one was it.
            due = if last < now + polling.interval / 2 {
                ends
            } else {
                last
            };
        }
        self.send_later(index, due)
    }

    /// When the row's call must have ended.
    fn deadline(&self, index: usize, now: Instant) -> Instant {
        self.policy.deadline(self.rows[index].began.unwrap_or(now))
    }

    /// Takes the rows that wait to be sent.
    fn take_waiting(&mut self) -> Vec<usize> {
        (self.fresh.drain(..))
            .chain(self.throttled.drain(..))
            .chain(self.later.drain().map(|Reverse((_, index))| index))
            .collect()
    }

    /// Ends the schedule; returns the rows that were not delivered.
    pub fn close(&mut self) -> Vec<usize> {
        let mut open = self.take_waiting();
        let rows = self.rows.iter_mut().enumerate();
        open.extend(rows.filter_map(|(index, row)| row.sent.take().map(|_| index)));
        self.in_flight = 0;
        open
    }
}

/// Whether an error came from the service, or from what responds in its place.
fn is_response(error: &Error) -> bool {
    matches!(
        error,
        Error::Service(_)
            | Error::InvalidResponse {
                status: Some(_),
                ..
            }
    )
}

#[cfg(test)]
mod tests;
