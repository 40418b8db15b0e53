//! Relays: make one, pass on what its page sends, end it.

use crate::argument::{native, unexpected};
use crate::call::level;
use crate::output::{error_list, text, to_r};
use extendr_api::prelude::*;
use rekognition_core::error::Error;
use rekognition_core::stream::{Relay, State};
use rekognition_core::Client;

/// Makes a relay for a session. NULL if the client is from another process.
#[extendr]
fn relay_new(client: Robj, session_id: Robj, log_level: Robj) -> Robj {
    to_r(|| {
        let Some(client) = native::<Client>(&client) else {
            return Ok(().into());
        };
        let session_id = session_id
            .as_str()
            .ok_or_else(|| unexpected("session ID"))?;
        let relay = Relay::new(client, session_id.to_owned(), level(Some(&log_level))?)?;
        Ok(ExternalPtr::new(relay).into())
    })
}

/// The ticket, as the page gets it. NULL in another process.
#[extendr]
fn relay_ticket(relay: Robj) -> Robj {
    to_r(|| {
        let Some(ticket) = native::<Relay>(&relay).and_then(Relay::ticket) else {
            return Ok(().into());
        };
        let keys = List::from_pairs([
            ("accessKeyId", text(&ticket.id)),
            ("secretAccessKey", text(ticket.secret.reveal())),
        ]);
        Ok(List::from_pairs([
            ("mode", text("relay")),
            ("sessionId", text(&ticket.session_id)),
            ("region", text(&ticket.region)),
            ("credentials", keys.into()),
        ])
        .into())
    })
}

/// Passes on a request of the page, and returns the response. NULL in another process.
#[extendr]
fn relay_exchange(relay: Robj, body: Robj) -> Robj {
    to_r(|| {
        let body = body.as_raw_slice().ok_or_else(|| unexpected("body"))?;
        let Some(relay) = native::<Relay>(&relay) else {
            return Ok(().into());
        };
        Ok(text(&relay.exchange(body)))
    })
}

/// How far the check is, and why it failed. NULL in another process.
#[extendr]
fn relay_state(relay: Robj) -> Robj {
    to_r(|| {
        let Some(relay) = native::<Relay>(&relay) else {
            return Ok(().into());
        };
        let (state, error): (_, Option<Error>) = match relay.state() {
            State::Waiting => ("waiting", None),
            State::Open => ("open", None),
            State::Completed => ("completed", None),
            State::Closed => ("closed", None),
            State::Failed(error) => ("failed", Some(error)),
        };
        let error = error.map_or_else(|| ().into(), |error| error_list(&error));
        Ok(List::from_pairs([("state", text(state)), ("error", error)]).into())
    })
}

/// Ends the check.
#[extendr]
fn relay_close(relay: Robj) -> Robj {
    to_r(|| {
        if let Some(relay) = native::<Relay>(&relay) {
            relay.close();
        }
        Ok(().into())
    })
}

/// Takes the lines of the log.
#[extendr]
fn relay_log(relay: Robj) -> Robj {
    to_r(|| {
        let lines = native::<Relay>(&relay).map(Relay::take_log);
        Ok(lines.unwrap_or_default().into())
    })
}

extendr_module! {
    mod relay;
    fn relay_new;
    fn relay_ticket;
    fn relay_exchange;
    fn relay_state;
    fn relay_close;
    fn relay_log;
}
