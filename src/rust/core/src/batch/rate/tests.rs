//! Batches against services that count in different ways, on a simulated clock.

use super::*;
use std::collections::{BTreeMap, VecDeque};

/// A way to count requests. True if this one is accepted.
type Service = Box<dyn FnMut(f64, bool) -> bool>;

fn bucket(rate: f64, size: f64) -> Service {
    let (mut level, mut last) = (size, 0.0);
    Box::new(move |now, _| {
        level = f64::min(size, level + (now - last) * rate);
        last = now;
        let accepted = level >= 1.0;
        level -= f64::from(u8::from(accepted));
        accepted
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
    let mut accepted = VecDeque::new();
    Box::new(move |now, _| {
        while accepted.front().is_some_and(|at| now - at >= 1.0) {
            accepted.pop_front();
        }
        let has_room = accepted.len() < rate;
        if has_room {
            accepted.push_back(now);
        }
        has_room
    })
}

struct Run {
    seconds: f64,
    requests: usize,
    most_in_flight: usize,
}

/// Runs this number of sessions. Refused ones are sent first.
fn run(sessions: usize, most: usize, latency: f64, mut service: Service) -> Run {
    let start = Instant::now();
    let at = |seconds: f64| start + Duration::from_secs_f64(seconds);
    let mut limit = RateLimit::new(most, start);
    let mut fresh = sessions;
    let mut refused = 0;
    let mut now = 0.0;
    // Responses by time: when the request was sent, whether it was a retry, whether it was accepted.
    let mut responses: BTreeMap<(u64, usize), (f64, bool, bool)> = BTreeMap::new();
    let mut outcome = Run {
        seconds: 0.0,
        requests: 0,
        most_in_flight: 0,
    };
    loop {
        while fresh + refused > 0 {
            match limit.next(responses.len(), at(now)) {
                Some(when) if when <= at(now) => {}
                _ => break,
            }
            let is_retry = refused > 0;
            if is_retry {
                refused -= 1;
            } else {
                fresh -= 1;
            }
            limit.sent(at(now));
            outcome.requests += 1;
            let accepted = service(now + latency / 2.0, is_retry);
            let key = ((now + latency) * 1e9) as u64;
            responses.insert((key, outcome.requests), (now, is_retry, accepted));
            outcome.most_in_flight = outcome.most_in_flight.max(responses.len());
        }
        let response = responses.keys().next().map(|(time, _)| *time as f64 / 1e9);
        let send = (fresh + refused > 0)
            .then(|| limit.next(responses.len(), at(now)))
            .flatten()
            .map(|when| (when - start).as_secs_f64() + 1e-6);
        now = match (response, send) {
            (None, None) => break,
            (a, b) => a.unwrap_or(f64::MAX).min(b.unwrap_or(f64::MAX)).max(now),
        };
        assert!(now < 1000.0, "it does not end");
        while let Some(entry) = responses.first_entry() {
            if entry.key().0 as f64 / 1e9 > now {
                break;
            }
            let (sent, is_retry, accepted) = entry.remove();
            if accepted {
                limit.accepted(at(sent), is_retry, at(now));
            } else {
                limit.refused(at(sent), is_retry, at(now));
                refused += 1;
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
                // The minimum is 8 s and 400 requests. With a long latency some more are refused before the first refusal
                // arrives.
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
    // The first round has eight requests; from the second on there are sixteen.
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
        let run = run(1000, most, 0.005, Box::new(|_, is_retry| is_retry));
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
        Box::new(move |now, is_retry| now > 4.0 || slow(now, is_retry)),
    );
    assert!(run.seconds < 20.0, "{}", run.seconds);
}
