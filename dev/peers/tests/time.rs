//! Slow servers: every wait has a limit.

use rekognition_core::error::{Error, Limit};
use rekognition_core::settings::Settings;
use rekognition_emulator::Part;
use rekognition_peers::{
    client, create, emulator, get, settings, settings_for, Environment, RawServer, ID,
};
use std::io::Write;
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

const SHORT: Duration = Duration::from_millis(300);

fn limits(read: Option<Duration>, operation: Option<Duration>) -> impl Fn(Settings) -> Settings {
    move |settings| Settings {
        read_timeout: read,
        operation_timeout: operation,
        ..settings
    }
}

fn timeout_of<T: std::fmt::Debug>(result: Result<T, Error>) -> (Limit, f64, u32) {
    match result {
        Err(Error::Timeout {
            limit,
            seconds,
            attempts,
            ..
        }) => (limit, seconds, attempts),
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_default_limits_are_finite() {
    let given = Settings::default();
    assert_eq!(given.connect_timeout(), Duration::from_secs(10));
    assert_eq!(given.read_timeout(), Duration::from_secs(60));
    assert_eq!(given.operation_timeout(), Duration::from_secs(180));
}

#[test]
fn a_server_that_never_responds_or_stalls_runs_into_the_read_timeout() {
    let _environment = Environment::with(&[]);
    use rekognition_emulator::Fault::{Hang, Stall};
    let emulator = emulator();
    for fault in [Hang, Stall] {
        let short = limits(Some(SHORT), None)(settings(&emulator));
        emulator.fault(fault, 1);
        assert_eq!(timeout_of(create(&client(short))), (Limit::Read, 0.3, 1));
    }
}

#[test]
fn a_server_that_dribbles_is_read_until_the_operation_timeout() {
    let _environment = Environment::with(&[]);
    let emulator = emulator();
    let slow = rekognition_emulator::Fault::Dribble(Duration::from_millis(20));
    emulator.fault(slow.clone(), 1);
    let short = limits(None, Some(SHORT))(settings(&emulator));
    assert_eq!(
        timeout_of(create(&client(short))),
        (Limit::Operation, 0.3, 1)
    );
    // A slow response is read to its end if it has the time: each byte arrives well within the read timeout.
    let server = RawServer::start("127.0.0.1:0", |stream: &mut TcpStream, _| {
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\n");
        for byte in b"{\"a\":null}" {
            std::thread::sleep(SHORT / 5);
            let _ = stream.write_all(&[*byte]);
        }
        true
    });
    let patient = limits(Some(SHORT), None)(settings_for(server.url()));
    get(&client(patient), ID).unwrap();
}

#[test]
fn headers_that_dribble_run_into_the_read_timeout() {
    let _environment = Environment::with(&[]);
    let emulator = emulator();
    let slow = rekognition_emulator::Fault::Dribble(Duration::from_millis(20));
    emulator.fault(slow, 1);
    let short = limits(Some(SHORT), None)(settings(&emulator));
    assert_eq!(timeout_of(create(&client(short))).0, Limit::Read);
}

#[test]
fn a_connection_that_is_never_made_runs_into_the_connect_timeout() {
    let _environment = Environment::with(&[]);
    // A listener with a full queue that accepts no connection: the system ignores further ones.
    let socket = socket2::Socket::new(socket2::Domain::IPV4, socket2::Type::STREAM, None).unwrap();
    let any: SocketAddr = "127.0.0.1:0".parse().unwrap();
    socket.bind(&any.into()).unwrap();
    socket.listen(0).unwrap();
    let address = socket.local_addr().unwrap().as_socket().unwrap();
    let mut queue = Vec::new();
    while let Ok(stream) = TcpStream::connect_timeout(&address, SHORT) {
        queue.push(stream);
    }
    let client = client(Settings {
        connect_timeout: Some(SHORT),
        ..settings_for(format!("http://{address}"))
    });
    assert_eq!(timeout_of(get(&client, ID)), (Limit::Connect, 0.3, 1));
}

#[test]
fn the_whole_operation_ends_with_its_retries() {
    let _environment = Environment::with(&[]);
    let emulator = emulator();
    emulator.fault(rekognition_emulator::Fault::CutOff(Part::Header), 1_000);
    let client = client(Settings {
        max_retries: Some(1_000),
        operation_timeout: Some(Duration::from_secs(1)),
        ..settings(&emulator)
    });
    let (limit, seconds, attempts) = timeout_of(create(&client));
    assert_eq!((limit, seconds), (Limit::Operation, 1.0));
    assert_eq!(attempts as usize, emulator.requests().len());
}
