//! Values and errors on their way to R: every native function returns through `to_r()`.

use extendr_api::prelude::*;
use rekognition_core::error::{Error, ServiceError};
use std::panic::{catch_unwind, AssertUnwindSafe};

/// The class of an error on its way to R.
const ERROR_CLASS: &str = "rekognition_native_error";

/// Returns the value of `work` to R. An error or a panic becomes a list that R signals as a condition.
pub fn to_r(work: impl FnOnce() -> std::result::Result<Robj, Error>) -> Robj {
    match catch_unwind(AssertUnwindSafe(work)) {
        Ok(Ok(value)) => value,
        Ok(Err(error)) => error_list(&error),
        Err(panic) => error_list(&Error::from_panic(panic.as_ref())),
    }
}

/// A string for R.
pub fn text(string: &str) -> Robj {
    without_nul(string).into()
}

/// The string with another character in place of NUL, which R's strings cannot contain.
pub fn without_nul(string: &str) -> String {
    string.replace('\0', "\u{fffd}")
}

/// A string for R, or NA.
pub fn text_or_na(string: Option<&str>) -> Robj {
    string.map_or_else(|| None::<String>.into(), text)
}

/// An error on its way to R.
pub fn error_list(error: &Error) -> Robj {
    let (kind, fields) = match error {
        Error::Service(error) => ("service", service_fields(error)),
        Error::Timeout {
            limit,
            seconds,
            attempts,
            ..
        } => (
            "timeout",
            vec![
                ("limit", text(&limit.to_string())),
                ("timeout", (*seconds).into()),
                ("attempts", count(*attempts)),
            ],
        ),
        Error::Connection {
            reason,
            endpoint,
            attempts,
            ..
        } => (
            "connection",
            vec![
                ("reason", text(reason)),
                ("endpoint", text(endpoint)),
                ("attempts", count(*attempts)),
            ],
        ),
        Error::Credentials { reason } => ("credentials", vec![("reason", text(reason))]),
        Error::Config {
            setting, reason, ..
        } => (
            "config",
            vec![("setting", text(setting)), ("reason", text(reason))],
        ),
        Error::InvalidResponse {
            reason,
            status,
            request_id,
            ..
        } => (
            "response",
            vec![
                ("reason", text(reason)),
                ("status_code", status.map(i32::from).into()),
                ("request_id", text_or_na(request_id.as_deref())),
            ],
        ),
        Error::Page { reason } => ("page", vec![("reason", text(reason))]),
        Error::File { path, reason, .. } => {
            ("file", vec![("path", text(path)), ("reason", text(reason))])
        }
        Error::NoThread { reason, .. } => ("no_thread", vec![("reason", text(reason))]),
        Error::NoMemory => ("no_memory", vec![]),
        Error::Internal { reason } => ("internal", vec![("reason", text(reason))]),
    };
    error_of_kind(kind, fields)
}

/// A list that R signals as the condition of this kind.
pub fn error_of_kind(kind: &str, mut fields: Vec<(&str, Robj)>) -> Robj {
    fields.insert(0, ("kind", text(kind)));
    let mut list: Robj = List::from_pairs(fields).into();
    match list.set_class([ERROR_CLASS]) {
        Ok(_) => list,
        Err(_) => ().into(),
    }
}

fn service_fields(error: &ServiceError) -> Vec<(&'static str, Robj)> {
    vec![
        ("code", text_or_na(error.code.as_deref())),
        ("error_type", text_or_na(error.error_type.as_deref())),
        ("service_message", text_or_na(error.message.as_deref())),
        ("status_code", i32::from(error.status).into()),
        ("request_id", text_or_na(error.request_id.as_deref())),
        ("attempts", count(error.attempts)),
        ("date", error.date.map(|seconds| seconds as f64).into()),
    ]
}

fn count(attempts: u32) -> Robj {
    i32::try_from(attempts).unwrap_or(i32::MAX).into()
}
