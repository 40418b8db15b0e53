//! A small HTTP server, for the services that credentials come from.

use crate::{listen, server_runtime};
use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper::Response;
use hyper_util::rt::TokioIo;
use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use tokio::net::TcpListener;
use tokio::task::AbortHandle;

/// A request to the server.
#[derive(Debug, Clone, Default)]
pub struct Request {
    /// Method and path with query.
    pub line: String,
    /// Headers, one a line.
    pub headers: String,
    /// Body.
    pub body: String,
}

/// A response.
#[derive(Debug, Clone, Default)]
pub struct Reply {
    /// Status.
    pub status: u16,
    /// Headers besides the usual ones.
    pub headers: Vec<(&'static str, String)>,
    /// Body.
    pub body: Vec<u8>,
}

impl From<(u16, String)> for Reply {
    fn from((status, body): (u16, String)) -> Self {
        Reply {
            status,
            headers: Vec::new(),
            body: body.into(),
        }
    }
}

/// A server whose `handle` returns each response.
pub struct HttpServer {
    address: SocketAddr,
    requests: Arc<Mutex<Vec<Request>>>,
    task: AbortHandle,
}

impl HttpServer {
    /// Starts one on loopback. `handle` returns status and body. It never responds if that is `None`.
    pub fn start(
        handle: impl Fn(&Request) -> Option<(u16, String)> + Clone + Send + Sync + 'static,
    ) -> Self {
        Self::replying(move |request| handle(request).map(Reply::from))
    }

    /// The same with headers.
    pub fn replying(
        handle: impl Fn(&Request) -> Option<Reply> + Clone + Send + Sync + 'static,
    ) -> Self {
        let (listener, address) = listen();
        let requests = Arc::new(Mutex::new(Vec::new()));
        let task = server_runtime()
            .spawn(accept(listener, handle, requests.clone()))
            .abort_handle();
        HttpServer {
            address,
            requests,
            task,
        }
    }

    /// Its URL.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The requests so far.
    pub fn requests(&self) -> Vec<Request> {
        self.requests.lock().expect("no panic").clone()
    }
}

impl Drop for HttpServer {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn accept(
    listener: TcpListener,
    handle: impl Fn(&Request) -> Option<Reply> + Clone + Send + Sync + 'static,
    requests: Arc<Mutex<Vec<Request>>>,
) {
    while let Ok((stream, _)) = listener.accept().await {
        let (handle, requests) = (handle.clone(), requests.clone());
        tokio::spawn(async move {
            let service = service_fn(|request| respond(request, handle.clone(), requests.clone()));
            let _ = hyper::server::conn::http1::Builder::new()
                .serve_connection(TokioIo::new(stream), service)
                .await;
        });
    }
}

async fn respond(
    request: hyper::Request<Incoming>,
    handle: impl Fn(&Request) -> Option<Reply>,
    requests: Arc<Mutex<Vec<Request>>>,
) -> Result<Response<Full<Bytes>>, Infallible> {
    let (head, body) = request.into_parts();
    let body = body.collect().await.map(|body| body.to_bytes());
    let headers = head.headers.iter();
    let request = Request {
        line: format!("{} {}", head.method, head.uri),
        headers: headers
            .map(|(name, value)| format!("{name}: {}\n", String::from_utf8_lossy(value.as_bytes())))
            .collect(),
        body: String::from_utf8_lossy(&body.unwrap_or_default()).into_owned(),
    };
    let handled = handle(&request);
    requests.lock().expect("no panic").push(request);
    let Some(reply) = handled else {
        return std::future::pending().await;
    };
    let mut response = Response::new(Full::new(Bytes::from(reply.body)));
    *response.status_mut() = hyper::StatusCode::from_u16(reply.status).expect("a status");
    for (name, value) in reply.headers {
        let value = value.parse().expect("a header");
        response.headers_mut().insert(name, value);
    }
    // The lifetime of the token of the instance metadata service.
    response.headers_mut().insert(
        "x-aws-ec2-metadata-token-ttl-seconds",
        hyper::header::HeaderValue::from_static("21600"),
    );
    Ok(response)
}
