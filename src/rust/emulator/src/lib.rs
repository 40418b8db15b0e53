//! Amazon Rekognition on loopback, for tests and examples: the wire protocol, signature checks, the life cycle of
//! liveness sessions, collections with faces and users, and fault injection.

mod attributes;
mod body;
mod buckets;
pub mod challenges;
mod collections;
mod compare;
mod connections;
mod cors;
mod entries;
mod error;
mod faces;
mod faults;
mod hash;
mod images;
mod indexed;
mod input;
mod keyring;
mod opening;
mod ordered;
mod patterns;
mod people;
mod policy;
mod records;
mod request;
mod responses;
mod s3;
mod script;
mod server;
mod service;
mod sessions;
mod signature;
pub mod stream;
mod sts;
mod sync;
mod tags;
mod tokens;
mod users;
mod validate;
mod xml;

pub use bytes::Bytes;
pub use error::Refusal;
pub use faces::BoundingBox;
pub use faults::{Fault, Moment, Part, StreamFault};
pub use records::Record;
pub use responses::Reply;
pub use sessions::{CheckOutcome, Plan, Timing};
pub use signature::Keys;

use policy::Policy;
use service::{Service, Shared};
use socket2::SockRef;
use std::io;
use std::net::{Ipv4Addr, Shutdown, SocketAddr};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use sync::lock;
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
    /// Whether to keep the videos of streams.
    pub keeps_video: bool,
    /// The keys that requests must be signed with; `None` makes random ones.
    pub keys: Option<Keys>,
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
            keeps_video: false,
            keys: None,
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
        let listener = Arc::new(listener);
        let keys = options.keys.unwrap_or_else(Keys::permanent);
        let service = Arc::new(Mutex::new(Service::new(
            options.region,
            keys.clone(),
            options.timing,
            options.keeps_video,
        )));
        let shared = service.clone();
        let (stop, stopped) = oneshot::channel();
        let thread = std::thread::Builder::new()
            .name("rekognition-emulator".into())
            .spawn(move || {
                block_signals();
                runtime.spawn(server::accept(listener.clone(), shared));
                // Stop on an error too: the sender was dropped.
                let _ = runtime.block_on(stopped);
                // Also for forked processes, which have the same socket.
                let _ = SockRef::from(&*listener).shutdown(Shutdown::Both);
                // Do not wait for responses that hang.
                runtime.shutdown_background();
            })?;
        Ok(Emulator {
            address,
            keys,
            service,
            running: Some(Running { stop, thread }),
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

    /// Whether the emulator runs.
    pub fn is_running(&self) -> bool {
        self.running.is_some()
    }

    /// Temporary keys that expire after `seconds` on the emulator's clock.
    pub fn temporary_keys(&self, seconds: f64) -> Keys {
        self.add_temporary(seconds, None)
    }

    /// Temporary keys that may do only what an IAM session policy allows. An error if the policy cannot be applied.
    pub fn restricted_keys(&self, seconds: f64, policy: &str) -> Result<Keys, Refusal> {
        let policy = Policy::parse(policy)?;
        Ok(self.add_temporary(seconds, Some(policy)))
    }

    fn add_temporary(&self, seconds: f64, policy: Option<Policy>) -> Keys {
        let keys = Keys::temporary();
        lock(&self.service).add_temporary(keys.clone(), seconds, policy);
        keys
    }

    /// Advances the clock that sessions and temporary keys use.
    pub fn advance(&self, seconds: f64) {
        lock(&self.service).advance(seconds);
    }

    /// Completes the check of a session. Returns false if there is no such session.
    pub fn check(&self, session_id: &str, outcome: CheckOutcome) -> bool {
        lock(&self.service).check(session_id, outcome)
    }

    /// Sets the outcome of a check that is going to be streamed.
    pub fn plan(&self, session_id: &str, outcome: CheckOutcome) -> Plan {
        lock(&self.service).plan(session_id, outcome)
    }

    /// The video of a session, if it was streamed and is kept.
    pub fn video(&self, session_id: &str) -> Option<Vec<u8>> {
        lock(&self.service).video(session_id)
    }

    /// Returns `reply` to each request for the results of this session.
    pub fn put_result(&self, session_id: &str, reply: Reply) {
        let mut service = lock(&self.service);
        service.responses().set_result(session_id, reply);
    }

    /// Returns `reply` to `times` requests of this operation, after the responses that were set before, or instead of one
    /// without a limit (`u64::MAX`).
    pub fn put_response(&self, operation: &str, reply: Reply, times: u64) {
        let mut service = lock(&self.service);
        service.responses().set(operation, reply, times);
    }

    /// Adds a face to an image: the image then has the faces that were added, and without a person none. Returns false
    /// if it is neither a JPEG nor a PNG file.
    pub fn add_face(
        &self,
        image: &[u8],
        person: Option<&str>,
        bounding_box: Option<BoundingBox>,
    ) -> bool {
        lock(&self.service).add_face(image, person, bounding_box)
    }

    /// Makes a bucket, or changes its region and whether it has versions. Without a region, it is in the emulator's.
    pub fn put_bucket(&self, name: &str, region: Option<&str>, has_versions: bool) {
        lock(&self.service).put_bucket(name, region, has_versions);
    }

    /// The content of an object in a bucket.
    pub fn object(&self, bucket: &str, key: &str, version_id: Option<&str>) -> Option<Bytes> {
        lock(&self.service).object(bucket, key, version_id)
    }

    /// Injects this fault into the next `times` requests.
    pub fn fault(&self, fault: Fault, times: u64) {
        lock(&self.service).faults().push(fault, times);
    }

    /// Injects this fault into the next `times` streams.
    pub fn fault_stream(&self, fault: StreamFault, times: u64) {
        let mut service = lock(&self.service);
        service.faults().push_stream(fault, times);
    }

    /// Injects this fault into the first request for each session, or with each input of another operation.
    pub fn fault_first(&self, fault: Fault) {
        lock(&self.service).faults().set_first(fault);
    }

    /// Throttles requests above `per_second`, with bursts of up to `burst`.
    pub fn limit_rate(&self, per_second: f64, burst: f64) {
        lock(&self.service).faults().set_rate(per_second, burst);
    }

    /// Removes all injected faults and the rate limit.
    pub fn clear_faults(&self) {
        lock(&self.service).faults().clear();
    }

    /// The requests received, oldest first.
    pub fn requests(&self) -> Vec<Record> {
        lock(&self.service).records()
    }

    /// Stops the emulator and closes its connections.
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

/// Whether these bytes are a complete JPEG or PNG file.
pub fn is_image(bytes: &[u8]) -> bool {
    images::identity(bytes).is_some()
}

/// Leaves signals to the host program's threads, where its handlers belong.
fn block_signals() {
    #[cfg(unix)]
    let _ = nix::sys::signal::SigSet::all().thread_block();
}
