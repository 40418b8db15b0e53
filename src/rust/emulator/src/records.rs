//! The record of requests.

use crate::opening::Opening;
use crate::request::Request;
use std::collections::VecDeque;
use std::time::SystemTime;

const MAX_RECORDS: usize = 10_000;
/// Characters: a user agent may be long.
const MAX_TEXT: usize = 1_000;

/// The record of a request, without signature, secrets and images.
#[derive(Debug, Clone, PartialEq)]
pub struct Record {
    /// When it arrived.
    pub time: SystemTime,
    /// The requested operation.
    pub operation: Option<String>,
    /// The requested session.
    pub session_id: Option<String>,
    /// The client request token.
    pub client_request_token: Option<String>,
    /// The access key ID in its signature.
    pub access_key_id: Option<String>,
    /// The attempt, as the SDK counts.
    pub attempt: Option<u32>,
    /// The user agent.
    pub user_agent: Option<String>,
    /// HTTP status of the response, if one was sent.
    pub status: Option<u16>,
    /// Error code, if the response was an error.
    pub code: Option<String>,
    /// The request ID.
    pub request_id: String,
    /// Bytes of video, if it opened a stream.
    pub video_bytes: Option<usize>,
}

/// The latest requests.
#[derive(Debug, Default)]
pub struct Records(VecDeque<Record>);

impl Records {
    /// Adds a request.
    pub fn add(&mut self, request: &Request, request_id: &str) {
        let member = |name: &str| request.input.as_ref().ok()?.string(name).map(str::to_owned);
        self.push(Record {
            time: SystemTime::now(),
            operation: request.operation().map(str::to_owned),
            session_id: member("SessionId"),
            client_request_token: member("ClientRequestToken"),
            access_key_id: request.access_key_id(),
            attempt: request.header("amz-sdk-request").and_then(|header| {
                header
                    .split(';')
                    .find_map(|part| part.trim().strip_prefix("attempt=")?.parse().ok())
            }),
            user_agent: request
                .header("x-amz-user-agent")
                .or_else(|| request.header("user-agent"))
                .map(str::to_owned),
            status: None,
            code: None,
            request_id: request_id.to_owned(),
            video_bytes: None,
        });
    }

    /// Adds a stream.
    pub fn add_stream(&mut self, opening: &Opening, request_id: &str) {
        self.push(Record {
            time: SystemTime::now(),
            operation: Some("StartFaceLivenessSession".into()),
            session_id: opening.session_id().map(str::to_owned),
            client_request_token: None,
            access_key_id: opening.query.access_key_id().map(str::to_owned),
            attempt: opening
                .query
                .get("attempt-count")
                .and_then(|attempt| attempt.parse().ok()),
            user_agent: opening.user_agent().map(str::to_owned),
            status: None,
            code: None,
            request_id: request_id.to_owned(),
            video_bytes: Some(0),
        });
    }

    fn push(&mut self, mut record: Record) {
        for text in [
            &mut record.operation,
            &mut record.session_id,
            &mut record.client_request_token,
            &mut record.access_key_id,
            &mut record.user_agent,
        ] {
            *text = text
                .take()
                .map(|text| text.chars().take(MAX_TEXT).collect());
        }
        if self.0.len() == MAX_RECORDS {
            self.0.pop_front();
        }
        self.0.push_back(record);
    }

    /// Adds the video of a stream.
    pub fn add_video(&mut self, request_id: &str, bytes: usize) {
        if let Some(record) = self.find(request_id) {
            record.video_bytes = Some(bytes);
        }
    }

    fn find(&mut self, request_id: &str) -> Option<&mut Record> {
        let mut newest_first = self.0.iter_mut().rev();
        newest_first.find(|record| record.request_id == request_id)
    }

    /// Adds the response to a request.
    pub fn respond(&mut self, request_id: &str, status: u16, code: Option<&str>) {
        if let Some(record) = self.find(request_id) {
            record.status = Some(status);
            record.code = code.map(str::to_owned);
        }
    }

    /// All of them, oldest first.
    pub fn all(&self) -> Vec<Record> {
        self.0.iter().cloned().collect()
    }
}
