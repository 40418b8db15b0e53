//! A small HTTP server, for the services that credentials come from.

use crate::{listen, stand_ins};
use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use tokio::net::TcpListener;
use tokio::task::AbortHandle;

/// A request that came.
#[derive(Debug, Clone, Default)]
pub struct Seen {
    /// Method and path with query.
    pub line: String,
    /// Headers, one a line.
    pub headers: String,
    /// Body.
    pub body: String,
}

/// A server that answers each request with what `answer` makes of it: a status and a body.
pub struct HttpServer {
    address: SocketAddr,
    seen: Arc<Mutex<Vec<Seen>>>,
    task: AbortHandle,
}

impl HttpServer {
    /// Starts one on loopback. An answer of `None` never comes.
    pub fn start(
        answer: impl Fn(&Seen) -> Option<(u16, String)> + Clone + Send + Sync + 'static,
    ) -> Self {
        let (listener, address) = listen();
        let seen = Arc::new(Mutex::new(Vec::new()));
        let task = stand_ins()
            .spawn(accept(listener, answer, seen.clone()))
            .abort_handle();
        HttpServer {
            address,
            seen,
            task,
        }
    }

    /// Its URL.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Requests that came.
    pub fn seen(&self) -> Vec<Seen> {
        self.seen.lock().expect("no panic").clone()
    }
}

impl Drop for HttpServer {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn accept(
    listener: TcpListener,
    answer: impl Fn(&Seen) -> Option<(u16, String)> + Clone + Send + Sync + 'static,
    seen: Arc<Mutex<Vec<Seen>>>,
) {
    while let Ok((stream, _)) = listener.accept().await {
        let (answer, seen) = (answer.clone(), seen.clone());
        tokio::spawn(async move {
            let service = service_fn(|request| respond(request, answer.clone(), seen.clone()));
            let _ = hyper::server::conn::http1::Builder::new()
                .serve_connection(TokioIo::new(stream), service)
                .await;
        });
    }
}

async fn respond(
    request: Request<Incoming>,
    answer: impl Fn(&Seen) -> Option<(u16, String)>,
    seen: Arc<Mutex<Vec<Seen>>>,
) -> Result<Response<Full<Bytes>>, Infallible> {
    let (head, body) = request.into_parts();
    let body = body.collect().await.map(|body| body.to_bytes());
    let headers = head.headers.iter();
    let request = Seen {
        line: format!("{} {}", head.method, head.uri),
        headers: headers
            .map(|(name, value)| format!("{name}: {}\n", String::from_utf8_lossy(value.as_bytes())))
            .collect(),
        body: String::from_utf8_lossy(&body.unwrap_or_default()).into_owned(),
    };
    let answered = answer(&request);
    seen.lock().expect("no panic").push(request);
    let Some((status, body)) = answered else {
        return std::future::pending().await;
    };
    let mut response = Response::new(Full::new(Bytes::from(body)));
    *response.status_mut() = hyper::StatusCode::from_u16(status).expect("a status");
    // Instance metadata says how long its token lives.
    response.headers_mut().insert(
        "x-aws-ec2-metadata-token-ttl-seconds",
        hyper::header::HeaderValue::from_static("21600"),
    );
    Ok(response)
}
