//! Amazon Rekognition Face Liveness on loopback, for tests and for learning: it speaks the wire protocol,
//! checks signatures, keeps sessions through their life, and misbehaves to order.

mod error;
mod faults;
mod model;
mod portraits;
mod script;
mod server;
mod service;
mod sessions;
mod signature;

pub use error::Refusal;
pub use faults::{Fault, Part};
pub use service::{Record, Reply};
pub use sessions::{Outcome, Pace};
pub use signature::Keys;

use server::Shared;
use service::Service;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use tokio::net::TcpListener;
use tokio::sync::oneshot;

/// How an emulator is set up.
#[derive(Debug, Clone, PartialEq)]
pub struct Options {
    /// The region that requests must be signed for.
    pub region: String,
    /// Port on 127.0.0.1; 0 takes a free one.
    pub port: u16,
    /// When checks happen by themselves.
    pub pace: Pace,
}

impl Default for Options {
    fn default() -> Self {
        Options {
            region: "us-east-1".into(),
            port: 0,
            pace: Pace {
                starts_after: 1.0,
                takes: 2.0,
            },
        }
    }
}

/// A running emulator. It stops when it is dropped.
#[derive(Debug)]
pub struct Emulator {
    address: SocketAddr,
    keys: Keys,
    service: Shared,
    running: Option<Running>,
}

#[derive(Debug)]
struct Running {
    stop: oneshot::Sender<()>,
    thread: JoinHandle<()>,
}

impl Emulator {
    /// Starts an emulator on a thread of its own.
    pub fn start(options: Options) -> io::Result<Self> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_io()
            .enable_time()
            .build()?;
        let listener = runtime.block_on(TcpListener::bind((Ipv4Addr::LOCALHOST, options.port)))?;
        let address = listener.local_addr()?;
        let keys = Keys {
            access_key_id: random_key("AKIA", 16),
            secret_access_key: random_key("", 40),
            session_token: None,
        };
        let service = Arc::new(Mutex::new(Service::new(
            options.region,
            keys.clone(),
            options.pace,
        )));
        let shared = service.clone();
        let (stop, stopped) = oneshot::channel();
        let thread = std::thread::Builder::new()
            .name("rekognition-emulator".into())
            .spawn(move || {
                block_signals();
                runtime.spawn(server::accept(listener, shared));
                // An error says that whoever could stop it is gone: the same thing.
                let _ = runtime.block_on(stopped);
                // Answers that hang are not waited for.
                runtime.shutdown_background();
            })?;
        Ok(Emulator {
            address,
            keys,
            service,
            running: Some(Running { stop, thread }),
        })
    }

    /// Where it listens.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The keys that requests must be signed with.
    pub fn keys(&self) -> &Keys {
        &self.keys
    }

    /// Whether the emulator runs.
    pub fn is_running(&self) -> bool {
        self.running.is_some()
    }

    /// Temporary keys that expire after so many seconds on the emulator's clock.
    pub fn temporary_keys(&self, seconds: f64) -> Keys {
        let keys = Keys {
            access_key_id: random_key("ASIA", 16),
            secret_access_key: random_key("", 40),
            session_token: Some(random_key("", 120)),
        };
        server::lock(&self.service).add_temporary(keys.clone(), seconds);
        keys
    }

    /// Moves the clock that sessions and temporary keys live by.
    pub fn advance(&self, seconds: f64) {
        server::lock(&self.service).advance(seconds);
    }

    /// Lets the check of a session happen. False if there is no such session.
    pub fn check(&self, session_id: &str, outcome: Outcome) -> bool {
        server::lock(&self.service).check(session_id, outcome)
    }

    /// Answers each question for this session with this.
    pub fn put_result(&self, session_id: &str, reply: Reply) {
        server::lock(&self.service).script(session_id.to_owned(), reply);
    }

    /// Misbehaves with the next requests.
    pub fn fault(&self, fault: Fault, times: u64) {
        server::lock(&self.service).faults().push(fault, times);
    }

    /// Misbehaves with the first request for each session.
    pub fn fault_first(&self, fault: Fault) {
        server::lock(&self.service).faults().set_first(fault);
    }

    /// Refuses more than so many requests a second; so many may come at once.
    pub fn limit_rate(&self, per_second: f64, burst: f64) {
        server::lock(&self.service)
            .faults()
            .set_rate(per_second, burst);
    }

    /// Misbehaves no more.
    pub fn clear_faults(&self) {
        server::lock(&self.service).faults().clear();
    }

    /// Requests that have arrived, the oldest first.
    pub fn requests(&self) -> Vec<Record> {
        server::lock(&self.service).records()
    }

    /// Stops it and closes its connections.
    pub fn stop(&mut self) {
        if let Some(running) = self.running.take() {
            // The send fails if the thread has already ended.
            let _ = running.stop.send(());
            let _ = running.thread.join();
        }
    }
}

impl Drop for Emulator {
    fn drop(&mut self) {
        self.stop();
    }
}

/// Letters and digits that nobody has seen before.
fn random_key(prefix: &str, length: usize) -> String {
    const ALPHABET: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    let mut key = prefix.to_owned();
    while key.len() < prefix.len() + length {
        let bytes = uuid::Uuid::new_v4().into_bytes();
        key.extend(
            bytes
                .iter()
                .map(|b| char::from(ALPHABET[usize::from(b % 32)])),
        );
    }
    key.truncate(prefix.len() + length);
    key
}

/// The host program's signal handlers run on its own thread.
fn block_signals() {
    #[cfg(unix)]
    let _ = nix::sys::signal::SigSet::all().thread_block();
}
