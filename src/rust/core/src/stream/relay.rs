//! A relay: the side that the page's requests arrive at.

use crate::call::log::{Level, Log};
use crate::client::{Client, LiveClient};
use crate::error::{Error, Limit};
use crate::process::InProcess;
use crate::runtime::{self, Runtime};
use crate::stream::page::{self, Reason, Request};
use crate::stream::progress::{reason, End, Progress};
use crate::stream::run::Run;
use crate::stream::ticket::Ticket;
use crate::sync::lock;
use bytes::Bytes;
use rekognition_streaming::chain::Chain;
use rekognition_streaming::message;
use ring::digest::{self, Digest};
use std::sync::{Arc, Mutex, Weak};
use std::time::{Duration, Instant};

/// A session lives for three minutes. A page asks several times a second, but R may be busy for a while.
const LIMITS: Limits = Limits {
    lifetime: Duration::from_secs(180),
    silence: Duration::from_secs(30),
};

/// The limits of a check in time.
#[derive(Debug, Clone, Copy)]
struct Limits {
    /// For all of it, from the ticket on.
    lifetime: Duration,
    /// Between two requests of the page.
    silence: Duration,
}

/// Codes of WebSockets.
const NORMAL: u16 = 1000;
const POLICY_VIOLATION: u16 = 1008;
const INTERNAL_ERROR: u16 = 1011;
/// Why a request is refused whose number is not the next one.
const ANOTHER_PAGE: &str = "The ticket is used by another page, or a request was lost.";

/// Carries one check from a page to the service. Dropping it ends the check.
#[derive(Debug)]
pub struct Relay(InProcess<Open>);

#[derive(Debug)]
struct Open {
    ticket: Ticket,
    made: Instant,
    lifetime: Duration,
    live: Arc<LiveClient>,
    /// Weak, so that a relay that R forgot does not keep the runtime alive after a shutdown.
    runtime: Weak<Runtime>,
    progress: Arc<Progress>,
    page: Mutex<Page>,
    log: Log,
}

/// What is known of the page.
#[derive(Debug, Default)]
struct Page {
    /// The number of the last request.
    sequence: u64,
    /// Its hash and its response, for a page that did not receive it.
    last: Option<(Digest, String)>,
    /// The signatures of the page, once it has opened the check.
    chain: Option<Chain>,
}

/// How far a check is.
#[derive(Debug, Clone, PartialEq)]
pub enum State {
    /// The page has not used the ticket.
    Waiting,
    /// The page has opened the check.
    Open,
    /// The service has the whole video.
    Completed,
    /// The page or R has closed it, or the page has gone.
    Closed,
    /// It failed.
    Failed(Error),
}

impl Relay {
    /// A relay for this session. Nothing is sent before the page opens it.
    pub fn new(client: &Client, session_id: String, level: Level) -> Result<Self, Error> {
        Self::with(client, session_id, level, LIMITS)
    }

    fn with(
        client: &Client,
        session_id: String,
        level: Level,
        limits: Limits,
    ) -> Result<Self, Error> {
        let (id, runtime) = runtime::current()?;
        let region = client.resolved().region.as_ref();
        // Only the page and this relay use it: where the region is not known yet, any one will do.
        let region = region
            .map_or("us-east-1", |region| &region.value)
            .to_owned();
        Ok(Relay(InProcess::new(Open {
            ticket: Ticket::new(session_id, region),
            made: Instant::now(),
            lifetime: limits.lifetime,
            live: client.live(id),
            runtime: Arc::downgrade(&runtime),
            progress: Arc::new(Progress::new(limits.silence)),
            page: Mutex::default(),
            log: Log::new(level, "StartFaceLivenessSession"),
        })))
    }

    /// The ticket for the page. `None` in another process than the one that made the relay.
    pub fn ticket(&self) -> Option<&Ticket> {
        self.0.get().map(|open| &open.ticket)
    }

    /// Takes a request of the page, and returns the response.
    pub fn exchange(&self, body: &[u8]) -> String {
        match self.0.get() {
            Some(open) => open.exchange(body),
            None => refusal("The relay belongs to another process."),
        }
    }

    /// How far the check is.
    pub fn state(&self) -> State {
        self.0.get().map_or(State::Closed, Open::state)
    }

    /// Ends the check.
    pub fn close(&self) {
        if let Some(open) = self.0.get() {
            open.end(End::Closed(NORMAL), NORMAL);
        }
    }

    /// Takes the lines of the log.
    pub fn take_log(&self) -> Vec<String> {
        self.0.get().map_or_else(Vec::new, |open| open.log.take())
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        self.end(End::Closed(NORMAL), NORMAL);
    }
}

impl Open {
    fn exchange(&self, body: &[u8]) -> String {
        let Some(request) = Request::parse(body) else {
            return refusal("The request is not one of a check.");
        };
        if request.ticket != self.ticket.id {
            return refusal("The ticket is not valid.");
        }
        let mut page = lock(&self.page);
        let hash = digest::digest(&digest::SHA256, body);
        if request.sequence == page.sequence {
            return match &page.last {
                Some((last, response)) if last.as_ref() == hash.as_ref() => response.clone(),
                _ => refusal(ANOTHER_PAGE),
            };
        }
        // A page that leaves does not wait for the response to its last request.
        let is_last = request.close.is_some() && request.frames.is_empty();
        if request.sequence != page.sequence + 1 && !(is_last && request.sequence > page.sequence) {
            return refusal(ANOTHER_PAGE);
        }
        let sequence = request.sequence;
        self.expire();
        if self.progress.ended().is_none() {
            if page.chain.is_none() {
                // Not the page of the ticket: it does not have the key.
                if let Err(reason) = self.open(&mut page, request.open.as_deref()) {
                    return refusal(reason);
                }
            } else if request.open.is_some() {
                return refusal(ANOTHER_PAGE);
            }
            self.progress.page_asked();
            if let Err(reason) = self.take(&mut page, request) {
                let reason = reason.into();
                self.end(End::Failed(Error::Page { reason }), POLICY_VIOLATION);
            }
        }
        page.sequence = sequence;
        let response = self.respond();
        page.last = Some((hash, response.clone()));
        response
    }

    /// Opens the check. An error is what is wrong with the request.
    fn open(&self, page: &mut Page, query: Option<&str>) -> Result<(), &'static str> {
        let query = query.ok_or("The check is not open.")?;
        let opening = self.ticket.open(query);
        let opening = opening.ok_or("The ticket is not for this check.")?;
        page.chain = Some(opening.chain);
        self.start(opening.query);
        Ok(())
    }

    /// Takes what a request of an open check has. An error is what is wrong with it.
    fn take(&self, page: &mut Page, request: Request) -> Result<(), &'static str> {
        let close = request.close;
        for frame in request.into_frames() {
            let chain = page.chain.as_mut().ok_or("The check is not open.")?;
            let (frame, size) = frame.ok_or("A frame is not a signed message.")?;
            if !chain.accepts(frame.date, &frame.message, &frame.signature) {
                return Err("A frame was changed on its way.");
            }
            if !is_event(frame.message.clone()) {
                return Err("A frame is not an event of a check.");
            }
            if !self.progress.put(frame.message, size) {
                return Err("The video is too long.");
            }
        }
        if let Some(code) = close {
            self.progress.close(code);
        }
        Ok(())
    }

    fn start(&self, query: String) {
        let Some(runtime) = self.runtime.upgrade() else {
            return self.progress.end(End::Closed(NORMAL));
        };
        let run = Run {
            live: self.live.clone(),
            query,
            progress: self.progress.clone(),
            log: self.log.beside(),
            deadline: self.made + self.lifetime,
            limit: self.lifetime,
        };
        runtime.spawn(run.go());
        // No thread drives the runtime to wait for it.
        runtime.hand_over();
    }

    fn respond(&self) -> String {
        let news = self.progress.take_news();
        let Some(end) = &news.end else {
            return page::in_progress(news.is_open, &news.frames);
        };
        let code = match end {
            End::Completed => NORMAL,
            End::Closed(code) => *code,
            End::Failed(Error::Page { .. }) => POLICY_VIOLATION,
            End::Failed(_) => INTERNAL_ERROR,
        };
        page::closed(&news.frames, code, reason(end).as_ref())
    }

    fn state(&self) -> State {
        let is_open = lock(&self.page).chain.is_some();
        self.expire();
        match self.progress.ended() {
            Some(End::Completed) => State::Completed,
            Some(End::Closed(_)) => State::Closed,
            Some(End::Failed(error)) => State::Failed(error),
            None if is_open => State::Open,
            None => State::Waiting,
        }
    }

    /// Ends a check whose time is over. The task of an open one does so itself.
    fn expire(&self) {
        if self.made.elapsed() > self.lifetime {
            let error = Error::timeout(Limit::Check, self.lifetime, 0);
            self.end(End::Failed(error), NORMAL);
        }
    }

    /// Records the end, and closes the connection to the service with this code.
    fn end(&self, end: End, code: u16) {
        self.progress.end(end);
        self.progress.close(code);
    }
}

/// The response to a request that is not of the ticket's page. It changes nothing.
fn refusal(message: &str) -> String {
    page::closed(
        &[],
        POLICY_VIOLATION,
        Some(&Reason::new("REFUSED", message)),
    )
}

/// Whether a message is an event that a page sends.
fn is_event(message: Bytes) -> bool {
    message::parse(message).is_some_and(|message| {
        let text = |name| message::text(&message, name);
        text(":message-type") == Some("event")
            && matches!(
                text(":event-type"),
                Some("VideoEvent" | "ClientSessionInformationEvent")
            )
    })
}

#[cfg(test)]
mod tests;
