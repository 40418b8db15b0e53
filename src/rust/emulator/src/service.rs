//! What the service knows, and what it answers.

use crate::error::Refusal;
use crate::faults::{Fault, Faults};
use crate::model;
use crate::sessions::{Outcome, Pace, Sessions};
use crate::signature::{self, Keys, Signed};
use hyper::HeaderMap;
use std::collections::{HashMap, VecDeque};
use std::time::{Instant, SystemTime};

const REMEMBERED_REQUESTS: usize = 10_000;
const TARGET: &str = "RekognitionService.";

/// A request as it is remembered: no signature, no secret, no picture.
#[derive(Debug, Clone, PartialEq)]
pub struct Record {
    /// When it arrived.
    pub time: SystemTime,
    /// The operation that was asked for.
    pub operation: Option<String>,
    /// The session that was asked for.
    pub session_id: Option<String>,
    /// The token of a new session.
    pub client_request_token: Option<String>,
    /// The access key id that it names.
    pub access_key_id: Option<String>,
    /// The SDK's count of attempts.
    pub attempt: Option<u32>,
    /// The user agent.
    pub user_agent: Option<String>,
    /// HTTP status of the answer, if there was one.
    pub status: Option<u16>,
    /// Code of the error, if it was one.
    pub code: Option<String>,
    /// The request's id.
    pub request_id: String,
}

/// An answer that is ready to be sent.
#[derive(Debug, Clone, PartialEq)]
pub struct Reply {
    /// HTTP status.
    pub status: u16,
    /// Headers beside the usual ones.
    pub headers: Vec<(String, String)>,
    /// Body.
    pub body: Vec<u8>,
}

/// A request that has arrived whole.
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
    pace: Pace,
    sessions: Sessions,
    scripted: HashMap<String, Reply>,
    faults: Faults,
    records: VecDeque<Record>,
    started: Instant,
    advanced: f64,
}

impl Service {
    /// A service with no sessions.
    pub fn new(region: String, keys: Keys, pace: Pace) -> Self {
        Service {
            region,
            keys,
            temporary: HashMap::new(),
            pace,
            sessions: Sessions::default(),
            scripted: HashMap::new(),
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

    /// Moves the clock.
    pub fn advance(&mut self, seconds: f64) {
        self.advanced += seconds;
    }

    /// Lets a check happen. False if there is no such session.
    pub fn check(&mut self, session_id: &str, outcome: Outcome) -> bool {
        let now = self.now();
        self.sessions.check(session_id, outcome, now)
    }

    /// Answers each question for this session with this.
    pub fn script(&mut self, session_id: String, reply: Reply) {
        self.scripted.insert(session_id, reply);
    }

    /// Adds temporary keys that expire on the service's clock.
    pub fn add_temporary(&mut self, keys: Keys, seconds: f64) {
        let expires = self.now() + seconds;
        self.temporary
            .insert(keys.access_key_id.clone(), (keys, expires));
    }

    /// Misbehaviour to come.
    pub fn faults(&mut self) -> &mut Faults {
        &mut self.faults
    }

    /// Requests that have arrived, the oldest first.
    pub fn records(&self) -> Vec<Record> {
        self.records.iter().cloned().collect()
    }

    /// Takes note of a request, and says what to do wrong with it.
    pub fn arrive(&mut self, request: &Request, request_id: &str) -> Option<Fault> {
        let text = |name: &str| request.headers.get(name)?.to_str().ok().map(str::to_owned);
        let input = model::parse(&request.body).unwrap_or_default();
        let member = |name: &str| input.get(name)?.as_str().map(str::to_owned);
        let session_id = member("SessionId");
        if self.records.len() == REMEMBERED_REQUESTS {
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

    /// Takes note of how a request was answered.
    pub fn answered(&mut self, request_id: &str, status: u16, code: Option<&str>) {
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

    /// The answer to a request.
    pub fn answer(&mut self, request: &Request) -> Result<Reply, Refusal> {
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
        let answer = if operation == Some("CreateFaceLivenessSession") {
            let id = self.sessions.create(model::new_session(&input)?, now)?;
            serde_json::json!({ "SessionId": id })
        } else {
            let asked = input.get("SessionId").and_then(|id| id.as_str());
            if let Some(reply) = asked.and_then(|id| self.scripted.get(id)) {
                return Ok(reply.clone());
            }
            self.sessions
                .results(&model::session_id(&input)?, self.pace, now)?
        };
        Ok(Reply {
            status: 200,
            headers: Vec::new(),
            body: answer.to_string().into_bytes(),
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
