//! The HTTP server.

use crate::body::{self, Unread};
use crate::connections::{Connections, Place};
use crate::error::Refusal;
use crate::faults::Fault;
use crate::opening::Opening;
use crate::request::{read_input, Protocol, Request};
use crate::responses::Reply;
use crate::script::Script;
use crate::service::Shared;
use crate::stream;
use crate::sync::lock;
use crate::{cors, s3};
use bytes::Bytes;
use flate2::write::GzEncoder;
use flate2::Compression;
use futures_util::future::select;
use http_body_util::combinators::BoxBody;
use http_body_util::{BodyExt, Full};
use hyper::body::{Body, Frame, Incoming};
use hyper::service::service_fn;
use hyper::{http, Response};
use hyper_util::rt::TokioIo;
use std::collections::VecDeque;
use std::convert::Infallible;
use std::future::poll_fn;
use std::io::Write;
use std::pin::{pin, Pin};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;

/// The longest head of a request: the URL of a stream has a session token in it.
const MAX_HEAD: usize = 64 << 10;
/// Larger bodies are read as JSON only if they come with known keys.
const MAX_FOREIGN_BODY: usize = 64 << 10;

/// Accepts connections until the runtime shuts down.
pub async fn accept(listener: Arc<TcpListener>, service: Shared) -> Infallible {
    let connections = Connections::new();
    let budget = Arc::new(body::budget());
    loop {
        match listener.accept().await {
            Ok((stream, _)) => {
                let (place, service) = (connections.enter(), service.clone());
                let budget = budget.clone();
                tokio::spawn(async move {
                    let served = pin!(serve(stream, service, &place, &budget));
                    select(served, pin!(place.closed())).await;
                });
            }
            // Out of file descriptors, or the client has disconnected: the next accept may succeed.
            Err(_) => {
                connections.close_oldest();
                tokio::time::sleep(std::time::Duration::from_millis(10)).await;
            }
        }
    }
}

async fn serve(stream: TcpStream, service: Shared, place: &Place, budget: &Semaphore) {
    // Otherwise small responses wait for the client's acknowledgement.
    let _ = stream.set_nodelay(true);
    let takeover = Arc::new(Mutex::new(None));
    let handler = service_fn(|request| {
        let response = handle(request, service.clone(), takeover.clone(), place, budget);
        Box::pin(async {
            let response = response.await;
            place.wait();
            response
        })
    });
    let mut connection = hyper::server::conn::http1::Builder::new()
        .max_buf_size(MAX_HEAD)
        .serve_connection(TokioIo::new(stream), handler);
    // An error means that the client has disconnected, or that something else takes over.
    let _ = poll_fn(|context| connection.poll_without_shutdown(context)).await;
    let parts = connection.into_parts();
    let stream = parts.io.into_inner();
    let takeover = lock(&takeover).take();
    match takeover {
        Some(Takeover::Script(script)) if place.work() => {
            // The client may disconnect before the script ends.
            let _ = script.run(stream).await;
        }
        Some(Takeover::Stream(opening)) => {
            stream::serve(*opening, stream, parts.read_buf, service, place).await;
        }
        _ => {}
    }
}

/// What takes over a connection from HTTP.
enum Takeover {
    /// A response that no HTTP server would send.
    Script(Script),
    /// A stream.
    Stream(Box<Opening>),
}

/// Ends HTTP on a connection: something else takes it over.
#[derive(Debug)]
struct TakenOver;

impl std::fmt::Display for TakenOver {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the connection is taken over")
    }
}

impl std::error::Error for TakenOver {}

async fn handle(
    request: hyper::Request<Incoming>,
    service: Shared,
    slot: Arc<Mutex<Option<Takeover>>>,
    place: &Place,
    budget: &Semaphore,
) -> Result<Response<BoxBody<Bytes, Infallible>>, TakenOver> {
    let take_over = |takeover| {
        *lock(&slot) = Some(takeover);
        Err(TakenOver)
    };
    let scripted = |script| take_over(Takeover::Script(script));
    let (head, mut body) = request.into_parts();
    if let Some(opening) = Opening::of(&head) {
        return take_over(Takeover::Stream(Box::new(opening)));
    }
    if head.method == http::Method::OPTIONS {
        return Ok(cors::preflight(&head.headers).map(|body| Full::new(body).boxed()));
    }
    let protocol = Protocol::of(head.method.as_str(), &head.headers);
    let read = body::read(&mut body, budget).await;
    let is_too_large = protocol == Protocol::S3 && matches!(read, Err(Unread::TooLarge));
    let (body, _share) = match read {
        Ok(read) => read,
        Err(_) if is_too_large => {
            // A client that expects `100 Continue` waits, and sends no body when it gets an error.
            if !head.headers.contains_key("expect") {
                body::skip(&mut body).await;
            }
            (Bytes::new(), None)
        }
        Err(_) => return scripted(Script::close()),
    };
    if !place.work() {
        return scripted(Script::close());
    }
    let input = if body.len() <= MAX_FOREIGN_BODY || lock(&service).knows_keys(&head.headers) {
        read_input(protocol, &body)
    } else {
        Err(Refusal::serialization("The body was not read."))
    };
    let request = Request {
        input,
        method: head.method.to_string(),
        path: head
            .uri
            .path_and_query()
            .map_or("/", |path| path.as_str())
            .to_owned(),
        headers: head.headers,
        body,
    };
    let request_id = uuid::Uuid::new_v4().to_string();
    let fault = lock(&service).receive(&request, &request_id);
    match fault {
        Some(Fault::Hang) => std::future::pending().await,
        Some(Fault::Close) => return scripted(Script::close()),
        Some(Fault::Reset) => return scripted(Script::reset()),
        Some(Fault::Delay(delay)) => tokio::time::sleep(delay).await,
        _ => {}
    }
    let (mut reply, code) = match &fault {
        Some(Fault::Refuse(refusal)) => request.refused(refusal.clone(), &request_id),
        Some(Fault::Html(status)) => (html_page(*status), None),
        _ if is_too_large => s3::Failure::too_large().response(&request_id),
        _ => lock(&service).handle(&request, &request_id),
    };
    if fault == Some(Fault::Drop) {
        return scripted(Script::close());
    }
    lock(&service).record_response(&request_id, reply.status, code.as_deref());
    if fault == Some(Fault::Gzip) {
        reply.body = gzip(&reply.body);
        reply
            .headers
            .push(("content-encoding".into(), "gzip".into()));
    }
    // The page of a proxy has no request ID.
    let is_from_service = !matches!(fault, Some(Fault::Html(_)));
    let response = response(reply, protocol, is_from_service.then_some(&request_id));
    let has_body = request.method != "HEAD";
    if let Some(script) = fault
        .as_ref()
        .and_then(|fault| Script::for_fault(fault, &response, has_body))
    {
        return scripted(script);
    }
    Ok(response.map(|body| match fault {
        Some(Fault::Chunked) => Chunks::of(&body).boxed(),
        _ => Full::new(body).boxed(),
    }))
}

/// The page that a proxy or load balancer returns when it cannot reach the server.
fn html_page(status: u16) -> Reply {
    let reason = http::StatusCode::from_u16(status)
        .ok()
        .and_then(|status| status.canonical_reason())
        .unwrap_or("Error");
    let title = format!("{status} {reason}");
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
    // Writing to memory does not fail.
    written.unwrap_or_default()
}

/// A body of unknown length, sent in chunks.
struct Chunks(VecDeque<Bytes>);

impl Chunks {
    fn of(body: &Bytes) -> Self {
        let size = body.len().div_ceil(3).max(1);
        Chunks(
            body.chunks(size)
                .map(|chunk| body.slice_ref(chunk))
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
        Poll::Ready(self.0.pop_front().map(|chunk| Ok(Frame::data(chunk))))
    }
}

fn response(reply: Reply, protocol: Protocol, request_id: Option<&String>) -> Response<Bytes> {
    let mut response = Response::new(Bytes::from(reply.body));
    if let Ok(status) = http::StatusCode::from_u16(reply.status) {
        *response.status_mut() = status;
    }
    let headers = response.headers_mut();
    cors::allow(headers);
    let mut set = |name: &str, value: &str| {
        let name = http::HeaderName::from_bytes(name.as_bytes());
        if let (Ok(name), Ok(value)) = (name, http::HeaderValue::from_str(value)) {
            headers.insert(name, value);
        }
    };
    match (request_id, protocol) {
        (Some(request_id), Protocol::S3) => {
            set("x-amz-request-id", request_id);
            set("x-amz-id-2", &s3::host_id(request_id));
        }
        (Some(request_id), _) => set("x-amzn-requestid", request_id),
        (None, _) => {}
    }
    if protocol != Protocol::S3 {
        set("content-type", "application/x-amz-json-1.1");
    }
    for (name, value) in &reply.headers {
        set(name, value);
    }
    response
}
