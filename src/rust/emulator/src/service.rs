//! The state of the service, and its responses.

use crate::error::Refusal;
use crate::faults::{Fault, Faults};
use crate::model;
use crate::sessions::{CheckOutcome, Sessions, Timing};
use crate::signature::{self, Keys, Signed};
use hyper::HeaderMap;
use std::collections::{HashMap, VecDeque};
use std::time::{Instant, SystemTime};

const MAX_RECORDS: usize = 10_000;
const TARGET: &str = "RekognitionService.";

/// The record of a request, without signature, secrets and images.
#[derive(Debug, Clone, PartialEq)]
pub struct Record {
    /// When it arrived.
    pub time: SystemTime,
    /// The requested operation.
    pub operation: Option<String>,
    /// The requested session.
    pub session_id: Option<String>,
    /// The client request token of a new session.
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

/// A response to send.
#[derive(Debug, Clone, PartialEq)]
pub struct Reply {
    /// HTTP status.
    pub status: u16,
    /// Headers in addition to the default ones.
    pub headers: Vec<(String, String)>,
    /// Body.
    pub body: Vec<u8>,
}

/// A complete request.
pub struct Request {
    /// Method.
    pub method: String,
    /// Path and query.
    pub path: String,
    /// Headers.
    pub headers: HeaderMap,
    /// Body.
    pub body: Vec<u8>,
}

/// The state of the service.
#[derive(Debug)]
pub struct Service {
    region: String,
    keys: Keys,
    temporary: HashMap<String, (Keys, f64)>,
    timing: Timing,
    sessions: Sessions,
    put_results: HashMap<String, Reply>,
    faults: Faults,
    records: VecDeque<Record>,
    started: Instant,
    advanced: f64,
}

impl Service {
    /// A service with no sessions.
    pub fn new(region: String, keys: Keys, timing: Timing) -> Self {
        Service {
            region,
            keys,
            temporary: HashMap::new(),
            timing,
            sessions: Sessions::default(),
            put_results: HashMap::new(),
            faults: Faults::default(),
            records: VecDeque::new(),
            started: Instant::now(),
            advanced: 0.0,
        }
    }

    /// Seconds on the service's clock.
    fn now(&self) -> f64 {
        self.started.elapsed().as_secs_f64() + self.advanced
    }

    /// Advances the clock.
    pub fn advance(&mut self, seconds: f64) {
        self.advanced += seconds;
    }

    /// Completes a check. Returns false if there is no such session.
    pub fn check(&mut self, session_id: &str, outcome: CheckOutcome) -> bool {
        let now = self.now();
        self.sessions.check(session_id, outcome, now)
    }

    /// Returns `reply` to each request for the results of this session.
    pub fn put_result(&mut self, session_id: String, reply: Reply) {
        self.put_results.insert(session_id, reply);
    }

    /// Adds temporary keys that expire on the service's clock.
    pub fn add_temporary(&mut self, keys: Keys, seconds: f64) {
        let expires = self.now() + seconds;
        self.temporary
            .insert(keys.access_key_id.clone(), (keys, expires));
    }

    /// The faults to inject.
    pub fn faults(&mut self) -> &mut Faults {
        &mut self.faults
    }

    /// The requests received, oldest first.
    pub fn records(&self) -> Vec<Record> {
        self.records.iter().cloned().collect()
    }

    /// Records a request, and returns the fault to inject into it.
    pub fn receive(&mut self, request: &Request, request_id: &str) -> Option<Fault> {
        let text = |name: &str| request.headers.get(name)?.to_str().ok().map(str::to_owned);
        let input = model::parse(&request.body).unwrap_or_default();
        let member = |name: &str| input.get(name)?.as_str().map(str::to_owned);
        let session_id = member("SessionId");
        if self.records.len() == MAX_RECORDS {
            self.records.pop_front();
        }
        self.records.push_back(Record {
            time: SystemTime::now(),
            operation: operation(&request.headers).map(str::to_owned),
            session_id: session_id.clone(),
            client_request_token: member("ClientRequestToken"),
            access_key_id: signature::access_key_id(&request.headers),
            attempt: text("amz-sdk-request").and_then(|header| {
                header
                    .split(';')
                    .find_map(|part| part.trim().strip_prefix("attempt=")?.parse().ok())
            }),
            user_agent: text("x-amz-user-agent").or_else(|| text("user-agent")),
            status: None,
            code: None,
            request_id: request_id.to_owned(),
        });
        self.faults.next(session_id.as_deref())
    }

    /// Records the response to a request.
    pub fn record_response(&mut self, request_id: &str, status: u16, code: Option<&str>) {
        if let Some(record) = self
            .records
            .iter_mut()
            .rev()
            .find(|record| record.request_id == request_id)
        {
            record.status = Some(status);
            record.code = code.map(str::to_owned);
        }
    }

    /// Handles a request.
    pub fn handle(&mut self, request: &Request) -> Result<Reply, Refusal> {
        let operation = operation(&request.headers).filter(|_| request.method == "POST");
        self.check_signature(request)?;
        let input = match operation {
            Some("CreateFaceLivenessSession" | "GetFaceLivenessSessionResults") => {
                model::parse(&request.body)?
            }
            _ => {
                return Err(Refusal {
                    code: "UnknownOperationException".into(),
                    message: None,
                    status: 400,
                })
            }
        };
        let now = self.now();
        let body = if operation == Some("CreateFaceLivenessSession") {
            let id = self.sessions.create(model::new_session(&input)?, now)?;
            serde_json::json!({ "SessionId": id })
        } else {
            let session_id = input.get("SessionId").and_then(|id| id.as_str());
            if let Some(reply) = session_id.and_then(|id| self.put_results.get(id)) {
                return Ok(reply.clone());
            }
            self.sessions
                .results(&model::session_id(&input)?, self.timing, now)?
        };
        Ok(Reply {
            status: 200,
            headers: Vec::new(),
            body: body.to_string().into_bytes(),
        })
    }

    fn check_signature(&self, request: &Request) -> Result<(), Refusal> {
        let signed = Signed {
            path: &request.path,
            headers: &request.headers,
            body: &request.body,
        };
        let now = self.now();
        signature::check(&signed, &self.region, |access_key_id| {
            if access_key_id == self.keys.access_key_id {
                return Some((self.keys.clone(), false));
            }
            let (keys, expires) = self.temporary.get(access_key_id)?;
            Some((keys.clone(), *expires <= now))
        })
    }
}

fn operation(headers: &HeaderMap) -> Option<&str> {
    headers
        .get("x-amz-target")?
        .to_str()
        .ok()?
        .strip_prefix(TARGET)
}
