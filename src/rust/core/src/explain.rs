//! Why there is no response, for the user.

use crate::causes::{causes, find};
use crate::error;
use crate::http::body::BodyError;
use crate::sdk_text::{line, Phrase};
use std::error::Error;
use std::io::{self, ErrorKind};

/// Whether the process or the system has no resources for one more connection.
pub fn is_out_of_resources(error: &(dyn Error + 'static)) -> bool {
    if BodyError::in_causes(error) == Some(BodyError::NoMemory) {
        return true;
    }
    // EMFILE and ENFILE; WSAEMFILE and WSAENOBUFS.
    let codes: &[i32] = if cfg!(windows) {
        &[10024, 10055]
    } else {
        &[24, 23]
    };
    system_code(error).is_some_and(|code| codes.contains(&code))
}

/// The system's code of the error, if the system reported it.
fn system_code(error: &(dyn Error + 'static)) -> Option<i32> {
    causes(error).find_map(|cause| cause.downcast_ref::<io::Error>()?.raw_os_error())
}

/// By the system's code: its texts differ on Windows, and may be in the user's language.
fn explain_system_error(error: &(dyn Error + 'static)) -> Option<&'static str> {
    let code = system_code(error)?;
    // ENETUNREACH; WSAENETUNREACH. Rust 1.82 has no kind for it.
    let unreachable = match std::env::consts::OS {
        "windows" => 10051,
        "linux" => 101,
        _ => 51,
    };
    match io::Error::from_raw_os_error(code).kind() {
        ErrorKind::ConnectionRefused => Some("the connection was refused"),
        // Windows calls some resets an abort.
        ErrorKind::ConnectionReset | ErrorKind::ConnectionAborted => {
            Some("the connection was reset")
        }
        _ if code == unreachable => Some("the network is unreachable"),
        _ => None,
    }
}

/// By the phrase.
fn explain_phrase(phrase: Phrase) -> Option<&'static str> {
    Some(match phrase {
        Phrase::UnknownIssuer => {
            "the server's certificate is self-signed or from an authority that is not trusted; `config$ca_bundle` or \
             AWS_CA_BUNDLE can name a file with the authority's certificate"
        }
        Phrase::CaUsedAsEndEntity => {
            "the server uses the certificate of an authority itself, not one that the authority has signed"
        }
        Phrase::NotValidForName => "the server's certificate is for another host name",
        Phrase::CertificateExpired => "the server's certificate has expired",
        Phrase::InvalidCertificate => "the server's certificate is not valid",
        Phrase::ProxyAuthorization => "the proxy requires a user name and password",
        Phrase::ProxyUnreachable => "the proxy cannot be reached",
        Phrase::Tunnel => {
            "the proxy refused the connection: it may require a user name and password, reject the given ones, block \
             this host, or not be a proxy"
        }
        Phrase::HeadTooLarge => "the response has too many or too long headers",
        Phrase::NotHttp => "the response is not HTTP",
        Phrase::NotTls => "the server does not speak TLS",
        Phrase::TlsHandshake => "the TLS handshake failed",
        Phrase::HostNotFound => "the host name was not found",
        Phrase::Incomplete => "the server closed the connection before responding",
        Phrase::Body => "the connection was closed before the end of the response",
        Phrase::NotConnected => "the connection failed",
        Phrase::ConnectTimeout | Phrase::ReadTimeout => return None,
    })
}

/// Whether the system's code, if there is one, says more.
fn is_general(phrase: Phrase) -> bool {
    matches!(
        phrase,
        Phrase::Incomplete | Phrase::Body | Phrase::NotConnected
    )
}

/// Why a request failed.
pub fn explain(error: &(dyn Error + 'static)) -> String {
    if let Some(explained) = find::<error::Error>(error) {
        return explained.to_string();
    }
    let phrase = Phrase::of(error);
    let of_system = || explain_system_error(error);
    let reason = match phrase.and_then(explain_phrase) {
        Some(reason) if phrase.is_some_and(is_general) => of_system().or(Some(reason)),
        Some(reason) => Some(reason),
        None => of_system(),
    };
    reason.map_or_else(
        || line(causes(error).last().unwrap_or(error)),
        str::to_owned,
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn system_errors_are_recognized_by_code() {
        let [refused, reset, unreachable] = match std::env::consts::OS {
            "windows" => [10061, 10054, 10051],
            "linux" => [111, 104, 101],
            _ => [61, 54, 51],
        };
        for (code, reason) in [
            (refused, "the connection was refused"),
            (reset, "the connection was reset"),
            (unreachable, "the network is unreachable"),
        ] {
            let error = io::Error::other(io::Error::from_raw_os_error(code));
            assert_eq!(explain(&error), reason);
        }
    }

    #[test]
    fn an_unknown_error_is_explained_by_its_innermost_cause() {
        let dump = "failed to apply endpoint: Request { body: SdkBody { b\"Token=SECRET\" } }";
        let error = io::Error::other(io::Error::other(dump));
        assert_eq!(explain(&error), "failed to apply endpoint: ...");
    }

    #[test]
    fn an_error_of_this_package_explains_itself() {
        let cause = io::Error::from(ErrorKind::PermissionDenied);
        let error = error::Error::config("ca_bundle", "cannot be read").with_source(&cause);
        assert_eq!(explain(&io::Error::other(error)), "cannot be read");
    }
}
