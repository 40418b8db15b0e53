//! What can go wrong, by what a caller can do about it.

use crate::causes::system_error;
use crate::json::Value;
use crate::text::clean;
use aws_smithy_types::date_time::Format;
use aws_smithy_types::DateTime;
use std::any::Any;
use std::fmt;

/// What tokio panics with where the system refuses a thread for blocking work.
pub const THREAD_REFUSED: &str = "can't spawn worker thread";

/// Why a call gave no result.
#[derive(Debug, Clone, PartialEq)]
pub enum Error {
    /// The service answered with an error.
    Service(ServiceError),
    /// A time limit ran out.
    Timeout {
        /// Which limit.
        limit: Limit,
        /// The limit, in seconds.
        seconds: f64,
        /// Requests that were tried.
        attempts: u32,
    },
    /// No answer could be had from the endpoint.
    Connection {
        /// What happened, in words.
        reason: String,
        /// The endpoint that was to be reached.
        endpoint: String,
        /// Requests that were tried.
        attempts: u32,
    },
    /// There are no credentials, or they could not be loaded.
    Credentials {
        /// What was tried, and what came of it.
        reason: String,
    },
    /// A setting is missing or unusable.
    Config {
        /// The setting's name.
        setting: String,
        /// What is wrong, and where the value came from.
        reason: String,
    },
    /// The response is not what the protocol says.
    InvalidResponse {
        /// What is wrong with it.
        reason: String,
        /// HTTP status, if there was one.
        status: Option<u16>,
        /// The service's id of the request.
        request_id: Option<String>,
    },
    /// A file or folder cannot be read or written.
    File {
        /// The file, below the folder that was given.
        path: String,
        /// What happened.
        reason: String,
    },
    /// The system refused to start a thread.
    NoThread {
        /// What the system said.
        reason: String,
    },
    /// The system refused memory for an answer.
    NoMemory,
    /// A mistake in this package.
    Internal {
        /// What happened.
        reason: String,
    },
}

/// A limit on time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Limit {
    /// To reach the server, TLS included.
    Connect,
    /// Without a byte from the server.
    Read,
    /// For the whole operation, retries included.
    Operation,
    /// For all sessions of a batch to end.
    Wait,
}

/// An error of the service, as it was sent.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ServiceError {
    /// The error's name without namespace and address, such as `SessionNotFoundException`.
    pub code: Option<String>,
    /// The error's type as the server spelt it.
    pub error_type: Option<String>,
    /// The service's own words.
    pub message: Option<String>,
    /// HTTP status.
    pub status: u16,
    /// The service's id of the request.
    pub request_id: Option<String>,
    /// Requests that were sent.
    pub attempts: u32,
    /// The server's clock, in seconds since 1970.
    pub date: Option<i64>,
}

impl fmt::Display for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Limit::Connect => "connect_timeout",
            Limit::Read => "read_timeout",
            Limit::Operation => "operation_timeout",
            Limit::Wait => "timeout",
        })
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            // The log has only the setting: the reason is for who reads the error.
            Error::Config { reason, .. } => f.write_str(reason),
            _ => f.write_str(&self.summary()),
        }
    }
}

impl std::error::Error for Error {}

impl Error {
    /// A setting that is missing or unusable.
    pub fn config(setting: &str, reason: impl Into<String>) -> Self {
        Error::Config {
            setting: setting.into(),
            reason: reason.into(),
        }
    }

    /// A thread that the system refused.
    pub fn no_thread(error: &std::io::Error) -> Self {
        Error::NoThread {
            reason: format!(
                "the system refused to start a thread ({})",
                system_error(error)
            ),
        }
    }

    /// A task that ended without a result.
    pub fn broken_off(panic: &(dyn Any + Send)) -> Self {
        let text = panic.downcast_ref::<&str>().copied();
        let text = text.or_else(|| panic.downcast_ref::<String>().map(String::as_str));
        match text {
            Some(text) if text.contains(THREAD_REFUSED) => Error::NoThread {
                reason: "the system refused to start a thread".into(),
            },
            Some(text) => Error::Internal {
                reason: text.to_owned(),
            },
            None => Error::Internal {
                reason: "a panic without a text".into(),
            },
        }
    }
}

impl Error {
    /// The error as the log shows it: no secret, no session's id, and none of the service's words but the error's code.
    pub fn summary(&self) -> String {
        match self {
            Error::Service(error) => head(
                error.status,
                error.code.as_deref(),
                error.request_id.as_deref(),
            ),
            Error::Timeout { limit, seconds, .. } => format!("{limit} of {seconds} s ran out"),
            Error::Connection {
                reason, endpoint, ..
            } => format!("no answer from {endpoint}: {reason}"),
            // The reason may hold what a credential process has printed.
            Error::Credentials { .. } => "no credentials could be loaded".into(),
            Error::Config { setting, .. } => format!("`{setting}` cannot be used"),
            Error::InvalidResponse { reason, .. } => format!("the answer cannot be used: {reason}"),
            Error::File { reason, .. } => format!("a file cannot be written: {reason}"),
            Error::NoMemory => "there is not enough memory for the answer".into(),
            Error::NoThread { reason } | Error::Internal { reason } => reason.clone(),
        }
    }
}

impl ServiceError {
    /// Reads an error in any form that the AWS JSON protocol allows: the code in a header or in the body
    /// as `__type` or `code`, with a namespace before `#` or an address after `:`, or no body at all.
    pub fn read<'h>(status: u16, header: impl Fn(&str) -> Option<&'h str>, body: &[u8]) -> Self {
        // An error is told as well as it can be: what is odd in its text does not hide its code.
        let text = String::from_utf8_lossy(body);
        let json = Value::parse(text.trim_start_matches('\u{feff}').as_bytes()).ok();
        let member = |names: &[&str]| {
            names
                .iter()
                .find_map(|name| match json.as_ref()?.get(name) {
                    Some(Value::String(text)) => {
                        Some(text.unescape_lossy().into_owned()).filter(|text| !text.is_empty())
                    }
                    _ => None,
                })
        };
        let in_header = header("x-amzn-errortype")
            .filter(|text| !text.is_empty())
            .map(str::to_owned);
        let error_type = in_header.or_else(|| member(&["__type", "code", "Code"]));
        ServiceError {
            code: error_type
                .as_deref()
                .map(short_code)
                .filter(|code| !code.is_empty()),
            error_type,
            message: member(&["message", "Message", "errorMessage"]),
            status,
            date: header("date").and_then(seconds),
            request_id: request_id(header),
            attempts: 0,
        }
    }

    /// Whether the service calls the keys expired or unknown: others may do.
    pub fn is_about_keys(&self) -> bool {
        matches!(
            self.code.as_deref(),
            Some("ExpiredToken" | "ExpiredTokenException" | "UnrecognizedClientException")
        )
    }

    /// Whether the service asks to come back later.
    pub fn is_throttling(&self) -> bool {
        self.status == 429
            || self.code.as_deref().is_some_and(|code| {
                matches!(
                    code,
                    "ThrottlingException"
                        | "Throttling"
                        | "ThrottledException"
                        | "ProvisionedThroughputExceededException"
                        | "TooManyRequestsException"
                        | "RequestLimitExceeded"
                        | "LimitExceededException"
                        | "SlowDown"
                )
            })
    }
}

/// The id that the service gave to a request.
pub fn request_id<'h>(header: impl Fn(&str) -> Option<&'h str>) -> Option<String> {
    header("x-amzn-requestid")
        .or_else(|| header("x-amz-request-id"))
        .map(str::to_owned)
}

/// An answer's head as the log shows it.
pub fn head(status: u16, code: Option<&str>, request_id: Option<&str>) -> String {
    let mut text = format!("HTTP {status}");
    if let Some(code) = code {
        text.push_str(&format!(" {}", clean(code, MAX_WORD)));
    }
    if let Some(id) = request_id {
        text.push_str(&format!(", request id {}", clean(id, MAX_WORD)));
    }
    text
}

/// The most characters of what a server calls a code or an id.
const MAX_WORD: usize = 100;

fn seconds(http_date: &str) -> Option<i64> {
    let date = DateTime::from_str(http_date, Format::HttpDate).ok()?;
    Some(date.secs())
}

fn short_code(error_type: &str) -> String {
    let name = error_type
        .split_once(':')
        .map_or(error_type, |(name, _)| name);
    let name = name.rsplit_once('#').map_or(name, |(_, name)| name);
    name.trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(headers: &[(&str, &'static str)], body: &str) -> ServiceError {
        let headers = headers.to_vec();
        ServiceError::read(
            400,
            |name| {
                headers
                    .iter()
                    .find(|(key, _)| *key == name)
                    .map(|(_, value)| *value)
            },
            body.as_bytes(),
        )
    }

    #[test]
    fn the_code_is_found_in_every_form_of_the_protocol() {
        let not_found = Some("SessionNotFoundException".to_owned());
        for body in [
            r#"{"__type":"SessionNotFoundException","Message":"m"}"#,
            r#"{"__type":"com.amazonaws.rekognition#SessionNotFoundException","message":"m"}"#,
            r#"{"__type":"SessionNotFoundException:http://internal.amazon.com/coral/x/","message":"m"}"#,
            r#"{"code":"SessionNotFoundException","message":"m"}"#,
            r#"{"code":"a.b#SessionNotFoundException:http://x/#y","message":"m"}"#,
            r#"{"Code":"SessionNotFoundException","Message":"m"}"#,
        ] {
            let error = read(&[], body);
            assert_eq!(error.code, not_found, "{body}");
            assert_eq!(error.message.as_deref(), Some("m"), "{body}");
        }
        for body in [
            r#"{"__type":"","code":"SessionNotFoundException","message":"m"}"#,
            "\u{feff}{\"__type\":\"SessionNotFoundException\",\"message\":\"m\\ud800\"}",
        ] {
            assert_eq!(
                read(&[("x-amzn-errortype", "")], body).code,
                not_found,
                "{body}"
            );
        }
        let header = [("x-amzn-errortype", "SessionNotFoundException:http://x/")];
        for body in ["", "<html>", "{}", r#"{"__type":"Other"}"#] {
            assert_eq!(read(&header, body).code, not_found, "{body}");
        }
    }

    #[test]
    fn an_error_without_code_or_message_has_none() {
        for body in [
            "",
            "<html>503</html>",
            "{}",
            "[]",
            r#"{"__type":5,"message":null}"#,
        ] {
            let error = read(&[], body);
            assert_eq!((error.code, error.message), (None, None), "{body}");
        }
    }

    #[test]
    fn the_message_is_verbatim() {
        let error = read(
            &[],
            r#"{"__type":"X","message":"100 % of \"it\"\u0020\n%s"}"#,
        );
        assert_eq!(error.message.as_deref(), Some("100 % of \"it\" \n%s"));
    }

    #[test]
    fn throttling_is_known_by_code_or_by_status() {
        assert!(read(&[], r#"{"__type":"ThrottlingException"}"#).is_throttling());
        assert!(!read(&[], r#"{"__type":"AccessDeniedException"}"#).is_throttling());
        assert!(ServiceError::read(429, |_| None, b"").is_throttling());
    }
}
