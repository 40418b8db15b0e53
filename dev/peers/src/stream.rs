//! A client of the streaming protocol, signed by the AWS SDK. Its WebSocket is written by hand, so that it can also send what
//! no library sends.

mod frame;
mod page;
mod setting;

pub use frame::{frame, head};
pub use page::{Page, Response};
pub use setting::Setting;

use aws_credential_types::Credentials;
use aws_sigv4::event_stream;
use aws_sigv4::http_request::{
    sign, SignableBody, SignableRequest, SignatureLocation, SigningSettings,
};
use aws_sigv4::sign::v4;
use aws_smithy_eventstream::frame::{read_message_from, write_message_to};
use aws_smithy_runtime_api::client::identity::Identity;
use aws_smithy_types::event_stream::{Header, HeaderValue, Message};
use base64::engine::general_purpose::STANDARD;
use base64::Engine as _;
use bytes::Bytes;
use rekognition_emulator::{Emulator, Keys};
use serde_json::{json, Value};
use std::fmt::Write as _;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, SystemTime};

const PATH: &str = "/start-face-liveness-session-websocket";
/// The challenge with colored light.
pub const LIGHT: &str = "FaceMovementAndLightChallenge";
/// The challenge without.
pub const MOVEMENT: &str = "FaceMovementChallenge";

/// How a stream is opened.
#[derive(Clone)]
pub struct Opening {
    /// The host and port of the emulator.
    pub address: String,
    /// The host in the signature.
    pub host: String,
    /// The keys.
    pub keys: Keys,
    /// The region in the signature.
    pub region: String,
    /// When it is signed.
    pub time: SystemTime,
    /// How long the URL is valid.
    pub expires_in: Duration,
    /// The session.
    pub session_id: String,
    /// The challenges of the client.
    pub challenges: String,
}

impl Opening {
    /// An opening as AWS's component for browsers makes it.
    pub fn new(emulator: &Emulator, session_id: &str) -> Self {
        let url = emulator.url();
        let address = url.trim_start_matches("http://").to_owned();
        Opening {
            // The SDK for JavaScript leaves out the port.
            host: address.split(':').next().unwrap_or_default().to_owned(),
            address,
            keys: emulator.keys().clone(),
            region: "us-east-1".into(),
            time: SystemTime::now(),
            expires_in: Duration::from_secs(299),
            session_id: session_id.to_owned(),
            challenges: format!("{LIGHT}_2.0.0,{MOVEMENT}_1.0.0"),
        }
    }

    /// The presigned path and query, and the signature in it.
    pub fn presign(&self) -> (String, String) {
        let query = format!(
            "challenge-versions={}&session-id={}&video-height=480&video-width=640&\
             x-amz-user-agent=aws-sdk-rust%20test-liveness%2F1.0",
            self.challenges.replace(',', "%2C"),
            self.session_id
        );
        let mut settings = SigningSettings::default();
        settings.signature_location = SignatureLocation::QueryParams;
        settings.expires_in = Some(self.expires_in);
        let identity = identity(&self.keys);
        let params = v4::SigningParams::builder()
            .identity(&identity)
            .region(&self.region)
            .name("rekognition")
            .time(self.time)
            .settings(settings)
            .build()
            .expect("all parameters")
            .into();
        let url = format!("http://{}{PATH}?{query}", self.host);
        let no_headers: [(&str, &str); 0] = [];
        let request =
            SignableRequest::new("GET", url, no_headers.into_iter(), SignableBody::Bytes(b""))
                .expect("a valid URL");
        let (instructions, signature) = sign(request, &params).expect("signable").into_parts();
        let mut path = format!("{PATH}?{query}");
        for (name, value) in instructions.params() {
            // The only characters in these values that must be escaped.
            let value = value
                .replace('/', "%2F")
                .replace('+', "%2B")
                .replace('=', "%3D");
            write!(path, "&{name}={value}").expect("a string");
        }
        (path, signature)
    }

    /// What signs the events after this signature of the opening.
    pub fn signer(&self, signature: String) -> Signer {
        Signer {
            keys: self.keys.clone(),
            region: self.region.clone(),
            prior: signature,
        }
    }

    /// Opens the stream.
    pub fn open(&self) -> Stream {
        let (path, signature) = self.presign();
        let mut stream = Stream::connect(&self.address, self.signer(signature));
        let status = stream.upgrade(&path);
        assert!(status.starts_with("HTTP/1.1 101 "), "{status}");
        stream
    }
}

fn identity(keys: &Keys) -> Identity {
    Credentials::new(
        &keys.access_key_id,
        &keys.secret_access_key,
        keys.session_token.clone(),
        None,
        "test",
    )
    .into()
}

/// What the server sends.
#[derive(Debug, PartialEq)]
pub enum Sent {
    /// An event: its type and body.
    Event(String, Value),
    /// An exception: its type and message.
    Exception(String, String),
    /// A closing frame with this code.
    Close(u16),
    /// The end of the connection.
    End,
}

impl Sent {
    /// Parses a message of the server.
    pub fn parse(bytes: Vec<u8>) -> Self {
        let message = read_message_from(Bytes::from(bytes)).expect("a message");
        let header = |name: &str| {
            let found = message.headers().iter().find(|h| h.name().as_str() == name);
            let text = found.and_then(|h| h.value().as_string().ok());
            text.map(|text| text.as_str().to_owned())
                .unwrap_or_default()
        };
        let body: Value = serde_json::from_slice(message.payload()).expect("JSON");
        if header(":message-type") == "exception" {
            let text = body["Message"].as_str().unwrap_or_default().to_owned();
            return Sent::Exception(header(":exception-type"), text);
        }
        Sent::Event(header(":event-type"), body)
    }
}

/// Signs the events of a stream, each with the signature of the one before.
#[derive(Clone)]
pub struct Signer {
    keys: Keys,
    region: String,
    prior: String,
}

impl Signer {
    /// The signed message of an event, the next one in the chain.
    pub fn sign(&mut self, kind: &str, body: &Value) -> Vec<u8> {
        let header = |name: &'static str, value: &str| {
            Header::new(name, HeaderValue::String(value.to_owned().into()))
        };
        let message = Message::new(body.to_string())
            .add_header(header(":event-type", kind))
            .add_header(header(":message-type", "event"))
            .add_header(header(":content-type", "application/json"));
        let identity = identity(&self.keys);
        let params = event_stream::SigningParams::builder()
            .identity(&identity)
            .region(&self.region)
            .name("rekognition")
            .time(SystemTime::now())
            .settings(())
            .build()
            .expect("all parameters");
        let signed = event_stream::sign_message(&message, &self.prior, &params).expect("signable");
        let (message, signature) = signed.into_parts();
        self.prior = signature;
        let mut bytes = Vec::new();
        write_message_to(&message, &mut bytes).expect("a message");
        bytes
    }
}

/// An open stream.
pub struct Stream {
    /// The connection.
    pub connection: TcpStream,
    signer: Signer,
}

impl Stream {
    /// A connection on which nothing was sent.
    pub fn connect(address: &str, signer: Signer) -> Self {
        let connection = TcpStream::connect(address).expect("an emulator");
        let patience = Some(Duration::from_secs(60));
        connection.set_read_timeout(patience).expect("a socket");
        Stream { connection, signer }
    }

    /// Asks for a WebSocket, and returns the head of the response.
    pub fn upgrade(&mut self, path: &str) -> String {
        let address = self.connection.peer_addr().expect("a connection");
        let request = format!(
            "GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
             Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
             Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n\r\n"
        );
        self.connection.write_all(request.as_bytes()).expect("sent");
        let mut head = Vec::new();
        let mut byte = [0];
        while !head.ends_with(b"\r\n\r\n") {
            if self.connection.read_exact(&mut byte).is_err() {
                break;
            }
            head.push(byte[0]);
        }
        String::from_utf8_lossy(&head).into_owned()
    }

    /// Signs and sends an event.
    pub fn send(&mut self, kind: &str, body: &Value) {
        let message = self.sign(kind, body);
        self.send_message(&message);
    }

    /// The signed message of an event, the next one in the chain.
    pub fn sign(&mut self, kind: &str, body: &Value) -> Vec<u8> {
        self.signer.sign(kind, body)
    }

    /// Sends bytes as one binary message. The emulator may have closed the connection.
    pub fn send_message(&mut self, message: &[u8]) {
        let _ = self.connection.write_all(&frame(0x82, message));
    }

    /// What comes next.
    pub fn receive(&mut self) -> Sent {
        let Some((opcode, payload)) = self.read_frame() else {
            return Sent::End;
        };
        if opcode == 0x88 {
            let code = payload.get(..2).map_or([0, 0], |code| [code[0], code[1]]);
            return Sent::Close(u16::from_be_bytes(code));
        }
        assert_eq!(opcode, 0x82, "a whole binary message");
        Sent::parse(payload)
    }

    /// The first byte of the next frame, and its payload. `None` at the end of the connection.
    pub fn read_frame(&mut self) -> Option<(u8, Vec<u8>)> {
        let mut head = [0; 2];
        self.connection.read_exact(&mut head).ok()?;
        let mut length = u64::from(head[1]);
        assert!(length < 128, "a server does not mask");
        let extended = match length {
            126 => 2,
            127 => 8,
            _ => 0,
        };
        if extended > 0 {
            let mut bytes = [0; 8];
            self.connection
                .read_exact(&mut bytes[8 - extended..])
                .ok()?;
            length = u64::from_be_bytes(bytes);
        }
        let mut payload = vec![0; usize::try_from(length).ok()?];
        self.connection.read_exact(&mut payload).ok()?;
        Some((head[0], payload))
    }

    /// Receives what comes at the start of a stream: the challenge.
    pub fn receive_challenge(&mut self) -> String {
        let Sent::Event(kind, challenge) = self.receive() else {
            panic!("no challenge");
        };
        assert_eq!(kind, "ChallengeEvent");
        let name = challenge["Type"].as_str().expect("a type").to_owned();
        let Sent::Event(kind, body) = self.receive() else {
            panic!("no session information");
        };
        assert_eq!(kind, "ServerSessionInformationEvent");
        assert!(body["SessionInformation"]["Challenge"][&name]["OvalParameters"].is_object());
        name
    }

    /// Sends a whole check of this challenge.
    pub fn send_check(&mut self, challenge: &str) {
        for (kind, body) in events(challenge) {
            self.send(kind, &body);
        }
    }
}

/// A chunk of video.
pub fn video(bytes: &[u8]) -> Value {
    json!({"VideoChunk": STANDARD.encode(bytes), "TimestampMillis": 1_795_718_827_591_u64})
}

/// The events of a whole check.
pub fn events(challenge: &str) -> Vec<(&'static str, Value)> {
    const INFORMATION: &str = "ClientSessionInformationEvent";
    let information = |mut members: Value| {
        members["ChallengeId"] = json!("c-1");
        (INFORMATION, json!({"Challenge": {challenge: members}}))
    };
    let sides = json!({"Width": 0.2, "Height": 0.3, "Left": 0.4, "Top": 0.3});
    let mut events = vec![
        ("VideoEvent", video(b"webm")),
        information(json!({
            "VideoStartTimestamp": 1,
            "InitialFace": {"BoundingBox": sides, "InitialFaceDetectedTimestamp": 1},
        })),
    ];
    let colors = [
        [0, 0, 0],
        [0, 255, 0],
        [255, 0, 0],
        [255, 255, 0],
        [0, 0, 255],
        [0, 255, 255],
        [255, 0, 255],
        [255, 255, 255],
    ];
    for (n, color) in colors.iter().enumerate().filter(|_| challenge == LIGHT) {
        events.push(information(json!({"ColorDisplayed": {
            "CurrentColor": {"RGB": color},
            "SequenceNumber": n,
            "CurrentColorStartTimestamp": 1,
        }})));
    }
    events.extend([
        ("VideoEvent", video(b"more")),
        information(json!({
            "VideoEndTimestamp": 4,
            "TargetFace": {
                "BoundingBox": sides,
                "FaceDetectedInTargetPositionStartTimestamp": 2,
                "FaceDetectedInTargetPositionEndTimestamp": 3,
            },
        })),
        ("VideoEvent", video(b"")),
    ]);
    events
}
