//! Calls: start one, wait for it in slices, cancel it.

use crate::argument::{native, native_mut, number, string, unexpected};
use crate::input::{json, Direction};
use crate::list;
use crate::output::to_r;
use extendr_api::prelude::*;
use rekognition_core::call::log::Level;
use rekognition_core::call::{start, Pending, Request};
use rekognition_core::error::Error;
use rekognition_core::{response, Client, Response};
use rekognition_model::{model, Operation};
use std::time::Duration;

/// A call in progress, and the operation whose response it reads.
struct Call {
    pending: Pending,
    operation: &'static Operation,
}

/// Calls an operation with a list of its arguments, and waits for this number of seconds. Returns the operation's list, or
/// a pointer for `call_wait()`. NULL if the client is from another process.
#[extendr]
fn call_start(
    client: Robj,
    operation: Robj,
    arguments: Robj,
    log_level: Robj,
    seconds: Robj,
) -> Robj {
    to_r(|| {
        let Some(client) = native::<Client>(&client) else {
            return Ok(().into());
        };
        let operation = self::operation(&operation)?;
        let input = match json(operation.input, &arguments, Direction::Input) {
            Ok(input) => input.into(),
            Err(problem) => return Ok(problem.into_list()),
        };
        let request = Request { operation, input };
        let pending = start(client, request, level(Some(&log_level))?)?;
        let mut call = Call { pending, operation };
        // A call with a log needs the pointer, from which its lines are taken.
        let value = if call.pending.is_logged() {
            None
        } else {
            call.wait(&seconds)?
        };
        Ok(value.unwrap_or_else(|| ExternalPtr::new(call).into()))
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
        value_of(self.operation, &result?)
            .map(Some)
            .inspect_err(|error| self.pending.log_error(error))
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

/// The operation with this name.
pub fn operation(name: &Robj) -> std::result::Result<&'static Operation, Error> {
    let found = name.as_str().and_then(|name| model().operation(name));
    found.ok_or_else(|| unexpected("operation"))
}

/// The list of a response.
pub fn value_of(operation: &Operation, response: &Response) -> std::result::Result<Robj, Error> {
    response::output(operation, response.body())
        .and_then(|output| list::value(operation.output, Some(&output)))
        .map_err(|problem| response.invalid(problem))
}

/// The level that R's option names, or else the environment.
pub fn level(option: Option<&Robj>) -> std::result::Result<Level, Error> {
    match option.and_then(string) {
        Some(name) => Ok(Level::from_name(&name).unwrap_or_default()),
        None => Level::from_env(),
    }
}

extendr_module! {
    mod call;
    fn call_start;
    fn call_wait;
    fn call_log;
    fn call_cancel;
}
