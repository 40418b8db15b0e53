//! The lower bound: sends a prepared request, and reads the bytes of the response without parsing them.

use crate::peer::{run_jobs, run_sequentially, Job, JobResult};
use base64::engine::general_purpose::STANDARD;
use base64::Engine as _;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Instant;

/// Runs jobs.
pub fn run(address: &str, image: &str) {
    let image = std::fs::read(image).expect("the image");
    let image = format!("{{\"Image\":{{\"Bytes\":\"{}\"}}}}", STANDARD.encode(image));
    let detection = request("RekognitionService.DetectFaces", &image);
    let mut connection = Connection::new(address);
    run_jobs(|job| match job.kind.as_str() {
        "image" => run_sequentially(job, |_| connection.send(&detection)),
        _ if job.concurrency == 1 => run_sequentially(job, |id| connection.call(id)),
        _ => run_concurrently(address, job),
    });
}

fn request(target: &str, body: &str) -> String {
    format!(
        "POST / HTTP/1.1\r\nHost: localhost\r\nX-Amz-Target: {target}\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
}

fn run_concurrently(address: &str, job: &Job) -> JobResult {
    let next = AtomicUsize::new(0);
    let lost = AtomicUsize::new(0);
    let started = Instant::now();
    thread::scope(|scope| {
        for _ in 0..job.concurrency {
            scope.spawn(|| {
                let mut connection = Connection::new(address);
                loop {
                    let i = next.fetch_add(1, Ordering::Relaxed);
                    if i >= job.sessions {
                        break;
                    }
                    if !connection.call(&job.id(i)) {
                        lost.fetch_add(1, Ordering::Relaxed);
                    }
                }
            });
        }
    });
    JobResult {
        times: vec![started.elapsed().as_secs_f64()],
        lost: lost.into_inner(),
    }
}

struct Connection {
    stream: TcpStream,
    buffer: Vec<u8>,
}

impl Connection {
    fn new(address: &str) -> Self {
        let stream = TcpStream::connect(address).expect("the server");
        stream.set_nodelay(true).expect("a socket");
        Connection {
            stream,
            buffer: vec![0; 256 << 10],
        }
    }

    fn call(&mut self, id: &str) -> bool {
        let body = format!("{{\"SessionId\":\"{id}\"}}");
        self.send(&request(
            "RekognitionService.GetFaceLivenessSessionResults",
            &body,
        ))
    }

    fn send(&mut self, request: &str) -> bool {
        self.stream.write_all(request.as_bytes()).expect("a socket");
        let mut filled = 0;
        let (start, length) = loop {
            filled += self.read(filled);
            let head = String::from_utf8_lossy(&self.buffer[..filled.min(1024)]);
            if let Some((head, _)) = head.split_once("\r\n\r\n") {
                let length = head
                    .lines()
                    .find_map(|line| line.strip_prefix("Content-Length: ")?.parse::<usize>().ok());
                break (head.len() + 4, length.expect("a length"));
            }
        };
        let is_good = self.buffer[9] == b'2';
        let mut left = (start + length) - filled;
        while left > 0 {
            left -= self.read(0);
        }
        is_good
    }

    fn read(&mut self, from: usize) -> usize {
        match self
            .stream
            .read(&mut self.buffer[from..])
            .expect("a socket")
        {
            0 => panic!("the server closed the connection"),
            n => n,
        }
    }
}
