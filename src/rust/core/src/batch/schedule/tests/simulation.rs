//! Batches whose attempts end at random, from seeds.

use super::*;

/// Numbers that look random and depend on a seed.
struct Dice(u64);

impl Dice {
    fn roll(&mut self) -> f64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as f64 / f64::from(1_u32 << 31)
    }

    fn below(&mut self, sides: usize) -> usize {
        (self.roll() * sides as f64) as usize
    }
}

/// Runs a batch whose attempts end at random. How often each session was delivered.
fn simulate(seed: u64) -> (Vec<u32>, bool) {
    let mut dice = Dice(seed);
    let count = 1 + dice.below(60);
    let polling = (dice.below(2) == 0).then(|| (200, 1_000 + dice.below(20_000) as u64));
    let mut clock = clock(count, polling, policy());
    let mut random = Dice(seed + 1);
    clock.schedule.random = Box::new(move || random.roll());
    let breaks = dice.below(4) == 0;
    let mut delivered = vec![0; count];
    let mut in_flight: Vec<(Instant, usize)> = Vec::new();
    loop {
        let is_full = dice.below(20) == 0;
        let wake = match clock.schedule.next(clock.now, is_full) {
            Step::Send { index, deadline } => {
                assert!(delivered[index] == 0 && in_flight.iter().all(|(_, i)| *i != index));
                let ends = clock.now + ms(dice.below(3_000) as u64);
                in_flight.push((ends.min(deadline), index));
                continue;
            }
            Step::Wait(until) => until,
            Step::LimitReached => {
                let open = clock.schedule.close();
                open.into_iter().for_each(|index| delivered[index] += 1);
                break;
            }
            Step::Done => break,
        };
        let first = in_flight.iter().copied().min();
        let full = is_full.then(|| clock.now + ms(10));
        let ends = first.map(|(at, _)| at);
        let now = [ends, wake, full].into_iter().flatten().min();
        clock.now = now.expect("an event that ends the wait").max(clock.now);
        let Some((_, index)) = first.filter(|(at, _)| *at <= clock.now) else {
            continue;
        };
        in_flight.retain(|(_, other)| *other != index);
        let error = service_error();
        let decision = match dice.below(if breaks { 41 } else { 40 }) {
            0..=3 => clock.fails(index, &error, Next::GiveUp),
            4..=8 => clock.fails(index, &error, Next::Retry(ms(dice.below(500) as u64))),
            9..=13 => clock.fails(index, &error, Next::SlowDown),
            14 | 15 => clock.fails(index, &error, Next::MakeRoom),
            16..=25 if polling.is_some() => clock.is(index, Completion::NotFinal),
            40 => clock.fails(index, &no_credentials(), Next::GiveUp),
            _ => clock.is(index, Completion::Final),
        };
        match decision {
            Decision::Deliver => delivered[index] += 1,
            Decision::Again => {}
            Decision::Fail(sessions, _) => {
                assert!(sessions.contains(&index));
                sessions.into_iter().for_each(|index| delivered[index] += 1);
            }
            Decision::BreakOff => return (delivered, true),
        }
        assert!(clock.elapsed() < ms(3_600_000), "it does not end");
    }
    assert!(clock.schedule.close().is_empty());
    (delivered, false)
}

#[test]
fn no_session_is_lost_or_delivered_twice() {
    for seed in 0..2_000 {
        let (delivered, has_failed) = simulate(seed);
        let expected = if has_failed { 0..=1 } else { 1..=1 };
        assert!(
            delivered.iter().all(|times| expected.contains(times)),
            "seed {seed}: {delivered:?}"
        );
    }
}
