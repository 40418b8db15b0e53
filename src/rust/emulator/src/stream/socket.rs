//! A WebSocket: the connection after the handshake.

use super::paced::Paced;
use bytes::Bytes;
use futures_util::{SinkExt, StreamExt};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::time::timeout;
use tokio_websockets::{CloseCode, Error, Limits, Message, ServerBuilder, WebSocketStream};

/// The largest message: a second of video in base64 takes 0.2 MB.
const MAX_MESSAGE: usize = 2 << 20;
/// For the client to take what is sent to it, or to close the connection.
const PATIENCE: Duration = Duration::from_secs(10);
/// For what a client still sends after an error.
const LINGER: Duration = Duration::from_secs(1);
const MAX_REST: u64 = 4 << 20;

/// What has come from the client.
#[derive(Debug)]
pub enum Received {
    /// A message.
    Message(Bytes),
    /// A message of text, where bytes are expected.
    Text,
    /// A frame without a message, which was dealt with.
    Control,
    /// The connection has ended.
    Closed,
}

/// A WebSocket, from the server's side.
pub struct Socket {
    stream: WebSocketStream<Paced>,
    patience: Duration,
}

impl Socket {
    /// The socket of a connection on which the handshake is complete.
    pub fn new(connection: Paced) -> Self {
        let limits = Limits::default().max_payload_len(Some(MAX_MESSAGE));
        Socket {
            patience: connection.time_to_send().max(PATIENCE),
            stream: ServerBuilder::new().limits(limits).serve(connection),
        }
    }

    /// The next message.
    pub async fn receive(&mut self) -> Received {
        let message = match self.stream.next().await {
            Some(Ok(message)) => message,
            Some(Err(error)) => {
                self.reject(&error).await;
                return Received::Closed;
            }
            None => return Received::Closed,
        };
        if message.is_binary() {
            return Received::Message(message.into_payload().into());
        }
        if message.is_text() {
            return Received::Text;
        }
        // Read on only when the response to a ping is sent: otherwise responses to a client that does not read them
        // would take up memory.
        match timeout(self.patience, self.stream.flush()).await {
            Ok(Ok(())) if !message.is_close() => Received::Control,
            _ => Received::Closed,
        }
    }

    /// Sends a message. The client may have left.
    pub async fn send(&mut self, message: Vec<u8>) {
        self.attempt(Message::binary(message)).await;
    }

    /// Closes the connection with this code, and waits for the client to do the same.
    pub async fn close(mut self, code: u16, reason: &str) {
        let code = CloseCode::try_from(code).ok();
        let code = code.filter(|code| !code.is_reserved());
        self.attempt(Message::close(code, reason)).await;
        let _ = timeout(self.patience, self.stream.close()).await;
    }

    /// Ends the connection after an error. The library has a closing frame ready for most.
    async fn reject(&mut self, error: &Error) {
        if matches!(error, Error::PayloadTooLong { .. }) {
            let code = Some(CloseCode::MESSAGE_TOO_BIG);
            self.attempt(Message::close(code, "")).await;
        }
        let _ = timeout(self.patience, self.stream.flush()).await;
        // If bytes are left unread, the system resets the connection, and the client may not get the frame.
        let connection = self.stream.get_mut();
        let _ = connection.shutdown().await;
        let mut rest = connection.take(MAX_REST);
        let _ = timeout(LINGER, tokio::io::copy(&mut rest, &mut tokio::io::sink())).await;
    }

    async fn attempt(&mut self, message: Message) {
        let _ = timeout(self.patience, self.stream.send(message)).await;
    }

    /// Ends the connection without a closing frame, also where a forked process has it open.
    pub async fn cut_off(mut self) {
        let _ = self.stream.get_mut().shutdown().await;
    }

    /// Reads and ignores what comes, until the client closes the connection or the time is over.
    pub async fn ignore(mut self, within: Duration) {
        let _ = timeout(within, async {
            while !matches!(self.receive().await, Received::Closed) {}
        })
        .await;
    }
}
