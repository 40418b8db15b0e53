//! A server with minimal overhead: one thread per connection, prepared responses, no signature checks. The prefix
//! of the session ID selects the response: `small`, `large` (five images of 150 kB), `late` (`large` after 50 ms),
//! `limited` (`small`, throttled above 50 requests per second), `unknown` (no such session). DetectFaces finds one face
//! in every image.

use base64::engine::general_purpose::STANDARD;
use base64::Engine as _;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

const IMAGE: usize = 150_000;
const LATE: Duration = Duration::from_millis(50);
const PER_SECOND: f64 = 50.0;
const BURST: f64 = 5.0;
const ID: &str = "@";

struct State {
    small: [String; 2],
    large: [String; 2],
    face: String,
    bucket: Mutex<(f64, Instant)>,
    requests: AtomicU64,
}

/// Serves until the process ends. Prints the address on stdout.
pub fn serve() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    println!("{}", listener.local_addr().expect("an address"));
    let state = Arc::new(State {
        small: split(&response("")),
        large: split(&response(&images())),
        face: face(),
        bucket: Mutex::new((BURST, Instant::now())),
        requests: AtomicU64::new(0),
    });
    for connection in listener.incoming().flatten() {
        let state = state.clone();
        let serving = thread::Builder::new().stack_size(128 << 10);
        // The thread ends when the client disconnects.
        serving
            .spawn(move || drop(handle_connection(&connection, &state)))
            .expect("a thread");
    }
}

fn response(images: &str) -> String {
    format!("{{\"SessionId\":\"{ID}\",\"Status\":\"SUCCEEDED\",\"Confidence\":98.63105010986328{images}}}")
}

fn images() -> String {
    let image = |seed: u32| {
        // Pseudorandom bytes, different for each image.
        let mut x = seed;
        let bytes: Vec<u8> = [0xff, 0xd8, 0xff]
            .into_iter()
            .chain(std::iter::repeat_with(|| {
                x = x.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                (x >> 24) as u8
            }))
            .take(IMAGE)
            .collect();
        format!(
            "{{\"Bytes\":\"{}\",\"BoundingBox\":{{\"Height\":0.5,\"Left\":0.25,\"Top\":0.125,\"Width\":0.4375}}}}",
            STANDARD.encode(bytes)
        )
    };
    let audit: Vec<String> = (1..5).map(image).collect();
    format!(
        ",\"ReferenceImage\":{},\"AuditImages\":[{}]",
        image(0),
        audit.join(",")
    )
}

fn face() -> String {
    "{\"FaceDetails\":[{\"BoundingBox\":{\"Height\":0.5,\"Left\":0.25,\"Top\":0.125,\"Width\":0.4375},\
     \"Confidence\":99.99874877929688,\"Pose\":{\"Pitch\":-4.5,\"Roll\":0.75,\"Yaw\":12.25},\
     \"Quality\":{\"Brightness\":88.5,\"Sharpness\":92.25}}]}"
        .to_owned()
}

fn split(response: &str) -> [String; 2] {
    let (before, after) = response.split_once(ID).expect("an id");
    [before.to_owned(), after.to_owned()]
}

fn handle_connection(connection: &TcpStream, state: &State) -> io::Result<()> {
    connection.set_nodelay(true)?;
    let mut reader = BufReader::new(connection);
    let mut body = Vec::new();
    let mut line = String::new();
    loop {
        let mut length = 0;
        let mut first = true;
        let mut is_control = false;
        let mut is_detection = false;
        loop {
            line.clear();
            if reader.read_line(&mut line)? == 0 {
                return Ok(());
            }
            is_control |= first && line.starts_with("GET ");
            first = false;
            let header = line.trim_end();
            if header.is_empty() {
                break;
            }
            if let Some((name, value)) = header.split_once(':') {
                if name.eq_ignore_ascii_case("content-length") {
                    length = value.trim().parse().unwrap_or(0);
                }
                is_detection |= value.ends_with(".DetectFaces");
            }
        }
        body.resize(length, 0);
        reader.read_exact(&mut body)?;
        if is_control {
            // The number of requests since the last GET.
            let count = state.requests.swap(0, Ordering::Relaxed).to_string();
            respond(connection, "200 OK", &[&count])?;
            continue;
        }
        state.requests.fetch_add(1, Ordering::Relaxed);
        if is_detection {
            respond(connection, "200 OK", &[&state.face])?;
            continue;
        }
        let text = std::str::from_utf8(&body).unwrap_or_default();
        let id = text.rsplit('"').nth(1).unwrap_or_default();
        let [before, after] = match id.split('-').next() {
            Some("small" | "limited") => &state.small,
            _ => &state.large,
        };
        if id.starts_with("late") {
            thread::sleep(LATE);
        }
        if id.starts_with("limited") && !take_token(&state.bucket) {
            let refusal = "{\"__type\":\"ThrottlingException\",\"Message\":\"Rate exceeded\"}";
            respond(connection, "400 Bad Request", &[refusal])?;
        } else if id.starts_with("unknown") {
            let refusal =
                "{\"__type\":\"SessionNotFoundException\",\"Message\":\"Session not found\"}";
            respond(connection, "400 Bad Request", &[refusal])?;
        } else {
            respond(connection, "200 OK", &[before, id, after])?;
        }
    }
}

fn take_token(bucket: &Mutex<(f64, Instant)>) -> bool {
    let mut bucket = bucket.lock().expect("no panic");
    let now = Instant::now();
    let filled = bucket.0 + (now - bucket.1).as_secs_f64() * PER_SECOND;
    let taken = filled >= 1.0;
    *bucket = (filled.min(BURST) - f64::from(taken), now);
    taken
}

fn respond(mut connection: &TcpStream, status: &str, parts: &[&str]) -> io::Result<()> {
    let length: usize = parts.iter().map(|part| part.len()).sum();
    let mut head = format!(
        "HTTP/1.1 {status}\r\nContent-Type: application/x-amz-json-1.1\r\n\
         x-amzn-RequestId: 3f1c1e5e-0000-4000-8000-000000000000\r\nContent-Length: {length}\r\n\r\n"
    );
    if length < 4096 {
        parts.iter().for_each(|part| head.push_str(part));
        return connection.write_all(head.as_bytes());
    }
    connection.write_all(head.as_bytes())?;
    parts
        .iter()
        .try_for_each(|part| connection.write_all(part.as_bytes()))
}
