//! A proxy that connects every request to the same port, and records where it should have connected.

use crate::{listen, server_runtime};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::AbortHandle;

/// The proxy.
pub struct Tunnel {
    address: SocketAddr,
    heads: Arc<Mutex<Vec<String>>>,
    task: AbortHandle,
}

impl Tunnel {
    /// Starts one that connects to this port of this machine.
    pub fn to(port: u16) -> Self {
        let (listener, address) = listen();
        let heads = Arc::new(Mutex::new(Vec::new()));
        let seen = heads.clone();
        let task = server_runtime()
            .spawn(async move {
                while let Ok((stream, _)) = listener.accept().await {
                    tokio::spawn(forward(stream, port, seen.clone()));
                }
            })
            .abort_handle();
        Tunnel {
            address,
            heads,
            task,
        }
    }

    /// Its URL.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The first lines of the requests so far.
    pub fn lines(&self) -> Vec<String> {
        let heads = self.heads.lock().expect("no panic");
        heads
            .iter()
            .filter_map(|head| head.lines().next().map(str::to_owned))
            .collect()
    }

    /// The heads of the requests so far.
    pub fn heads(&self) -> Vec<String> {
        self.heads.lock().expect("no panic").clone()
    }
}

impl Drop for Tunnel {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn forward(
    mut outside: TcpStream,
    port: u16,
    seen: Arc<Mutex<Vec<String>>>,
) -> std::io::Result<()> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(outside.read_u8().await?);
    }
    let text = String::from_utf8_lossy(&head).into_owned();
    let is_tunnel = text.starts_with("CONNECT ");
    seen.lock().expect("no panic").push(text);
    let mut inside = TcpStream::connect(("127.0.0.1", port)).await?;
    if is_tunnel {
        outside.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await?;
    } else {
        // A request without a tunnel is forwarded unchanged: servers accept absolute URLs.
        inside.write_all(&head).await?;
    }
    tokio::io::copy_bidirectional(&mut outside, &mut inside).await?;
    Ok(())
}
