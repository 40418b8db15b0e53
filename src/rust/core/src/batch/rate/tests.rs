//! Batches against services that count in different ways, on a clock that nobody waits for.

use super::*;
use std::collections::{BTreeMap, VecDeque};

/// A way to count requests. True if this one is taken.
type Service = Box<dyn FnMut(f64, bool) -> bool>;

fn bucket(rate: f64, size: f64) -> Service {
    let (mut level, mut last) = (size, 0.0);
    Box::new(move |now, _| {
        level = f64::min(size, level + (now - last) * rate);
        last = now;
        let taken = level >= 1.0;
        level -= f64::from(u8::from(taken));
        taken
    })
}

fn by_the_second(rate: u32) -> Service {
    let (mut second, mut count) = (0, 0);
    Box::new(move |now, _| {
        if now as u64 != second {
            (second, count) = (now as u64, 0);
        }
        count += 1;
        count <= rate
    })
}

fn last_second(rate: usize) -> Service {
    let mut taken = VecDeque::new();
    Box::new(move |now, _| {
        while taken.front().is_some_and(|at| now - at >= 1.0) {
            taken.pop_front();
        }
        let good = taken.len() < rate;
        if good {
            taken.push_back(now);
        }
        good
    })
}

struct Run {
    seconds: f64,
    requests: usize,
    most_in_flight: usize,
}

/// Runs so many sessions; what is refused goes first.
fn run(sessions: usize, most: usize, latency: f64, mut service: Service) -> Run {
    let start = Instant::now();
    let at = |seconds: f64| start + Duration::from_secs_f64(seconds);
    let mut pace = RateLimit::new(most, start);
    let mut fresh = sessions;
    let mut again = 0;
    let mut now = 0.0;
    // Answers by time: when the request left, whether it was a repetition, whether it was taken.
    let mut answers: BTreeMap<(u64, usize), (f64, bool, bool)> = BTreeMap::new();
    let mut outcome = Run {
        seconds: 0.0,
        requests: 0,
        most_in_flight: 0,
    };
    loop {
        while fresh + again > 0 {
            match pace.next(answers.len(), at(now)) {
                Some(when) if when <= at(now) => {}
                _ => break,
            }
            let is_again = again > 0;
            if is_again {
                again -= 1;
            } else {
                fresh -= 1;
            }
            pace.sent(at(now));
            outcome.requests += 1;
            let taken = service(now + latency / 2.0, is_again);
            let key = ((now + latency) * 1e9) as u64;
            answers.insert((key, outcome.requests), (now, is_again, taken));
            outcome.most_in_flight = outcome.most_in_flight.max(answers.len());
        }
        let answer = answers.keys().next().map(|(time, _)| *time as f64 / 1e9);
        let leave = (fresh + again > 0)
            .then(|| pace.next(answers.len(), at(now)))
            .flatten()
            .map(|when| (when - start).as_secs_f64() + 1e-6);
        now = match (answer, leave) {
            (None, None) => break,
            (a, b) => a.unwrap_or(f64::MAX).min(b.unwrap_or(f64::MAX)).max(now),
        };
        assert!(now < 1000.0, "it does not end");
        while let Some(entry) = answers.first_entry() {
            if entry.key().0 as f64 / 1e9 > now {
                break;
            }
            let (sent, is_again, taken) = entry.remove();
            if taken {
                pace.accepted(at(sent), is_again, at(now));
            } else {
                pace.refused(at(sent), is_again, at(now));
                again += 1;
            }
        }
    }
    outcome.seconds = now;
    outcome
}

#[test]
fn four_hundred_sessions_go_through_fifty_a_second_with_little_waste() {
    let mut bad = Vec::new();
    for latency in [0.001, 0.005, 0.02, 0.05, 0.1] {
        for most in [10, 16, 50, 100, 400] {
            let services: [(&str, Service); 6] = [
                ("bucket of 1", bucket(50.0, 1.0)),
                ("bucket of 5", bucket(50.0, 5.0)),
                ("bucket of 50", bucket(50.0, 50.0)),
                ("bucket of 100", bucket(50.0, 100.0)),
                ("by the second", by_the_second(50)),
                ("last second", last_second(50)),
            ];
            for (name, service) in services {
                let run = run(400, most, latency, service);
                // The floor is 8 s and 400 requests. A service that is far away refuses some more before it is heard.
                let allowed = if latency < 0.05 { 440 } else { 445 };
                if run.seconds > 9.5 || run.requests > allowed {
                    bad.push((name, latency, most, run.seconds, run.requests));
                }
            }
        }
    }
    assert!(bad.is_empty(), "{bad:#?}");
}

#[test]
fn other_rates_are_found_as_well() {
    for rate in [5.0, 20.0, 200.0, 1000.0] {
        for size in [1.0, 10.0, rate] {
            let sessions = 20.0 * rate;
            let run = run(sessions as usize, 100, 0.02, bucket(rate, size));
            let allowed = if rate < 10.0 { 32.0 } else { 27.0 };
            assert!(run.seconds < allowed, "{rate} {size}: {} s", run.seconds);
        }
    }
}

#[test]
fn without_a_limit_all_slots_are_used() {
    // The first round has eight; from the second on all sixteen are busy.
    let few = run(200, 16, 0.05, Box::new(|_, _| true));
    assert!(few.seconds < 0.66, "{}", few.seconds);
    assert_eq!(few.requests, 200);
    assert_eq!(
        run(5000, 500, 0.05, Box::new(|_, _| true)).most_in_flight,
        500
    );
    assert_eq!(run(10, 1, 0.05, Box::new(|_, _| true)).most_in_flight, 1);
}

#[test]
fn a_service_that_refuses_every_first_attempt_does_not_slow_down_thousands() {
    for most in [1, 8, 64, 200, 1000] {
        let run = run(1000, most, 0.005, Box::new(|_, again| again));
        assert_eq!(run.requests, 2000);
        assert!(run.seconds < 15.0, "{most}: {} s", run.seconds);
    }
}

#[test]
fn a_limit_that_is_lifted_is_noticed() {
    let mut slow = bucket(50.0, 5.0);
    let run = run(
        2000,
        100,
        0.01,
        Box::new(move |now, again| now > 4.0 || slow(now, again)),
    );
    assert!(run.seconds < 20.0, "{}", run.seconds);
}
