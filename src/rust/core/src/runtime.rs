//! The one runtime of the process.
//!
//! One worker thread does all the waiting, so that idle connections are looked after between calls.
//! After a fork the child has the parent's runtime without its threads: it must be left alone (neither
//! used nor dropped), and the child makes its own.

use std::sync::{Arc, Mutex, PoisonError};
use tokio::runtime::{Builder, Runtime};

static RUNTIME: Mutex<Option<(u32, Arc<Runtime>)>> = Mutex::new(None);

/// The runtime of this process; made on first use and after a fork.
pub fn runtime() -> std::io::Result<Arc<Runtime>> {
    let pid = std::process::id();
    let mut slot = RUNTIME.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some((owner, runtime)) = slot.as_ref() {
        if *owner == pid {
            return Ok(runtime.clone());
        }
    }
    let runtime = Arc::new(build()?);
    // A foreign runtime is leaked on purpose.
    std::mem::forget(slot.replace((pid, runtime.clone())));
    Ok(runtime)
}

/// Stops the runtime of this process, without waiting for what it is doing.
pub fn shut_down() {
    let taken = RUNTIME
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .take();
    match taken {
        Some((pid, runtime)) if pid == std::process::id() => {
            if let Ok(runtime) = Arc::try_unwrap(runtime) {
                runtime.shutdown_background();
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
