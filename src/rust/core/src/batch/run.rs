//! A batch at work: what is sent when, and what becomes of what comes back.

use crate::attempt::attempt;
use crate::batch::delivery::{found, Outcome, Row, Sender};
use crate::batch::files;
use crate::batch::rate::RateLimit;
use crate::batch::BatchRequest;
use crate::client::LiveClient;
use crate::error::{Error, Limit};
use crate::interceptor::Trace;
use crate::log::Log;
use crate::retry::{backoff, jitter, Next};
use crate::runtime;
use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap, VecDeque};
use std::future::{poll_fn, Future};
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::{Duration, Instant, SystemTime};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

/// Sessions whose files are written at the same time.
const WRITERS: usize = 2;
/// A session and all that belongs to it is gone after this time.
const LIFETIME: Duration = Duration::from_secs(180);
/// Polls of a session become this much rarer each time, up to so many intervals.
const RARER: f64 = 1.25;
const RAREST: f64 = 5.0;

/// A batch at work.
pub struct Run {
    live: Arc<LiveClient>,
    request: BatchRequest,
    log: Log,
    sender: Sender,
    pace: RateLimit,
    began: Instant,
    ends: Option<Instant>,
    /// Since when the service has refused whatever it was asked.
    refusing_since: Option<Instant>,
    /// Whether the service has answered anything.
    has_response: bool,
    /// Why nothing more is asked for.
    broken: Option<Error>,
    items: Vec<Item>,
    /// Not asked for yet.
    fresh: VecDeque<usize>,
    /// Refused by a service that asked to slow down: they go first.
    refused: VecDeque<usize>,
    /// To be asked for at some time.
    later: BinaryHeap<Reverse<(Instant, usize)>>,
    calls: JoinSet<Completed>,
    /// Turns at writing files: more than a few at a time would only take memory.
    writers: Arc<Semaphore>,
    /// The session that each call is for.
    places: HashMap<tokio::task::Id, usize>,
}

#[derive(Default)]
struct Item {
    trace: Option<Trace>,
    /// When its operation began.
    began: Option<Instant>,
    /// Attempts that failed without a refusal.
    failures: u32,
    was_refused: bool,
    polls: i32,
    /// What was found last, while it may still change.
    latest: Option<(Outcome, SystemTime)>,
}

/// What came of an attempt.
struct Completed {
    sent: Instant,
    at: SystemTime,
    result: Result<(Outcome, bool), (Error, Next)>,
}

type Joined = Result<(tokio::task::Id, Completed), tokio::task::JoinError>;

impl Run {
    /// For a batch that has not begun.
    pub fn new(live: Arc<LiveClient>, request: BatchRequest, log: Log, sender: Sender) -> Self {
        let now = Instant::now();
        let count = request.session_ids.len();
        let ends = request.until_final.map(|polling| {
            // Nothing changes any more after that.
            let longest = LIFETIME + 2 * polling.interval;
            now + polling.timeout.min(longest)
        });
        Run {
            pace: RateLimit::new(request.max_active, now),
            began: now,
            live,
            request,
            log,
            sender,
            ends,
            refusing_since: None,
            has_response: false,
            broken: None,
            items: std::iter::repeat_with(Item::default).take(count).collect(),
            fresh: (0..count).collect(),
            refused: VecDeque::new(),
            later: BinaryHeap::new(),
            calls: JoinSet::new(),
            writers: Arc::new(Semaphore::new(WRITERS)),
            places: HashMap::new(),
        }
    }

    /// Works until all rows are on their way.
    pub async fn go(mut self) {
        self.deliver_saved().await;
        loop {
            let wake = self.launch();
            if self.calls.is_empty() && self.is_idle() {
                break;
            }
            let wake = [wake, self.ends].into_iter().flatten().min();
            if let Some(came) = self.event(wake).await {
                self.came(came);
            }
            self.fail_open();
            if self.ends.is_some_and(|ends| ends <= Instant::now()) {
                self.stop_waiting();
                break;
            }
        }
    }

    fn is_idle(&self) -> bool {
        self.fresh.is_empty() && self.refused.is_empty() && self.later.is_empty()
    }

    /// What an earlier run has saved need not be asked for.
    async fn deliver_saved(&mut self) {
        let Some(dir) = self.request.dir.clone() else {
            return;
        };
        let ids = self.request.session_ids.clone();
        let found = runtime::blocking(move || {
            ids.iter()
                .map(|id| files::load(&dir, id))
                .collect::<Vec<_>>()
        });
        // If the task broke off, all is asked for.
        let Ok(found) = found.await else { return };
        self.fresh.clear();
        for (index, saved) in found.into_iter().enumerate() {
            let Some(saved) = saved else {
                self.fresh.push_back(index);
                continue;
            };
            self.sender.0.put(Row {
                index,
                session_id: self.request.session_ids[index].clone(),
                attempts: saved.attempts,
                retrieved_at: saved.retrieved_at,
                outcome: Ok(Outcome::Saved(saved)),
            });
        }
    }

    /// Sends what may be sent now; says when to look again.
    fn launch(&mut self) -> Option<Instant> {
        loop {
            let now = Instant::now();
            let due = self.later.peek().map(|Reverse((due, _))| *due);
            let is_due = due.is_some_and(|due| due <= now);
            if self.refused.is_empty() && !is_due && self.fresh.is_empty() {
                return due;
            }
            // Somebody takes rows, or a call comes back: that is an event.
            if self.sender.0.is_full() {
                return None;
            }
            match self.pace.next(self.calls.len(), now) {
                Some(at) if at <= now => {}
                waiting => return waiting,
            }
            let next = if let Some(index) = self.refused.pop_front() {
                Some(index)
            } else if is_due {
                self.later.pop().map(|Reverse((_, index))| index)
            } else {
                self.fresh.pop_front()
            };
            if let Some(index) = next {
                self.pace.sent(now);
                self.call(index, now);
            }
        }
    }

    fn call(&mut self, index: usize, now: Instant) {
        let limit = self.live.resolved().given.operation_timeout();
        let item = &mut self.items[index];
        let log = &self.log;
        let since = self.began;
        let trace = item
            .trace
            .get_or_insert_with(|| Trace::new(log.beside()).since(since));
        let trace = trace.clone();
        let deadline = *item.began.get_or_insert(now) + limit;
        let live = self.live.clone();
        let id = self.request.session_ids[index].clone();
        let dir = self.request.dir.clone();
        let writers = self.writers.clone();
        let is_polled = self.request.until_final.is_some();
        let handle = self.calls.spawn(async move {
            let work = attempt(&live, &id, &trace);
            let result = tokio::time::timeout_at(deadline.into(), work).await;
            let at = SystemTime::now();
            let result = match result {
                Err(_) => Err((
                    Error::timeout(Limit::Operation, limit, trace.attempts()),
                    Next::GiveUp,
                )),
                Ok(Err(failed)) => Err(failed),
                Ok(Ok(answer)) => found(answer, dir, id, is_polled, trace.attempts(), at, &writers)
                    .await
                    .map_err(|fault| (fault, Next::GiveUp)),
            };
            Completed {
                sent: now,
                at,
                result,
            }
        });
        self.places.insert(handle.id(), index);
    }

    /// A call that came back; none if it is time to look again, or if somebody has taken rows.
    async fn event(&mut self, wake: Option<Instant>) -> Option<Joined> {
        let mut alarm = pin!(async {
            match wake {
                Some(wake) => tokio::time::sleep_until(wake.into()).await,
                None => std::future::pending().await,
            }
        });
        let mut taken = pin!(self.sender.0.taken.notified());
        let calls = &mut self.calls;
        poll_fn(|context| {
            if let Poll::Ready(Some(came)) = calls.poll_join_next_with_id(context) {
                return Poll::Ready(Some(came));
            }
            if alarm.as_mut().poll(context).is_ready() {
                return Poll::Ready(None);
            }
            taken.as_mut().poll(context).map(|()| None)
        })
        .await
    }

    fn came(&mut self, came: Joined) {
        let (id, came) = match came {
            Ok(came) => came,
            Err(broken) => {
                if let Some(index) = self.places.remove(&broken.id()) {
                    self.fail(index, runtime::broken_off(broken));
                }
                return;
            }
        };
        let Some(index) = self.places.remove(&id) else {
            return;
        };
        let now = Instant::now();
        self.has_response |= matches!(
            came.result,
            Ok(_)
                | Err((
                    Error::Service(_)
                        | Error::InvalidResponse {
                            status: Some(_),
                            ..
                        },
                    _
                ))
        );
        let item = &mut self.items[index];
        match came.result {
            Ok((found, is_final)) => {
                self.pace.accepted(came.sent, item.was_refused, now);
                self.refusing_since = None;
                item.was_refused = false;
                if is_final {
                    self.deliver(index, Ok(found), came.at);
                } else {
                    item.latest = Some((found, came.at));
                    self.ask_again(index, now);
                }
            }
            Err((fault, Next::SlowDown)) => {
                self.pace.refused(came.sent, item.was_refused, now);
                item.was_refused = true;
                self.refused(index, fault, now);
            }
            Err((fault, Next::TryAgain(after))) => {
                self.refusing_since = None;
                item.failures += 1;
                let due = now + backoff(item.failures).max(after);
                if item.failures < self.max_attempts() && due < self.deadline(index, now) {
                    self.later.push(Reverse((due, index)));
                } else {
                    self.fail(index, fault);
                }
            }
            Err((_, Next::MakeRoom)) if !self.calls.is_empty() => {
                self.pace.crowded(self.calls.len());
                self.later
                    .push(Reverse((now + Duration::from_millis(20), index)));
            }
            Err((fault @ (Error::Config { .. } | Error::Credentials { .. }), _)) => {
                self.break_off(index, fault);
            }
            Err((fault, _)) => self.fail(index, fault),
        }
    }

    /// What concerns no single session would befall all others, too: they are not asked for. Before the first response it
    /// is the batch's own failure, afterwards that of each session which is left.
    fn break_off(&mut self, index: usize, fault: Error) {
        if self.has_response {
            self.fail(index, fault.clone());
            self.broken = Some(fault);
            return;
        }
        if let Some(trace) = self.items[index].trace.take() {
            trace.end(Err(&fault));
        }
        self.calls.abort_all();
        self.places.clear();
        self.take_open();
        self.sender.0.fail(fault);
    }

    /// Fails the sessions that would be asked for if the batch were not broken: also those in flight that come back without
    /// a result to deliver.
    fn fail_open(&mut self) {
        if let Some(fault) = self.broken.clone() {
            for index in self.take_open() {
                self.fail(index, fault.clone());
            }
        }
    }

    /// Takes the sessions that are to be asked for.
    fn take_open(&mut self) -> Vec<usize> {
        (self.fresh.drain(..))
            .chain(self.refused.drain(..))
            .chain(self.later.drain().map(|Reverse((_, index))| index))
            .collect()
    }

    fn max_attempts(&self) -> u32 {
        self.live.resolved().max_attempts
    }

    /// When the operation for a session must have ended.
    fn deadline(&self, index: usize, now: Instant) -> Instant {
        let limit = self.live.resolved().given.operation_timeout();
        self.items[index].began.unwrap_or(now) + limit
    }

    fn refused(&mut self, index: usize, fault: Error, now: Instant) {
        let limit = self.live.resolved().given.operation_timeout();
        let since = *self.refusing_since.get_or_insert(now);
        if now - since > limit {
            // It takes nothing at all: it would not help to ask for the others.
            let others = std::mem::take(&mut self.fresh);
            let others = others.into_iter().chain(std::mem::take(&mut self.refused));
            for other in others.chain([index]) {
                self.fail(other, fault.clone());
            }
        } else if self.max_attempts() > 1 && now < self.deadline(index, now) {
            self.refused.push_back(index);
        } else {
            self.fail(index, fault);
        }
    }

    /// Plans the next question for a session that has not ended.
    fn ask_again(&mut self, index: usize, now: Instant) {
        let (Some(polling), Some(ends)) = (self.request.until_final, self.ends) else {
            return;
        };
        let item = &mut self.items[index];
        let times = RARER.powi(item.polls).min(RAREST) * jitter(0.85, 1.15);
        item.polls += 1;
        item.began = None;
        item.failures = 0;
        let mut due = now + polling.interval.mul_f64(times);
        if due >= ends {
            // Once more, shortly before the end.
            let last = ends - polling.interval.min(Duration::from_secs(1)).min(ends - now);
            if last < now + polling.interval / 2 {
                // Until the end nothing is asked for, and then this is what there is.
                self.later
                    .push(Reverse((ends + Duration::from_secs(1), index)));
                return;
            }
            due = last;
        }
        self.later.push(Reverse((due, index)));
    }

    /// Time is up: what was found last has to do.
    fn stop_waiting(&mut self) {
        while let Some(came) = self.calls.try_join_next_with_id() {
            self.came(came);
        }
        self.calls.abort_all();
        let mut open = self.take_open();
        open.extend(self.places.drain().map(|(_, index)| index));
        for index in open {
            match self.items[index].latest.take() {
                Some((found, at)) => self.deliver(index, Ok(found), at),
                None => {
                    let timeout = self.request.until_final.map(|polling| polling.timeout);
                    let timeout = timeout.unwrap_or_default();
                    let fault = Error::timeout(Limit::Wait, timeout, self.attempts(index));
                    self.fail(index, fault);
                }
            }
        }
    }

    fn attempts(&self, index: usize) -> u32 {
        self.items[index].trace.as_ref().map_or(0, Trace::attempts)
    }

    fn fail(&mut self, index: usize, mut fault: Error) {
        if let Error::Service(error) = &mut fault {
            error.attempts = self.attempts(index);
        }
        self.deliver(index, Err(fault), SystemTime::now());
    }

    fn deliver(&mut self, index: usize, outcome: Result<Outcome, Error>, retrieved_at: SystemTime) {
        let attempts = self.attempts(index);
        if let Some(trace) = self.items[index].trace.take() {
            let answered = outcome.as_ref().map(|found| match found {
                Outcome::Response(answer) | Outcome::Unsaved(answer, _) => {
                    (answer.status, answer.request_id.as_deref())
                }
                Outcome::Saved(saved) => (200, saved.request_id.as_deref()),
            });
            trace.end(answered);
        }
        self.sender.0.put(Row {
            index,
            session_id: self.request.session_ids[index].clone(),
            outcome,
            attempts,
            retrieved_at,
        });
    }
}
