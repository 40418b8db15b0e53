//! Clients that try to exhaust the emulator's memory, or to disturb the streams of others. Both are bounded.

use rekognition_peers::create;
use rekognition_peers::stream::{
    events, frame, head, video, Opening, Sent, Setting, Stream, LIGHT,
};
use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

const MEGABYTE: usize = 1 << 20;

/// A stream that waits for the first event.
fn stream(setting: &Setting) -> Stream {
    setting.stream(LIGHT).1
}

fn address(setting: &Setting) -> String {
    setting.emulator.url().replace("http://", "")
}

/// Another client can complete a check.
fn assert_that_others_are_served(setting: &Setting) {
    let sent = setting.check(LIGHT).1;
    assert!(
        matches!(&sent, Sent::Event(kind, _) if kind == "DisconnectionEvent"),
        "{sent:?}"
    );
}

/// Megabytes of memory of this process, the emulator's included.
fn memory() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status
        .lines()
        .find(|line| line.starts_with("VmRSS:"))
        .unwrap();
    let kilobytes = line.split_whitespace().nth(1).unwrap();
    kilobytes.parse::<usize>().unwrap() / 1024
}

/// Writes pieces until the emulator closes the connection or this many bytes are written, and returns their number.
fn flood(connection: &mut TcpStream, piece: &[u8], limit: usize) -> usize {
    let wait = Some(Duration::from_secs(2));
    connection.set_write_timeout(wait).unwrap();
    let mut written = 0;
    while written < limit && connection.write_all(piece).is_ok() {
        written += piece.len();
    }
    written
}

/// The code with which the emulator closes a stream after these bytes. What it says before is not looked at.
fn close_code(setting: &Setting, bytes: &[u8]) -> Option<u16> {
    let mut stream = stream(setting);
    let _ = stream.connection.write_all(bytes);
    while let Some((opcode, payload)) = stream.read_frame() {
        if opcode == 0x88 {
            return payload
                .get(..2)
                .map(|code| u16::from_be_bytes([code[0], code[1]]));
        }
    }
    None
}

#[test]
fn frames_against_the_standard_end_the_stream_with_the_standards_code() {
    let setting = Setting::start();
    let unmasked = [0x82, 3, 1, 2, 3];
    let protocol_errors = [
        unmasked.to_vec(),
        // Compressed, although no extension was agreed on.
        frame(0xc2, b"abc"),
        // Unknown opcodes.
        frame(0x83, b"abc"),
        frame(0x8b, b"abc"),
        // A continuation of nothing.
        frame(0x80, b"abc"),
        // Control frames that are long, or in parts.
        frame(0x89, &[0; 126]),
        frame(0x09, b"abc"),
        // A length in more bytes than it needs.
        [&[0x82, 0x80 | 126, 0, 5][..], &[1, 2, 3, 4, 0, 0, 0, 0, 0]].concat(),
        // A closing frame with a code that must not be sent.
        frame(0x88, &1005u16.to_be_bytes()),
    ];
    for bytes in protocol_errors {
        let code = close_code(&setting, &bytes);
        // A forbidden code may be answered with the end alone.
        let is_right = code == Some(1002) || (bytes[0] == 0x88 && code.is_some());
        assert!(is_right, "{code:?} after {bytes:x?}");
    }
    // Announced lengths are refused before the bytes come.
    for length in [3 * MEGABYTE as u64, 1 << 40, u64::MAX >> 1] {
        assert_eq!(
            close_code(&setting, &head(0x82, length)),
            Some(1009),
            "{length}"
        );
    }
    assert_eq!(close_code(&setting, &frame(0x81, b"text")), Some(1000));
    assert_eq!(
        close_code(&setting, &frame(0x88, &4003u16.to_be_bytes())),
        Some(4003)
    );
    assert_that_others_are_served(&setting);
}

#[test]
fn endless_fragments_of_a_message_take_little_memory() {
    let setting = Setting::start();
    let mut stream = stream(&setting);
    stream
        .connection
        .write_all(&frame(0x02, &[0; 1000]))
        .unwrap();
    let before = memory();
    let fragment = frame(0x00, &vec![0; 100_000]);
    let written = flood(&mut stream.connection, &fragment, 100 * MEGABYTE);
    assert!(written < 30 * MEGABYTE, "{written}");
    assert!(memory() < before + 60, "{} MB after {before}", memory());
    assert_that_others_are_served(&setting);
}

#[test]
fn pings_of_a_client_that_does_not_read_take_little_memory() {
    let setting = Setting::start();
    let mut stream = stream(&setting);
    let before = memory();
    let pings = frame(0x89, &[7; 125]).repeat(1_000);
    let written = flood(&mut stream.connection, &pings, 300 * MEGABYTE);
    // What the buffers of both sockets take.
    assert!(written < 100 * MEGABYTE, "{written}");
    assert!(memory() < before + 60, "{} MB after {before}", memory());
    assert_that_others_are_served(&setting);
}

#[test]
fn pings_of_a_client_that_reads_are_answered() {
    let setting = Setting::start();
    let mut stream = stream(&setting);
    for _ in 0..100 {
        stream.connection.write_all(&frame(0x89, b"ping")).unwrap();
        assert_eq!(stream.read_frame(), Some((0x8a, b"ping".to_vec())));
    }
    stream.send_check(LIGHT);
    assert!(matches!(stream.receive(), Sent::Event(..)));
}

#[test]
fn more_video_than_the_service_accepts_is_refused() {
    let setting = Setting::start();
    let mut stream = stream(&setting);
    let before = memory();
    for _ in 0..11 {
        stream.send("VideoEvent", &video(&vec![0; 1_000_000]));
    }
    let Sent::Exception(kind, message) = stream.receive() else {
        panic!("not refused");
    };
    assert_eq!(
        (kind.as_str(), message.as_str()),
        ("ValidationException", "The video is larger than 10 MB.")
    );
    assert!(memory() < before + 100, "{} MB after {before}", memory());
    assert_that_others_are_served(&setting);
}

#[test]
fn long_heads_of_requests_are_refused() {
    let setting = Setting::start();
    let mut connection = TcpStream::connect(address(&setting)).unwrap();
    let start = format!("GET /{} HTTP/1.1\r\n", "a".repeat(1000));
    connection.write_all(start.as_bytes()).unwrap();
    let header = format!("x: {}\r\n", "a".repeat(1000)).into_bytes();
    let written = flood(&mut connection, &header, 100 * MEGABYTE);
    assert!(written < 20 * MEGABYTE, "{written}");
    assert_that_others_are_served(&setting);
}

#[test]
fn large_bodies_without_a_signature_take_bounded_memory() {
    let setting = Setting::start();
    let before = memory();
    let head = format!(
        "POST / HTTP/1.1\r\nhost: x\r\ncontent-length: {}\r\n\r\n",
        16 * MEGABYTE
    );
    let part = vec![b'['; 15 * MEGABYTE];
    let kept: Vec<_> = (0..60)
        .map(|_| {
            let mut connection = TcpStream::connect(address(&setting)).unwrap();
            connection.write_all(head.as_bytes()).unwrap();
            // The emulator does not read on above its budget.
            let wait = Some(Duration::from_millis(100));
            connection.set_write_timeout(wait).unwrap();
            let _ = connection.write_all(&part);
            connection
        })
        .collect();
    assert!(memory() < before + 700, "{} MB after {before}", memory());
    assert_that_others_are_served(&setting);
    drop(kept);
}

#[test]
fn thousands_of_half_open_connections_do_not_keep_others_out() {
    let setting = Setting::start();
    let (path, _) = Opening::new(&setting.emulator, &create(&setting.client).unwrap()).presign();
    let working = stream(&setting);
    let before = memory();
    let mut kept = Vec::new();
    for n in 0..3_000 {
        let mut connection = TcpStream::connect(address(&setting)).unwrap();
        // Nothing, a part of a request, a part of a body, or a stream that is refused and not closed by the client.
        let bytes = match n % 4 {
            0 => String::new(),
            1 => "POST / HT".into(),
            2 => "POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\nabc".into(),
            _ => format!(
                "GET {path}&a=b HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\nupgrade: websocket\r\n\
                 sec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
            ),
        };
        let _ = connection.write_all(bytes.as_bytes());
        kept.push(connection);
    }
    assert_that_others_are_served(&setting);
    assert!(memory() < before + 100, "{} MB after {before}", memory());
    // The oldest were closed, so that the number is bounded.
    let wait = Some(Duration::from_secs(60));
    kept[0].set_read_timeout(wait).unwrap();
    let end = kept[0].read(&mut [0]).map_err(|error| error.kind());
    assert!(
        matches!(end, Ok(0) | Err(ErrorKind::ConnectionReset)),
        "{end:?}"
    );
    // A stream that had begun goes on.
    let mut working = working;
    working.send_check(LIGHT);
    assert!(matches!(working.receive(), Sent::Event(..)));
}

#[test]
fn changed_bytes_anywhere_in_a_stream_end_only_this_stream() {
    use proptest::prelude::RngCore;
    use proptest::test_runner::{RngAlgorithm, TestRng};
    let setting = Setting::start();
    let mut rng = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    let mut below = |n: usize| (rng.next_u64() % n as u64) as usize;
    for _ in 0..150 {
        let mut stream = stream(&setting);
        let mut bytes = Vec::new();
        for (kind, body) in events(LIGHT) {
            bytes.extend(frame(0x82, &stream.sign(kind, &body)));
        }
        let at = below(bytes.len());
        match below(4) {
            0 => bytes[at] ^= 1 << below(8),
            1 => bytes.truncate(at),
            2 => drop(bytes.splice(at..at, [0xff; 9])),
            _ => drop(bytes.drain(at..(at + 1 + below(50)).min(bytes.len()))),
        }
        let _ = stream.connection.write_all(&bytes);
        let _ = stream.connection.shutdown(std::net::Shutdown::Write);
        // No change may pass for a whole check, except one in a mask and byte together.
        let mut sent = stream.receive();
        while !matches!(sent, Sent::End | Sent::Close(_)) {
            assert!(matches!(sent, Sent::Exception(..)), "{sent:?}");
            sent = stream.receive();
        }
    }
    assert_that_others_are_served(&setting);
}

#[test]
fn changed_urls_of_streams_are_refused() {
    use proptest::prelude::RngCore;
    use proptest::test_runner::{RngAlgorithm, TestRng};
    const PIECES: [&str; 10] = [
        "&",
        "=",
        "%",
        "%00",
        "%ff",
        "/",
        "+",
        "?",
        "X-Amz-Date=",
        "99999999999999999999",
    ];
    let setting = Setting::start();
    let opening = Opening::new(&setting.emulator, &create(&setting.client).unwrap());
    let (valid, _) = opening.presign();
    let query = valid.find('?').unwrap() + 1;
    let mut rng = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    let mut below = |n: usize| (rng.next_u64() % n as u64) as usize;
    for _ in 0..300 {
        let mut path = valid.clone();
        let at = query + below(path.len() - query);
        match below(3) {
            0 => path.insert_str(at, PIECES[below(PIECES.len())]),
            1 => path.truncate(at),
            _ => path.replace_range(at..=at, PIECES[below(PIECES.len())]),
        }
        if path == valid {
            continue;
        }
        let mut stream = Stream::connect(&opening.address, opening.signer(String::new()));
        let head = stream.upgrade(&path);
        assert!(head.starts_with("HTTP/1.1 101 "), "{path}: {head}");
        let sent = stream.receive();
        assert!(matches!(sent, Sent::Exception(..)), "{path}: {sent:?}");
    }
    assert_that_others_are_served(&setting);
}
