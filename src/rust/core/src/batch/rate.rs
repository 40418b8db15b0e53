//! How fast a batch may go: as fast as it likes until the service refuses, then at the rate that it allows.
//!
//! Nobody tells the rate, and services count differently: a bucket that fills steadily, small or large, or so many
//! in each second. So the number of requests in flight grows from a few, which bounds what a first refusal can cost;
//! after one, requests leave at even distances. The rate is what was accepted between two refusals, and grows slowly
//! while there is none, so that a limit that is lifted is noticed.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

/// Requests in flight at first.
const FIRST_WINDOW: f64 = 8.0;
/// Up to here each answer lets two more leave; beyond, five for four.
const QUICK_WINDOW: f64 = 16.0;
/// The time in which the number of requests in flight may double, beyond that.
const DOUBLING: Duration = Duration::from_millis(150);
/// The least rate, in requests a second: the service has no quota below.
const LEAST_RATE: f64 = 5.0;
/// The first guess, where nothing tells more.
const FIRST_RATE: f64 = 20.0;
/// The longest distance between two requests while all are refused.
const LONGEST_GAP: Duration = Duration::from_millis(150);
/// A request that leaves late may be followed sooner by this much.
const CATCH_UP: Duration = Duration::from_millis(5);

/// The pace of one batch.
#[derive(Debug)]
pub struct RateLimit {
    began: Instant,
    most: f64,
    window: f64,
    /// Requests a second; none until the service has refused.
    rate: Option<f64>,
    /// Whether a second refusal has told what the rate is about.
    known: bool,
    next: Option<Instant>,
    /// When the rate was last lowered; the rate after that, which it grows from; and accepted requests since.
    lowered: Instant,
    base: f64,
    /// The rate that was refused then.
    ceiling: f64,
    accepted: u32,
    /// When the service had no room left, and how many it had accepted since the first of them.
    full: VecDeque<(Instant, u32)>,
    accepted_in_all: u32,
    /// The distance between requests while all are refused.
    gap: Option<Duration>,
    /// Times of acceptance in the last second before the first refusal, for a first guess.
    history: VecDeque<Instant>,
    /// When the rate was last raised: it is raised again by requests that left later.
    raised: Instant,
    /// How often a first attempt was refused after a repetition had been accepted, with no first attempt accepted and
    /// no repetition refused in between.
    odd: u32,
    again_went_well: bool,
}

impl RateLimit {
    /// For no more than so many requests in flight.
    pub fn new(most: usize, now: Instant) -> Self {
        RateLimit {
            began: now,
            most: most as f64,
            window: FIRST_WINDOW.min(most as f64),
            rate: None,
            known: false,
            next: None,
            lowered: now,
            base: 0.0,
            ceiling: 0.0,
            accepted: 0,
            full: VecDeque::new(),
            accepted_in_all: 0,
            gap: None,
            history: VecDeque::new(),
            raised: now,
            odd: 0,
            again_went_well: false,
        }
    }

    /// When the next request may leave, given how many are in flight; none if one has to come back first.
    pub fn next(&self, in_flight: usize, now: Instant) -> Option<Instant> {
        ((in_flight as f64) < self.window.floor()).then(|| self.next.unwrap_or(now).max(now))
    }

    /// A request leaves.
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

    /// A request that left at `sent` was not refused. `again`: it had been refused before.
    pub fn accepted(&mut self, sent: Instant, again: bool, now: Instant) {
        let step = if self.window < QUICK_WINDOW {
            1.0
        } else {
            0.25
        };
        // A service that answers at once needs no more at a time, and could refuse them all at once.
        let doublings = (now - self.began).as_secs_f64() / DOUBLING.as_secs_f64();
        let widest = QUICK_WINDOW * doublings.exp2();
        self.window = (self.window + step)
            .min(widest.max(self.window))
            .min(self.most);
        let Some(rate) = self.rate else {
            self.history.push_back(now);
            self.forget_history(now);
            return;
        };
        self.again_went_well |= again;
        if !again {
            self.odd = 0;
        }
        if sent < self.lowered {
            return;
        }
        self.accepted += 1;
        self.accepted_in_all += 1;
        if self.gap.take().is_some() {
            self.next = Some(now);
        }
        self.rate = if self.known && !self.is_beside_the_point() {
            // Soon back to near the rate that was too much, then slowly, then faster: a limit that was lifted shall
            // not slow down thousands.
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

    /// A request that left at `sent` was refused. `again`: it had been refused before.
    pub fn refused(&mut self, sent: Instant, again: bool, now: Instant) {
        if again {
            self.odd = 0;
        } else if self.again_went_well {
            self.odd += 1;
        }
        self.again_went_well = false;
        let Some(rate) = self.rate else {
            self.forget_history(now);
            let lately = std::mem::take(&mut self.history).len();
            // Most limits are counted by the second: what went through in the last one is a good guess.
            self.known = lately as f64 >= FIRST_RATE;
            self.lower((lately as f64).max(FIRST_RATE), now);
            return;
        };
        if sent < self.lowered || self.is_beside_the_point() {
            return;
        }
        if self.accepted == 0 {
            // Not one came through: the rate is not the question, but when the next second begins.
            let gap = Duration::from_secs_f64(1.0 / rate);
            self.gap.get_or_insert(gap.min(LONGEST_GAP));
            self.lowered = now;
            return;
        }
        let measured = self.measure(now);
        // A rate that was good for long is not much too high.
        let calm = (now - self.lowered).as_secs_f64() > 0.5;
        let lowest = match (self.known, calm) {
            (false, _) => 0.0,
            (true, false) => rate * 0.7,
            (true, true) => rate * 0.9,
        };
        self.known = true;
        self.ceiling = rate.min(3.0 * measured);
        self.lower((measured * 0.98).max(lowest).min(rate * 0.97), now);
    }

    /// What the service accepts in a second: what it has accepted between two times when it had no room left.
    fn measure(&mut self, now: Instant) -> f64 {
        const LONG_AGO: Duration = Duration::from_secs(2);
        if !self.known {
            self.full.clear();
        }
        while self.full.len() > 1
            && self
                .full
                .front()
                .is_some_and(|(at, _)| now - *at > LONG_AGO)
        {
            self.full.pop_front();
        }
        let (since, before) = *self
            .full
            .front()
            .unwrap_or(&(self.lowered, self.accepted_in_all - self.accepted));
        self.full.push_back((now, self.accepted_in_all));
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

    /// A service that refuses what is new and takes what comes again does not count requests a second.
    fn is_beside_the_point(&self) -> bool {
        self.odd >= 4
    }

    /// No more than this many can be in flight: the system has no room for more.
    pub fn crowded(&mut self, in_flight: usize) {
        self.most = (in_flight as f64 * 0.75).max(1.0).min(self.most);
        self.window = self.window.min(self.most);
    }
}

#[cfg(test)]
mod tests;
