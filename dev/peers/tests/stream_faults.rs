//! Faults of the emulator's streams.

use rekognition_emulator::{Moment, Refusal, StreamFault};
use rekognition_peers::stream::{Sent, Setting, Stream, MOVEMENT};
use std::time::{Duration, Instant};

/// An emulator that injects this fault into the next stream.
fn start(fault: StreamFault) -> Setting {
    let setting = Setting::start();
    setting.emulator.fault_stream(fault, 1);
    setting
}

fn exception(code: &str) -> Refusal {
    Refusal {
        code: code.into(),
        message: Some("Not now".into()),
        status: 400,
    }
}

/// Whether nothing comes for as long as a test is willing to wait.
fn is_silent(stream: &mut Stream) -> bool {
    let wait = Some(Duration::from_millis(300));
    stream.connection.set_read_timeout(wait).unwrap();
    stream.receive() == Sent::End
}

#[test]
fn a_handshake_can_be_refused() {
    let setting = start(StreamFault::Refused(403));
    let opening = setting.opening();
    let (path, signature) = opening.presign();
    let mut stream = Stream::connect(&opening.address, opening.signer(signature));
    let status = stream.upgrade(&path);
    assert!(status.starts_with("HTTP/1.1 403 Forbidden\r\n"), "{status}");
    assert_eq!(
        setting.emulator.requests().last().unwrap().status,
        Some(403)
    );
    // The session is still unused.
    opening.open().receive_challenge();
}

#[test]
fn an_exception_at_the_start_leaves_the_session_unused() {
    let fault = StreamFault::Error(exception("ThrottlingException"), Moment::Start);
    let setting = start(fault);
    let opening = setting.opening();
    let (code, message) = setting.refused(&opening);
    assert_eq!(
        (code.as_str(), message.as_str()),
        ("ThrottlingException", "Not now")
    );
    opening.open().receive_challenge();
}

#[test]
fn an_exception_at_the_end_fails_the_session() {
    let fault = StreamFault::Error(exception("InternalServerException"), Moment::End);
    let setting = start(fault);
    let (id, sent) = setting.check(MOVEMENT);
    let expected = Sent::Exception("InternalServerException".into(), "Not now".into());
    assert_eq!(sent, expected);
    assert_eq!(setting.status(&id), "FAILED");
}

#[test]
fn a_stream_that_is_closed_or_cut_off_at_the_start_fails() {
    for (fault, expected) in [
        (StreamFault::Close(1011, Moment::Start), Sent::Close(1011)),
        (StreamFault::CutOff(Moment::Start), Sent::End),
    ] {
        let setting = start(fault);
        let opening = setting.opening();
        assert_eq!(opening.open().receive(), expected);
        assert_eq!(setting.status(&opening.session_id), "FAILED");
    }
}

#[test]
fn a_stream_that_is_closed_or_cut_off_at_the_end_has_its_outcome() {
    for (fault, expected) in [
        (StreamFault::Close(4001, Moment::End), Sent::Close(4001)),
        (StreamFault::CutOff(Moment::End), Sent::End),
    ] {
        let setting = start(fault);
        let (id, sent) = setting.check(MOVEMENT);
        assert_eq!(sent, expected);
        assert_eq!(setting.status(&id), "SUCCEEDED");
    }
}

#[test]
fn a_stream_can_be_silent_from_its_start_or_after_the_video() {
    let setting = start(StreamFault::Silent);
    let opening = setting.opening();
    assert!(is_silent(&mut opening.open()));
    assert_eq!(setting.status(&opening.session_id), "CREATED");

    setting
        .emulator
        .fault_stream(StreamFault::NoDisconnection, 1);
    let (id, mut stream) = setting.stream(MOVEMENT);
    stream.send_check(MOVEMENT);
    assert!(is_silent(&mut stream));
    assert_eq!(setting.status(&id), "SUCCEEDED");
}

#[test]
fn messages_can_be_late_or_come_byte_by_byte() {
    let late = Duration::from_millis(200);
    let setting = start(StreamFault::Late(late));
    let started = Instant::now();
    setting.opening().open().receive_challenge();
    assert!(started.elapsed() >= late);

    let dribble = StreamFault::Dribble(Duration::from_micros(100));
    setting.emulator.fault_stream(dribble, 1);
    let started = Instant::now();
    setting.opening().open().receive_challenge();
    // A thousand bytes and more.
    assert!(started.elapsed() >= Duration::from_millis(100));
}

#[test]
fn faults_apply_to_as_many_streams_as_given_in_order() {
    let setting = start(StreamFault::CutOff(Moment::Start));
    let closing = StreamFault::Close(1011, Moment::Start);
    setting.emulator.fault_stream(closing, 2);
    let sent = [(); 3].map(|()| setting.opening().open().receive());
    assert_eq!(sent, [Sent::End, Sent::Close(1011), Sent::Close(1011)]);
    setting.opening().open().receive_challenge();
}

#[test]
fn streams_above_the_rate_are_throttled() {
    let setting = Setting::start();
    let openings = [setting.opening(), setting.opening()];
    setting.emulator.limit_rate(0.001, 1.0);
    openings[0].open().receive_challenge();
    assert_eq!(setting.refused(&openings[1]).0, "ThrottlingException");
    setting.emulator.clear_faults();
    openings[1].open().receive_challenge();
}
