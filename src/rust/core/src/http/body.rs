//! The body of a response, bounded in time and size while it arrives.

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

/// The longest body that is read, in bytes: eight times the largest response, five images of 204,800 bytes in base64.
pub const MAX_RESPONSE_BODY: u64 = 12 << 20;

/// Counted for each frame besides its bytes: a body with one byte a chunk must not take forever.
const PER_FRAME: u64 = 48;

/// Most bytes that are reserved because a body's length is announced.
const MAX_AHEAD: u64 = 2 << 20;

/// Bodies that one client may have in memory until R has taken them, in units of `UNIT` bytes: room for one of the longest.
/// Further ones are not read until there is room.
pub const BODIES_IN_MEMORY: usize = 256;
const UNIT: u64 = 64 << 10;

/// Admit a body after this wait even without a permit: the holders may have stalled.
const LONGEST_WAIT: Duration = Duration::from_secs(2);

/// Where a call finds the body of its response. The SDK would copy it, into memory outside the budget.
pub type Slot = Arc<Mutex<Option<Bytes>>>;

tokio::task_local! {
    /// The slot of the call that this task makes. Credential providers have none: they get bodies from the SDK.
    pub static SLOT: Slot;
}

/// Why a body was not read to the end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BodyError {
    /// Nothing arrived within the read timeout.
    Stalled,
    /// It is longer than [`MAX_RESPONSE_BODY`].
    TooLong,
    /// The system refused memory for it.
    NoMemory,
}

impl fmt::Display for BodyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            BodyError::Stalled => f.write_str("no data arrived in time"),
            BodyError::NoMemory => f.write_str("there is not enough memory for it"),
            BodyError::TooLong => write!(f, "it is longer than {} MiB", MAX_RESPONSE_BODY >> 20),
        }
    }
}

impl Error for BodyError {}

impl BodyError {
    /// The one among an error and its causes.
    pub fn in_causes(error: &(dyn Error + 'static)) -> Option<BodyError> {
        find(error).copied()
    }
}

type Permit = Option<OwnedSemaphorePermit>;

/// A body's share of the memory that all bodies have.
struct Share {
    memory: Arc<Semaphore>,
    permit: Permit,
    /// Bytes that it allows.
    covered: u64,
    waiting: Option<Pin<Box<dyn Future<Output = Permit> + Send + Sync>>>,
}

impl Share {
    /// The first `UNIT` bytes need no permit.
    fn new(memory: Arc<Semaphore>) -> Self {
        Share {
            memory,
            permit: None,
            covered: UNIT,
            waiting: None,
        }
    }

    /// Ready once the share allows at least `bytes`.
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
            // Without an announced length, the share doubles each time.
            let covered = bytes
                .max(2 * self.covered)
                .min(bytes.max(MAX_RESPONSE_BODY));
            let units = u32::try_from((covered - self.covered).div_ceil(UNIT)).unwrap_or(u32::MAX);
            self.covered = covered;
            let permit = self.memory.clone().acquire_many_owned(units);
            self.waiting = Some(Box::pin(async move {
                tokio::time::timeout(LONGEST_WAIT, permit).await.ok()?.ok()
            }));
        }
    }
}

/// A body in memory, with its permit: dropping it makes room for the next one.
struct CompleteBody {
    bytes: Vec<u8>,
    _permit: Permit,
}

impl AsRef<[u8]> for CompleteBody {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

/// A body that ends with an error if it stalls or grows too long. It arrives in one piece.
pub struct LimitedBody {
    body: SdkBody,
    buffer: Vec<u8>,
    /// Data that waits for its share of the memory.
    arrived: Option<Bytes>,
    left: u64,
    share: Share,
    read_timeout: Duration,
    slot: Option<Slot>,
    /// Set while the sender is waited for.
    timer: Option<Pin<Box<Sleep>>>,
}

impl LimitedBody {
    /// `read_timeout` is the longest time without data. The body goes to the slot, if there is one.
    pub fn new(
        body: SdkBody,
        read_timeout: Duration,
        memory: Arc<Semaphore>,
        slot: Option<Slot>,
    ) -> Self {
        LimitedBody {
            body,
            buffer: Vec::new(),
            arrived: None,
            left: MAX_RESPONSE_BODY,
            share: Share::new(memory),
            read_timeout,
            slot,
            timer: None,
        }
    }

    /// Bytes that have arrived or are announced.
    fn known_length(&self) -> u64 {
        let arrived = self.arrived.as_ref().map_or(0, Bytes::len);
        (self.buffer.len() + arrived) as u64 + Body::size_hint(&self.body).lower()
    }

    fn append(&mut self, data: &[u8]) -> Result<(), BodyError> {
        self.left = self
            .left
            .checked_sub(data.len() as u64 + PER_FRAME)
            .ok_or(BodyError::TooLong)?;
        let reserved = if self.buffer.is_empty() {
            let announced = data.len() as u64 + Body::size_hint(&self.body).lower();
            self.buffer
                .try_reserve_exact(announced.min(MAX_AHEAD) as usize)
        } else {
            self.buffer.try_reserve(data.len())
        };
        reserved.map_err(|_| BodyError::NoMemory)?;
        self.buffer.extend_from_slice(data);
        Ok(())
    }
}

impl Body for LimitedBody {
    type Data = Bytes;
    type Error = Box<dyn Error + Send + Sync>;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        // A body that is announced as too long is not read at all.
        if Body::size_hint(&self.body).lower() > self.left {
            return Poll::Ready(Some(Err(BodyError::TooLong.into())));
        }
        loop {
            let known = self.known_length();
            std::task::ready!(self.share.poll_cover(known, context));
            if let Some(data) = self.arrived.take() {
                if let Err(error) = self.append(&data) {
                    return Poll::Ready(Some(Err(error.into())));
                }
            }
            match Pin::new(&mut self.body).poll_frame(context) {
                Poll::Ready(Some(Ok(frame))) => {
                    self.timer = None;
                    self.arrived = frame.into_data().ok();
                }
                Poll::Ready(None) if !self.buffer.is_empty() => {
                    let body = CompleteBody {
                        bytes: std::mem::take(&mut self.buffer),
                        _permit: self.share.permit.take(),
                    };
                    let body = Bytes::from_owner(body);
                    return Poll::Ready(match &self.slot {
                        None => Some(Ok(Frame::data(body))),
                        Some(slot) => {
                            *lock(slot) = Some(body);
                            None
                        }
                    });
                }
                Poll::Ready(ended) => return Poll::Ready(ended),
                Poll::Pending => {
                    let read_timeout = self.read_timeout;
                    let timer = self
                        .timer
                        .get_or_insert_with(|| Box::pin(sleep(read_timeout)));
                    let expired = timer.as_mut().poll(context);
                    return expired.map(|()| Some(Err(BodyError::Stalled.into())));
                }
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        self.arrived.is_none() && self.buffer.is_empty() && self.body.is_end_stream()
    }
}
