//! What a peer is told on stdin and says on stdout, one line each.

use std::io::{self, BufRead, Write};
use std::time::Instant;

/// One order: so many sessions of this kind, so many of them at a time.
pub struct Order {
    /// `small`, `large`, `late` or `limited`: the beginning of the sessions' ids.
    pub kind: String,
    /// Number of sessions.
    pub sessions: usize,
    /// How many at a time; each call is timed where it is 1.
    pub at_once: usize,
    /// Where images go, if they are to be saved.
    pub dir: Option<String>,
}

/// What came of it.
#[derive(Default)]
pub struct Outcome {
    /// Seconds: of each call, or of the whole.
    pub times: Vec<f64>,
    /// Sessions without a result.
    pub lost: usize,
}

impl Order {
    /// The id of a session. boto3 wants 36 characters.
    pub fn id(&self, i: usize) -> String {
        let width = 35 - self.kind.len();
        format!("{}-{i:0width$}", self.kind)
    }
}

/// Answers orders until there are no more.
pub fn obey(mut work: impl FnMut(&Order) -> Outcome) {
    println!("ready");
    for line in io::stdin().lock().lines() {
        let line = line.expect("stdin");
        let mut words = line.split_whitespace();
        let mut word = || words.next();
        let order = Order {
            kind: word().expect("a kind").to_owned(),
            sessions: word().and_then(|n| n.parse().ok()).expect("a count"),
            at_once: word().and_then(|n| n.parse().ok()).expect("a count"),
            dir: word().filter(|dir| *dir != "-").map(str::to_owned),
        };
        let outcome = work(&order);
        let times: Vec<String> = outcome.times.iter().map(f64::to_string).collect();
        println!("{} {}", outcome.lost, times.join(" "));
        io::stdout().flush().expect("stdout");
    }
}

/// Times the calls of an order one after the other.
pub fn one_by_one(order: &Order, mut call: impl FnMut(&str) -> bool) -> Outcome {
    let mut outcome = Outcome::default();
    for i in 0..order.sessions {
        let id = order.id(i);
        let started = Instant::now();
        let good = call(&id);
        outcome.times.push(started.elapsed().as_secs_f64());
        outcome.lost += usize::from(!good);
    }
    outcome
}
