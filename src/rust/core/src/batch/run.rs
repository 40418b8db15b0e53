//! A batch at work: sends what the schedule says, and delivers what the attempts return.

use crate::batch::collector::Collector;
use crate::batch::delivery::{Row, Sender};
use crate::batch::files::{self, Retrieved};
use crate::batch::outcome::Outcome;
use crate::batch::schedule::{Completion, Decision, Schedule, Step};
use crate::batch::supply::Supply;
use crate::batch::{BatchRequest, Sessions, Work};
use crate::call::log::Log;
use crate::call::Trace;
use crate::call::{attempt, within, Request, Retries};
use crate::client::LiveClient;
use crate::error::{Error, Limit};
use crate::response::Response;
use crate::results;
use crate::retry::{random, Next, RetryPolicy};
use crate::runtime;
use crate::s3::{self, Object};
use std::collections::HashMap;
use std::future::{pending, poll_fn, Future};
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::{Duration, Instant, SystemTime};
use tokio::task::{Id, JoinError, JoinSet};

/// A batch at work.
pub struct Run {
    live: Arc<LiveClient>,
    request: BatchRequest,
    log: Log,
    sender: Sender,
    supply: Arc<Supply>,
    began: Instant,
    policy: RetryPolicy,
    schedule: Schedule,
    collector: Arc<Collector>,
    rows: Vec<RowState>,
    attempts: JoinSet<Completed>,
    /// The index of the row that each task's attempt is for.
    indices: HashMap<Id, usize>,
}

#[derive(Default)]
struct RowState {
    session_id: String,
    /// The request of a call, until the row is delivered. Those of sessions and objects are made when they are sent.
    request: Option<Request>,
    trace: Option<Trace>,
    /// The latest results, while they may still change.
    latest: Option<(Outcome, SystemTime)>,
}

/// A completed attempt: its results and whether they are final, or its error.
struct Completed {
    at: SystemTime,
    result: Result<(Outcome, bool), (Error, Next)>,
}

/// What an attempt sends.
enum Sending {
    Call(Request),
    Object(Object),
}

impl Sending {
    async fn attempt(&self, live: &LiveClient, trace: &Trace) -> Result<Response, (Error, Next)> {
        match self {
            Sending::Call(request) => attempt(live, request, trace, Retries::ByCaller).await,
            Sending::Object(object) => s3::attempt(live, object, trace).await,
        }
    }
}

type Joined = Result<(Id, Completed), JoinError>;

impl Run {
    /// A batch that begins now.
    pub fn new(
        live: Arc<LiveClient>,
        request: BatchRequest,
        log: Log,
        sender: Sender,
        supply: Arc<Supply>,
    ) -> Self {
        let began = Instant::now();
        let policy = RetryPolicy::of(live.resolved());
        let ids = request.work.sessions().map(|sessions| &sessions.ids);
        let count = request.work.rows().unwrap_or(0);
        let rows = (0..count).map(|index| RowState {
            session_id: ids.map_or_else(String::new, |ids| ids[index].clone()),
            ..RowState::default()
        });
        Run {
            live,
            log,
            sender,
            supply,
            began,
            policy,
            schedule: Schedule::new(&request, policy, began, Box::new(random)),
            collector: Arc::new(Collector::new(&request)),
            rows: rows.collect(),
            attempts: JoinSet::new(),
            indices: HashMap::new(),
            request,
        }
    }

    /// Works until every row has been delivered, or the batch has failed as a whole.
    pub async fn go(mut self) {
        self.deliver_saved().await;
        loop {
            self.receive();
            let is_full = self.sender.is_full();
            match self.schedule.next(Instant::now(), is_full) {
                Step::Send { index, deadline } => self.send(index, deadline),
                Step::Wait(until) => {
                    if let Some(joined) = self.event(until).await {
                        self.completed(joined);
                    }
                }
                Step::LimitReached => return self.deliver_latest(),
                Step::Done => return,
            }
        }
    }

    /// Delivers what an earlier batch has saved: these sessions are not sent.
    async fn deliver_saved(&mut self) {
        let Some(Sessions {
            ids,
            dir: Some(dir),
            ..
        }) = self.request.work.sessions().cloned()
        else {
            return;
        };
        let load = move || -> Vec<_> { ids.iter().map(|id| files::load(&dir, id)).collect() };
        // If the task fails, all sessions are sent.
        let Ok(saved) = runtime::blocking(load).await else {
            return;
        };
        self.schedule.retain(|index| saved[index].is_none());
        for (index, saved) in saved.into_iter().enumerate() {
            if let Some(saved) = saved {
                let session_id = self.rows[index].session_id.clone();
                self.sender.put(Row::saved(index, session_id, saved));
            }
        }
    }

    /// Takes the inputs that were supplied.
    fn receive(&mut self) {
        let Work::Calls(operation) = self.request.work else {
            return;
        };
        let (inputs, is_closed) = self.supply.take();
        for input in inputs {
            let index = self.rows.len();
            self.rows.push(RowState {
                request: Some(Request { operation, input }),
                ..RowState::default()
            });
            if let Err(error) = self.schedule.add() {
                self.fail(index, error);
            }
        }
        if is_closed {
            self.schedule.finish();
        }
    }

    fn send(&mut self, index: usize, deadline: Instant) {
        let (log, began) = (&self.log, self.began);
        let row = &mut self.rows[index];
        let sending = match (&self.request.work, &row.request) {
            (Work::Objects(objects), _) => Sending::Object(objects[index].clone()),
            (_, Some(request)) => Sending::Call(request.clone()),
            (_, None) => Sending::Call(results::request(&row.session_id)),
        };
        let id = row.session_id.clone();
        let trace = row.trace.get_or_insert_with(|| {
            let trace = Trace::new(log.beside()).since(began);
            match &sending {
                Sending::Call(_) => trace,
                Sending::Object(_) => trace.without_path(),
            }
        });
        let trace = trace.clone();
        let live = self.live.clone();
        let collector = self.collector.clone();
        let limit = self.policy.limit;
        let task = self.attempts.spawn(async move {
            let work = sending.attempt(&live, &trace);
            let sent = match within(deadline, limit, &trace, work).await {
                Ok(sent) => sent,
                Err(timeout) => Err((timeout, Next::GiveUp)),
            };
            let at = SystemTime::now();
            let result = match sent {
                Ok(response) => {
                    let retrieved = Retrieved {
                        region: live.region(),
                        attempts: trace.attempts(),
                        at,
                    };
                    let collected = collector.collect(response, id, retrieved).await;
                    collected.map_err(|error| (error, Next::GiveUp))
                }
                Err(failed) => Err(failed),
            };
            Completed { at, result }
        });
        self.indices.insert(task.id(), index);
    }

    /// Waits for a completed attempt. `None` if the time has come, rows were taken or inputs were supplied before.
    async fn event(&mut self, until: Option<Instant>) -> Option<Joined> {
        let mut timer = pin!(async {
            match until {
                Some(until) => tokio::time::sleep_until(until.into()).await,
                None => pending().await,
            }
        });
        let mut taken = pin!(self.sender.taken.notified());
        let mut supplied = pin!(self.supply.changed.notified());
        let attempts = &mut self.attempts;
        poll_fn(|context| {
            if let Poll::Ready(Some(joined)) = attempts.poll_join_next_with_id(context) {
                return Poll::Ready(Some(joined));
            }
            if timer.as_mut().poll(context).is_ready() {
                return Poll::Ready(None);
            }
            if supplied.as_mut().poll(context).is_ready() {
                return Poll::Ready(None);
            }
            taken.as_mut().poll(context).map(|()| None)
        })
        .await
    }

    fn completed(&mut self, joined: Joined) {
        let (task, completed) = joined.unwrap_or_else(|error| {
            let task = error.id();
            let failed = Completed {
                at: SystemTime::now(),
                result: Err((runtime::broken_off(error), Next::GiveUp)),
            };
            (task, failed)
        });
        // Tasks without an index were aborted.
        let Some(index) = self.indices.remove(&task) else {
            return;
        };
        let completion = match &completed.result {
            Ok((_, true)) => Completion::Final,
            Ok((_, false)) => Completion::NotFinal,
            Err((error, next)) => Completion::Failed(error, *next),
        };
        let decision = self.schedule.completed(index, completion, Instant::now());
        match (decision, completed.result) {
            (Decision::Deliver, Ok((outcome, _))) => {
                self.deliver(index, Ok(outcome), completed.at);
            }
            (Decision::Deliver, Err((error, _))) => self.fail(index, error),
            (Decision::Again, Ok((outcome, _))) => {
                self.rows[index].latest = Some((outcome, completed.at));
            }
            (Decision::Again, Err(_)) => {}
            (Decision::Fail(rows, error), _) => {
                for index in rows {
                    self.fail(index, error.clone());
                }
            }
            (Decision::BreakOff, Err((error, _))) => self.break_off(index, error),
            (Decision::BreakOff, Ok(_)) => {}
        }
    }

    fn break_off(&mut self, index: usize, error: Error) {
        if let Some(trace) = self.rows[index].trace.take() {
            trace.end(Err(&error));
        }
        self.attempts.abort_all();
        self.indices.clear();
        self.sender.fail(error);
    }

    /// Delivers the latest results of every session that has not ended, or a timeout.
    fn deliver_latest(mut self) {
        while let Some(joined) = self.attempts.try_join_next_with_id() {
            self.completed(joined);
        }
        self.attempts.abort_all();
        let timeout = self.request.work.polling().map(|polling| polling.timeout);
        for index in self.schedule.close() {
            match self.rows[index].latest.take() {
                Some((outcome, at)) => self.deliver(index, Ok(outcome), at),
                None => {
                    let limit = timeout.unwrap_or(Duration::ZERO);
                    let error = Error::timeout(Limit::Wait, limit, self.attempts_of(index));
                    self.fail(index, error);
                }
            }
        }
    }

    fn attempts_of(&self, index: usize) -> u32 {
        let trace = self.rows[index].trace.as_ref();
        trace.map_or(0, Trace::attempts)
    }

    fn fail(&mut self, index: usize, mut error: Error) {
        if let Error::Service(error) = &mut error {
            error.attempts = self.attempts_of(index);
        }
        self.deliver(index, Err(error), SystemTime::now());
    }

    fn deliver(&mut self, index: usize, outcome: Result<Outcome, Error>, retrieved_at: SystemTime) {
        let attempts = self.attempts_of(index);
        let row = std::mem::take(&mut self.rows[index]);
        if let Some(trace) = row.trace {
            trace.end(outcome.as_ref().map(Outcome::head));
        }
        self.sender.put(Row {
            index,
            session_id: row.session_id,
            region: self.live.region(),
            outcome,
            attempts,
            retrieved_at,
        });
    }
}
