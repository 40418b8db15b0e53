//! What errors of the SDK, hyper, rustls and tokio are about, where only their text says it: these crates have no public
//! types for it. Nothing else in the core looks into such a text.
//!
//! `dev/peers/tests/sdk_text.rs` provokes each [`Phrase`], and fails when a new version of a crate words it differently.

use crate::causes::causes;
use crate::text::clean;
use std::error::Error;

/// Most characters shown of one error: its text may be a server's.
pub const MAX_TEXT: usize = 500;

/// A phrase that tells errors apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phrase {
    /// rustls: the certificate's issuer is not trusted.
    UnknownIssuer,
    /// rustls: the certificate is an authority's own.
    CaUsedAsEndEntity,
    /// rustls: the certificate is for another host.
    NotValidForName,
    /// rustls: the certificate has expired.
    CertificateExpired,
    /// rustls: the certificate is not accepted, for these or other reasons.
    InvalidCertificate,
    /// hyper-util: the proxy responded with 407, in HTTP/1.1.
    ProxyAuthorization,
    /// hyper-util: the proxy could not be reached.
    ProxyUnreachable,
    /// hyper-util: the proxy opened no tunnel, for these or other reasons.
    Tunnel,
    /// hyper: the headers are too many or too long.
    HeadTooLarge,
    /// hyper: the response is not HTTP.
    NotHttp,
    /// rustls: the server does not speak TLS.
    NotTls,
    /// The SDK: TLS through a proxy to a name that no certificate can have.
    TlsHandshake,
    /// hyper-util: the host name has no address.
    HostNotFound,
    /// hyper: the server closed the connection before its response was complete.
    Incomplete,
    /// hyper: the connection ended within the body.
    Body,
    /// hyper-util: no connection, for any reason that the system has.
    NotConnected,
    /// The SDK: the connect timeout expired.
    ConnectTimeout,
    /// The SDK: the read timeout expired.
    ReadTimeout,
}

impl Phrase {
    /// All of them. Several may be in one error: the first one says most.
    pub const ALL: [Phrase; 18] = [
        Phrase::UnknownIssuer,
        Phrase::CaUsedAsEndEntity,
        Phrase::NotValidForName,
        Phrase::CertificateExpired,
        Phrase::InvalidCertificate,
        Phrase::ProxyAuthorization,
        Phrase::ProxyUnreachable,
        Phrase::Tunnel,
        Phrase::HeadTooLarge,
        Phrase::NotHttp,
        Phrase::NotTls,
        Phrase::TlsHandshake,
        Phrase::HostNotFound,
        Phrase::Incomplete,
        Phrase::Body,
        Phrase::NotConnected,
        Phrase::ConnectTimeout,
        Phrase::ReadTimeout,
    ];

    /// The phrase itself.
    pub const fn text(self) -> &'static str {
        match self {
            Phrase::UnknownIssuer => "UnknownIssuer",
            Phrase::CaUsedAsEndEntity => "CaUsedAsEndEntity",
            Phrase::NotValidForName => "not valid for name",
            Phrase::CertificateExpired => "certificate expired",
            Phrase::InvalidCertificate => "invalid peer certificate",
            Phrase::ProxyAuthorization => "proxy authorization required",
            Phrase::ProxyUnreachable => "failed to create underlying connection",
            Phrase::Tunnel => "tunnel error",
            Phrase::HeadTooLarge => "message head is too large",
            Phrase::NotHttp => "parsed",
            Phrase::NotTls => "InvalidContentType",
            Phrase::TlsHandshake => "TLS handshake",
            Phrase::HostNotFound => "dns error",
            Phrase::Incomplete => "connection closed before message completed",
            Phrase::Body => "error reading a body",
            Phrase::NotConnected => "tcp connect error",
            Phrase::ConnectTimeout => "HTTP connect timeout",
            Phrase::ReadTimeout => "HTTP read timeout",
        }
    }

    /// The first phrase of an error.
    pub fn of(error: &(dyn Error + 'static)) -> Option<Phrase> {
        let text = chain(error);
        Phrase::ALL
            .into_iter()
            .find(|phrase| text.contains(phrase.text()))
    }

    fn is_in(self, error: &(dyn Error + 'static)) -> bool {
        chain(error).contains(self.text())
    }
}

/// Whether the connect timeout expired.
pub fn is_connect_timeout(error: &(dyn Error + 'static)) -> bool {
    Phrase::ConnectTimeout.is_in(error)
}

/// Whether the read timeout expired before the response's body began.
pub fn is_read_timeout(error: &(dyn Error + 'static)) -> bool {
    Phrase::ReadTimeout.is_in(error)
}

/// Whether the proxy of an https request opened no tunnel.
pub fn is_tunnel_error(error: &(dyn Error + 'static)) -> bool {
    Phrase::Tunnel.is_in(error)
}

/// Whether the server's certificate is not accepted.
pub fn is_certificate_error(error: &(dyn Error + 'static)) -> bool {
    Phrase::InvalidCertificate.is_in(error)
}

/// Whether the response is not HTTP, or its headers are too large.
pub fn is_not_http(error: &(dyn Error + 'static)) -> bool {
    Phrase::NotHttp.is_in(error) || Phrase::HeadTooLarge.is_in(error)
}

/// Whether the SDK quotes a response of the instance metadata service, which may hold keys.
pub fn quotes_instance_metadata(text: &str) -> bool {
    text.contains("credentials from IMDS")
}

/// Whether tokio panicked because the system refused a thread for blocking work.
pub fn is_thread_refusal(panic: &str) -> bool {
    panic.contains("can't spawn worker thread")
}

/// An error and its causes as one line, each text once.
pub fn chain(error: &(dyn Error + 'static)) -> String {
    chain_with(error, |text| text)
}

/// The same, with each text edited.
pub fn chain_with(error: &(dyn Error + 'static), edit: impl Fn(String) -> String) -> String {
    let mut chain = String::new();
    for cause in causes(error) {
        let text = clean(&edit(without_dump(cause.to_string())), MAX_TEXT);
        if chain.is_empty() {
            chain = text;
        } else if !chain.contains(&text) {
            chain.push_str(": ");
            chain.push_str(&text);
        }
    }
    chain
}

/// The text of one error, without its causes, as one line.
pub fn line(error: &(dyn Error + 'static)) -> String {
    clean(&without_dump(error.to_string()), MAX_TEXT)
}

/// Some errors of the SDK end in a dump of a request or a response, which may hold tokens.
fn without_dump(mut text: String) -> String {
    if let Some(at) = ["Request {", "Response {", "SdkBody {"]
        .iter()
        .filter_map(|start| text.find(start))
        .min()
    {
        text.truncate(at);
        text.push_str("...");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
    use aws_smithy_types::body::SdkBody;
    use std::io;
    use std::panic::{catch_unwind, AssertUnwindSafe};

    #[test]
    fn the_dumps_of_the_sdk_are_not_shown() {
        let body = || SdkBody::from("Token=SECRET");
        let request = HttpRequest::new(body());
        let response = HttpResponse::new(200.try_into().unwrap(), body());
        for dump in [
            format!("{request:?}"),
            format!("{response:?}"),
            format!("{:?}", body()),
        ] {
            let text = format!("failed to apply endpoint: {dump}");
            let error = io::Error::other(io::Error::other(text));
            for text in [chain(&error), line(&error)] {
                assert_eq!(text, "failed to apply endpoint: ...", "{dump}");
            }
        }
    }

    #[test]
    fn tokio_panics_with_these_words_where_the_system_refuses_a_thread() {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .thread_stack_size(1 << 60)
            .build()
            .unwrap();
        let panic = catch_unwind(AssertUnwindSafe(|| runtime.spawn_blocking(|| ()))).unwrap_err();
        let text = panic.downcast_ref::<String>().unwrap();
        assert!(is_thread_refusal(text), "{text}");
    }
}
