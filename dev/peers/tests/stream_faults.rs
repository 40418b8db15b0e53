//! Faults of the emulator's streams.

use rekognition_emulator::{Moment, Refusal, StreamFault};
use rekognition_peers::create_with;
use rekognition_peers::stream::{Opening, Sent, Setting, Stream, MOVEMENT};
use std::time::Duration;

#[test]
fn each_fault_of_streams_has_its_effect() {
    let setting = Setting::start();
    let fault = |fault| setting.emulator.fault_stream(fault, 1);
    let exception = |code: &str| {
        let mut refusal = Refusal::new(code, "Rate exceeded");
        refusal.message = Some("Rate exceeded".into());
        refusal
    };

    fault(StreamFault::Refused(403));
    let opening = setting.opening();
    let (path, signature) = opening.presign();
    let mut stream = Stream::connect(&opening.address, opening.keys.clone(), signature);
    let status = stream.upgrade(&path);
    assert!(status.starts_with("HTTP/1.1 403 Forbidden\r\n"), "{status}");
    assert_eq!(
        setting.emulator.requests().last().unwrap().status,
        Some(403)
    );

    fault(StreamFault::Error(
        exception("ThrottlingException"),
        Moment::Start,
    ));
    let opening = setting.opening();
    let refused = setting.refused(&opening);
    assert_eq!(
        refused,
        ("ThrottlingException".into(), "Rate exceeded".into())
    );
    // The next stream of the same session works.
    opening.open().receive_challenge();

    fault(StreamFault::Close(1011, Moment::Start));
    assert_eq!(setting.opening().open().receive(), Sent::Close(1011));
    fault(StreamFault::CutOff(Moment::Start));
    assert_eq!(setting.opening().open().receive(), Sent::End);

    fault(StreamFault::Error(
        exception("InternalServerException"),
        Moment::End,
    ));
    let (id, sent) = setting.check(MOVEMENT);
    assert!(matches!(sent, Sent::Exception(kind, _) if kind == "InternalServerException"));
    assert_eq!(setting.status(&id), "FAILED");
    fault(StreamFault::Close(4001, Moment::End));
    let (id, sent) = setting.check(MOVEMENT);
    assert_eq!(
        (sent, setting.status(&id)),
        (Sent::Close(4001), "SUCCEEDED".into())
    );
    fault(StreamFault::CutOff(Moment::End));
    let (id, sent) = setting.check(MOVEMENT);
    assert_eq!((sent, setting.status(&id)), (Sent::End, "SUCCEEDED".into()));

    // Nothing comes, as long as the test is willing to wait.
    let is_silent = |stream: &mut Stream| {
        let wait = Some(Duration::from_millis(300));
        stream.connection.set_read_timeout(wait).unwrap();
        stream.receive() == Sent::End
    };
    fault(StreamFault::Silent);
    assert!(is_silent(&mut setting.opening().open()));
    fault(StreamFault::NoDisconnection);
    let id = create_with(
        &setting.client,
        &format!(r#"{{"ChallengePreferences":[{{"Type":"{MOVEMENT}"}}]}}"#),
    );
    let mut stream = Opening::new(&setting.emulator, &id).open();
    stream.receive_challenge();
    stream.send_check(MOVEMENT);
    assert!(is_silent(&mut stream));
    assert_eq!(setting.status(&id), "SUCCEEDED");

    fault(StreamFault::Late(Duration::from_millis(200)));
    setting.opening().open().receive_challenge();
    fault(StreamFault::Dribble(Duration::from_micros(10)));
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
