//! Tickets: what a page needs to stream a check through a relay.

use crate::secret::Secret;
use crate::settings::keys::parse_time;
use aws_credential_types::Credentials;
use rekognition_streaming::chain::Chain;
use rekognition_streaming::presign::{presign, Scope};
use rekognition_streaming::query::{without_signature, Query};
use rekognition_streaming::{PATH, SERVICE};
use std::time::{Duration, SystemTime};
use uuid::Uuid;

/// The host in the page's signature: the page has no other name for the relay.
const HOST: &str = "relay.invalid";
/// AWS's component sends less than a kilobyte.
const MAX_QUERY: usize = 4096;

/// What AWS's component says of itself and of its camera.
const PARAMETERS: [&str; 7] = [
    "attempt-count",
    "challenge-versions",
    "precheck-view-enabled",
    "session-id",
    "video-height",
    "video-width",
    "x-amz-user-agent",
];

/// A one-time key for the check of a session. It means nothing to AWS.
#[derive(Debug)]
pub struct Ticket {
    /// The session.
    pub session_id: String,
    /// The region in the page's signatures.
    pub region: String,
    /// What a page names the ticket by: an access key ID.
    pub id: String,
    /// The secret access key.
    pub secret: Secret,
}

/// A check that a page has opened.
#[derive(Debug)]
pub struct Opening {
    /// The signatures that the page will send.
    pub chain: Chain,
    /// What the page can do: the query that the service is to get, without a signature.
    pub query: String,
}

impl Ticket {
    /// A new ticket for this session.
    pub fn new(session_id: String, region: String) -> Self {
        let random = || Uuid::new_v4().simple().to_string();
        Ticket {
            session_id,
            region,
            id: format!("RELAY{}", random().to_uppercase()),
            secret: Secret::new(format!("{}{}", random(), random())),
        }
    }

    /// Checks the query of a URL that was presigned with this ticket. The page's clock may be wrong: the ticket's own time
    /// counts.
    pub fn open(&self, query: &str) -> Option<Opening> {
        if query.len() > MAX_QUERY || !query.bytes().all(|b| b.is_ascii_graphic()) {
            return None;
        }
        let path = format!("{PATH}?{}", query.trim_start_matches('?'));
        let query = Query::parse(&path);
        let scope = query.get("X-Amz-Credential")?.split_once('/')?.1;
        let timestamp = query.get("X-Amz-Date")?;
        let (day, region) = (timestamp.get(..8)?, &self.region);
        let is_ours = !query.repeats()
            && query.get("session-id") == Some(&self.session_id)
            && query.access_key_id() == Some(&self.id)
            && scope == format!("{day}/{region}/{SERVICE}/aws4_request");
        if !is_ours {
            return None;
        }
        let date = parse_timestamp(timestamp)?;
        let expires_in = query.get("X-Amz-Expires")?.parse().ok()?;
        let path = without_signature(&path);
        let keys = Credentials::new(&self.id, self.secret.reveal(), None, None, "ticket");
        let scope = Scope {
            keys: keys.clone(),
            region,
            service: SERVICE,
            date,
            expires_in: Duration::from_secs(expires_in),
        };
        let expected = presign(HOST, &path, scope)?.signature;
        if query.get("X-Amz-Signature") != Some(&expected) {
            return None;
        }
        Some(Opening {
            chain: Chain::new(keys, region, SERVICE, &expected),
            query: passed_on(path.split_once('?')?.1)?,
        })
    }
}

/// The parameters that the service gets. `None` if one is not written as AWS's SDKs write it.
fn passed_on(query: &str) -> Option<String> {
    let mut kept = Vec::new();
    for parameter in query.split('&') {
        let (name, value) = parameter.split_once('=')?;
        let is_plain = |b: u8| b.is_ascii_alphanumeric() || b"-._~%".contains(&b);
        if !value.bytes().all(is_plain) {
            return None;
        }
        if PARAMETERS.contains(&name) {
            kept.push(parameter);
        }
    }
    Some(kept.join("&"))
}

/// Parses a timestamp such as `20260131T235959Z`.
fn parse_timestamp(timestamp: &str) -> Option<SystemTime> {
    let part = |from, to| timestamp.get(from..to);
    let (year, month, day_and_hour) = (part(0, 4)?, part(4, 6)?, part(6, 11)?);
    let (minute, second) = (part(11, 13)?, timestamp.get(13..)?);
    parse_time(&format!("{year}-{month}-{day_and_hour}:{minute}:{second}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ticket() -> Ticket {
        Ticket::new("session-1".into(), "eu-west-1".into())
    }

    const QUERY: &str = "challenge-versions=A_2.0.0%2CB_1.0.0&session-id=session-1&video-height=480&video-width=640";

    fn signed(ticket: &Ticket, query: &str, host: &str) -> String {
        let scope = Scope {
            keys: Credentials::new(&ticket.id, ticket.secret.reveal(), None, None, "test"),
            region: &ticket.region,
            service: SERVICE,
            // A wrong clock.
            date: std::time::UNIX_EPOCH + Duration::from_secs(1_000_000_000),
            expires_in: Duration::from_secs(299),
        };
        let path = presign(host, &format!("{PATH}?{query}"), scope)
            .unwrap()
            .path;
        path.split_once('?').unwrap().1.to_owned()
    }

    #[test]
    fn a_presigned_query_opens_its_ticket() {
        let ticket = ticket();
        let query = signed(
            &ticket,
            &format!("{QUERY}&x-amz-user-agent=a%2F1&X-AMZ-Else=1&Session-Id=2"),
            HOST,
        );
        let opening = ticket.open(&format!("?{query}")).unwrap();
        assert_eq!(opening.query, format!("{QUERY}&x-amz-user-agent=a%2F1"));
    }

    #[test]
    fn other_queries_do_not_open_a_ticket() {
        let ticket = ticket();
        let query = signed(&ticket, QUERY, HOST);
        let refused = [
            query.replace("640", "320"),
            query.replace("session-1", "session-2"),
            format!("{query}&session-id=session-2"),
            format!("{query}&x=\n"),
            format!("{query}#"),
            signed(&ticket, &format!("{QUERY}&a=1;session-id=session-2"), HOST),
            signed(&ticket, &format!("{QUERY}&flag"), HOST),
            format!("{query}&x={}", "x".repeat(MAX_QUERY)),
            query[1..].to_owned(),
            QUERY.to_owned(),
            String::new(),
            signed(&ticket, &QUERY.replace("session-1", "session-2"), HOST),
            signed(
                &ticket,
                QUERY,
                "streaming-rekognition.eu-west-1.amazonaws.com",
            ),
            signed(&self::ticket(), QUERY, HOST),
            signed(
                &Ticket {
                    region: "us-east-1".into(),
                    ..self::ticket()
                },
                QUERY,
                HOST,
            ),
        ];
        for query in refused {
            assert!(ticket.open(&query).is_none(), "{query}");
        }
    }

    #[test]
    fn a_ticket_does_not_print_its_secret() {
        let ticket = ticket();
        assert!(!format!("{ticket:?}").contains(ticket.secret.reveal()));
    }
}
