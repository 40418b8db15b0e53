//! The one runtime of the process.
//!
//! One worker thread does all the waiting, so that idle connections are looked after between calls.
//! After a fork the child has the parent's runtime without its threads: it must be left alone (neither
//! used nor dropped), and the child makes its own.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::runtime::{Builder, Runtime};

/// How long to wait for threads that are still at it: a host name can take long to be looked up.
const PATIENCE: Duration = Duration::from_secs(2);

static RUNTIME: Mutex<Slot> = Mutex::new(Slot {
    births: 0,
    current: None,
});

struct Slot {
    births: u64,
    current: Option<(Home, Arc<Runtime>)>,
}

/// The process and the runtime that something lives on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Home {
    /// The process.
    pub pid: u32,
    birth: u64,
}

/// The runtime of this process; made on first use, after a fork and after a shutdown.
pub fn current() -> std::io::Result<(Home, Arc<Runtime>)> {
    let pid = std::process::id();
    let mut slot = RUNTIME.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some((home, runtime)) = slot.current.as_ref() {
        if home.pid == pid {
            return Ok((*home, runtime.clone()));
        }
    }
    let runtime = Arc::new(build()?);
    slot.births += 1;
    let home = Home {
        pid,
        birth: slot.births,
    };
    // A foreign runtime is leaked on purpose.
    std::mem::forget(slot.current.replace((home, runtime.clone())));
    Ok((home, runtime))
}

/// Stops the runtime of this process and its threads. What they were doing is dropped.
pub fn shut_down() {
    let mut slot = RUNTIME.lock().unwrap_or_else(PoisonError::into_inner);
    let taken = slot.current.take();
    drop(slot);
    match taken {
        Some((home, runtime)) if home.pid == std::process::id() => {
            if let Ok(runtime) = Arc::try_unwrap(runtime) {
                runtime.shutdown_timeout(PATIENCE);
            }
        }
        foreign => std::mem::forget(foreign),
    }
}

fn build() -> std::io::Result<Runtime> {
    Builder::new_multi_thread()
        .worker_threads(1)
        // getaddrinfo and file reads; the default of 512 is for servers.
        .max_blocking_threads(8)
        .thread_name("rekognition")
        .on_thread_start(block_signals)
        .enable_io()
        .enable_time()
        .build()
}

/// R's signal handlers must run on R's thread: the one for SIGPIPE jumps out of whatever it interrupts.
fn block_signals() {
    #[cfg(unix)]
    let _ = nix::sys::signal::SigSet::all().thread_block();
}
