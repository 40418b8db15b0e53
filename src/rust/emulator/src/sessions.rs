//! Sessions and their life cycle: created, in progress, succeeded or failed, expired, removed.

mod outcome;
mod settings;

pub use outcome::CheckOutcome;
pub use settings::NewSession;

use crate::challenges::Challenge;
use crate::error::Refusal;
use crate::opening::Offer;
use crate::people::People;
use bytes::Bytes;
use outcome::Objects;
use serde_json::Value;
use settings::choose_challenge;
use std::collections::HashMap;

/// Age in seconds at which a session expires and its images are gone.
const EXPIRES_AFTER: f64 = 180.0;
/// Age in seconds at which a session is removed and no longer found.
const REMOVED_AFTER: f64 = 600.0;
/// The most streams at a time.
const MAX_STREAMS: usize = 100;
/// The videos that are kept, the latest ones.
const MAX_VIDEOS: usize = 10;

/// When checks start and complete automatically, in seconds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Timing {
    /// From creation to the start of the check; infinite to disable automatic checks.
    pub starts_after: f64,
    /// From the start of the check to its end.
    pub takes: f64,
}

/// When automatic checks start and complete, and what time it is.
#[derive(Debug, Clone, Copy)]
pub struct Clock {
    /// The times of checks.
    pub timing: Timing,
    /// Seconds on the service's clock.
    pub now: f64,
}

/// Whether the outcome of a stream could be set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Plan {
    /// It was set.
    Set,
    /// There is no such session.
    NoSession,
    /// The session's check is complete.
    TooLate,
}

#[derive(Debug)]
struct Session {
    created: f64,
    settings: NewSession,
    /// The challenge of an automatic check.
    challenge: Challenge,
    outcome: Option<CheckOutcome>,
    /// The outcome of a stream, if it was set before.
    planned: Option<CheckOutcome>,
    stream: Option<Stream>,
    /// Where the images are, once they are in a bucket.
    objects: Option<Objects>,
}

/// The stream of a session.
#[derive(Debug)]
struct Stream {
    challenge: Challenge,
    client: Option<String>,
    is_open: bool,
    video: Option<Vec<u8>>,
}

/// All sessions.
#[derive(Debug, Default)]
pub struct Sessions {
    by_id: HashMap<String, Session>,
    by_token: HashMap<String, String>,
}

impl Sessions {
    /// Creates a session, or returns the one created with the same token.
    pub fn create(&mut self, settings: NewSession, now: f64) -> Result<String, Refusal> {
        self.remove_old(now);
        if let Some(id) = settings
            .token
            .as_ref()
            .and_then(|token| self.by_token.get(token))
        {
            return Ok(id.clone());
        }
        let challenge = choose_challenge(&settings, |_| true).ok_or_else(|| {
            Refusal::new(
                "InvalidParameterException",
                "Request has invalid parameters: no challenge has a version within the given bounds",
            )
        })?;
        let id = uuid::Uuid::new_v4().to_string();
        if let Some(token) = &settings.token {
            self.by_token.insert(token.clone(), id.clone());
        }
        self.by_id.insert(
            id.clone(),
            Session {
                created: now,
                settings,
                challenge,
                outcome: None,
                planned: None,
                stream: None,
                objects: None,
            },
        );
        Ok(id)
    }

    /// Sets the outcome of the check of a session. Returns false if there is no such session.
    pub fn check(&mut self, id: &str, outcome: CheckOutcome, now: f64) -> bool {
        self.remove_old(now);
        match self.by_id.get_mut(id) {
            Some(session) => {
                session.outcome = Some(outcome);
                session.objects = None;
                true
            }
            None => false,
        }
    }

    /// Sets the outcome of a check that is going to be streamed.
    pub fn plan(&mut self, id: &str, outcome: CheckOutcome, now: f64) -> Plan {
        self.remove_old(now);
        match self.by_id.get_mut(id) {
            None => Plan::NoSession,
            Some(session) if session.is_complete() || session.has_expired(now) => Plan::TooLate,
            Some(session) => {
                session.planned = Some(outcome);
                Plan::Set
            }
        }
    }

    /// Opens the stream of a session, which ends its automatic check; returns the challenge.
    pub fn open_stream(&mut self, offer: &Offer, now: f64) -> Result<Challenge, Refusal> {
        self.remove_old(now);
        let open = self
            .by_id
            .values()
            .filter(|session| session.is_streaming() && !session.has_expired(now));
        if open.count() >= MAX_STREAMS {
            return Err(Refusal::new(
                "ServiceQuotaExceededException",
                "The number of streams at a time exceeds the limit.",
            ));
        }
        let session = self
            .by_id
            .get_mut(&offer.session_id)
            .ok_or_else(not_found)?;
        if session.has_expired(now) {
            return Err(Refusal::validation("The session has expired."));
        }
        if session.is_used() {
            return Err(Refusal::validation("The session has already been used."));
        }
        let challenge = choose_challenge(&session.settings, |challenge| {
            offer
                .challenges
                .iter()
                .any(|(kind, version)| (kind.as_str(), *version) == *challenge)
        });
        let challenge = challenge.ok_or_else(|| {
            Refusal::validation("The client supports no challenge of this session.")
        })?;
        session.outcome = None;
        session.objects = None;
        session.stream = Some(Stream {
            challenge,
            client: offer.client.clone(),
            is_open: true,
            video: None,
        });
        Ok(challenge)
    }

    /// Ends the stream of a session.
    pub fn end_stream(&mut self, id: &str, is_complete: bool, video: Option<Vec<u8>>) {
        let Some(session) = self.by_id.get_mut(id) else {
            return;
        };
        let status = if is_complete { "SUCCEEDED" } else { "FAILED" };
        let planned = session.planned.take().filter(|_| is_complete);
        if !session.is_complete() {
            session.outcome = planned.or_else(|| Some(CheckOutcome::automatic(status)));
            session.objects = None;
        }
        if let Some(stream) = &mut session.stream {
            stream.is_open = false;
            stream.video = video.filter(|video| !video.is_empty());
        }
        let mut with_video: Vec<&mut Session> = self
            .by_id
            .values_mut()
            .filter(|session| session.video().is_some())
            .collect();
        with_video.sort_by(|a, b| b.created.total_cmp(&a.created));
        for session in with_video.into_iter().skip(MAX_VIDEOS) {
            if let Some(stream) = &mut session.stream {
                stream.video = None;
            }
        }
    }

    /// The video of a session, if it was kept.
    pub fn video(&self, id: &str) -> Option<Vec<u8>> {
        self.by_id.get(id)?.video().cloned()
    }

    /// Whether a session has expired, or does not exist.
    pub fn has_expired(&self, id: &str, now: f64) -> bool {
        self.by_id
            .get(id)
            .is_none_or(|session| session.has_expired(now))
    }

    /// Writes the images of a check that has succeeded to the bucket of the session, once. `write` gets a bucket, a name,
    /// the image and the key that encrypts it, and returns the version.
    pub fn write_images(
        &mut self,
        id: &str,
        clock: Clock,
        people: &People,
        mut write: impl FnMut(&str, &str, Bytes, Option<&str>) -> Option<String>,
    ) {
        let Some(session) = self
            .by_id
            .get_mut(id)
            .filter(|session| session.objects.is_none())
        else {
            return;
        };
        let Some((bucket, folder)) = session.settings.folder() else {
            return;
        };
        let images = session.outcome(clock).images(&session.settings, people);
        if images.is_empty() {
            return;
        }
        let key = session.settings.kms_key.as_deref();
        let objects = images.iter().map(|image| {
            let name = format!("{folder}{id}/{}", image.file());
            let version = write(bucket, &name, image.bytes.clone(), key);
            (name, version)
        });
        session.objects = Some((bucket.to_owned(), objects.collect()));
    }

    /// The response body of GetFaceLivenessSessionResults.
    pub fn results(&mut self, id: &str, clock: Clock, people: &People) -> Result<Value, Refusal> {
        self.remove_old(clock.now);
        let session = self.by_id.get(id).ok_or_else(not_found)?;
        let (challenge, client) = match &session.stream {
            Some(stream) => (stream.challenge, stream.client.as_deref()),
            None => (session.challenge, Some("Emulator")),
        };
        let outcome = session.outcome(clock);
        let images = outcome.images(&session.settings, people);
        let client = client.unwrap_or("Unknown");
        Ok(outcome.results(id, &images, session.objects.as_ref(), challenge, client))
    }

    fn remove_old(&mut self, now: f64) {
        self.by_id
            .retain(|_, session| now - session.created < REMOVED_AFTER);
        let by_id = &self.by_id;
        self.by_token.retain(|_, id| by_id.contains_key(id));
    }
}

fn not_found() -> Refusal {
    Refusal::new("SessionNotFoundException", "Session not found.")
}

impl Session {
    fn has_expired(&self, now: f64) -> bool {
        now - self.created >= EXPIRES_AFTER || self.set_status() == Some("EXPIRED")
    }

    /// The status that was set, or with which a stream has ended.
    fn set_status(&self) -> Option<&str> {
        self.outcome.as_ref().map(|outcome| outcome.status.as_str())
    }

    /// Whether the check has an outcome that does not change.
    fn is_complete(&self) -> bool {
        matches!(self.set_status(), Some("SUCCEEDED" | "FAILED" | "EXPIRED"))
    }

    fn is_streaming(&self) -> bool {
        self.stream.as_ref().is_some_and(|stream| stream.is_open)
    }

    /// Whether a check has started: one check per session. An automatic check does not count.
    fn is_used(&self) -> bool {
        self.stream.is_some() || !matches!(self.set_status(), None | Some("CREATED"))
    }

    fn video(&self) -> Option<&Vec<u8>> {
        self.stream.as_ref()?.video.as_ref()
    }

    fn outcome(&self, Clock { timing, now }: Clock) -> CheckOutcome {
        let age = now - self.created;
        if self.has_expired(now) {
            return CheckOutcome::automatic("EXPIRED");
        }
        let ends_after = timing.starts_after + timing.takes;
        CheckOutcome::automatic(match &self.outcome {
            Some(outcome) => return outcome.clone(),
            None if self.is_streaming() => "IN_PROGRESS",
            // The check is going to be streamed.
            None if self.planned.is_some() => "CREATED",
            None if age < timing.starts_after => "CREATED",
            None if age < ends_after => "IN_PROGRESS",
            None => "SUCCEEDED",
        })
    }
}
