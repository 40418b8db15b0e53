//! Why no answer came, in words a person understands.

use crate::causes::causes;
use crate::http::body::Stopped;
use crate::text::clean;
use std::error::Error;
use std::io::{self, ErrorKind};

/// The most characters of one error: they may be a server's.
const LONGEST: usize = 500;

/// An error and its causes as one line, each said once.
pub fn chain(error: &(dyn Error + 'static)) -> String {
    chain_of(error, |text| text)
}

/// The same, with something taken out of each text.
pub fn chain_of(error: &(dyn Error + 'static), edit: impl Fn(String) -> String) -> String {
    let line = |error: &dyn Error| clean(&edit(without_dump(error.to_string())), LONGEST);
    let mut text = String::new();
    for cause in causes(error) {
        let line = line(cause);
        if text.is_empty() {
            text = line;
        } else if !text.contains(&line) {
            text.push_str(": ");
            text.push_str(&line);
        }
    }
    text
}

/// Some errors of the SDK end in a dump of the request, which may hold a token.
fn without_dump(mut text: String) -> String {
    if let Some(at) = ["Request {", "Response {", "SdkBody {"]
        .iter()
        .filter_map(|sign| text.find(sign))
        .min()
    {
        text.truncate(at);
        text.push_str("...");
    }
    text
}

/// Whether TLS failed because the server's certificate is not to be trusted.
pub fn is_certificate_problem(error: &(dyn Error + 'static)) -> bool {
    chain(error).contains("invalid peer certificate")
}

/// Whether the process or the system has no room for one more connection.
pub fn is_crowded(error: &(dyn Error + 'static)) -> bool {
    if Stopped::cause_of(error) == Some(Stopped::NoMemory) {
        return true;
    }
    // EMFILE and ENFILE; WSAEMFILE and WSAENOBUFS.
    let crowded: &[i32] = if cfg!(windows) {
        &[10024, 10055]
    } else {
        &[24, 23]
    };
    system_code(error).is_some_and(|code| crowded.contains(&code))
}

/// The system's number for what happened.
fn system_code(error: &(dyn Error + 'static)) -> Option<i32> {
    causes(error).find_map(|cause| cause.downcast_ref::<io::Error>()?.raw_os_error())
}

/// What the system says has other words on Windows, and may be in the user's language: these are `explain`'s.
fn system_words(error: &(dyn Error + 'static)) -> Option<&'static str> {
    let code = system_code(error)?;
    // ENETUNREACH; WSAENETUNREACH. It is no kind of error for Rust 1.82.
    let unreachable = match std::env::consts::OS {
        "windows" => 10051,
        "linux" => 101,
        _ => 51,
    };
    match io::Error::from_raw_os_error(code).kind() {
        ErrorKind::ConnectionRefused => Some("Connection refused"),
        // Windows calls some resets an abort.
        ErrorKind::ConnectionReset | ErrorKind::ConnectionAborted => Some("Connection reset"),
        _ if code == unreachable => Some("Network is unreachable"),
        _ => None,
    }
}

/// Whether what came is not HTTP, or has a head that is too large.
pub fn is_not_http(error: &(dyn Error + 'static)) -> bool {
    let text = chain(error);
    ["parsed", "message head is too large"]
        .iter()
        .any(|sign| text.contains(sign))
}

/// What happened, from the texts of the HTTP client's errors (it has no types for them).
pub fn explain(error: &(dyn Error + 'static)) -> String {
    let mut text = chain(error);
    text.push('\n');
    text.push_str(system_words(error).unwrap_or_default());
    let known = [
        (
            "UnknownIssuer",
            "the server's certificate is signed by itself or by an authority that is not trusted here; \
             `config$ca_bundle` or AWS_CA_BUNDLE can name a file with the authority's certificate",
        ),
        (
            "CaUsedAsEndEntity",
            "the server's certificate is an authority's own: a server needs one that the authority has signed",
        ),
        (
            "NotValidForName",
            "the server's certificate is for another host name",
        ),
        (
            "not valid for name",
            "the server's certificate is for another host name",
        ),
        ("Expired", "the server's certificate has expired"),
        (
            "certificate expired",
            "the server's certificate has expired",
        ),
        (
            "invalid peer certificate",
            "the server's certificate is not to be trusted",
        ),
        (
            "proxy authorization required",
            "the proxy demands a user name and password",
        ),
        (
            "failed to create underlying connection",
            "the proxy cannot be reached",
        ),
        (
            "tunnel error",
            "the proxy did not let the connection through: it may want a user name and password, or other ones, \
             forbid this host, or be no proxy at all",
        ),
        (
            "message head is too large",
            "the headers of the answer are too many or too long",
        ),
        ("parsed", "what came is not HTTP"),
        ("InvalidContentType", "the server does not speak TLS"),
        ("TLS handshake", "the TLS handshake failed"),
        ("dns error", "the host name was not found"),
        ("Connection refused", "the connection was refused"),
        ("Connection reset", "the connection was reset"),
        ("Network is unreachable", "the network is unreachable"),
        (
            "connection closed before message completed",
            "the server closed the connection before it answered",
        ),
        (
            "unexpected EOF",
            "the connection ended in the middle of the answer",
        ),
        (
            "end of file before message length reached",
            "the connection ended in the middle of the answer",
        ),
        (
            "error reading a body",
            "the connection ended in the middle of the answer",
        ),
        ("tcp connect error", "no connection could be made"),
    ];
    match known.iter().find(|(sign, _)| text.contains(sign)) {
        Some((_, words)) => (*words).to_owned(),
        None => clean(
            &without_dump(causes(error).last().unwrap_or(error).to_string()),
            LONGEST,
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_system_says_is_known_by_its_number() {
        let [refused, reset, unreachable] = match std::env::consts::OS {
            "windows" => [10061, 10054, 10051],
            "linux" => [111, 104, 101],
            _ => [61, 54, 51],
        };
        for (code, words) in [
            (refused, "the connection was refused"),
            (reset, "the connection was reset"),
            (unreachable, "the network is unreachable"),
        ] {
            let error = io::Error::other(io::Error::from_raw_os_error(code));
            assert_eq!(explain(&error), words);
        }
    }

    #[test]
    fn a_dump_of_the_request_is_not_shown() {
        let dumped = "failed to apply endpoint: Request { body: SdkBody { b\"Token=SECRET\" } }";
        let error = std::io::Error::other(std::io::Error::other(dumped));
        for text in [chain(&error), explain(&error)] {
            assert!(text.contains("failed to apply endpoint"), "{text}");
            assert!(!text.contains("SECRET"), "{text}");
        }
    }
}
