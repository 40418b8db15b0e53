//! Servers that try to exhaust the client's memory and time. Both are bounded.

use rekognition_core::error::{Error, Limit};
use rekognition_core::response::Unreadable;
use rekognition_core::results::session_results;
use rekognition_core::settings::Settings;
use rekognition_core::Response;
use rekognition_peers::{
    client, emulator, get, respond, settings, settings_for, Environment, RawServer, ID,
};
use std::io::Write;
use std::net::TcpStream;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::Arc;

const GIGABYTE: usize = 1 << 30;

/// Why a response is refused, and its status.
fn refused(result: Result<Response, Error>) -> (String, Option<u16>) {
    match result {
        Err(Error::InvalidResponse { reason, status, .. }) => (reason, status),
        other => panic!("{other:?}"),
    }
}

/// A call to a server that writes until the client closes the connection: why the response is refused, its status, the number
/// of bytes that the server could write, and the number of requests.
fn flood(
    head: &'static str,
    piece: impl Fn(usize) -> Vec<u8> + Send + Sync + 'static,
) -> (String, Option<u16>, usize, usize) {
    let written = Arc::new(AtomicUsize::new(0));
    let count = written.clone();
    let server = RawServer::start("127.0.0.1:0", move |stream: &mut TcpStream, _| {
        let mut is_open = stream.write_all(head.as_bytes()).is_ok();
        let mut number = 0;
        while is_open && count.load(Ordering::SeqCst) < GIGABYTE {
            let piece = piece(number);
            number += 1;
            is_open = stream.write_all(&piece).is_ok();
            count.fetch_add(piece.len(), Ordering::SeqCst);
        }
        false
    });
    let client = client(Settings {
        max_retries: Some(3),
        ..settings_for(server.url())
    });
    let (reason, status) = refused(get(&client, ID));
    let written = written.load(Ordering::SeqCst);
    (reason, status, written, server.heads().len())
}

#[test]
fn a_body_of_a_gigabyte_is_refused_when_it_is_announced() {
    let _environment = Environment::with(&[]);
    let (reason, status, written, requests) = flood(
        "HTTP/1.1 200 OK\r\ncontent-length: 1073741824\r\n\r\n",
        |_| vec![b' '; 65536],
    );
    assert!(reason.contains("longer than 12 MiB"), "{reason}");
    assert_eq!((status, requests), (Some(200), 1));
    // The system buffers the rest.
    assert!(written < 16 << 20, "{written}");
}

#[test]
fn a_body_that_never_ends_is_refused_when_it_is_too_long() {
    let _environment = Environment::with(&[]);
    let (reason, status, written, requests) = flood(
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n",
        |_| [b"10000\r\n".to_vec(), vec![b' '; 65536], b"\r\n".to_vec()].concat(),
    );
    assert!(reason.contains("longer than 12 MiB"), "{reason}");
    assert_eq!((status, requests), (Some(200), 1));
    assert!(written < 28 << 20, "{written}");
}

#[test]
fn a_body_in_chunks_of_one_byte_is_refused_before_the_chunks_take_more_memory_than_the_limit() {
    let _environment = Environment::with(&[]);
    let (reason, status, written, _) = flood(
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n",
        |_| b"1\r\n \r\n".repeat(1000),
    );
    assert!(reason.contains("longer than 12 MiB"), "{reason}");
    assert_eq!(status, Some(200));
    // A quarter of a million chunks of six bytes, and what the system buffers.
    assert!(written < 16 << 20, "{written}");
}

#[test]
fn the_body_of_an_error_that_never_ends_is_refused() {
    let _environment = Environment::with(&[]);
    let server = RawServer::start("127.0.0.1:0", |stream: &mut TcpStream, _| {
        let _ = stream.write_all(b"HTTP/1.1 400 X\r\n\r\n");
        while stream.write_all(&[b' '; 65536]).is_ok() {}
        false
    });
    match get(&client(settings_for(server.url())), ID) {
        Err(Error::Service(error)) => assert_eq!((error.status, error.code), (400, None)),
        other => panic!("{other:?}"),
    }
}

#[test]
fn headers_without_end_are_refused() {
    let _environment = Environment::with(&[]);
    let one = |number: usize| match number {
        0 => b"x: ".to_vec(),
        _ => vec![b'a'; 4096],
    };
    let many = |number: usize| format!("x-{number}: a\r\n").into_bytes();
    let (reason, _, written, requests) = flood("HTTP/1.1 200 OK\r\n", one);
    assert!(reason.contains("too many or too long headers"), "{reason}");
    assert!(written < 16 << 20, "{written}");
    assert_eq!(requests, 1);
    let (reason, _, written, requests) = flood("HTTP/1.1 200 OK\r\n", many);
    assert!(reason.contains("too many or too long headers"), "{reason}");
    assert!(written < 16 << 20, "{written}");
    assert_eq!(requests, 1);
}

#[test]
fn the_headers_of_a_response_may_have_64_kib() {
    let _environment = Environment::with(&[]);
    for (length, is_accepted) in [(60_000, true), (70_000, false), (1_000_000, false)] {
        let server = RawServer::start("127.0.0.1:0", move |stream: &mut TcpStream, _| {
            respond(stream, 200, &format!("x: {}\r\n", "a".repeat(length)), "{}")
        });
        let result = get(&client(settings_for(server.url())), ID);
        if is_accepted {
            result.unwrap();
        } else {
            let (reason, _) = refused(result);
            assert!(reason.contains("too many or too long headers"), "{reason}");
        }
    }
}

#[test]
fn a_hundred_thousand_headers_are_refused() {
    let _environment = Environment::with(&[]);
    let server = RawServer::start("127.0.0.1:0", |stream: &mut TcpStream, _| {
        respond(stream, 200, &"a: b\r\n".repeat(100_000), "{}")
    });
    let (reason, _) = refused(get(&client(settings_for(server.url())), ID));
    assert!(reason.contains("too many or too long headers"), "{reason}");
}

#[test]
fn a_compressed_body_is_refused_unread() {
    let _environment = Environment::with(&[]);
    let emulator = emulator();
    emulator.fault(rekognition_emulator::Fault::Gzip, 1);
    let id = rekognition_peers::create(&client(settings(&emulator)));
    match id {
        Err(Error::InvalidResponse { reason, status, .. }) => {
            assert!(reason.contains("compressed (gzip)"), "{reason}");
            assert_eq!(status, Some(200));
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_response_may_have_a_million_values() {
    let images = |count: usize| {
        let body = format!(r#"{{"AuditImages":[{}]}}"#, vec!["{}"; count].join(","));
        session_results(body.as_bytes()).map(|results| results.audit_images().len())
    };
    assert_eq!(images(200), Ok(200));
    // The object and the list count as values.
    assert_eq!(images(999_998), Ok(999_998));
    match images(999_999) {
        Err(Unreadable::Wrong(reason)) => {
            assert!(reason.contains("more than 1,000,000 values"), "{reason}");
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_response_that_is_not_http_is_refused() {
    let _environment = Environment::with(&[]);
    for text in [
        "220 smtp.example.com ESMTP\r\n",
        "HTTP/9.9 200 OK\r\n\r\n",
        "\0\0\0",
    ] {
        let server = RawServer::start("127.0.0.1:0", move |stream: &mut TcpStream, _| {
            let _ = stream.write_all(text.as_bytes());
            false
        });
        match get(&client(settings_for(server.url())), ID) {
            Err(Error::InvalidResponse { reason, status, .. }) => {
                assert!(reason.contains("not HTTP"), "{reason}");
                assert_eq!(status, None);
            }
            other => panic!("{text}: {other:?}"),
        }
    }
}

#[test]
fn endless_informational_responses_run_into_the_read_timeout() {
    let _environment = Environment::with(&[]);
    let server = RawServer::start("127.0.0.1:0", |stream: &mut TcpStream, _| {
        while stream
            .write_all(b"HTTP/1.1 103 Early Hints\r\nx: y\r\n\r\n")
            .is_ok()
        {
            std::thread::sleep(std::time::Duration::from_millis(1));
        }
        false
    });
    let client = client(Settings {
        read_timeout: Some(std::time::Duration::from_millis(300)),
        ..settings_for(server.url())
    });
    match get(&client, ID) {
        Err(Error::Timeout { limit, .. }) => assert_eq!(limit, Limit::Read),
        other => panic!("{other:?}"),
    }
}
