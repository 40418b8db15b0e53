//! The body of an answer, watched while it arrives: it must not fall silent and not grow without end.

use aws_smithy_types::body::SdkBody;
use bytes::Bytes;
use http_body::{Body, Frame};
use std::error::Error;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
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

/// Bodies that one client may have in memory before others wait outside, in units of `UNIT` bytes.
pub const BODIES_IN_MEMORY: usize = 96;
const UNIT: u64 = 64 << 10;

/// Who has waited this long for others is let in: they may have fallen silent.
const LONGEST_WAIT: Duration = Duration::from_secs(2);

/// Why a body was not read to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stopped {
    /// No byte came for too long.
    Silent,
    /// It is longer than `MAX_BODY`.
    TooLong,
}

impl fmt::Display for Stopped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Stopped::Silent => f.write_str("no byte came for too long"),
            Stopped::TooLong => write!(f, "it is longer than {} MiB", MAX_BODY >> 20),
        }
    }
}

impl Error for Stopped {}

impl Stopped {
    /// Whether an error has this cause.
    pub fn cause_of(error: &(dyn Error + 'static)) -> Option<Stopped> {
        let mut cause = Some(error);
        while let Some(error) = cause {
            if let Some(found) = error.downcast_ref::<Stopped>() {
                return Some(*found);
            }
            cause = error.source();
        }
        None
    }
}

/// Whether a body may come into memory yet.
enum Entry {
    Waiting(Pin<Box<dyn Future<Output = Option<OwnedSemaphorePermit>> + Send + Sync>>),
    Open(Option<OwnedSemaphorePermit>),
}

impl Entry {
    fn take(&mut self) -> Option<OwnedSemaphorePermit> {
        match self {
            Entry::Waiting(_) => None,
            Entry::Open(permit) => permit.take(),
        }
    }
}

/// A body in memory. When nobody needs it any more, the next may come.
struct Whole {
    bytes: Vec<u8>,
    _permit: Option<OwnedSemaphorePermit>,
}

impl AsRef<[u8]> for Whole {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

/// A body that gives up on a sender that falls silent, and on one that never ends. It comes in one piece, so that
/// it is copied once.
pub struct Watched {
    body: SdkBody,
    gathered: Vec<u8>,
    left: u64,
    entry: Entry,
    silence: Duration,
    /// Rings when there was no byte for too long; set while the sender is waited for.
    alarm: Option<Pin<Box<Sleep>>>,
}

impl Watched {
    /// Watches `body`; `silence` is the longest time without a byte.
    pub fn new(body: SdkBody, silence: Duration, memory: Arc<Semaphore>) -> Self {
        let announced = Body::size_hint(&body).lower().min(MAX_AHEAD);
        let units = u32::try_from(announced / UNIT).unwrap_or_default();
        Watched {
            entry: if units == 0 {
                Entry::Open(None)
            } else {
                Entry::Waiting(Box::pin(async move {
                    let permit = memory.acquire_many_owned(units);
                    tokio::time::timeout(LONGEST_WAIT, permit).await.ok()?.ok()
                }))
            },
            body,
            gathered: Vec::new(),
            left: MAX_BODY,
            silence,
            alarm: None,
        }
    }

    fn gather(&mut self, data: &[u8]) -> Result<(), Stopped> {
        let length = data.len() as u64;
        self.left = self
            .left
            .checked_sub(length + PER_FRAME)
            .ok_or(Stopped::TooLong)?;
        if self.gathered.is_empty() {
            let announced = length + Body::size_hint(&self.body).lower();
            self.gathered
                .reserve_exact(announced.min(MAX_AHEAD) as usize);
        }
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
        if let Entry::Waiting(permit) = &mut self.entry {
            match permit.as_mut().poll(context) {
                Poll::Ready(permit) => self.entry = Entry::Open(permit),
                Poll::Pending => return Poll::Pending,
            }
        }
        loop {
            match Pin::new(&mut self.body).poll_frame(context) {
                Poll::Ready(Some(Ok(frame))) => {
                    self.alarm = None;
                    if let Err(stopped) = frame.data_ref().map_or(Ok(()), |data| self.gather(data))
                    {
                        return Poll::Ready(Some(Err(stopped.into())));
                    }
                }
                Poll::Ready(None) if !self.gathered.is_empty() => {
                    let whole = Whole {
                        bytes: std::mem::take(&mut self.gathered),
                        _permit: self.entry.take(),
                    };
                    return Poll::Ready(Some(Ok(Frame::data(Bytes::from_owner(whole)))));
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
        self.gathered.is_empty() && self.body.is_end_stream()
    }
}
