//! A connection that can send byte by byte, with a pause after each.

use bytes::{Buf, Bytes};
use std::future::Future;
use std::io;
use std::pin::Pin;
use std::task::{ready, Context, Poll};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::{sleep, Sleep};

/// More than the bytes of any message to a client.
const LONGEST: u32 = 10_000;

/// A connection, and what was read from it before.
pub struct Paced {
    stream: TcpStream,
    early: Bytes,
    pause: Option<Duration>,
    pausing: Option<Pin<Box<Sleep>>>,
}

impl Paced {
    /// The connection, with bytes that were already read from it.
    pub fn new(stream: TcpStream, early: Bytes, pause: Option<Duration>) -> Self {
        Paced {
            stream,
            early,
            pause,
            pausing: None,
        }
    }

    /// The time that the pauses of a message may take.
    pub fn time_to_send(&self) -> Duration {
        self.pause.unwrap_or_default().saturating_mul(LONGEST)
    }
}

impl AsyncRead for Paced {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if self.early.has_remaining() {
            let length = self.early.remaining().min(buffer.remaining());
            buffer.put_slice(&self.early.split_to(length));
            return Poll::Ready(Ok(()));
        }
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl AsyncWrite for Paced {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let Some(pause) = self.pause else {
            return Pin::new(&mut self.stream).poll_write(context, bytes);
        };
        if let Some(pausing) = &mut self.pausing {
            ready!(pausing.as_mut().poll(context));
            self.pausing = None;
        }
        let first = &bytes[..bytes.len().min(1)];
        let written = ready!(Pin::new(&mut self.stream).poll_write(context, first))?;
        self.pausing = Some(Box::pin(sleep(pause)));
        Poll::Ready(Ok(written))
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
