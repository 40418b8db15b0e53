//! Why a call failed, by what a caller can do about it.

mod cause;
mod service;
mod xml;

pub use cause::Cause;
pub use service::{describe_response, request_id, ServiceError};
pub use xml::region_of_bucket;

use crate::causes::system_error;
use crate::sdk_text;
use std::any::Any;
use std::error::Error as StdError;
use std::fmt;
use std::io;
use std::time::Duration;

/// Why a call failed. `R/conditions.R` makes an R condition of each variant.
///
/// `Display` and the sources hold no secret. `Display` says no more than the condition's message; some variants say less,
/// because their text also goes into the log: see [`Error::summary`].
#[derive(Debug, Clone, PartialEq)]
pub enum Error {
    /// The service responded with an error. In R: a `rekognition_service_error`, with the error's code, `http_<status>`
    /// and `http_error` as further classes.
    Service(ServiceError),
    /// A time limit expired: to connect, between two bytes of a response, for the whole operation or for a batch. In R: a
    /// `rekognition_timeout_error`.
    Timeout {
        /// Which limit.
        limit: Limit,
        /// The limit, in seconds.
        seconds: f64,
        /// Requests that were tried.
        attempts: u32,
        /// The HTTP client's error, unless a timer of this package expired.
        source: Option<Cause>,
    },
    /// The request could not be sent, or the connection ended before the response was complete: host not found, refused,
    /// reset, TLS, proxy. In R: a `rekognition_connection_error`.
    Connection {
        /// What happened, for the user.
        reason: String,
        /// The endpoint of the request.
        endpoint: String,
        /// Requests that were tried.
        attempts: u32,
        /// The HTTP client's error.
        source: Option<Cause>,
    },
    /// No source has credentials, or the one that is set up failed. In R: a `rekognition_credentials_error`.
    Credentials {
        /// The sources that were tried, and why each of them failed. It may have several lines.
        reason: String,
    },
    /// A setting is missing or cannot be used; found when the client is made, or by the first request that needs the setting
    /// (the region, the CA bundle, a proxy). In R: a `rekognition_config_error`.
    Config {
        /// The setting's name.
        setting: String,
        /// What is wrong, and where the value came from.
        reason: String,
        /// The error of reading it.
        source: Option<Cause>,
    },
    /// A response came that does not follow the protocol: not HTTP, not JSON, too long, of wrong types. In R: a
    /// `rekognition_response_error`.
    InvalidResponse {
        /// What is wrong with it.
        reason: String,
        /// HTTP status, if there was one.
        status: Option<u16>,
        /// The service's request ID.
        request_id: Option<String>,
        /// The HTTP client's error.
        source: Option<Cause>,
    },
    /// A page sent something that the relay of a check does not take. In R: a `rekognition_check_error`.
    Page {
        /// What is wrong with it.
        reason: String,
    },
    /// A file or folder of results cannot be written. In R: a `rekognition_file_error`.
    File {
        /// The file, relative to the folder that the user named.
        path: String,
        /// What the system said.
        reason: String,
        /// The system's error.
        source: Option<Cause>,
    },
    /// The system refused to start a thread. In R: a `rekognition_error` that names the limits of threads.
    NoThread {
        /// What the system said.
        reason: String,
        /// The system's error.
        source: Option<Cause>,
    },
    /// The system refused memory for a response. In R: a `rekognition_error` that says how to use less.
    NoMemory,
    /// A bug in this package, such as a panic. In R: a `rekognition_error` that asks to report it.
    Internal {
        /// What happened.
        reason: String,
    },
}

/// A time limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Limit {
    /// To connect to the server, TLS included.
    Connect,
    /// Between two bytes from the server.
    Read,
    /// For the whole operation, retries included.
    Operation,
    /// For all sessions of a batch to end.
    Wait,
    /// For a check to end.
    Check,
}

impl fmt::Display for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Limit::Connect => "connect_timeout",
            Limit::Read => "read_timeout",
            Limit::Operation => "operation_timeout",
            Limit::Wait => "timeout",
            Limit::Check => "check",
        })
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Error::Config { reason, .. } => f.write_str(reason),
            _ => f.write_str(&self.summary()),
        }
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        let source = match self {
            Error::Timeout { source, .. }
            | Error::Connection { source, .. }
            | Error::Config { source, .. }
            | Error::InvalidResponse { source, .. }
            | Error::File { source, .. }
            | Error::NoThread { source, .. } => source,
            Error::Service(_)
            | Error::Credentials { .. }
            | Error::Page { .. }
            | Error::NoMemory
            | Error::Internal { .. } => return None,
        };
        source.as_ref().map(|source| source as _)
    }
}

impl Error {
    /// A setting that is missing or cannot be used.
    pub fn config(setting: &str, reason: impl Into<String>) -> Self {
        Error::Config {
            setting: setting.into(),
            reason: reason.into(),
            source: None,
        }
    }

    /// A limit that expired after this many requests.
    pub fn timeout(limit: Limit, duration: Duration, attempts: u32) -> Self {
        Error::Timeout {
            limit,
            seconds: duration.as_secs_f64(),
            attempts,
            source: None,
        }
    }

    /// A file that the system refused to write.
    pub fn file(path: String, error: &io::Error) -> Self {
        Error::File {
            path,
            reason: system_error(error),
            source: Some(Cause::of(error)),
        }
    }

    /// A thread that the system refused to start.
    pub fn no_thread(error: &io::Error) -> Self {
        Error::NoThread {
            reason: format!(
                "the system refused to start a thread ({})",
                system_error(error)
            ),
            source: Some(Cause::of(error)),
        }
    }

    /// The panic of a task.
    pub fn from_panic(panic: &(dyn Any + Send)) -> Self {
        let text = panic.downcast_ref::<&str>().copied();
        let text = text.or_else(|| panic.downcast_ref::<String>().map(String::as_str));
        match text {
            Some(text) if sdk_text::is_thread_refusal(text) => Error::NoThread {
                reason: "the system refused to start a thread".into(),
                source: None,
            },
            Some(text) => Error::Internal {
                reason: text.to_owned(),
            },
            None => Error::Internal {
                reason: "a panic without a message".into(),
            },
        }
    }

    /// The same error with this cause, if its variant has one.
    pub fn with_source(mut self, error: &(dyn StdError + 'static)) -> Self {
        match &mut self {
            Error::Timeout { source, .. }
            | Error::Connection { source, .. }
            | Error::Config { source, .. }
            | Error::InvalidResponse { source, .. }
            | Error::File { source, .. }
            | Error::NoThread { source, .. } => *source = Some(Cause::of(error)),
            Error::Service(_)
            | Error::Credentials { .. }
            | Error::Page { .. }
            | Error::NoMemory
            | Error::Internal { .. } => {}
        }
        self
    }

    /// The error for the log: no secret, no session ID, and nothing that the service said but the error's code.
    pub fn summary(&self) -> String {
        match self {
            Error::Service(error) => describe_response(
                error.status,
                error.code.as_deref(),
                error.request_id.as_deref(),
            ),
            Error::Timeout { limit, seconds, .. } => format!("{limit} of {seconds} s expired"),
            Error::Connection {
                reason, endpoint, ..
            } => format!("no response from {endpoint}: {reason}"),
            // The reason may quote a service that credentials come from.
            Error::Credentials { .. } => "no credentials could be loaded".into(),
            Error::Config { setting, .. } => format!("`{setting}` cannot be used"),
            Error::InvalidResponse { reason, .. } => format!("invalid response: {reason}"),
            Error::Page { reason } => format!("the page was refused: {reason}"),
            Error::File { reason, .. } => format!("a file cannot be written: {reason}"),
            Error::NoMemory => "not enough memory for the response".into(),
            Error::NoThread { reason, .. } | Error::Internal { reason } => reason.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An error and its sources, each shown in both ways.
    fn shown(error: &Error) -> String {
        let mut text = format!("{error} {error:?}");
        let mut source = StdError::source(error);
        while let Some(cause) = source {
            text.push_str(&format!(" {cause} {cause:?}"));
            source = cause.source();
        }
        text
    }

    fn connection() -> Error {
        Error::Connection {
            reason: "the connection was refused".into(),
            endpoint: "https://example.com".into(),
            attempts: 1,
            source: None,
        }
    }

    #[test]
    fn the_sources_are_the_causes_from_the_outside_in() {
        let inner = io::Error::other("inner");
        let error = connection().with_source(&io::Error::other(inner));
        let cause = StdError::source(&error).unwrap();
        assert_eq!(cause.to_string(), "inner");
        assert!(cause.source().is_none());
        assert!(StdError::source(&connection()).is_none());
        assert!(StdError::source(&Error::NoMemory.with_source(&error)).is_none());
        let refused = Error::file("a/b".into(), &io::ErrorKind::PermissionDenied.into());
        assert!(StdError::source(&refused).is_some());
    }

    #[test]
    fn a_request_in_a_cause_is_not_shown() {
        let dump = "failed to apply endpoint: Request { body: SdkBody { b\"Token=SECRET\" } }";
        let error = connection().with_source(&io::Error::other(io::Error::other(dump)));
        let text = shown(&error);
        assert!(text.contains("failed to apply endpoint"), "{text}");
        assert!(!text.contains("SECRET"), "{text}");
    }

    #[test]
    fn the_reason_of_a_credentials_error_is_not_in_the_log() {
        let error = Error::Credentials {
            reason: "STS: SECRET".into(),
        };
        assert!(!error.to_string().contains("SECRET"));
    }

    #[test]
    fn a_panic_about_a_refused_thread_is_no_bug() {
        let refused: Box<dyn Any + Send> = Box::new("OS can't spawn worker thread: x".to_owned());
        let bug: Box<dyn Any + Send> = Box::new("index out of bounds");
        assert!(matches!(
            Error::from_panic(refused.as_ref()),
            Error::NoThread { .. }
        ));
        assert!(matches!(
            Error::from_panic(bug.as_ref()),
            Error::Internal { .. }
        ));
    }
}
