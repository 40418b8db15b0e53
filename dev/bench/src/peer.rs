//! The protocol of a peer: one line per job on stdin, one line per result on stdout.

use std::io::{self, BufRead, Write};
use std::time::Instant;

/// A job: fetch the results of sessions of one kind, or detect faces in images.
pub struct Job {
    /// `small`, `large`, `late`, `limited` or `unknown`: the prefix of the session IDs. `image` sends the image of the
    /// command line again and again, `map` each file of a folder.
    pub kind: String,
    /// Number of sessions or images.
    pub sessions: usize,
    /// Number of concurrent calls; if 1, each call is timed.
    pub concurrency: usize,
    /// Folder to save images in, or that of the files.
    pub dir: Option<String>,
}

/// The result of a job.
#[derive(Default)]
pub struct JobResult {
    /// Seconds of each call, or of the whole job.
    pub times: Vec<f64>,
    /// Sessions or images without a result.
    pub lost: usize,
}

impl Job {
    /// The id of a session. boto3 requires 36 characters.
    pub fn id(&self, i: usize) -> String {
        let width = 35 - self.kind.len();
        format!("{}-{i:0width$}", self.kind)
    }
}

/// Runs the jobs read from stdin.
pub fn run_jobs(mut run: impl FnMut(&Job) -> JobResult) {
    println!("ready");
    for line in io::stdin().lock().lines() {
        let line = line.expect("stdin");
        let mut words = line.split_whitespace();
        let mut word = || words.next();
        let job = Job {
            kind: word().expect("a kind").to_owned(),
            sessions: word().and_then(|n| n.parse().ok()).expect("a count"),
            concurrency: word().and_then(|n| n.parse().ok()).expect("a count"),
            dir: word().filter(|dir| *dir != "-").map(str::to_owned),
        };
        let result = run(&job);
        let times: Vec<String> = result.times.iter().map(f64::to_string).collect();
        println!("{} {}", result.lost, times.join(" "));
        io::stdout().flush().expect("stdout");
    }
}

/// Runs a job sequentially, and times each call.
pub fn run_sequentially(job: &Job, mut call: impl FnMut(&str) -> bool) -> JobResult {
    let mut result = JobResult::default();
    for i in 0..job.sessions {
        let id = job.id(i);
        let started = Instant::now();
        let is_good = call(&id);
        result.times.push(started.elapsed().as_secs_f64());
        result.lost += usize::from(!is_good);
    }
    result
}
