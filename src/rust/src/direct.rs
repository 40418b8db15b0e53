//! Direct mode of a check: request the keys of a ticket, take them, cancel the request.

use crate::argument::{native, unexpected, Members};
use crate::call::level;
use crate::later::waker;
use crate::output::{text, text_or_na, to_r};
use extendr_api::prelude::*;
use rekognition_core::client::credentials::Role;
use rekognition_core::direct::{DirectTicket, TicketRequest};
use rekognition_core::Client;

/// Requests keys of a role. NULL if the client is from another process.
#[extendr]
fn direct_start(client: Robj, role: Robj, options: Robj) -> Robj {
    to_r(|| {
        let Some(client) = native::<Client>(&client) else {
            return Ok(().into());
        };
        let (role, options) = (Members::of(&role), Members::of(&options));
        let role = Role {
            arn: role.string("arn").ok_or_else(|| unexpected("role"))?,
            external_id: role.string("external_id"),
            session_name: role.string("session_name"),
            duration: None,
        };
        // R's numbers of a promise and of its event loop.
        let numbers = options.number("wake_id").zip(options.number("loop_id"));
        let (id, event_loop) = numbers.ok_or_else(|| unexpected("promise"))?;
        let wake = waker(id as i32, event_loop as i32);
        let level = level(options.vector("log_level"))?;
        Ok(ExternalPtr::new(TicketRequest::start(client, role, level, wake)?).into())
    })
}

/// Takes the region, the endpoint and the keys of a ticket. NULL while the request is in progress.
#[extendr]
fn direct_take(request: Robj) -> Robj {
    to_r(|| {
        let request = native::<TicketRequest>(&request).ok_or_else(|| unexpected("request"))?;
        match request.take() {
            Some(ticket) => Ok(members(&ticket?)),
            None => Ok(().into()),
        }
    })
}

fn members(ticket: &DirectTicket) -> Robj {
    let keys = &ticket.keys;
    List::from_pairs([
        ("region", text(&ticket.region)),
        ("endpoint", text_or_na(ticket.endpoint.as_deref())),
        ("access_key_id", text(keys.access_key_id())),
        ("secret_access_key", text(keys.secret_access_key())),
        ("session_token", text_or_na(keys.session_token())),
        ("expiration", text_or_na(ticket.expiration().as_deref())),
    ])
    .into()
}

/// Takes the lines of a request's log.
#[extendr]
fn direct_log(request: Robj) -> Robj {
    to_r(|| {
        let lines = native::<TicketRequest>(&request).map(TicketRequest::take_log);
        Ok(lines.unwrap_or_default().into())
    })
}

/// Cancels a request.
#[extendr]
fn direct_cancel(request: Robj) -> Robj {
    to_r(|| {
        if let Some(request) = native::<TicketRequest>(&request) {
            request.cancel();
        }
        Ok(().into())
    })
}

extendr_module! {
    mod direct;
    fn direct_start;
    fn direct_take;
    fn direct_log;
    fn direct_cancel;
}
