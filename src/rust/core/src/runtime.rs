//! The tokio runtime of the process.
//!
//! One thread at a time drives it. A thread that waits for a call drives it itself, so that it reads the response without
//! a switch of threads. Between calls, and while no thread waits, a background thread drives it, so that batches proceed
//! and idle connections are closed.
//!
//! After a fork the child has the parent's runtime without its threads. It neither uses nor drops that, and makes its own.

use crate::error::Error;
use crate::process::InProcess;
use crate::sdk_text;
use crate::sync::{lock, recover};
use std::any::Any;
use std::future::{poll_fn, Future};
use std::io;
use std::panic::{catch_unwind, AssertUnwindSafe};
use std::pin::pin;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, Once};
use std::task::Poll;
use std::thread;
use std::time::{Duration, Instant};
use tokio::runtime::Builder;
use tokio::sync::Notify;
use tokio::task::{JoinError, JoinHandle};

/// The time limit for threads that are still busy at a shutdown: resolving a host name can take long.
const SHUTDOWN_LIMIT: Duration = Duration::from_secs(2);

/// The background thread takes over after this time without a driver: calls in a row do not pay for a switch.
const IDLE_BEFORE_HANDOVER: Duration = Duration::from_millis(10);

static RUNTIME: Mutex<Slot> = Mutex::new(Slot {
    made: 0,
    current: None,
});

struct Slot {
    made: u64,
    current: Option<(RuntimeId, InProcess<Arc<Runtime>>)>,
}

/// Identifies a runtime. The child of a fork continues its parent's numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RuntimeId(u64);

/// A runtime and its background thread.
#[derive(Debug)]
pub struct Runtime {
    shared: Arc<Shared>,
    background: thread::JoinHandle<()>,
}

#[derive(Debug)]
struct Shared {
    tokio: tokio::runtime::Runtime,
    state: Mutex<DriverState>,
    changed: Condvar,
    /// Asks the background thread to stop driving.
    release: Notify,
    /// Notified every few milliseconds while a thread drives, so that it checks its time limit.
    check_time: Notify,
}

#[derive(Debug)]
struct DriverState {
    /// Threads that drive or wait to drive, without the background thread.
    drivers: u32,
    /// When the last of them stopped; `None` if the background thread is to take over at once.
    stopped: Option<Instant>,
    background_drives: bool,
    ended: bool,
}

/// Runs work that blocks on a thread of its own.
pub async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, Error> {
    let started = catch_unwind(AssertUnwindSafe(|| tokio::task::spawn_blocking(work)));
    match started {
        Ok(task) => task.await.map_err(broken_off),
        Err(panic) => Err(Error::from_panic(panic.as_ref())),
    }
}

/// Why a task has no result.
pub fn broken_off(error: JoinError) -> Error {
    match error.try_into_panic() {
        Ok(panic) => Error::from_panic(panic.as_ref()),
        Err(_) => Error::Internal {
            reason: "the call was canceled".into(),
        },
    }
}

/// Keeps the panic about a refused thread from being printed: it becomes a condition, and is no mistake of this package.
fn silence_refused_threads() {
    static ONCE: Once = Once::new();
    let is_refusal = |payload: &(dyn Any + Send)| {
        let text = payload.downcast_ref::<String>();
        text.is_some_and(|text| sdk_text::is_thread_refusal(text))
    };
    ONCE.call_once(|| {
        let print = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| {
            if !is_refusal(info.payload()) {
                print(info);
            }
        }));
    });
}

/// The runtime of this process. Made on first use, and again after a fork or a shutdown.
pub fn current() -> Result<(RuntimeId, Arc<Runtime>), Error> {
    let mut slot = lock(&RUNTIME);
    if let Some((id, runtime)) = slot.current.as_ref() {
        if let Some(runtime) = runtime.get() {
            return Ok((*id, runtime.clone()));
        }
    }
    silence_refused_threads();
    let runtime = Arc::new(Runtime::new().map_err(|error| Error::no_thread(&error))?);
    slot.made += 1;
    let id = RuntimeId(slot.made);
    slot.current = Some((id, InProcess::new(runtime.clone())));
    Ok((id, runtime))
}

/// Stops the runtime of this process and its threads. Their work is dropped.
pub fn shut_down() {
    let current = lock(&RUNTIME).current.take();
    let runtime = current.and_then(|(_, runtime)| runtime.into_inner());
    if let Some(runtime) = runtime.and_then(|runtime| Arc::try_unwrap(runtime).ok()) {
        runtime.end();
    }
}

impl Runtime {
    fn new() -> io::Result<Self> {
        let tokio = Builder::new_current_thread()
            // For getaddrinfo, files and credential providers. The default of 512 is for servers.
            .max_blocking_threads(32)
            .thread_name("rekognition")
            // Signals stay blocked for the thread's whole life.
            .on_thread_start(|| std::mem::forget(signals::block()))
            .enable_io()
            .enable_time()
            .build()?;
        let shared = Arc::new(Shared {
            tokio,
            state: Mutex::new(DriverState {
                drivers: 0,
                stopped: None,
                background_drives: false,
                ended: false,
            }),
            changed: Condvar::new(),
            release: Notify::new(),
            check_time: Notify::new(),
        });
        let driven = shared.clone();
        let background = thread::Builder::new()
            .name("rekognition".into())
            .spawn(move || {
                let _blocked = signals::block();
                driven.drive_in_background();
            })?;
        Ok(Runtime { shared, background })
    }

    /// Starts a task. It proceeds whether or not a thread waits for it.
    pub fn spawn<T: Send + 'static>(
        &self,
        task: impl Future<Output = T> + Send + 'static,
    ) -> JoinHandle<T> {
        self.shared.tokio.spawn(task)
    }

    /// Drives the runtime on this thread until `future` is ready.
    pub fn block_on<T>(&self, future: impl Future<Output = T>) -> T {
        let _driving = self.shared.start_driving();
        // No signal handler of the host program may run meanwhile: R's for SIGPIPE jumps out of the code that it
        // interrupts.
        let _blocked = signals::block();
        self.shared.tokio.block_on(future)
    }

    /// The same, with a time limit. It is exact to some milliseconds.
    pub fn block_on_for<T>(&self, limit: Duration, future: impl Future<Output = T>) -> Option<T> {
        let deadline = Instant::now() + limit;
        let mut future = pin!(future);
        // The background thread's clock: a timer of tokio would cost each call another wake-up.
        let mut check_time = pin!(self.shared.check_time.notified());
        self.block_on(poll_fn(|context| {
            if let Poll::Ready(value) = future.as_mut().poll(context) {
                return Poll::Ready(Some(value));
            }
            if limit.is_zero() {
                return Poll::Ready(None);
            }
            while check_time.as_mut().poll(context).is_ready() {
                if Instant::now() >= deadline {
                    return Poll::Ready(None);
                }
                check_time.set(self.shared.check_time.notified());
            }
            Poll::Pending
        }))
    }

    /// Lets the background thread take over at once.
    pub fn hand_over(&self) {
        self.shared.state().stopped = None;
        self.shared.changed.notify_all();
    }

    fn end(self) {
        self.shared.state().ended = true;
        self.shared.changed.notify_all();
        self.shared.release.notify_one();
        // Its result says nothing.
        let _ = self.background.join();
        if let Ok(shared) = Arc::try_unwrap(self.shared) {
            shared.tokio.shutdown_timeout(SHUTDOWN_LIMIT);
        }
    }
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, DriverState> {
        lock(&self.state)
    }

    fn start_driving(&self) -> Driver<'_> {
        let mut state = self.state();
        state.drivers += 1;
        if state.background_drives {
            self.release.notify_one();
        }
        Driver(self)
    }

    fn drive_in_background(&self) {
        let mut state = self.state();
        while !state.ended {
            let idle = state
                .stopped
                .map_or(IDLE_BEFORE_HANDOVER, |stopped| stopped.elapsed());
            if state.drivers > 0 || idle < IDLE_BEFORE_HANDOVER {
                self.check_time.notify_waiters();
                // Drivers do not wake this thread when they stop: that would cost each call as much as the call itself.
                state = recover(self.changed.wait_timeout(state, IDLE_BEFORE_HANDOVER)).0;
                continue;
            }
            state.background_drives = true;
            drop(state);
            self.tokio.block_on(self.release.notified());
            state = self.state();
            state.background_drives = false;
        }
    }
}

/// A thread that drives the runtime, or waits to.
struct Driver<'s>(&'s Shared);

impl Drop for Driver<'_> {
    fn drop(&mut self) {
        let mut state = self.0.state();
        state.drivers -= 1;
        state.stopped = Some(Instant::now());
    }
}

#[cfg(unix)]
mod signals {
    use nix::sys::signal::{SigSet, SigmaskHow};

    /// Blocks all signals of this thread while it exists.
    pub struct Blocked(Option<SigSet>);

    pub fn block() -> Blocked {
        Blocked(SigSet::all().thread_swap_mask(SigmaskHow::SIG_BLOCK).ok())
    }

    impl Drop for Blocked {
        fn drop(&mut self) {
            if let Some(before) = self.0 {
                #[cfg(target_os = "linux")]
                discard_broken_pipes(&before);
                // Cannot fail: the system returned this mask.
                let _ = before.thread_set_mask();
            }
        }
    }

    /// Discards the SIGPIPE that a write to a closed connection has left. On other systems sockets do not raise it.
    #[cfg(target_os = "linux")]
    fn discard_broken_pipes(before: &SigSet) {
        use nix::sys::signal::{raise, Signal};
        let mut pipe = SigSet::empty();
        pipe.add(Signal::SIGPIPE);
        // Raised once more, so that the wait always finds one.
        if !before.contains(Signal::SIGPIPE) && raise(Signal::SIGPIPE).is_ok() {
            let _ = pipe.wait();
        }
    }
}

#[cfg(not(unix))]
mod signals {
    pub struct Blocked;

    pub fn block() -> Blocked {
        Blocked
    }
}
