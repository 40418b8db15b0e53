//! Amazon Rekognition Face Liveness on loopback, for tests and examples: the wire protocol, signature checks,
//! the life cycle of sessions, and fault injection.

mod error;
mod faces;
mod faults;
mod model;
mod script;
mod server;
mod service;
mod sessions;
mod signature;

pub use error::Refusal;
pub use faults::{Fault, Part};
pub use service::{Record, Reply};
pub use sessions::{CheckOutcome, Timing};
pub use signature::Keys;

use server::Shared;
use service::Service;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use tokio::net::TcpListener;
use tokio::sync::oneshot;

/// Settings of an emulator.
#[derive(Debug, Clone, PartialEq)]
pub struct Options {
    /// The region that requests must be signed for.
    pub region: String,
    /// Port on 127.0.0.1; 0 picks a free one.
    pub port: u16,
    /// When checks start and complete automatically.
    pub timing: Timing,
}

impl Default for Options {
    fn default() -> Self {
        Options {
            region: "us-east-1".into(),
            port: 0,
            timing: Timing {
                starts_after: 1.0,
                takes: 2.0,
            },
        }
    }
}

/// A running emulator. Dropping it stops it.
#[derive(Debug)]
pub struct Emulator {
    address: SocketAddr,
    keys: Keys,
    service: Shared,
    running: Option<Running>,
}

#[derive(Debug)]
struct Running {
    pid: u32,
    stop: oneshot::Sender<()>,
    thread: JoinHandle<()>,
}

impl Emulator {
    /// Starts an emulator on its own thread.
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
            options.timing,
        )));
        let shared = service.clone();
        let (stop, stopped) = oneshot::channel();
        let thread = std::thread::Builder::new()
            .name("rekognition-emulator".into())
            .spawn(move || {
                block_signals();
                runtime.spawn(server::accept(listener, shared));
                // Stop on an error too: the sender was dropped.
                let _ = runtime.block_on(stopped);
                // Do not wait for responses that hang.
                runtime.shutdown_background();
            })?;
        Ok(Emulator {
            address,
            keys,
            service,
            running: Some(Running {
                pid: std::process::id(),
                stop,
                thread,
            }),
        })
    }

    /// The base URL.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The keys that requests must be signed with.
    pub fn keys(&self) -> &Keys {
        &self.keys
    }

    /// Whether the emulator runs in this process. A forked child can only use the URL of its parent's
    /// emulator.
    pub fn is_running(&self) -> bool {
        self.running
            .as_ref()
            .is_some_and(|running| running.pid == std::process::id())
    }

    /// Temporary keys that expire after `seconds` on the emulator's clock.
    pub fn temporary_keys(&self, seconds: f64) -> Keys {
        let keys = Keys {
            access_key_id: random_key("ASIA", 16),
            secret_access_key: random_key("", 40),
            session_token: Some(random_key("", 120)),
        };
        server::lock(&self.service).add_temporary(keys.clone(), seconds);
        keys
    }

    /// Advances the clock that sessions and temporary keys use.
    pub fn advance(&self, seconds: f64) {
        server::lock(&self.service).advance(seconds);
    }

    /// Completes the check of a session. Returns false if there is no such session.
    pub fn check(&self, session_id: &str, outcome: CheckOutcome) -> bool {
        server::lock(&self.service).check(session_id, outcome)
    }

    /// Returns `reply` to each request for the results of this session.
    pub fn put_result(&self, session_id: &str, reply: Reply) {
        server::lock(&self.service).put_result(session_id.to_owned(), reply);
    }

    /// Injects this fault into the next `times` requests.
    pub fn fault(&self, fault: Fault, times: u64) {
        server::lock(&self.service).faults().push(fault, times);
    }

    /// Injects this fault into the first request for each session.
    pub fn fault_first(&self, fault: Fault) {
        server::lock(&self.service).faults().set_first(fault);
    }

    /// Throttles requests above `per_second`, with bursts of up to `burst`.
    pub fn limit_rate(&self, per_second: f64, burst: f64) {
        server::lock(&self.service)
            .faults()
            .set_rate(per_second, burst);
    }

    /// Removes all injected faults and the rate limit.
    pub fn clear_faults(&self) {
        server::lock(&self.service).faults().clear();
    }

    /// The requests received, oldest first.
    pub fn requests(&self) -> Vec<Record> {
        server::lock(&self.service).records()
    }

    /// Stops the emulator and closes its connections.
    pub fn stop(&mut self) {
        match self.running.take() {
            Some(running) if running.pid == std::process::id() => {
                // The send fails if the thread has already ended.
                let _ = running.stop.send(());
                let _ = running.thread.join();
            }
            foreign => std::mem::forget(foreign),
        }
    }
}

impl Drop for Emulator {
    fn drop(&mut self) {
        self.stop();
    }
}

/// A random key of letters and digits.
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

/// Leaves signals to the host program's threads, where its handlers belong.
fn block_signals() {
    #[cfg(unix)]
    let _ = nix::sys::signal::SigSet::all().thread_block();
}
