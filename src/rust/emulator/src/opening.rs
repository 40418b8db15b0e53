//! The request that opens a stream.

use crate::challenges;
use crate::error::Refusal;
use base64::engine::general_purpose::STANDARD;
use base64::Engine as _;
use hyper::http::request::Parts;
use hyper::{HeaderMap, Method, StatusCode, Version};
use rekognition_streaming::query::Query;
use rekognition_streaming::PATH;
use ring::digest;

/// RFC 6455: what the server's key is computed with.
const KEY_SUFFIX: &str = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

/// A request to open a stream.
#[derive(Debug)]
pub struct Opening {
    /// Path and query.
    pub path: String,
    /// The query.
    pub query: Query,
    /// Headers.
    pub headers: HeaderMap,
    /// Version of HTTP.
    pub version: Version,
}

/// What the client can do, as its request says.
#[derive(Debug, PartialEq)]
pub struct Offer {
    /// The session.
    pub session_id: String,
    /// The challenges that it knows, with their versions.
    pub challenges: Vec<(String, challenges::Version)>,
    /// Width of the video in pixels.
    pub width: u32,
    /// Height of the video in pixels.
    pub height: u32,
    /// The client, as it names itself.
    pub client: Option<String>,
}

impl Opening {
    /// The request, if it is one to open a stream. A prefix of the path is allowed, as an endpoint may have one.
    pub fn of(head: &Parts) -> Option<Self> {
        let path = head.uri.path_and_query()?.as_str();
        (head.method == Method::GET && head.uri.path().ends_with(PATH)).then(|| Opening {
            path: path.to_owned(),
            query: Query::parse(path),
            headers: head.headers.clone(),
            version: head.version,
        })
    }

    /// A header, if it is text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// The value of Sec-WebSocket-Accept, or the status with which the handshake is refused.
    pub fn accept(&self) -> Result<String, StatusCode> {
        let has = |name: &str, token: &str| {
            let values = self.headers.get_all(name).iter();
            let mut texts = values.filter_map(|value| value.to_str().ok());
            texts.any(|text| {
                text.split(',')
                    .any(|part| part.trim().eq_ignore_ascii_case(token))
            })
        };
        let is_websocket = self.version == Version::HTTP_11
            && has("connection", "upgrade")
            && has("upgrade", "websocket")
            && has("sec-websocket-version", "13");
        if !is_websocket {
            return Err(StatusCode::UPGRADE_REQUIRED);
        }
        let key = self
            .header("sec-websocket-key")
            .filter(|key| STANDARD.decode(key).is_ok_and(|bytes| bytes.len() == 16))
            .ok_or(StatusCode::BAD_REQUEST)?;
        let hash = digest::digest(
            &digest::SHA1_FOR_LEGACY_USE_ONLY,
            format!("{key}{KEY_SUFFIX}").as_bytes(),
        );
        Ok(STANDARD.encode(hash))
    }

    /// The session, unverified.
    pub fn session_id(&self) -> Option<&str> {
        self.query.get("session-id")
    }

    /// The client, as it names itself. A browser cannot set the header.
    pub fn user_agent(&self) -> Option<&str> {
        self.query
            .get("x-amz-user-agent")
            .or_else(|| self.header("user-agent"))
    }

    /// What the client can do.
    pub fn offer(&self) -> Result<Offer, Refusal> {
        let parameter = |name: &str| {
            self.query.get(name).ok_or_else(|| {
                Refusal::validation(&format!("The query parameter '{name}' is missing."))
            })
        };
        let pixels = |name: &str| {
            let value = parameter(name)?.parse().ok();
            value
                .filter(|pixels| (1..=10_000).contains(pixels))
                .ok_or_else(|| {
                    Refusal::validation(&format!(
                        "The query parameter '{name}' must be a number of pixels from 1 to 10000."
                    ))
                })
        };
        let session_id = parameter("session-id")?;
        if uuid::Uuid::parse_str(session_id).is_err() {
            return Err(Refusal::validation(
                "The query parameter 'session-id' must be a UUID.",
            ));
        }
        Ok(Offer {
            session_id: session_id.to_owned(),
            challenges: challenges(parameter("challenge-versions")?)?,
            width: pixels("video-width")?,
            height: pixels("video-height")?,
            client: self.user_agent().and_then(client),
        })
    }
}

/// Parses a list such as `FaceMovementAndLightChallenge_2.0.0,FaceMovementChallenge_1.0.0`.
fn challenges(list: &str) -> Result<Vec<(String, challenges::Version)>, Refusal> {
    let invalid = || {
        Refusal::validation(
            "The query parameter 'challenge-versions' must list challenges such as 'FaceMovementChallenge_1.0.0'.",
        )
    };
    let parsed = list.split(',').map(|item| {
        let (kind, version) = item.split_once('_')?;
        Some((kind.to_owned(), challenges::version(version)?))
    });
    parsed.collect::<Option<_>>().ok_or_else(invalid)
}

/// The part of a user agent that names the liveness component, such as `ui-react-liveness/3.6.8`, or its first part.
fn client(user_agent: &str) -> Option<String> {
    let mut products = user_agent.split_whitespace();
    let first = products.clone().next();
    products
        .find(|product| product.contains("liveness"))
        .or(first)
        .map(|product| product.chars().take(100).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn opening(query: &str) -> Opening {
        let path = format!("/prefix{PATH}?{query}");
        let request = hyper::Request::builder()
            .uri(&path)
            .header("connection", "keep-alive, Upgrade")
            .header("upgrade", "websocket")
            .header("sec-websocket-version", "13")
            .header("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ==")
            .body(())
            .unwrap();
        Opening::of(&request.into_parts().0).unwrap()
    }

    #[test]
    fn the_handshake_is_that_of_the_standard() {
        // The example of RFC 6455, section 1.3.
        let accept = opening("").accept();
        assert_eq!(accept.as_deref(), Ok("s3pPLMBiTxaQ9kYGzzhZRbK+xOo="));
    }

    #[test]
    fn requests_that_ask_for_no_websocket_are_refused() {
        for (name, value, status) in [
            ("connection", "close", 426),
            ("upgrade", "h2c", 426),
            ("sec-websocket-version", "8", 426),
            ("sec-websocket-key", "c2hvcnQ=", 400),
        ] {
            let mut opening = opening("");
            opening.headers.insert(name, value.parse().unwrap());
            assert_eq!(opening.accept().unwrap_err(), status, "{name}");
        }
        let mut old = opening("");
        old.version = Version::HTTP_10;
        assert!(old.accept().is_err());
        // A proxy may put a second one before it.
        let mut twice = opening("");
        twice
            .headers
            .insert("connection", "keep-alive".parse().unwrap());
        twice
            .headers
            .append("connection", "upgrade".parse().unwrap());
        assert!(twice.accept().is_ok());
    }

    #[test]
    fn the_query_says_what_the_client_can_do() {
        let offer = opening(
            "session-id=0f959dbb-37cc-45d8-a08d-dc42cce85fa8&video-width=640&video-height=480\
             &challenge-versions=FaceMovementAndLightChallenge_2.0.0%2CFaceMovementChallenge_1.0.0\
             &x-amz-user-agent=aws-sdk-js%2F3.1%20ui-react-liveness%2F3.6.8",
        )
        .offer()
        .unwrap();
        assert_eq!((offer.width, offer.height), (640, 480));
        assert_eq!(
            offer.challenges,
            [
                ("FaceMovementAndLightChallenge".to_owned(), [2, 0, 0]),
                ("FaceMovementChallenge".to_owned(), [1, 0, 0])
            ]
        );
        assert_eq!(offer.client.as_deref(), Some("ui-react-liveness/3.6.8"));
    }

    #[test]
    fn a_query_without_what_is_needed_is_refused() {
        let complete =
            "session-id=0f959dbb-37cc-45d8-a08d-dc42cce85fa8&video-width=640&video-height=480\
                        &challenge-versions=FaceMovementChallenge_1.0.0";
        assert!(opening(complete).offer().is_ok());
        for (part, wrong) in [
            ("session-id=0f959dbb-37cc-45d8-a08d-dc42cce85fa8", "x=1"),
            ("0f959dbb-37cc-45d8-a08d-dc42cce85fa8", "1"),
            ("video-width=640", "video-width=0"),
            ("video-height=480", "video-height=1e3"),
            ("FaceMovementChallenge_1.0.0", "FaceMovementChallenge"),
            ("FaceMovementChallenge_1.0.0", "FaceMovementChallenge_1.0"),
        ] {
            let refused = opening(&complete.replace(part, wrong)).offer();
            assert_eq!(refused.unwrap_err().code, "ValidationException", "{wrong}");
        }
    }
}
