//! The page's side of a relay, signed by the AWS SDK.

use super::{events, Opening, Sent, Signer, LIGHT, MOVEMENT};
use base64::engine::general_purpose::STANDARD;
use base64::Engine as _;
use rekognition_core::stream::{Relay, Ticket};
use rekognition_emulator::Keys;
use serde_json::{json, Value};
use std::time::{Duration, Instant, SystemTime};

/// A page with a ticket.
pub struct Page<'r> {
    relay: &'r Relay,
    /// The ID of the ticket.
    pub ticket: String,
    /// The number of the last request.
    pub sequence: u64,
    /// How it opens the check.
    pub opening: Opening,
    signer: Option<Signer>,
}

/// The response of a relay.
#[derive(Debug)]
pub struct Response {
    /// `connecting`, `open` or `closed`.
    pub state: String,
    /// The service's messages.
    pub sent: Vec<Sent>,
    /// The code of a WebSocket, if closed.
    pub code: Option<u64>,
    /// The code and the message of the error, if there is one.
    pub error: Option<(String, String)>,
}

impl Response {
    /// Parses a response.
    pub fn parse(text: &str) -> Self {
        let value: Value = serde_json::from_str(text).expect("JSON");
        let text = |value: &Value| value.as_str().expect("a string").to_owned();
        let sent = value["frames"].as_array().expect("frames").iter();
        let error = value.get("error");
        Response {
            state: text(&value["state"]),
            sent: sent
                .map(|frame| Sent::parse(STANDARD.decode(text(frame)).expect("base64")))
                .collect(),
            code: value["code"].as_u64(),
            error: error.map(|error| (text(&error["code"]), text(&error["message"]))),
        }
    }
}

impl<'r> Page<'r> {
    /// A page with the relay's own ticket.
    pub fn new(relay: &'r Relay) -> Self {
        let ticket = relay.ticket().expect("a ticket");
        Self::with(relay, ticket)
    }

    /// A page with this ticket.
    pub fn with(relay: &'r Relay, ticket: &Ticket) -> Self {
        Page {
            relay,
            ticket: ticket.id.clone(),
            sequence: 0,
            opening: Opening {
                address: String::new(),
                host: "relay.invalid".into(),
                keys: Keys {
                    access_key_id: ticket.id.clone(),
                    secret_access_key: ticket.secret.reveal().to_owned(),
                    session_token: None,
                },
                region: ticket.region.clone(),
                // A wrong clock.
                time: SystemTime::now() - Duration::from_secs(86_400),
                expires_in: Duration::from_secs(299),
                session_id: ticket.session_id.clone(),
                challenges: format!("{LIGHT}_2.0.0,{MOVEMENT}_1.0.0"),
            },
            signer: None,
        }
    }

    /// Sends the next request with these members and frames.
    pub fn request(&mut self, members: Value, frames: &[u8]) -> Response {
        self.sequence += 1;
        self.repeat(members, frames)
    }

    /// Sends a request with the number of the last one.
    pub fn repeat(&mut self, members: Value, frames: &[u8]) -> Response {
        let mut head = json!({"ticket": self.ticket, "sequence": self.sequence});
        for (name, value) in members.as_object().expect("an object") {
            head[name] = value.clone();
        }
        let mut body = format!("{head}\n").into_bytes();
        body.extend(frames);
        Response::parse(&self.relay.exchange(&body))
    }

    /// Opens the check.
    pub fn open(&mut self) -> Response {
        let (path, signature) = self.opening.presign();
        self.signer = Some(self.opening.signer(signature));
        let query = path.split_once('?').expect("a query").1;
        self.request(json!({"open": format!("?{query}")}), b"")
    }

    /// The next frame of an event.
    pub fn frame(&mut self, kind: &str, body: &Value) -> Vec<u8> {
        self.signer.as_mut().expect("opened").sign(kind, body)
    }

    /// Sends an event.
    pub fn send(&mut self, kind: &str, body: &Value) -> Response {
        let frame = self.frame(kind, body);
        self.request(json!({}), &frame)
    }

    /// Asks until this is the case; returns all that the service sent meanwhile, and the last response.
    pub fn ask_until(&mut self, is_over: impl Fn(&Response) -> bool) -> (Vec<Sent>, Response) {
        let deadline = Instant::now() + Duration::from_secs(60);
        let mut sent = Vec::new();
        loop {
            let mut response = self.request(json!({}), b"");
            let over = is_over(&response);
            sent.append(&mut response.sent);
            if over {
                return (sent, response);
            }
            assert!(Instant::now() < deadline, "{response:?}");
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// Opens the check, and waits for its challenge.
    pub fn open_check(&mut self) -> String {
        let opened = self.open();
        assert_ne!(opened.state, "closed", "{opened:?}");
        let (sent, _) =
            self.ask_until(|response| response.state == "open" || response.error.is_some());
        let mut sent = opened.sent.into_iter().chain(sent);
        match sent.next() {
            Some(Sent::Event(kind, body)) if kind == "ChallengeEvent" => {
                body["Type"].as_str().expect("a type").to_owned()
            }
            other => panic!("no challenge: {other:?}"),
        }
    }

    /// Sends a whole check of this challenge, and waits for its end.
    pub fn send_check(&mut self, challenge: &str) -> (Vec<Sent>, Response) {
        let mut sent = Vec::new();
        for (kind, body) in events(challenge) {
            let mut response = self.send(kind, &body);
            assert_eq!(response.error, None);
            sent.append(&mut response.sent);
            // The service is faster than the next request.
            if response.state == "closed" {
                return (sent, response);
            }
        }
        let (rest, response) = self.ask_until(|response| response.state == "closed");
        sent.extend(rest);
        (sent, response)
    }
}
