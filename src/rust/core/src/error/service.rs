//! An error that the service sent.

use crate::error::xml::XmlError;
use crate::json::Value;
use crate::text::clean;
use aws_smithy_types::date_time::Format;
use aws_smithy_types::DateTime;

/// An error that the service sent.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ServiceError {
    /// The error's name without namespace and address, such as `SessionNotFoundException`.
    pub code: Option<String>,
    /// The error's type exactly as the server sent it.
    pub error_type: Option<String>,
    /// The service's message.
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

impl ServiceError {
    /// Reads an error in any form that the AWS JSON protocol allows: the code in a header or in the body
    /// as `__type` or `code`, with a namespace before `#` or an address after `:`, or no body at all. Errors of S3 are XML.
    pub fn read<'h>(status: u16, header: impl Fn(&str) -> Option<&'h str>, body: &[u8]) -> Self {
        // Best effort: invalid text elsewhere in the body must not hide the error's code.
        let text = String::from_utf8_lossy(body);
        let text = text.trim_start_matches('\u{feff}');
        let json = Value::parse(text.as_bytes()).ok();
        let xml = XmlError::read(text).unwrap_or_default();
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
        let error_type = in_header
            .or_else(|| member(&["__type", "code", "Code"]))
            .or(xml.code);
        ServiceError {
            code: error_type
                .as_deref()
                .map(short_code)
                .filter(|code| !code.is_empty()),
            error_type,
            message: member(&["message", "Message", "errorMessage"]).or(xml.message),
            status,
            date: header("date").and_then(seconds),
            request_id: request_id(header),
            attempts: 0,
        }
    }

    /// Whether the service rejected the keys as expired or unknown: new keys may be accepted.
    pub fn is_about_keys(&self) -> bool {
        matches!(
            self.code.as_deref(),
            Some(
                "ExpiredToken"
                    | "ExpiredTokenException"
                    | "InvalidAccessKeyId"
                    | "UnrecognizedClientException"
            )
        )
    }

    /// Whether the service throttled the request.
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

/// The service's request ID.
pub fn request_id<'h>(header: impl Fn(&str) -> Option<&'h str>) -> Option<String> {
    header("x-amzn-requestid")
        .or_else(|| header("x-amz-request-id"))
        .map(str::to_owned)
}

/// Status, code and request ID of a response, for the log.
pub fn describe_response(status: u16, code: Option<&str>, request_id: Option<&str>) -> String {
    let mut text = format!("HTTP {status}");
    if let Some(code) = code {
        text.push_str(&format!(" {}", clean(code, MAX_WORD)));
    }
    if let Some(id) = request_id {
        text.push_str(&format!(", request id {}", clean(id, MAX_WORD)));
    }
    text
}

/// Most characters shown of a code or an id that a server sent.
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
    fn the_code_is_read_in_every_form_of_the_protocol() {
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
    fn an_error_of_s3_is_read() {
        let error = read(
            &[("x-amz-request-id", "4442587FB7D0A2F9")],
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>NoSuchKey</Code><Message>&lt;It&gt; &amp; 100 %</Message>\
             <Key>a/b</Key><RequestId>2</RequestId></Error>",
        );
        assert_eq!(error.code.as_deref(), Some("NoSuchKey"));
        assert_eq!(error.message.as_deref(), Some("<It> & 100 %"));
        assert_eq!(error.request_id.as_deref(), Some("4442587FB7D0A2F9"));
        assert!(read(&[], "<Error><Code>SlowDown</Code></Error>").is_throttling());
        assert!(read(&[], "<Error><Code>InvalidAccessKeyId</Code></Error>").is_about_keys());
        for other in [
            "<Error>",
            "<Error><Code/>",
            "<a><Code>x</Code></a>",
            "</Error>",
            "<",
        ] {
            assert_eq!(read(&[], other).code, None, "{other}");
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
    fn throttling_is_recognized_by_code_or_status() {
        assert!(read(&[], r#"{"__type":"ThrottlingException"}"#).is_throttling());
        assert!(!read(&[], r#"{"__type":"AccessDeniedException"}"#).is_throttling());
        assert!(ServiceError::read(429, |_| None, b"").is_throttling());
    }
}
