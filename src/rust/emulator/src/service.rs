//! The state of the service, and its responses.

use crate::buckets::Buckets;
use crate::challenges::Challenge;
use crate::collections::Collections;
use crate::error::Refusal;
use crate::faces::BoundingBox;
use crate::faults::{Fault, Faults, StreamFault};
use crate::images::identity;
use crate::input::Input;
use crate::keyring::{self, Keyring};
use crate::opening::Opening;
use crate::people::People;
use crate::policy::Policy;
use crate::records::{Record, Records};
use crate::request::{Protocol, Request};
use crate::responses::{Reply, Response, Responses};
use crate::sessions::{CheckOutcome, Clock, NewSession, Plan, Sessions, Timing};
use crate::signature::{self, query, Keys, Signed};
use crate::sts::{self, AssumedRole};
use crate::tokens::Tokens;
use crate::validate::validate;
use crate::{compare, indexed, tags, users};
use hyper::HeaderMap;
use rekognition_model::{model, Operation};
use rekognition_streaming::chain::Chain;
use serde_json::{json, Value};
use std::sync::{Arc, Mutex};
use std::time::{Instant, SystemTime, UNIX_EPOCH};

mod objects;

const SERVICE: &str = "rekognition";

/// The service, shared by the connections.
pub type Shared = Arc<Mutex<Service>>;

/// A stream that the service has accepted.
pub struct Accepted {
    /// The session.
    pub session_id: String,
    /// The challenge.
    pub challenge: Challenge,
    /// Width and height of the video in pixels.
    pub size: (u32, u32),
    /// What the signatures of the messages continue.
    pub chain: Chain,
    /// Whether to keep the video.
    pub keeps_video: bool,
}

/// The state of the service.
#[derive(Debug)]
pub struct Service {
    region: String,
    keyring: Keyring,
    timing: Timing,
    sessions: Sessions,
    buckets: Buckets,
    collections: Collections,
    people: People,
    tokens: Tokens,
    responses: Responses,
    faults: Faults,
    records: Records,
    keeps_video: bool,
    started: Instant,
    advanced: f64,
}

impl Service {
    /// A service with no sessions and no collections.
    pub fn new(region: String, keys: Keys, timing: Timing, keeps_video: bool) -> Self {
        Service {
            collections: Collections::new(&region),
            region,
            keyring: Keyring::new(keys),
            timing,
            sessions: Sessions::default(),
            buckets: Buckets::default(),
            people: People::default(),
            tokens: Tokens::default(),
            responses: Responses::default(),
            faults: Faults::default(),
            records: Records::default(),
            keeps_video,
            started: Instant::now(),
            advanced: 0.0,
        }
    }

    /// Seconds on the service's clock.
    fn now(&self) -> f64 {
        self.started.elapsed().as_secs_f64() + self.advanced
    }

    fn clock(&self) -> Clock {
        Clock {
            timing: self.timing,
            now: self.now(),
        }
    }

    /// Seconds since 1970 on the service's clock, in milliseconds.
    fn timestamp(&self) -> f64 {
        let now = SystemTime::now().duration_since(UNIX_EPOCH);
        let seconds = now.unwrap_or_default().as_secs_f64() + self.advanced;
        (seconds * 1000.0).round() / 1000.0
    }

    /// Advances the clock.
    pub fn advance(&mut self, seconds: f64) {
        self.advanced += seconds;
    }

    /// Completes a check. Returns false if there is no such session.
    pub fn check(&mut self, session_id: &str, outcome: CheckOutcome) -> bool {
        let clock = self.clock();
        let is_session = self.sessions.check(session_id, outcome, clock.now);
        self.write_images(session_id, clock);
        is_session
    }

    /// Adds a face to an image. Returns false if it is not an image.
    pub fn add_face(
        &mut self,
        image: &[u8],
        person: Option<&str>,
        bounding_box: Option<BoundingBox>,
    ) -> bool {
        let image = identity(image);
        if let Some(image) = image {
            self.people.add_face(image, person, bounding_box);
        }
        image.is_some()
    }

    /// Sets the outcome of a check that is going to be streamed.
    pub fn plan(&mut self, session_id: &str, outcome: CheckOutcome) -> Plan {
        let now = self.now();
        self.sessions.plan(session_id, outcome, now)
    }

    /// The video of a session, if it was kept.
    pub fn video(&self, session_id: &str) -> Option<Vec<u8>> {
        self.sessions.video(session_id)
    }

    /// Records a request for a stream, and returns the fault to inject if it is a WebSocket.
    pub fn receive_stream(
        &mut self,
        opening: &Opening,
        request_id: &str,
        is_websocket: bool,
    ) -> Option<StreamFault> {
        self.records.add_stream(opening, request_id);
        is_websocket.then(|| self.faults.next_stream())?
    }

    /// Opens a stream.
    pub fn open_stream(&mut self, opening: &Opening) -> Result<Accepted, Refusal> {
        let now = self.now();
        let chain = query::check(
            &opening.path,
            &opening.query,
            &opening.headers,
            SERVICE,
            &self.region,
            |access_key_id| self.keyring.find(access_key_id, now),
        )?;
        let access_key_id = opening.query.access_key_id().unwrap_or_default();
        let action = "rekognition:StartFaceLivenessSession";
        self.keyring.authorize(access_key_id, action, None)?;
        let offer = opening.offer()?;
        Ok(Accepted {
            challenge: self.sessions.open_stream(&offer, now)?,
            session_id: offer.session_id,
            size: (offer.width, offer.height),
            chain,
            keeps_video: self.keeps_video,
        })
    }

    /// Whether a session has expired.
    pub fn has_expired(&self, session_id: &str) -> bool {
        self.sessions.has_expired(session_id, self.now())
    }

    /// Records the bytes of video of a stream.
    pub fn record_video(&mut self, request_id: &str, bytes: usize) {
        self.records.add_video(request_id, bytes);
    }

    /// Ends a stream.
    pub fn end_stream(&mut self, session_id: &str, is_complete: bool, video: Option<Vec<u8>>) {
        self.sessions.end_stream(session_id, is_complete, video);
        self.write_images(session_id, self.clock());
    }

    /// The responses that were set.
    pub fn responses(&mut self) -> &mut Responses {
        &mut self.responses
    }

    /// Adds temporary keys that expire on the service's clock.
    pub fn add_temporary(&mut self, keys: Keys, seconds: f64, policy: Option<Policy>) {
        let expires = self.now() + seconds;
        self.keyring
            .add(keys, expires, keyring::emulator_role(), policy);
    }

    /// The faults to inject.
    pub fn faults(&mut self) -> &mut Faults {
        &mut self.faults
    }

    /// The requests received, oldest first.
    pub fn records(&self) -> Vec<Record> {
        self.records.all()
    }

    /// Records a request, and returns the fault to inject into it.
    pub fn receive(&mut self, request: &Request, request_id: &str) -> Option<Fault> {
        self.records.add(request, request_id);
        self.faults.next(|| request.subject())
    }

    /// Records the response to a request.
    pub fn record_response(&mut self, request_id: &str, status: u16, code: Option<&str>) {
        self.records.respond(request_id, status, code);
    }

    /// Whether a request names keys that exist; its signature is not checked.
    pub fn knows_keys(&self, headers: &HeaderMap) -> bool {
        let now = self.now();
        signature::access_key_id(headers).is_some_and(|id| self.keyring.find(&id, now).is_some())
    }

    /// Handles a request.
    pub fn handle(&mut self, request: &Request, request_id: &str) -> Response {
        let result = match request.protocol() {
            Protocol::S3 => return self.handle_s3(request, request_id),
            Protocol::Sts if request.method == "POST" => {
                let reply = self.assume_role(request, request_id);
                reply.map_err(sts::in_its_words)
            }
            _ => self.handle_json(request),
        };
        match result {
            Ok(reply) => (reply, None),
            Err(refusal) => request.refused(refusal, request_id),
        }
    }

    /// Handles a request to Rekognition.
    fn handle_json(&mut self, request: &Request) -> Result<Reply, Refusal> {
        let access_key_id = self.check_signature(request, SERVICE)?;
        let name = request.operation().filter(|_| request.method == "POST");
        let operation = name
            .and_then(|name| model().operation(name))
            .filter(|operation| Some(operation.name.as_str()) == name)
            .ok_or_else(|| Refusal {
                code: "UnknownOperationException".into(),
                message: None,
                status: 400,
            })?;
        let input = request.input.as_ref().map_err(Clone::clone)?;
        self.keyring.authorize(
            &access_key_id,
            &format!("rekognition:{}", operation.name),
            self.resource(input).as_deref(),
        )?;
        if operation.name == "GetFaceLivenessSessionResults" {
            if let Some(reply) = self.responses.result(input.required("SessionId")) {
                return Ok(reply);
            }
        }
        validate(operation, input)?;
        if operation.name == "CreateFaceLivenessSession" {
            self.authorize_output(input, &access_key_id)?;
        }
        if let Some(reply) = self.responses.next(&operation.name) {
            return Ok(reply);
        }
        let input = self.with_bytes(input, &access_key_id);
        self.respond(operation, &input).map(|body| Reply::ok(&body))
    }

    /// AssumeRole, the one operation of STS.
    fn assume_role(&mut self, request: &Request, request_id: &str) -> Result<Reply, Refusal> {
        let access_key_id = self.check_signature(request, sts::SERVICE)?;
        let role = AssumedRole::parse(request.input.as_ref().map_err(Clone::clone)?)?;
        role.authorize(&self.keyring, &access_key_id)?;
        let keys = Keys::temporary();
        let reply = role.reply(&keys, self.timestamp(), request_id);
        let expires = self.now() + role.seconds;
        self.keyring.add(keys, expires, role.user, role.policy);
        Ok(reply)
    }

    /// The response to an input, the same as before if its token is known.
    fn respond(&mut self, operation: &Operation, input: &Input) -> Result<Value, Refusal> {
        if let Some(response) = self.tokens.find(operation, input)? {
            return Ok(response);
        }
        let response = self.perform(operation, input)?;
        self.tokens.keep(operation, input, &response);
        Ok(response)
    }

    /// Performs an operation that the emulator knows.
    fn perform(&mut self, operation: &Operation, input: &Input) -> Result<Value, Refusal> {
        let (clock, timestamp) = (self.clock(), self.timestamp());
        if operation.name == "GetFaceLivenessSessionResults" {
            self.write_images(input.required("SessionId"), clock);
        }
        let (collections, people) = (&mut self.collections, &self.people);
        match operation.name.as_str() {
            "CreateFaceLivenessSession" => {
                let session = NewSession::from(input);
                if let Some((bucket, _)) = &session.output {
                    self.buckets.get_or_create(bucket, &self.region);
                }
                let id = self.sessions.create(session, clock.now)?;
                Ok(json!({"SessionId": id}))
            }
            "GetFaceLivenessSessionResults" => {
                let id = input.required("SessionId");
                self.sessions.results(id, clock, people)
            }
            "CreateCollection" => collections.create(input, timestamp),
            "ListCollections" => collections.list(input),
            "DescribeCollection" => collections.describe(input),
            "DeleteCollection" => collections.delete(input),
            "IndexFaces" => indexed::index(collections, people, input),
            "ListFaces" => indexed::list(collections, input),
            "SearchFaces" => indexed::search(collections, input),
            "SearchFacesByImage" => indexed::search_by_image(collections, people, input),
            "DeleteFaces" => indexed::delete(collections, input),
            "CreateUser" => users::create(collections, input),
            "ListUsers" => users::list(collections, input),
            "DeleteUser" => users::delete(collections, input),
            "AssociateFaces" => users::associate(collections, input),
            "DisassociateFaces" => users::disassociate(collections, input),
            "SearchUsers" => users::search(collections, input),
            "SearchUsersByImage" => users::search_by_image(collections, people, input),
            "CompareFaces" => compare::compare(people, input),
            "DetectFaces" => compare::detect(people, input),
            "ListTagsForResource" => tags::list(collections, input),
            "TagResource" => tags::tag(collections, input),
            "UntagResource" => tags::untag(collections, input),
            name => Err(Refusal::new(
                "EmulatorNotScriptedException",
                &format!(
                    "The emulator has no response for {name}. Set one with emulator$put_response(\"{name}\", ...)."
                ),
            )),
        }
    }

    /// The ARN of what an operation is about, if policies can name it. Longer values than an ARN's are left to the checks of
    /// the input.
    fn resource(&self, input: &Input) -> Option<String> {
        let member = |name| input.string(name).filter(|value| value.len() <= 2048);
        match (member("CollectionId"), member("ResourceArn")) {
            (Some(id), _) => Some(self.collections.full_arn(id)),
            // The service's responses leave out `arn:`.
            (_, Some(arn)) if arn.starts_with("aws:") => Some(format!("arn:{arn}")),
            (_, arn) => arn.map(str::to_owned),
        }
    }

    /// The access key ID, if the signature is right.
    fn check_signature(&self, request: &Request, service: &str) -> Result<String, Refusal> {
        let signed = Signed {
            method: &request.method,
            path: &request.path,
            headers: &request.headers,
            body: &request.body,
        };
        let now = self.now();
        signature::check(&signed, service, &self.region, |access_key_id| {
            self.keyring.find(access_key_id, now)
        })?;
        Ok(signature::access_key_id(&request.headers).unwrap_or_default())
    }
}

#[cfg(test)]
mod tests;
