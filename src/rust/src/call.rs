//! Calls: start one, wait for it in slices, cancel it.

use crate::argument::{native, native_mut, number, string, strings, unexpected, Members};
use crate::list;
use crate::output::to_r;
use extendr_api::prelude::*;
use rekognition_core::error::Error;
use rekognition_core::liveness::{self, Challenge, NewSession, SessionSettings};
use rekognition_core::log::Level;
use rekognition_core::{response, Client, Pending};
use std::time::Duration;

/// A call in progress, and how to read its response.
struct Call {
    pending: Pending,
    operation: Operation,
}

enum Operation {
    GetSessionResults,
    CreateSession,
}

/// Calls GetFaceLivenessSessionResults, and waits for this number of seconds. Returns the list, or a pointer for
/// `call_wait()`. NULL if the client is from another process.
#[extendr]
fn call_get_session_results(
    client: Robj,
    session_id: Robj,
    log_level: Robj,
    seconds: Robj,
) -> Robj {
    start(&client, Operation::GetSessionResults, &seconds, |client| {
        let session_id = string(&session_id).ok_or_else(|| unexpected("session ID"))?;
        liveness::get_session_results(client, session_id, level(Some(&log_level))?)
    })
}

/// Calls CreateFaceLivenessSession, in the same way.
#[extendr]
fn call_create_session(client: Robj, input: Robj, log_level: Robj, seconds: Robj) -> Robj {
    start(&client, Operation::CreateSession, &seconds, |client| {
        liveness::create_session(client, new_session(&input), level(Some(&log_level))?)
    })
}

/// The call's list. NULL if there is no response after this number of seconds.
#[extendr]
fn call_wait(mut call: Robj, seconds: Robj) -> Robj {
    to_r(|| {
        let call = native_mut::<Call>(&mut call).ok_or_else(|| unexpected("call"))?;
        Ok(call.wait(&seconds)?.unwrap_or_else(|| ().into()))
    })
}

impl Call {
    fn wait(&mut self, seconds: &Robj) -> std::result::Result<Option<Robj>, Error> {
        let limit = Duration::try_from_secs_f64(number(seconds).unwrap_or(0.0));
        let Some(result) = self.pending.wait(limit.unwrap_or_default()) else {
            return Ok(None);
        };
        let response = result?;
        let built = match self.operation {
            Operation::GetSessionResults => response::session_results(response.body())
                .and_then(|results| list::session_results(&results)),
            Operation::CreateSession => response::created_session(response.body())
                .map(|id| list::created_session(id.as_deref())),
        };
        built.map(Some).map_err(|unreadable| {
            let error = response.invalid(unreadable);
            self.pending.log_error(&error);
            error
        })
    }
}

/// Takes the lines of a call's log.
#[extendr]
fn call_log(call: Robj) -> Robj {
    to_r(|| {
        let lines = native::<Call>(&call).map(|call| call.pending.take_log());
        Ok(lines.unwrap_or_default().into())
    })
}

/// Cancels a call.
#[extendr]
fn call_cancel(mut call: Robj) -> Robj {
    to_r(|| {
        if let Some(call) = native_mut::<Call>(&mut call) {
            call.pending.cancel();
        }
        Ok(().into())
    })
}

/// The level that R's option names, or else the environment.
pub fn level(option: Option<&Robj>) -> std::result::Result<Level, Error> {
    match option.and_then(string) {
        Some(name) => Ok(Level::from_name(&name).unwrap_or_default()),
        None => Level::from_env(),
    }
}

fn start(
    client: &Robj,
    operation: Operation,
    seconds: &Robj,
    start: impl FnOnce(&Client) -> std::result::Result<Pending, Error>,
) -> Robj {
    to_r(|| {
        let Some(client) = native::<Client>(client) else {
            return Ok(().into());
        };
        let pending = start(client)?;
        let mut call = Call { pending, operation };
        // A call with a log needs the pointer, from which its lines are taken.
        let value = if call.pending.is_logged() {
            None
        } else {
            call.wait(seconds)?
        };
        Ok(value.unwrap_or_else(|| ExternalPtr::new(call).into()))
    })
}

/// The flat list that R makes of the operation's arguments.
fn new_session(input: &Robj) -> NewSession {
    let members = Members::of(input);
    NewSession {
        kms_key_id: members.string("kms_key_id"),
        client_request_token: members.string("client_request_token"),
        settings: members
            .flag("has_settings")
            .unwrap_or(false)
            .then(|| SessionSettings {
                output_config: members
                    .string("s3_bucket")
                    .map(|bucket| (bucket, members.string("s3_key_prefix"))),
                audit_images_limit: members.number("audit_images_limit").map(|n| n as i32),
                challenge_preferences: members
                    .flag("has_challenges")
                    .unwrap_or(false)
                    .then(|| challenges(&members)),
            }),
    }
}

fn challenges(members: &Members) -> Vec<Challenge> {
    let column = |name: &str| members.vector(name).map(strings).unwrap_or_default();
    let kinds = column("challenge_types");
    let bounds = column("version_minimums")
        .into_iter()
        .zip(column("version_maximums"));
    kinds
        .into_iter()
        .zip(bounds)
        .map(|(kind, (minimum, maximum))| Challenge {
            kind: kind.unwrap_or_default(),
            versions: (minimum.is_some() || maximum.is_some()).then_some((minimum, maximum)),
        })
        .collect()
}

extendr_module! {
    mod call;
    fn call_get_session_results;
    fn call_create_session;
    fn call_wait;
    fn call_log;
    fn call_cancel;
}
