//! The record of requests.

use crate::request::Request;
use std::collections::VecDeque;
use std::time::SystemTime;

const MAX_RECORDS: usize = 10_000;

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
}

/// The latest requests.
#[derive(Debug, Default)]
pub struct Records(VecDeque<Record>);

impl Records {
    /// Adds a request.
    pub fn add(&mut self, request: &Request, request_id: &str) {
        let member = |name: &str| request.input.as_ref().ok()?.string(name).map(str::to_owned);
        if self.0.len() == MAX_RECORDS {
            self.0.pop_front();
        }
        self.0.push_back(Record {
            time: SystemTime::now(),
            operation: request.operation().map(str::to_owned),
            session_id: member("SessionId"),
            client_request_token: member("ClientRequestToken"),
            access_key_id: crate::signature::access_key_id(&request.headers),
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
        });
    }

    /// Adds the response to a request.
    pub fn respond(&mut self, request_id: &str, status: u16, code: Option<&str>) {
        let mut newest_first = self.0.iter_mut().rev();
        if let Some(record) = newest_first.find(|record| record.request_id == request_id) {
            record.status = Some(status);
            record.code = code.map(str::to_owned);
        }
    }

    /// All of them, oldest first.
    pub fn all(&self) -> Vec<Record> {
        self.0.iter().cloned().collect()
    }
}
