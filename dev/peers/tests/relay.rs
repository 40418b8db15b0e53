//! Whole checks through a relay, from a page that the AWS SDK signs for, to the emulator.

use rekognition_core::call::log::Level;
use rekognition_core::error::Error;
use rekognition_core::stream::{Relay, State};
use rekognition_emulator::StreamFault;
use rekognition_peers::stream::{events, video, Page, Response, Sent, Setting, LIGHT, MOVEMENT};
use rekognition_peers::{create_with, results};
use serde_json::json;
use std::time::{Duration, Instant};

fn relay(setting: &Setting, session_id: &str) -> Relay {
    Relay::new(&setting.client, session_id.to_owned(), Level::Off).unwrap()
}

/// A session with this challenge, which comes without light by default.
fn session(setting: &Setting, challenge: &str) -> String {
    let preferences = format!(r#"{{"ChallengePreferences":[{{"Type":"{challenge}"}}]}}"#);
    create_with(&setting.client, &preferences)
}

fn until(what: &str, is_so: impl Fn() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(60);
    while !is_so() {
        assert!(Instant::now() < deadline, "not {what}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// Why a page was refused.
fn refused(response: &Response) -> &str {
    assert_eq!(response.state, "closed", "{response:?}");
    assert_eq!(response.code, Some(1008), "{response:?}");
    let (code, message) = response.error.as_ref().expect("a reason");
    assert_eq!(code, "REFUSED");
    message
}

#[test]
fn a_check_goes_through_the_relay_and_succeeds() {
    let setting = Setting::start();
    for challenge in [LIGHT, MOVEMENT] {
        let id = session(&setting, challenge);
        let relay = relay(&setting, &id);
        assert_eq!(relay.state(), State::Waiting);
        let mut page = Page::new(&relay);
        assert_eq!(page.open_check(), challenge);
        assert_eq!(relay.state(), State::Open);
        let (sent, response) = page.send_check(challenge);
        assert!(matches!(sent.last(), Some(Sent::Event(kind, _)) if kind == "DisconnectionEvent"));
        assert_eq!((response.code, response.error), (Some(1000), None));
        assert_eq!(relay.state(), State::Completed);

        let results = results(&setting.client, &id);
        assert_eq!(results["Status"], "SUCCEEDED");
        assert_eq!(results["Challenge"]["Type"], challenge);
        let records = setting.emulator.requests();
        let stream = records
            .iter()
            .rfind(|record| record.operation.as_deref() == Some("StartFaceLivenessSession"));
        let key = setting.emulator.keys().access_key_id.clone();
        assert_eq!(stream.unwrap().access_key_id, Some(key));
    }
}

#[test]
fn a_request_that_is_repeated_has_the_same_response_and_counts_once() {
    let setting = Setting::start();
    let id = session(&setting, MOVEMENT);
    let relay = relay(&setting, &id);
    let mut page = Page::new(&relay);
    page.open_check();
    for (kind, body) in events(MOVEMENT) {
        let frame = page.frame(kind, &body);
        let response = page.request(json!({}), &frame);
        assert_eq!(response.state, "open");
        let again = page.repeat(json!({}), &frame);
        assert_eq!(format!("{response:?}"), format!("{again:?}"));
    }
    until("the check ends", || relay.state() == State::Completed);
    // The last response may be lost as well.
    let end = page.request(json!({}), b"");
    assert!(matches!(end.sent.last(), Some(Sent::Event(kind, _)) if kind == "DisconnectionEvent"));
    let again = page.repeat(json!({}), b"");
    assert_eq!(format!("{end:?}"), format!("{again:?}"));
    assert_eq!(relay.state(), State::Completed);
    assert_eq!(setting.status(&id), "SUCCEEDED");
}

#[test]
fn frames_that_were_changed_swapped_or_repeated_are_refused() {
    let setting = Setting::start();
    let attacks: [fn(&mut Page) -> Vec<u8>; 5] = [
        |page| {
            let mut frame = page.frame("VideoEvent", &video(b"webm"));
            let middle = frame.len() / 2;
            frame[middle] ^= 1;
            frame
        },
        |page| {
            let first = page.frame("VideoEvent", &video(b"one"));
            let second = page.frame("VideoEvent", &video(b"two"));
            [second, first].concat()
        },
        |page| {
            let frame = page.frame("VideoEvent", &video(b"webm"));
            [frame.clone(), frame].concat()
        },
        |page| page.frame("VideoEvent", &video(b"webm"))[1..].to_vec(),
        |page| page.frame("OtherEvent", &video(b"webm")),
    ];
    for attack in attacks {
        let id = session(&setting, MOVEMENT);
        let relay = relay(&setting, &id);
        let mut page = Page::new(&relay);
        page.open_check();
        let frames = attack(&mut page);
        let response = page.request(json!({}), &frames);
        assert!(refused(&response).starts_with("A frame"), "{response:?}");
        assert!(matches!(relay.state(), State::Failed(Error::Page { .. })));
        // The service's side has ended, too.
        until("failed", || setting.status(&id) == "FAILED");
        // Nothing revives it.
        assert_eq!(page.request(json!({}), b"").state, "closed");
    }
}

#[test]
fn a_ticket_is_for_one_session_and_one_page() {
    let setting = Setting::start();
    let id = session(&setting, MOVEMENT);
    let (ours, other) = (relay(&setting, &id), relay(&setting, &setting.session()));

    // The ticket of another relay.
    let mut stranger = Page::with(&ours, other.ticket().unwrap());
    assert_eq!(refused(&stranger.open()), "The ticket is not valid.");
    assert_eq!(ours.state(), State::Waiting);

    // Another session than the ticket's, signed with its key.
    let mut page = Page::new(&other);
    page.opening.session_id.clone_from(&id);
    assert_eq!(refused(&page.open()), "The ticket is not for this check.");
    assert_eq!(other.state(), State::Waiting);

    // A second page with the same ticket does not disturb the first.
    let mut page = Page::new(&ours);
    page.open_check();
    let mut copy = Page::new(&ours);
    refused(&copy.open());
    copy.sequence = page.sequence;
    let (_, response) = page.send_check(MOVEMENT);
    assert_eq!(response.code, Some(1000));
    assert_eq!(setting.status(&id), "SUCCEEDED");

    // And it cannot be used again.
    let mut again = Page::new(&ours);
    again.sequence = page.sequence;
    assert_eq!(again.open().state, "closed");
    assert_eq!(ours.state(), State::Completed);
}

#[test]
fn requests_that_are_none_of_a_check_change_nothing() {
    let setting = Setting::start();
    let id = session(&setting, MOVEMENT);
    let relay = relay(&setting, &id);
    let mut page = Page::new(&relay);
    page.open_check();
    let ticket = &page.ticket;
    let large = vec![b' '; (4 << 20) + 1];
    let bodies: [Vec<u8>; 8] = [
        Vec::new(),
        b"\n".to_vec(),
        b"[1]\n".to_vec(),
        b"\xff\xfe\n".to_vec(),
        format!(r#"{{"ticket": "{ticket}"}}"#).into_bytes(),
        format!(r#"{{"ticket": "{ticket}", "sequence": -1}}"#).into_bytes(),
        format!(r#"{{"ticket": "{ticket}", "sequence": 99999}}"#).into_bytes(),
        large,
    ];
    for body in bodies {
        refused(&Response::parse(&relay.exchange(&body)));
    }
    let (_, response) = page.send_check(MOVEMENT);
    assert_eq!(response.code, Some(1000));
}

#[test]
fn frames_before_the_check_is_open_are_refused() {
    let setting = Setting::start();
    let relay = relay(&setting, &setting.session());
    let mut page = Page::new(&relay);
    let other = Page::new(&relay).opening;
    let (_, signature) = other.presign();
    let frame = other.signer(signature).sign("VideoEvent", &video(b"webm"));
    let response = page.request(json!({}), &frame);
    assert_eq!(refused(&response), "The check is not open.");
}

#[test]
fn a_check_is_limited_in_bytes_and_in_frames() {
    let setting = Setting::start();
    // What is sent each time, and how often it may be.
    for (chunk, most) in [(&[0; 1_000_000][..], 10), (&[0], 2000)] {
        setting.emulator.fault_stream(StreamFault::Silent, 1);
        let relay = relay(&setting, &setting.session());
        let mut page = Page::new(&relay);
        page.open();
        let mut frames = Vec::new();
        for _ in 0..most {
            frames.push(page.frame("VideoEvent", &video(chunk)));
        }
        let one_more = page.frame("VideoEvent", &video(chunk));
        // Three megabytes at a time.
        for some in frames.chunks(if most > 10 { 500 } else { 2 }) {
            let response = page.request(json!({}), &some.concat());
            assert_eq!(response.error, None);
        }
        let last = page.request(json!({}), &one_more);
        assert_eq!(refused(&last), "The video is too long.");
    }
}

#[test]
fn the_check_ends_at_the_service_when_the_page_or_r_ends_it() {
    let setting = Setting::start();
    let ways: [fn(&Relay, &mut Page); 2] = [
        |_, page| {
            let response = page.request(json!({"close": 4003}), b"");
            assert_ne!(response.state, "connecting");
            let (_, response) = page.ask_until(|response| response.state == "closed");
            assert_eq!(response.code, Some(4003));
        },
        |relay, page| {
            relay.close();
            let response = page.request(json!({}), b"");
            assert_eq!((response.code, response.error), (Some(1000), None));
        },
    ];
    for end in ways {
        let id = session(&setting, MOVEMENT);
        let relay = relay(&setting, &id);
        let mut page = Page::new(&relay);
        page.open_check();
        end(&relay, &mut page);
        assert_eq!(relay.state(), State::Closed);
        until("failed", || setting.status(&id) == "FAILED");
    }
    // A relay that nothing refers to.
    let id = session(&setting, MOVEMENT);
    let relay = relay(&setting, &id);
    Page::new(&relay).open_check();
    drop(relay);
    until("failed", || setting.status(&id) == "FAILED");
}

#[test]
fn without_its_key_a_ticket_ends_nothing() {
    let setting = Setting::start();
    let id = session(&setting, MOVEMENT);
    let relay = relay(&setting, &id);
    // A thief of the ID.
    let mut thief = Page::new(&relay);
    assert_eq!(
        refused(&thief.request(json!({"close": 4003}), b"")),
        "The check is not open."
    );
    let mut thief = Page::new(&relay);
    thief.opening.keys.secret_access_key = "guessed".into();
    assert_eq!(refused(&thief.open()), "The ticket is not for this check.");
    assert_eq!(relay.state(), State::Waiting);

    let mut page = Page::new(&relay);
    page.open_check();
    let (_, response) = page.send_check(MOVEMENT);
    assert_eq!(response.code, Some(1000));
}

#[test]
fn a_request_with_the_number_of_another_is_refused() {
    let setting = Setting::start();
    let relay = relay(&setting, &session(&setting, MOVEMENT));
    let mut page = Page::new(&relay);
    page.open_check();
    let frame = page.frame("VideoEvent", &video(b"webm"));
    refused(&page.repeat(json!({}), &frame));
    // It was not taken, and can be sent with its own number.
    assert_eq!(page.request(json!({}), &frame).state, "open");
}

#[test]
fn a_page_that_leaves_does_not_wait_for_its_last_response() {
    let setting = Setting::start();
    let id = session(&setting, MOVEMENT);
    let relay = relay(&setting, &id);
    let mut page = Page::new(&relay);
    page.open_check();
    // The request before never arrived.
    page.sequence += 1;
    page.request(json!({"close": 4003}), b"");
    until("closed", || relay.state() == State::Closed);
    until("failed", || setting.status(&id) == "FAILED");
}

#[test]
fn frames_that_arrive_before_the_service_has_accepted_the_stream_are_not_lost() {
    let setting = Setting::start();
    let id = session(&setting, MOVEMENT);
    let relay = relay(&setting, &id);
    let mut page = Page::new(&relay);
    page.open();
    for (kind, body) in events(MOVEMENT) {
        assert_ne!(page.send(kind, &body).state, "closed");
    }
    page.ask_until(|response| response.state == "closed");
    assert_eq!(relay.state(), State::Completed);
    let sent = setting.emulator.requests().last().unwrap().video_bytes;
    assert_eq!(sent, Some("webmmore".len()));
}

#[test]
fn the_log_has_no_session_no_key_and_no_video() {
    let setting = Setting::start();
    let id = session(&setting, MOVEMENT);
    let relay = Relay::new(&setting.client, id.clone(), Level::Debug).unwrap();
    let mut page = Page::new(&relay);
    page.open_check();
    page.send_check(MOVEMENT);
    let mut lines = Vec::new();
    until("complete", || relay.state() == State::Completed);
    let deadline = Instant::now() + Duration::from_secs(60);
    while lines.len() < 3 && Instant::now() < deadline {
        lines.append(&mut relay.take_log());
    }
    let [attempt, response, end] = &lines[..] else {
        panic!("{lines:?}");
    };
    let url = setting.emulator.url();
    assert!(attempt.contains(&format!(
        "StartFaceLivenessSession: attempt 1 to {url}/start-face-"
    )));
    assert!(response.contains("HTTP 101, request id "), "{response}");
    assert!(
        end.contains("completed; ") && end.contains("1 attempt"),
        "{end}"
    );
    let text = lines.concat();
    let keys = setting.emulator.keys();
    for secret in [
        &id,
        &page.ticket,
        &keys.access_key_id,
        &keys.secret_access_key,
    ] {
        assert!(!text.contains(secret.as_str()), "{text}");
    }
}
