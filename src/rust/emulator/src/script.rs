//! Responses written to the socket directly, because no HTTP server would send them.

use crate::faults::{Fault, Part};
use bytes::Bytes;
use hyper::Response;
use std::io;
use std::time::Duration;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

/// The bytes to write to a connection, and how to end it.
#[derive(Debug)]
pub struct Script {
    bytes: Vec<u8>,
    /// Pause after each byte.
    pause: Option<Duration>,
    end: End,
}

#[derive(Debug)]
enum End {
    Close,
    Reset,
    Stall,
}

impl Script {
    /// Closes the connection without sending anything.
    pub fn close() -> Self {
        Script {
            bytes: Vec::new(),
            pause: None,
            end: End::Close,
        }
    }

    /// Resets the connection without sending anything.
    pub fn reset() -> Self {
        Script {
            end: End::Reset,
            ..Script::close()
        }
    }

    /// The response with this fault; `None` if the HTTP server can send it. The response to HEAD has no body.
    pub fn for_fault(fault: &Fault, response: &Response<Bytes>, has_body: bool) -> Option<Self> {
        let body = if has_body { &response.body()[..] } else { &[] };
        let half = body.len() / 2;
        let surplus = match fault {
            Fault::ContentLength(surplus) => *surplus,
            _ => 0,
        };
        let mut bytes = head(response, surplus);
        let mut script = Script::close();
        match fault {
            Fault::CutOff(Part::Header) => bytes.truncate(bytes.len() / 2),
            Fault::CutOff(Part::Body) => bytes.extend_from_slice(&body[..half]),
            Fault::Stall => {
                bytes.extend_from_slice(&body[..half]);
                script.end = End::Stall;
            }
            Fault::Dribble(pause) => {
                bytes.extend_from_slice(body);
                script.pause = Some(*pause);
            }
            Fault::ContentLength(_) => bytes.extend_from_slice(body),
            _ => return None,
        }
        script.bytes = bytes;
        Some(script)
    }

    /// Writes the bytes and ends the connection.
    pub async fn run(self, mut stream: TcpStream) -> io::Result<()> {
        match self.pause {
            None => stream.write_all(&self.bytes).await?,
            Some(pause) => {
                for byte in &self.bytes {
                    stream.write_all(std::slice::from_ref(byte)).await?;
                    tokio::time::sleep(pause).await;
                }
            }
        }
        match self.end {
            End::Close => stream.shutdown().await,
            End::Reset => stream.set_zero_linger(),
            End::Stall => std::future::pending().await,
        }
    }
}

fn head(response: &Response<Bytes>, surplus: i64) -> Vec<u8> {
    let length = i64::try_from(response.body().len()).unwrap_or(i64::MAX);
    let mut head = format!("HTTP/1.1 {}\r\n", response.status()).into_bytes();
    for (name, value) in response.headers() {
        head.extend_from_slice(name.as_str().as_bytes());
        head.extend_from_slice(b": ");
        head.extend_from_slice(value.as_bytes());
        head.extend_from_slice(b"\r\n");
    }
    let length = length.saturating_add(surplus).max(0);
    head.extend_from_slice(
        format!("connection: close\r\ncontent-length: {length}\r\n\r\n").as_bytes(),
    );
    head
}
