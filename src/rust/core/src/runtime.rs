//! The one runtime of the process.
//!
//! It has one thread at a time: whoever waits for a call drives it, so that an answer is read by the thread
//! that wants it and nobody has to be woken. Between calls, and for work that nobody waits for in here, a
//! keeper thread drives it, so that idle connections are looked after.
//!
//! After a fork the child has the parent's runtime without its keeper: it must be left alone (neither
//! used nor dropped), and the child makes its own.

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

/// How long to wait for threads that are still at it: a host name can take long to be looked up.
const PATIENCE: Duration = Duration::from_secs(2);

/// The keeper takes over when nobody has driven for so long: calls in a row do without it.
const IDLE_BEFORE_HANDOVER: Duration = Duration::from_millis(10);

static RUNTIME: Mutex<Slot> = Mutex::new(Slot {
    made: 0,
    current: None,
});

struct Slot {
    made: u64,
    current: Option<(RuntimeId, InProcess<Arc<Runtime>>)>,
}

/// The runtime that something lives on. The child of a fork counts on from its parent's number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RuntimeId(u64);

/// A runtime and its keeper.
#[derive(Debug)]
pub struct Runtime {
    shared: Arc<Shared>,
    keeper: thread::JoinHandle<()>,
}

#[derive(Debug)]
struct Shared {
    tokio: tokio::runtime::Runtime,
    turn: Mutex<DriverState>,
    changed: Condvar,
    /// Tells the keeper to let go.
    release: Notify,
    /// Rings every few milliseconds for those who drive.
    tick: Notify,
}

#[derive(Debug)]
struct DriverState {
    /// Threads that drive or want to.
    drivers: u32,
    /// When the last of them stopped; none if the keeper is not to wait.
    stopped: Option<Instant>,
    keeper_drives: bool,
    ended: bool,
}

/// Does work that blocks on a thread of its own.
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
            reason: "the call was cancelled".into(),
        },
    }
}

/// A thread that the system refuses is a condition for the user, and not a mistake whose trace is printed.
fn print_no_refused_threads() {
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

/// The runtime of this process; made on first use, after a fork and after a shutdown.
pub fn current() -> Result<(RuntimeId, Arc<Runtime>), Error> {
    let mut slot = lock(&RUNTIME);
    if let Some((id, runtime)) = slot.current.as_ref() {
        if let Some(runtime) = runtime.get() {
            return Ok((*id, runtime.clone()));
        }
    }
    print_no_refused_threads();
    let runtime = Arc::new(Runtime::new().map_err(|error| Error::no_thread(&error))?);
    slot.made += 1;
    let id = RuntimeId(slot.made);
    slot.current = Some((id, InProcess::new(runtime.clone())));
    Ok((id, runtime))
}

/// Stops the runtime of this process and its threads. What they were doing is dropped.
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
            // getaddrinfo, files and credential providers; the default of 512 is for servers.
            .max_blocking_threads(32)
            .thread_name("rekognition")
            // For as long as the thread lives.
            .on_thread_start(|| std::mem::forget(signals::block()))
            .enable_io()
            .enable_time()
            .build()?;
        let shared = Arc::new(Shared {
            tokio,
            turn: Mutex::new(DriverState {
                drivers: 0,
                stopped: None,
                keeper_drives: false,
                ended: false,
            }),
            changed: Condvar::new(),
            release: Notify::new(),
            tick: Notify::new(),
        });
        let kept = shared.clone();
        let keeper = thread::Builder::new()
            .name("rekognition".into())
            .spawn(move || {
                let _blocked = signals::block();
                kept.keep();
            })?;
        Ok(Runtime { shared, keeper })
    }

    /// Starts a task. It goes on while somebody drives, and that is always.
    pub fn spawn<T: Send + 'static>(
        &self,
        task: impl Future<Output = T> + Send + 'static,
    ) -> JoinHandle<T> {
        self.shared.tokio.spawn(task)
    }

    /// Drives the runtime on this thread until `future` is ready.
    pub fn block_on<T>(&self, future: impl Future<Output = T>) -> T {
        let _turn = self.shared.take_turn();
        // The host program's signal handlers must not run in the middle of this: the one of R for SIGPIPE jumps
        // out of whatever it interrupts.
        let _blocked = signals::block();
        self.shared.tokio.block_on(future)
    }

    /// The same, for about so long and no longer.
    pub fn block_on_for<T>(
        &self,
        patience: Duration,
        future: impl Future<Output = T>,
    ) -> Option<T> {
        let deadline = Instant::now() + patience;
        let mut future = pin!(future);
        // The keeper's clock: a timer of tokio's would be one more wake-up for each call.
        let mut tick = pin!(self.shared.tick.notified());
        self.block_on(poll_fn(|context| {
            if let Poll::Ready(value) = future.as_mut().poll(context) {
                return Poll::Ready(Some(value));
            }
            if patience.is_zero() {
                return Poll::Ready(None);
            }
            while tick.as_mut().poll(context).is_ready() {
                if Instant::now() >= deadline {
                    return Poll::Ready(None);
                }
                tick.set(self.shared.tick.notified());
            }
            Poll::Pending
        }))
    }

    /// Lets the keeper drive from now on, instead of after a lull.
    pub fn hand_over(&self) {
        self.shared.turn().stopped = None;
        self.shared.changed.notify_all();
    }

    fn end(self) {
        self.shared.turn().ended = true;
        self.shared.changed.notify_all();
        self.shared.release.notify_one();
        // It has nothing to tell.
        let _ = self.keeper.join();
        if let Ok(shared) = Arc::try_unwrap(self.shared) {
            shared.tokio.shutdown_timeout(PATIENCE);
        }
    }
}

impl Shared {
    fn turn(&self) -> MutexGuard<'_, DriverState> {
        lock(&self.turn)
    }

    fn take_turn(&self) -> Driving<'_> {
        let mut turn = self.turn();
        turn.drivers += 1;
        if turn.keeper_drives {
            self.release.notify_one();
        }
        Driving(self)
    }

    fn keep(&self) {
        let mut turn = self.turn();
        while !turn.ended {
            let lull = turn
                .stopped
                .map_or(IDLE_BEFORE_HANDOVER, |stopped| stopped.elapsed());
            if turn.drivers > 0 || lull < IDLE_BEFORE_HANDOVER {
                self.tick.notify_waiters();
                // No wake-up is asked for: one would cost each call as much as the call itself.
                turn = recover(self.changed.wait_timeout(turn, IDLE_BEFORE_HANDOVER)).0;
                continue;
            }
            turn.keeper_drives = true;
            drop(turn);
            self.tokio.block_on(self.release.notified());
            turn = self.turn();
            turn.keeper_drives = false;
        }
    }
}

/// A turn at driving.
struct Driving<'s>(&'s Shared);

impl Drop for Driving<'_> {
    fn drop(&mut self) {
        let mut turn = self.0.turn();
        turn.drivers -= 1;
        turn.stopped = Some(Instant::now());
    }
}

#[cfg(unix)]
mod signals {
    use nix::sys::signal::{SigSet, SigmaskHow};

    /// While it lives, no signal reaches this thread.
    pub struct Blocked(Option<SigSet>);

    pub fn block() -> Blocked {
        Blocked(SigSet::all().thread_swap_mask(SigmaskHow::SIG_BLOCK).ok())
    }

    impl Drop for Blocked {
        fn drop(&mut self) {
            if let Some(before) = self.0 {
                #[cfg(target_os = "linux")]
                forget_broken_pipes(&before);
                // It was good a moment ago.
                let _ = before.thread_set_mask();
            }
        }
    }

    /// A write to a connection that the server has closed leaves a SIGPIPE that is nobody's business. Elsewhere
    /// sockets are told not to raise it.
    #[cfg(target_os = "linux")]
    fn forget_broken_pipes(before: &SigSet) {
        use nix::sys::signal::{raise, Signal};
        let mut pipe = SigSet::empty();
        pipe.add(Signal::SIGPIPE);
        // One more of them makes sure that there is one to take, without asking.
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
