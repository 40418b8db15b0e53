//! A limit for the head of the response that opens a WebSocket: the library reads one of any length.

use crate::sdk_text::Phrase;
use std::io;
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::Arc;
use std::task::{ready, Context, Poll};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// A connection whose first bytes are limited.
#[derive(Debug)]
pub struct LimitedHead<C> {
    connection: C,
    left: Arc<AtomicUsize>,
}

/// Lifts the limit.
#[derive(Debug)]
pub struct Lift(Arc<AtomicUsize>);

impl<C> LimitedHead<C> {
    /// Allows at most `limit` bytes to be read from this connection, until the limit is lifted.
    pub fn new(connection: C, limit: usize) -> (Self, Lift) {
        let left = Arc::new(AtomicUsize::new(limit));
        let lift = Lift(left.clone());
        (LimitedHead { connection, left }, lift)
    }
}

impl Lift {
    /// Lifts the limit.
    pub fn lift(self) {
        self.0.store(usize::MAX, Ordering::Relaxed);
    }
}

impl<C: AsyncRead + Unpin> AsyncRead for LimitedHead<C> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        ready!(Pin::new(&mut self.connection).poll_read(context, buffer))?;
        let read = buffer.filled().len() - before;
        let left = self.left.load(Ordering::Relaxed);
        if left == usize::MAX {
            return Poll::Ready(Ok(()));
        }
        if read > left {
            let error = io::Error::other(Phrase::HeadTooLarge.text());
            return Poll::Ready(Err(error));
        }
        self.left.store(left - read, Ordering::Relaxed);
        Poll::Ready(Ok(()))
    }
}

impl<C: AsyncWrite + Unpin> AsyncWrite for LimitedHead<C> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.connection).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.connection).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.connection).poll_shutdown(context)
    }
}
