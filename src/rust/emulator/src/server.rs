//! HTTP around the service.

use crate::error::Refusal;
use crate::faults::Fault;
use crate::service::{Reply, Request, Service};
use bytes::Bytes;
use http_body_util::{BodyExt, Limited};
use hyper::body::{Body, Frame, Incoming, SizeHint};
use hyper::service::service_fn;
use hyper::{http, Response};
use hyper_util::rt::TokioIo;
use std::convert::Infallible;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};
use tokio::net::{TcpListener, TcpStream};

/// No request of these operations comes near it.
const MAX_BODY: usize = 1 << 20;

/// The state that connections share.
pub type Shared = Arc<Mutex<Service>>;

/// The service's state, for as long as the guard lives.
pub fn lock(service: &Shared) -> MutexGuard<'_, Service> {
    service.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Accepts connections for ever.
pub async fn accept(listener: TcpListener, service: Shared) -> Infallible {
    loop {
        match listener.accept().await {
            Ok((stream, _)) => {
                tokio::spawn(serve(stream, service.clone()));
            }
            // Out of file descriptors, or a client that left already: the next one may do better.
            Err(_) => tokio::time::sleep(std::time::Duration::from_millis(10)).await,
        }
    }
}

async fn serve(stream: TcpStream, service: Shared) {
    // Without it small answers wait for the client's acknowledgement.
    let _ = stream.set_nodelay(true);
    let answer = service_fn(|request| answer(request, service.clone()));
    // An error here is a client that went away, or one that was to be cut off.
    let _ = hyper::server::conn::http1::Builder::new()
        .serve_connection(TokioIo::new(stream), answer)
        .await;
}

/// Why a connection ends without an answer.
#[derive(Debug)]
struct Broken;

impl std::fmt::Display for Broken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("broken off to order")
    }
}

impl std::error::Error for Broken {}

async fn answer(
    request: hyper::Request<Incoming>,
    service: Shared,
) -> Result<Response<Answer>, Broken> {
    let (head, body) = request.into_parts();
    let body = Limited::new(body, MAX_BODY)
        .collect()
        .await
        .map_err(|_| Broken)?;
    let request = Request {
        method: head.method.to_string(),
        path: head
            .uri
            .path_and_query()
            .map_or("/", |path| path.as_str())
            .to_owned(),
        headers: head.headers,
        body: body.to_bytes().to_vec(),
    };
    let request_id = uuid::Uuid::new_v4().to_string();
    let fault = lock(&service).arrive(&request, &request_id);
    let mut cut_off = false;
    let result = match fault {
        None => lock(&service).answer(&request),
        Some(Fault::Refuse(refusal)) => Err(refusal),
        Some(Fault::Delay(delay)) => {
            tokio::time::sleep(delay).await;
            lock(&service).answer(&request)
        }
        Some(Fault::Hang) => std::future::pending().await,
        Some(Fault::Close) => return Err(Broken),
        Some(Fault::CutOff) => {
            cut_off = true;
            lock(&service).answer(&request)
        }
    };
    let code = result.as_ref().err().map(|refusal| refusal.code.clone());
    let reply = result.unwrap_or_else(|refusal| refused(&refusal));
    lock(&service).answered(&request_id, reply.status, code.as_deref());
    Ok(response(reply, &request_id, cut_off))
}

fn refused(refusal: &Refusal) -> Reply {
    Reply {
        status: refusal.status,
        headers: Vec::new(),
        body: refusal.body().to_string().into_bytes(),
    }
}

fn response(reply: Reply, request_id: &str, cut_off: bool) -> Response<Answer> {
    let total = reply.body.len();
    let mut body = Bytes::from(reply.body);
    if cut_off {
        body.truncate(total / 2);
    }
    let mut response = Response::new(Answer {
        body: Some(body),
        total,
        flushed: false,
    });
    if let Ok(status) = http::StatusCode::from_u16(reply.status) {
        *response.status_mut() = status;
    }
    let headers = response.headers_mut();
    let mut set = |name: &str, value: &str| {
        let name = http::HeaderName::from_bytes(name.as_bytes());
        if let (Ok(name), Ok(value)) = (name, http::HeaderValue::from_str(value)) {
            headers.insert(name, value);
        }
    };
    set("x-amzn-requestid", request_id);
    set("content-type", "application/x-amz-json-1.1");
    for (name, value) in &reply.headers {
        set(name, value);
    }
    response
}

/// A body that promises `total` bytes and breaks off if it has fewer.
struct Answer {
    body: Option<Bytes>,
    total: usize,
    flushed: bool,
}

impl Body for Answer {
    type Data = Bytes;
    type Error = Broken;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Broken>>> {
        let Some(body) = self.body.take() else {
            // hyper flushes when it has to wait: what was given so far must arrive.
            if !std::mem::replace(&mut self.flushed, true) {
                context.waker().wake_by_ref();
                return Poll::Pending;
            }
            return Poll::Ready(Some(Err(Broken)));
        };
        self.total -= body.len();
        if self.total == 0 && body.is_empty() {
            return Poll::Ready(None);
        }
        Poll::Ready(Some(Ok(Frame::data(body))))
    }

    fn is_end_stream(&self) -> bool {
        self.total == 0
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.total as u64)
    }
}
