//! HTTP around the service.

use crate::error::Refusal;
use crate::faults::Fault;
use crate::script::Script;
use crate::service::{Reply, Request, Service};
use bytes::Bytes;
use flate2::write::GzEncoder;
use flate2::Compression;
use http_body_util::combinators::BoxBody;
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::{Body, Frame, Incoming};
use hyper::service::service_fn;
use hyper::{http, Response};
use hyper_util::rt::TokioIo;
use std::collections::VecDeque;
use std::convert::Infallible;
use std::future::poll_fn;
use std::io::Write;
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
    let script = Arc::new(Mutex::new(None));
    let answer = service_fn(|request| Box::pin(answer(request, service.clone(), script.clone())));
    let mut connection =
        hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), answer);
    // An error here is a client that went away, or an answer that HTTP cannot carry.
    let _ = poll_fn(|context| connection.poll_without_shutdown(context)).await;
    let stream = connection.into_parts().io.into_inner();
    let script = script.lock().unwrap_or_else(PoisonError::into_inner).take();
    if let Some(script) = script {
        // The client may have had enough of it.
        let _ = script.play(stream).await;
    }
}

/// Why HTTP ends on a connection: the answer is written without it.
#[derive(Debug)]
struct Scripted;

impl std::fmt::Display for Scripted {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("broken off to order")
    }
}

impl std::error::Error for Scripted {}

async fn answer(
    request: hyper::Request<Incoming>,
    service: Shared,
    slot: Arc<Mutex<Option<Script>>>,
) -> Result<Response<BoxBody<Bytes, Infallible>>, Scripted> {
    let scripted = |script| {
        *slot.lock().unwrap_or_else(PoisonError::into_inner) = Some(script);
        Err(Scripted)
    };
    let (head, body) = request.into_parts();
    let Ok(body) = Limited::new(body, MAX_BODY).collect().await else {
        return scripted(Script::close());
    };
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
    match fault {
        Some(Fault::Hang) => std::future::pending().await,
        Some(Fault::Close) => return scripted(Script::close()),
        Some(Fault::Reset) => return scripted(Script::reset()),
        Some(Fault::Delay(delay)) => tokio::time::sleep(delay).await,
        _ => {}
    }
    let result = match &fault {
        Some(Fault::Refuse(refusal)) => Err(refusal.clone()),
        Some(Fault::Html(status)) => Ok(page(*status)),
        _ => lock(&service).answer(&request),
    };
    let code = result.as_ref().err().map(|refusal| refusal.code.clone());
    let mut reply = result.unwrap_or_else(|refusal| refused(&refusal));
    lock(&service).answered(&request_id, reply.status, code.as_deref());
    if fault == Some(Fault::Gzip) {
        reply.body = gzip(&reply.body);
        reply
            .headers
            .push(("content-encoding".into(), "gzip".into()));
    }
    // A proxy knows no request ids.
    let is_from_service = !matches!(fault, Some(Fault::Html(_)));
    let response = response(reply, is_from_service.then_some(&request_id));
    if let Some(script) = fault
        .as_ref()
        .and_then(|fault| Script::spoil(fault, &response))
    {
        return scripted(script);
    }
    Ok(response.map(|body| match fault {
        Some(Fault::Chunked) => Chunks::of(&body).boxed(),
        _ => Full::new(body).boxed(),
    }))
}

fn refused(refusal: &Refusal) -> Reply {
    Reply {
        status: refusal.status,
        headers: Vec::new(),
        body: refusal.body().to_string().into_bytes(),
    }
}

/// What a proxy or a load balancer says for a server that it cannot reach.
fn page(status: u16) -> Reply {
    let words = http::StatusCode::from_u16(status)
        .ok()
        .and_then(|status| status.canonical_reason())
        .unwrap_or("Error");
    let title = format!("{status} {words}");
    Reply {
        status,
        headers: vec![("content-type".into(), "text/html".into())],
        body: format!(
            "<html>\n<head><title>{title}</title></head>\n<body><h1>{title}</h1></body>\n</html>\n"
        )
        .into_bytes(),
    }
}

fn gzip(body: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    let written = encoder.write_all(body).and_then(|()| encoder.finish());
    // Nothing fails where memory is written to.
    written.unwrap_or_default()
}

/// A body in pieces, of which nobody knows how many will come.
struct Chunks(VecDeque<Bytes>);

impl Chunks {
    fn of(body: &Bytes) -> Self {
        let size = body.len().div_ceil(3).max(1);
        Chunks(
            body.chunks(size)
                .map(|piece| body.slice_ref(piece))
                .collect(),
        )
    }
}

impl Body for Chunks {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        Poll::Ready(self.0.pop_front().map(|piece| Ok(Frame::data(piece))))
    }
}

fn response(reply: Reply, request_id: Option<&String>) -> Response<Bytes> {
    let mut response = Response::new(Bytes::from(reply.body));
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
    if let Some(request_id) = request_id {
        set("x-amzn-requestid", request_id);
    }
    set("content-type", "application/x-amz-json-1.1");
    for (name, value) in &reply.headers {
        set(name, value);
    }
    response
}
