//! The body of an answer, watched while it arrives: it must not fall silent and not grow without end.

use crate::causes::find;
use crate::sync::lock;
use aws_smithy_types::body::SdkBody;
use bytes::Bytes;
use http_body::{Body, Frame};
use std::error::Error;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{sleep, Sleep};

/// The longest body that is read, in bytes: eight times that of the largest answer, five pictures of
/// 204,800 bytes in base64.
pub const MAX_BODY: u64 = 12 << 20;

/// What a piece of a body counts beside its bytes: a body of a byte a chunk must not take for ever.
const PER_FRAME: u64 = 48;

/// No more than this is set aside for a body because it is announced.
const MAX_AHEAD: u64 = 2 << 20;

/// Bytes of bodies that one client may have in memory, in units of `UNIT`, until R has taken them: one of the longest
/// fits. Those beyond it wait outside.
pub const BODIES_IN_MEMORY: usize = 256;
const UNIT: u64 = 64 << 10;

/// Admit a body after this wait even without a permit: the holders may have stalled.
const LONGEST_WAIT: Duration = Duration::from_secs(2);

/// Where a call finds the body of its answer. The SDK would copy it, into memory outside the budget.
pub type Slot = Arc<Mutex<Option<Bytes>>>;

tokio::task_local! {
    /// The slot of the call that this task makes. Credential providers have none: they read bodies through the SDK.
    pub static SLOT: Slot;
}

/// Why a body was not read to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stopped {
    /// No byte came for too long.
    Silent,
    /// It is longer than `MAX_BODY`.
    TooLong,
    /// The system has no memory for it.
    NoMemory,
}

impl fmt::Display for Stopped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Stopped::Silent => f.write_str("no byte came for too long"),
            Stopped::NoMemory => f.write_str("there is not enough memory for it"),
            Stopped::TooLong => write!(f, "it is longer than {} MiB", MAX_BODY >> 20),
        }
    }
}

impl Error for Stopped {}

impl Stopped {
    /// Whether an error has this cause.
    pub fn cause_of(error: &(dyn Error + 'static)) -> Option<Stopped> {
        find(error).copied()
    }
}

type Permit = Option<OwnedSemaphorePermit>;

/// A body's share of the memory that all bodies have.
struct Share {
    memory: Arc<Semaphore>,
    permit: Permit,
    /// Bytes that it covers.
    covered: u64,
    waiting: Option<Pin<Box<dyn Future<Output = Permit> + Send + Sync>>>,
}

impl Share {
    /// What is small needs none.
    fn new(memory: Arc<Semaphore>) -> Self {
        Share {
            memory,
            permit: None,
            covered: UNIT,
            waiting: None,
        }
    }

    /// Covers at least `bytes`: ready once they may come into memory.
    fn poll_cover(&mut self, bytes: u64, context: &mut Context<'_>) -> Poll<()> {
        loop {
            if let Some(waiting) = &mut self.waiting {
                let more = std::task::ready!(waiting.as_mut().poll(context));
                self.waiting = None;
                match (&mut self.permit, more) {
                    (Some(permit), Some(more)) => permit.merge(more),
                    (permit @ None, more) => *permit = more,
                    (Some(_), None) => {}
                }
            }
            if bytes <= self.covered {
                return Poll::Ready(());
            }
            // Doubled each time, where the length was not announced.
            let covered = bytes.max(2 * self.covered).min(bytes.max(MAX_BODY));
            let units = u32::try_from((covered - self.covered).div_ceil(UNIT)).unwrap_or(u32::MAX);
            self.covered = covered;
            let permit = self.memory.clone().acquire_many_owned(units);
            self.waiting = Some(Box::pin(async move {
                tokio::time::timeout(LONGEST_WAIT, permit).await.ok()?.ok()
            }));
        }
    }
}

/// A body in memory. When nobody needs it any more, the next may come.
struct Whole {
    bytes: Vec<u8>,
    _permit: Permit,
}

impl AsRef<[u8]> for Whole {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

/// A body that gives up on a sender that falls silent, and on one that never ends. It comes in one piece.
pub struct Watched {
    body: SdkBody,
    gathered: Vec<u8>,
    /// What has arrived and waits for its share of the memory.
    arrived: Option<Bytes>,
    left: u64,
    share: Share,
    silence: Duration,
    slot: Option<Slot>,
    /// Rings when there was no byte for too long; set while the sender is waited for.
    alarm: Option<Pin<Box<Sleep>>>,
}

impl Watched {
    /// Watches `body`; `silence` is the longest time without a byte. Where there is a slot it goes there.
    pub fn new(
        body: SdkBody,
        silence: Duration,
        memory: Arc<Semaphore>,
        slot: Option<Slot>,
    ) -> Self {
        Watched {
            body,
            gathered: Vec::new(),
            arrived: None,
            left: MAX_BODY,
            share: Share::new(memory),
            silence,
            slot,
            alarm: None,
        }
    }

    /// Bytes that are here or announced.
    fn known(&self) -> u64 {
        let arrived = self.arrived.as_ref().map_or(0, Bytes::len);
        (self.gathered.len() + arrived) as u64 + Body::size_hint(&self.body).lower()
    }

    fn gather(&mut self, data: &[u8]) -> Result<(), Stopped> {
        self.left = self
            .left
            .checked_sub(data.len() as u64 + PER_FRAME)
            .ok_or(Stopped::TooLong)?;
        let reserved = if self.gathered.is_empty() {
            let announced = data.len() as u64 + Body::size_hint(&self.body).lower();
            self.gathered
                .try_reserve_exact(announced.min(MAX_AHEAD) as usize)
        } else {
            self.gathered.try_reserve(data.len())
        };
        reserved.map_err(|_| Stopped::NoMemory)?;
        self.gathered.extend_from_slice(data);
        Ok(())
    }
}

impl Body for Watched {
    type Data = Bytes;
    type Error = Box<dyn Error + Send + Sync>;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        // What is announced as too long need not arrive first.
        if Body::size_hint(&self.body).lower() > self.left {
            return Poll::Ready(Some(Err(Stopped::TooLong.into())));
        }
        loop {
            let known = self.known();
            std::task::ready!(self.share.poll_cover(known, context));
            if let Some(data) = self.arrived.take() {
                if let Err(stopped) = self.gather(&data) {
                    return Poll::Ready(Some(Err(stopped.into())));
                }
            }
            match Pin::new(&mut self.body).poll_frame(context) {
                Poll::Ready(Some(Ok(frame))) => {
                    self.alarm = None;
                    self.arrived = frame.into_data().ok();
                }
                Poll::Ready(None) if !self.gathered.is_empty() => {
                    let whole = Whole {
                        bytes: std::mem::take(&mut self.gathered),
                        _permit: self.share.permit.take(),
                    };
                    let whole = Bytes::from_owner(whole);
                    return Poll::Ready(match &self.slot {
                        None => Some(Ok(Frame::data(whole))),
                        Some(slot) => {
                            *lock(slot) = Some(whole);
                            None
                        }
                    });
                }
                Poll::Ready(ended) => return Poll::Ready(ended),
                Poll::Pending => {
                    let silence = self.silence;
                    let alarm = self.alarm.get_or_insert_with(|| Box::pin(sleep(silence)));
                    let rung = alarm.as_mut().poll(context);
                    return rung.map(|()| Some(Err(Stopped::Silent.into())));
                }
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        self.arrived.is_none() && self.gathered.is_empty() && self.body.is_end_stream()
    }
}
