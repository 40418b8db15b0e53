//! The rate limit of a batch: none until the service throttles a request, then the rate that the service accepts.
//!
//! The service does not publish its rate, and services count differently: with a token bucket, small or large, or by the
//! second. So the number of requests in flight grows from a few, which bounds the cost of the first refusals. After one,
//! requests are sent at even intervals. The rate is what was accepted between two refusals, and grows slowly while there
//! is none, so that a raised quota is noticed.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

/// Requests in flight at first.
const FIRST_WINDOW: f64 = 8.0;
/// Up to here each response allows two more requests; beyond, four responses allow five.
const QUICK_WINDOW: f64 = 16.0;
/// Beyond that, the number of requests in flight doubles in this time at most.
const DOUBLING: Duration = Duration::from_millis(150);
/// The lowest rate, in requests per second: the service has no smaller quota.
const LEAST_RATE: f64 = 5.0;
/// The first guess, without any measurement.
const FIRST_RATE: f64 = 20.0;
/// The longest interval between two requests while all are refused.
const LONGEST_GAP: Duration = Duration::from_millis(150);
/// After a request that was sent late, the next one may be sent earlier by this much.
const CATCH_UP: Duration = Duration::from_millis(5);

/// The rate limit of one batch.
#[derive(Debug)]
pub struct RateLimit {
    began: Instant,
    max_in_flight: f64,
    window: f64,
    /// Requests per second; none until the service has refused one.
    rate: Option<f64>,
    /// Whether the rate was measured between two refusals.
    is_measured: bool,
    next: Option<Instant>,
    /// When the rate was last lowered; the rate after that, from which it grows; and the requests accepted since.
    lowered: Instant,
    base: f64,
    /// The rate that was refused then.
    ceiling: f64,
    accepted: u32,
    /// Times at which the quota was used up, and how many requests had been accepted until then.
    exhausted: VecDeque<(Instant, u32)>,
    accepted_in_all: u32,
    /// The interval between requests while all are refused.
    gap: Option<Duration>,
    /// When requests were accepted in the last second before the first refusal, for a first guess.
    history: VecDeque<Instant>,
    /// When the rate was last raised. Only requests sent later raise it again.
    raised: Instant,
    /// How often a first attempt was refused after a retry had been accepted, without an accepted first attempt or a
    /// refused retry in between.
    refused_first_attempts: u32,
    retry_was_accepted: bool,
}

impl RateLimit {
    /// A rate limit with at most this many requests in flight.
    pub fn new(max_in_flight: usize, now: Instant) -> Self {
        RateLimit {
            began: now,
            max_in_flight: max_in_flight as f64,
            window: FIRST_WINDOW.min(max_in_flight as f64),
            rate: None,
            is_measured: false,
            next: None,
            lowered: now,
            base: 0.0,
            ceiling: 0.0,
            accepted: 0,
            exhausted: VecDeque::new(),
            accepted_in_all: 0,
            gap: None,
            history: VecDeque::new(),
            raised: now,
            refused_first_attempts: 0,
            retry_was_accepted: false,
        }
    }

    /// When the next request may be sent, given how many are in flight. `None` if one must complete before.
    pub fn next(&self, in_flight: usize, now: Instant) -> Option<Instant> {
        ((in_flight as f64) < self.window.floor()).then(|| self.next.unwrap_or(now).max(now))
    }

    /// Records that a request is sent.
    pub fn sent(&mut self, now: Instant) {
        let Some(rate) = self.rate else { return };
        let distance = match self.gap {
            Some(gap) => {
                self.gap = Some((gap * 2).min(LONGEST_GAP));
                gap
            }
            None => Duration::from_secs_f64(1.0 / rate),
        };
        let planned = self.next.unwrap_or(now);
        self.next = Some(planned.max(now.checked_sub(CATCH_UP).unwrap_or(now)) + distance);
    }

    /// Records that a request sent at `sent` was accepted. `is_retry`: it had been refused before.
    pub fn accepted(&mut self, sent: Instant, is_retry: bool, now: Instant) {
        let step = if self.window < QUICK_WINDOW {
            1.0
        } else {
            0.25
        };
        // A service that responds at once needs no more in flight, and could refuse all of them at once.
        let doublings = (now - self.began).as_secs_f64() / DOUBLING.as_secs_f64();
        let widest = QUICK_WINDOW * doublings.exp2();
        self.window = (self.window + step)
            .min(widest.max(self.window))
            .min(self.max_in_flight);
        let Some(rate) = self.rate else {
            self.history.push_back(now);
            self.forget_history(now);
            return;
        };
        self.retry_was_accepted |= is_retry;
        if !is_retry {
            self.refused_first_attempts = 0;
        }
        if sent < self.lowered {
            return;
        }
        self.accepted += 1;
        self.accepted_in_all += 1;
        if self.gap.take().is_some() {
            self.next = Some(now);
        }
        self.rate = if self.is_measured && !self.is_independent_of_rate() {
            // Return quickly to almost the rate that was refused, then grow slowly, then faster, so that a raised quota
            // does not slow down the rest of a large batch.
            let calm = (now - self.lowered).as_secs_f64();
            let back = (0.98 * self.ceiling - self.base).max(0.0) * (1.0 - (-4.0 * calm).exp());
            let beyond = self.base * (0.02 * calm + 0.005 * calm.powi(3));
            Some((self.base + back + beyond).max(rate))
        } else if sent >= self.raised {
            self.raised = now;
            Some(rate * 2.0)
        } else {
            Some(rate)
        };
    }

    /// Records that a request sent at `sent` was refused. `is_retry`: it had been refused before.
    pub fn refused(&mut self, sent: Instant, is_retry: bool, now: Instant) {
        if is_retry {
            self.refused_first_attempts = 0;
        } else if self.retry_was_accepted {
            self.refused_first_attempts += 1;
        }
        self.retry_was_accepted = false;
        let Some(rate) = self.rate else {
            self.forget_history(now);
            let lately = std::mem::take(&mut self.history).len();
            // Most limits are counted by the second: the number accepted in the last one is a good guess.
            self.is_measured = lately as f64 >= FIRST_RATE;
            self.lower((lately as f64).max(FIRST_RATE), now);
            return;
        };
        if sent < self.lowered || self.is_independent_of_rate() {
            return;
        }
        if self.accepted == 0 {
            // None was accepted: the quota of this second is used up, which says nothing about the rate.
            let gap = Duration::from_secs_f64(1.0 / rate);
            self.gap.get_or_insert(gap.min(LONGEST_GAP));
            self.lowered = now;
            return;
        }
        let measured = self.measure(now);
        // A rate that was accepted for some time is not much too high.
        let calm = (now - self.lowered).as_secs_f64() > 0.5;
        let lowest = match (self.is_measured, calm) {
            (false, _) => 0.0,
            (true, false) => rate * 0.7,
            (true, true) => rate * 0.9,
        };
        self.is_measured = true;
        self.ceiling = rate.min(3.0 * measured);
        self.lower((measured * 0.98).max(lowest).min(rate * 0.97), now);
    }

    /// The requests per second that were accepted between two times at which the quota was used up.
    fn measure(&mut self, now: Instant) -> f64 {
        const LONG_AGO: Duration = Duration::from_secs(2);
        if !self.is_measured {
            self.exhausted.clear();
        }
        while self.exhausted.len() > 1
            && self
                .exhausted
                .front()
                .is_some_and(|(at, _)| now - *at > LONG_AGO)
        {
            self.exhausted.pop_front();
        }
        let (since, before) = *self
            .exhausted
            .front()
            .unwrap_or(&(self.lowered, self.accepted_in_all - self.accepted));
        self.exhausted.push_back((now, self.accepted_in_all));
        f64::from(self.accepted_in_all - before) / (now - since).as_secs_f64().max(0.001)
    }

    fn forget_history(&mut self, now: Instant) {
        let is_old = |at: &Instant| now - *at >= Duration::from_secs(1);
        while self.history.front().is_some_and(is_old) {
            self.history.pop_front();
        }
    }

    fn lower(&mut self, rate: f64, now: Instant) {
        let rate = rate.max(LEAST_RATE);
        self.rate = Some(rate);
        self.base = rate;
        self.lowered = now;
        self.accepted = 0;
        self.next = Some(now + Duration::from_secs_f64(1.0 / rate));
    }

    /// Whether refusals do not depend on the rate: the service refuses first attempts and accepts retries.
    fn is_independent_of_rate(&self) -> bool {
        self.refused_first_attempts >= 4
    }

    /// Lowers the number of requests in flight: with this many, the process cannot open another connection.
    pub fn crowded(&mut self, in_flight: usize) {
        self.max_in_flight = (in_flight as f64 * 0.75).max(1.0).min(self.max_in_flight);
        self.window = self.window.min(self.max_in_flight);
    }
}

#[cfg(test)]
mod tests;
