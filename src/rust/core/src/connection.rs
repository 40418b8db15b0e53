//! Why no answer came, in words a person understands.

use std::error::Error;

/// An error and its causes as one text, each said once.
pub fn chain(error: &(dyn Error + 'static)) -> String {
    let mut text = without_dump(error.to_string());
    let mut cause = error.source();
    while let Some(error) = cause {
        let line = without_dump(error.to_string());
        if !text.contains(&line) {
            text.push_str(": ");
            text.push_str(&line);
        }
        cause = error.source();
    }
    text
}

/// Some errors of the SDK end in a dump of the request, which may hold a token.
fn without_dump(mut text: String) -> String {
    if let Some(at) = text.find("Request {").or_else(|| text.find("SdkBody {")) {
        text.truncate(at);
        text.push_str("...");
    }
    text
}

/// Whether TLS failed because the server's certificate is not to be trusted.
pub fn is_certificate_problem(error: &(dyn Error + 'static)) -> bool {
    chain(error).contains("invalid peer certificate")
}

/// Whether the server fell silent in the middle of an answer.
pub fn is_stall(error: &(dyn Error + 'static)) -> bool {
    chain(error).contains("minimum throughput")
}

/// What happened, from the texts of the HTTP client's errors (it has no types for them).
pub fn explain(error: &(dyn Error + 'static)) -> String {
    let text = chain(error);
    let known = [
        (
            "UnknownIssuer",
            "the server's certificate is signed by an authority that is not trusted here",
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
            "tunnel error",
            "the proxy did not let the connection through",
        ),
        ("TLS handshake", "the TLS handshake failed"),
        ("InvalidContentType", "the server does not speak TLS"),
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
        None => without_dump(root(error).to_string()),
    }
}

/// The first cause.
fn root<'e>(error: &'e (dyn Error + 'static)) -> &'e (dyn Error + 'static) {
    let mut root = error;
    while let Some(cause) = root.source() {
        root = cause;
    }
    root
}

#[cfg(test)]
mod tests {
    use super::*;

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
