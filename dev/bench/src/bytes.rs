//! The floor: a request that is ready-made goes out, the answer's bytes come in, and nobody looks at them.

use crate::peer::{obey, one_by_one, Order, Outcome};
use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Instant;

/// Obeys orders.
pub fn work(address: &str) {
    let mut connection = Connection::new(address);
    obey(|order| {
        if order.at_once == 1 {
            one_by_one(order, |id| connection.call(id))
        } else {
            all(address, order)
        }
    });
}

fn all(address: &str, order: &Order) -> Outcome {
    let next = AtomicUsize::new(0);
    let lost = AtomicUsize::new(0);
    let started = Instant::now();
    thread::scope(|scope| {
        for _ in 0..order.at_once {
            scope.spawn(|| {
                let mut connection = Connection::new(address);
                loop {
                    let i = next.fetch_add(1, Ordering::Relaxed);
                    if i >= order.sessions {
                        break;
                    }
                    if !connection.call(&order.id(i)) {
                        lost.fetch_add(1, Ordering::Relaxed);
                    }
                }
            });
        }
    });
    Outcome {
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
        let request = format!(
            "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        );
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
            0 => panic!("the server has gone"),
            n => n,
        }
    }
}
