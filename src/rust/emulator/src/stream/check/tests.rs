use super::*;
use crate::challenges::MOVEMENT;
use serde_json::json;

fn video(bytes: &[u8]) -> (&'static str, Value) {
    let body =
        json!({"VideoChunk": STANDARD.encode(bytes), "TimestampMillis": 1_795_718_827_591u64});
    ("VideoEvent", body)
}

fn information(challenge: &str, members: Value) -> (&'static str, Value) {
    let mut body = json!({"ChallengeId": "c-1"});
    for (name, value) in members.as_object().unwrap() {
        body[name] = value.clone();
    }
    (
        "ClientSessionInformationEvent",
        json!({"Challenge": {challenge: body}}),
    )
}

fn face_box() -> Value {
    json!({"Width": 0.2, "Height": 0.3, "Left": 0.4, "Top": 0.3})
}

fn started(challenge: &str) -> (&'static str, Value) {
    let face = json!({"BoundingBox": face_box(), "InitialFaceDetectedTimestamp": 1});
    information(
        challenge,
        json!({"VideoStartTimestamp": 1, "InitialFace": face}),
    )
}

fn ended(challenge: &str) -> (&'static str, Value) {
    let face = json!({
        "BoundingBox": face_box(),
        "FaceDetectedInTargetPositionStartTimestamp": 2,
        "FaceDetectedInTargetPositionEndTimestamp": 3,
    });
    information(
        challenge,
        json!({"VideoEndTimestamp": 4, "TargetFace": face}),
    )
}

fn color(n: usize) -> (&'static str, Value) {
    let color = json!({
        "CurrentColor": {"RGB": COLORS[n]},
        "SequenceNumber": n,
        "CurrentColorStartTimestamp": 1,
    });
    information(LIGHT, json!({"ColorDisplayed": color}))
}

/// The events of a whole check.
fn events(challenge: &str) -> Vec<(&'static str, Value)> {
    let mut events = vec![video(b"webm"), started(challenge)];
    if challenge == LIGHT {
        events.extend((0..COLORS.len()).map(color));
    }
    events.extend([video(b"more"), ended(challenge), video(b"")]);
    events
}

fn run(challenge: &str, events: &[(&'static str, Value)]) -> Result<Check, String> {
    let mut check = Check::new(challenge, true);
    let (last, others) = events.split_last().unwrap();
    let message = |refusal: Refusal| refusal.message.unwrap();
    for (kind, body) in others {
        let progress = check.receive(kind, body).map_err(message)?;
        assert_eq!(progress, Progress::Continues);
    }
    let progress = check.receive(last.0, &last.1).map_err(message)?;
    assert_eq!(progress, Progress::Complete);
    Ok(check)
}

#[test]
fn a_whole_check_is_complete_at_the_empty_chunk() {
    for challenge in [LIGHT, MOVEMENT] {
        let check = run(challenge, &events(challenge)).unwrap();
        assert_eq!(check.video_bytes(), 8);
        assert_eq!(check.into_video().unwrap(), b"webmmore");
    }
}

#[test]
fn a_check_that_lacks_an_event_is_refused() {
    // Of the light challenge: the video and the last event, the empty chunk, stay.
    let whole = events(LIGHT);
    for lacking in 1..whole.len() - 1 {
        if whole[lacking].0 == "VideoEvent" {
            continue;
        }
        let mut events = whole.clone();
        events.remove(lacking);
        assert!(run(LIGHT, &events).is_err(), "without event {lacking}");
    }
    let without_video = [started(MOVEMENT), ended(MOVEMENT), video(b"")];
    let refused = run(MOVEMENT, &without_video).unwrap_err();
    assert!(refused.contains("a chunk of video"), "{refused}");
}

#[test]
fn the_video_is_limited_to_10_mb() {
    let mut check = Check::new(MOVEMENT, false);
    let (kind, chunk) = video(&vec![0; 5_000_000]);
    assert!(check.receive(kind, &chunk).is_ok());
    assert!(check.receive(kind, &chunk).is_ok());
    let refused = check.receive(kind, &video(b"1").1).unwrap_err();
    assert_eq!(refused.message.unwrap(), "The video is larger than 10 MB.");
    assert!(check.into_video().is_none());
}

#[test]
fn events_of_the_wrong_shape_are_refused() {
    let no_box = json!({"BoundingBox": {"Width": 1}, "InitialFaceDetectedTimestamp": 1});
    for (kind, body) in [
        ("AudioEvent", json!({})),
        ("VideoEvent", json!({"VideoChunk": 1})),
        ("VideoEvent", json!({"VideoChunk": "%"})),
        (
            "VideoEvent",
            json!({"VideoChunk": "AAAA", "TimestampMillis": "1"}),
        ),
        ("ClientSessionInformationEvent", json!({})),
        (
            "ClientSessionInformationEvent",
            json!({"Challenge": {MOVEMENT: 1}}),
        ),
        (
            "ClientSessionInformationEvent",
            json!({"Challenge": {MOVEMENT: {}}}),
        ),
        started(LIGHT),
        information(MOVEMENT, json!({"VideoStartTimestamp": "now"})),
        information(MOVEMENT, json!({"InitialFace": no_box})),
        information(MOVEMENT, json!({"TargetFace": {"BoundingBox": face_box()}})),
    ] {
        let refused = Check::new(MOVEMENT, false).receive(kind, &body);
        assert_eq!(refused.unwrap_err().code, "ValidationException", "{body}");
    }
    let mut check = Check::new(LIGHT, false);
    let (kind, second) = color(1);
    assert!(check.receive(kind, &second).is_err());
}
