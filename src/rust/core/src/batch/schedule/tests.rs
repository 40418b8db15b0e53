//! Schedules on a clock of their own.

use super::*;
use crate::batch::request::{Sessions, Work};
use crate::call::log::Level;
use crate::error::{Limit, ServiceError};

/// Enough for a test that does not look at rates.
const WINDOW: usize = 4;

fn ms(milliseconds: u64) -> Duration {
    Duration::from_millis(milliseconds)
}

/// A schedule and its clock.
struct Clock {
    schedule: Schedule,
    start: Instant,
    now: Instant,
}

fn clock(sessions: usize, polling: Option<(u64, u64)>, policy: RetryPolicy) -> Clock {
    let request = BatchRequest {
        work: Work::Sessions(Sessions {
            ids: (0..sessions).map(|index| index.to_string()).collect(),
            dir: None,
            until_final: polling.map(|(interval, timeout)| Polling {
                interval: ms(interval),
                timeout: ms(timeout),
            }),
        }),
        max_active: WINDOW,
        level: Level::Off,
    };
    let now = Instant::now();
    Clock {
        schedule: Schedule::new(&request, policy, now, Box::new(|| 0.5)),
        start: now,
        now,
    }
}

/// Four attempts within ten seconds.
fn policy() -> RetryPolicy {
    RetryPolicy {
        max_attempts: 4,
        limit: ms(10_000),
    }
}

impl Clock {
    fn next(&mut self) -> Step {
        self.schedule.next(self.now, false)
    }

    /// Moves the clock to the next attempt that is sent. `None` if all sessions are delivered.
    fn send_next(&mut self) -> Option<usize> {
        loop {
            match self.next() {
                Step::Send { index, .. } => return Some(index),
                Step::Wait(Some(until)) => self.now = until,
                Step::Done => return None,
                other => panic!("nothing to send: {other:?}"),
            }
        }
    }

    fn send(&mut self) -> usize {
        self.send_next().unwrap()
    }

    fn send_all(&mut self) -> Vec<usize> {
        let mut sent = Vec::new();
        while let Step::Send { index, .. } = self.next() {
            sent.push(index);
        }
        sent
    }

    fn is(&mut self, index: usize, completion: Completion<'_>) -> Decision {
        self.schedule.completed(index, completion, self.now)
    }

    fn fails(&mut self, index: usize, error: &Error, next: Next) -> Decision {
        self.is(index, Completion::Failed(error, next))
    }

    fn elapsed(&self) -> Duration {
        self.now - self.start
    }
}

fn service_error() -> Error {
    Error::Service(ServiceError::default())
}

fn no_credentials() -> Error {
    Error::Credentials {
        reason: "none".into(),
    }
}

#[test]
fn every_session_is_sent_once_where_all_goes_well() {
    let mut clock = clock(10, None, policy());
    let mut sent = Vec::new();
    while sent.len() < 10 {
        let now_sent = clock.send_all();
        assert!((1..=WINDOW).contains(&now_sent.len()));
        for index in now_sent {
            sent.push(index);
            assert_eq!(clock.is(index, Completion::Final), Decision::Deliver);
        }
    }
    assert_eq!(clock.next(), Step::Done);
    assert_eq!(sent, (0..10).collect::<Vec<_>>());
    assert!(clock.schedule.close().is_empty());
}

#[test]
fn saved_sessions_are_not_sent() {
    let mut clock = clock(4, None, policy());
    clock.schedule.retain(|index| index % 2 == 0);
    assert_eq!(clock.send_all(), [0, 2]);
    let mut none = self::clock(3, None, policy());
    none.schedule.retain(|_| false);
    assert_eq!(none.next(), Step::Done);
}

#[test]
fn throttled_sessions_go_first_then_those_that_are_due_then_fresh_ones() {
    let mut clock = clock(8, None, policy());
    assert_eq!(clock.send_all(), [0, 1, 2, 3]);
    let error = service_error();
    assert_eq!(clock.fails(0, &error, Next::Retry(ms(0))), Decision::Again);
    clock.now += ms(1_000);
    assert_eq!(clock.fails(1, &error, Next::SlowDown), Decision::Again);
    assert_eq!(clock.is(2, Completion::Final), Decision::Deliver);
    let order: Vec<_> = (0..3).map(|_| clock.send()).collect();
    assert_eq!(order, [1, 0, 4]);
}

#[test]
fn nothing_is_sent_while_too_many_results_wait_to_be_taken() {
    let mut clock = clock(2, None, policy());
    let now = clock.now;
    assert_eq!(clock.schedule.next(now, true), Step::Wait(None));
    assert_eq!(clock.send_all(), [0, 1]);
}

#[test]
fn a_failed_attempt_is_retried_after_its_backoff_and_no_sooner_than_the_server_asked() {
    let mut clock = clock(1, None, policy());
    let error = service_error();
    let mut sent_at = Vec::new();
    for _ in 0..4 {
        assert_eq!(clock.send(), 0);
        sent_at.push(clock.elapsed());
        let next = Next::Retry(if sent_at.len() == 3 { ms(2_000) } else { ms(0) });
        let expected = match sent_at.len() {
            4 => Decision::Deliver,
            _ => Decision::Again,
        };
        assert_eq!(clock.fails(0, &error, next), expected);
    }
    // Three quarters of 200 and 400 ms, with this source of random numbers.
    assert_eq!(sent_at, [ms(0), ms(150), ms(450), ms(2_450)]);
    assert_eq!(clock.next(), Step::Done);
}

#[test]
fn the_deadline_is_that_of_the_whole_operation() {
    let mut clock = clock(1, None, policy());
    let expected = clock.now + ms(10_000);
    let error = service_error();
    for attempt in 0..3 {
        clock.now += ms(3_000) * attempt.min(1);
        let step = clock.next();
        let deadline = match step {
            Step::Send { deadline, .. } => deadline,
            other => panic!("{other:?}"),
        };
        assert_eq!(deadline, expected);
        assert_eq!(clock.fails(0, &error, Next::Retry(ms(0))), Decision::Again);
    }
    // Another attempt would begin after the deadline.
    clock.now = expected - ms(100);
    clock.send();
    assert_eq!(
        clock.fails(0, &error, Next::Retry(ms(0))),
        Decision::Deliver
    );
}

#[test]
fn a_throttled_session_fails_at_its_deadline_or_if_retries_are_off() {
    let error = service_error();
    let mut clock = clock(1, None, policy());
    clock.send();
    assert_eq!(clock.fails(0, &error, Next::SlowDown), Decision::Again);
    clock.send();
    clock.now = clock.start + ms(10_000);
    assert_eq!(clock.fails(0, &error, Next::SlowDown), Decision::Deliver);
    let once = RetryPolicy {
        max_attempts: 1,
        ..policy()
    };
    let mut clock = self::clock(1, None, once);
    clock.send();
    assert_eq!(clock.fails(0, &error, Next::SlowDown), Decision::Deliver);
}

#[test]
fn a_service_that_throttles_everything_for_the_whole_limit_fails_what_is_left() {
    let error = service_error();
    let mut clock = clock(20, None, policy());
    let mut failed = Vec::new();
    while let Some(index) = clock.send_next() {
        clock.now += ms(100);
        match clock.fails(index, &error, Next::SlowDown) {
            Decision::Again => {}
            Decision::Deliver => failed.push(index),
            Decision::Fail(sessions, found) => {
                assert_eq!(found, error);
                failed.extend(sessions);
            }
            Decision::BreakOff => panic!("the batch failed"),
        }
    }
    failed.sort_unstable();
    assert_eq!(failed, (0..20).collect::<Vec<_>>());
    let seconds = clock.elapsed().as_secs_f64();
    assert!((10.0..12.0).contains(&seconds), "{seconds} s");
}

#[test]
fn a_single_response_ends_the_time_in_which_everything_was_throttled() {
    let error = service_error();
    let mut clock = clock(3, None, policy());
    clock.send_all();
    clock.fails(0, &error, Next::SlowDown);
    clock.now += ms(6_000);
    assert_eq!(clock.is(1, Completion::Final), Decision::Deliver);
    clock.now += ms(6_000);
    // The session itself is past its deadline, the others are not affected.
    assert_eq!(clock.fails(2, &error, Next::SlowDown), Decision::Deliver);
}

#[test]
fn a_single_throttled_call_does_not_wait_beyond_its_deadline() {
    let error = service_error();
    let mut clock = clock(1, None, policy());
    let began = clock.now;
    let deadline = policy().deadline(began);
    loop {
        clock.send();
        assert!(clock.now < deadline);
        if clock.fails(0, &error, Next::SlowDown) == Decision::Deliver {
            break;
        }
    }
    assert!(clock.now > began);
}

#[test]
fn polls_become_rarer_up_to_five_intervals() {
    let mut clock = clock(1, Some((1_000, 60_000)), policy());
    let mut sent_at = Vec::new();
    for _ in 0..10 {
        clock.send();
        sent_at.push(clock.now);
        assert_eq!(clock.is(0, Completion::NotFinal), Decision::Again);
    }
    let waits: Vec<_> = sent_at.windows(2).map(|pair| pair[1] - pair[0]).collect();
    assert_eq!(waits[0], ms(1_000));
    assert_eq!(waits[1], ms(1_250));
    assert!(waits.windows(2).all(|pair| pair[0] <= pair[1]));
    assert_eq!(waits[8], ms(5_000));
}

#[test]
fn a_poll_has_its_own_attempts_and_its_own_deadline() {
    let error = service_error();
    let mut clock = clock(1, Some((8_000, 60_000)), policy());
    for _ in 0..3 {
        clock.send();
        for _ in 0..3 {
            assert_eq!(clock.fails(0, &error, Next::Retry(ms(0))), Decision::Again);
            clock.send();
        }
        assert_eq!(clock.is(0, Completion::NotFinal), Decision::Again);
    }
}

#[test]
fn the_last_poll_is_shortly_before_the_end_and_then_the_limit_is_reached() {
    let mut clock = clock(2, Some((4_000, 10_000)), policy());
    let mut sent_at = Vec::new();
    loop {
        match clock.next() {
            Step::Send { index, .. } => {
                sent_at.push((index, clock.elapsed()));
                assert_eq!(clock.is(index, Completion::NotFinal), Decision::Again);
            }
            Step::Wait(until) => clock.now = until.unwrap(),
            Step::LimitReached => break,
            Step::Done => panic!("no session was final"),
        }
    }
    assert_eq!(clock.elapsed(), ms(10_000));
    let times: Vec<_> = sent_at.iter().map(|(_, at)| *at).collect();
    assert_eq!(times, [0, 0, 4_000, 4_000, 9_000, 9_000].map(ms));
    assert_eq!(clock.schedule.close(), [0, 1]);
}

#[test]
fn the_limit_ends_attempts_in_flight_and_sessions_that_were_never_sent() {
    let mut clock = clock(6, Some((1_000, 5_000)), policy());
    assert_eq!(clock.send_all(), [0, 1, 2, 3]);
    assert_eq!(clock.next(), Step::Wait(Some(clock.start + ms(5_000))));
    clock.now += ms(5_000);
    assert_eq!(clock.next(), Step::LimitReached);
    let mut open = clock.schedule.close();
    open.sort_unstable();
    assert_eq!(open, [0, 1, 2, 3, 4, 5]);
}

#[test]
fn nothing_is_polled_longer_than_a_session_lives() {
    let mut clock = clock(1, Some((1_000, 3_600_000)), policy());
    clock.send();
    assert_eq!(clock.next(), Step::Wait(Some(clock.start + ms(182_000))));
}

#[test]
fn a_process_without_file_descriptors_uses_fewer_connections() {
    let error = Error::Connection {
        reason: "too many open files".into(),
        endpoint: "x".into(),
        attempts: 1,
        source: None,
    };
    let mut clock = clock(9, None, policy());
    assert_eq!(clock.send_all().len(), 4);
    assert_eq!(clock.fails(0, &error, Next::MakeRoom), Decision::Again);
    // Three are in flight, of which three quarters are allowed from now on.
    assert_eq!(clock.next(), Step::Wait(None));
    assert_eq!(clock.is(1, Completion::Final), Decision::Deliver);
    assert_eq!(clock.next(), Step::Wait(None));
    assert_eq!(clock.is(2, Completion::Final), Decision::Deliver);
    clock.now += ms(20);
    assert_eq!(clock.send_all(), [0]);
    // Without any other connection to close, it is an error like others.
    assert_eq!(clock.is(3, Completion::Final), Decision::Deliver);
    assert_eq!(clock.fails(0, &error, Next::MakeRoom), Decision::Deliver);
}

#[test]
fn an_error_that_concerns_every_session_fails_the_batch_before_the_first_response() {
    let mut clock = clock(9, None, policy());
    clock.send_all();
    let timeout = Error::timeout(Limit::Read, Duration::from_secs(1), 1);
    assert_eq!(clock.fails(0, &timeout, Next::GiveUp), Decision::Deliver);
    let decision = clock.fails(1, &no_credentials(), Next::GiveUp);
    assert_eq!(decision, Decision::BreakOff);
    assert_eq!(clock.next(), Step::Done);
    assert!(clock.schedule.close().is_empty());
}

#[test]
fn an_error_that_concerns_every_session_fails_those_that_are_left_after_a_response() {
    let mut clock = clock(7, None, policy());
    assert_eq!(clock.send_all(), [0, 1, 2, 3]);
    let refused = service_error();
    assert_eq!(clock.fails(0, &refused, Next::GiveUp), Decision::Deliver);
    assert_eq!(clock.fails(1, &refused, Next::SlowDown), Decision::Again);
    let error = no_credentials();
    match clock.fails(2, &error, Next::GiveUp) {
        Decision::Fail(mut sessions, found) => {
            sessions.sort_unstable();
            assert_eq!((sessions, found), (vec![1, 2, 4, 5, 6], error.clone()));
        }
        other => panic!("{other:?}"),
    }
    // One in flight would be retried, but nothing is sent any more.
    let decision = clock.fails(3, &refused, Next::Retry(ms(0)));
    assert_eq!(decision, Decision::Fail(vec![3], error));
    assert_eq!(clock.next(), Step::Done);
}

mod calls;
mod simulation;
