//! Provokes every error that the core recognizes by its text. A failure means that a new version of the SDK, hyper or rustls
//! words it differently: change `Phrase::text`.
//!
//! What needs no peer is in the tests of `core/src/sdk_text.rs`.

use rekognition_core::error::Error;
use rekognition_core::sdk_text::Phrase;
use rekognition_core::secret::Secret;
use rekognition_core::settings::Settings;
use rekognition_peers::{
    base_settings, certificate, client, credentials_reason, emulator, get, settings_for,
    settings_without_keys, Authority, Certificate, Environment, Folder, HttpServer, RawServer,
    TlsFront, Tunnel, Validity, ID,
};
use std::error::Error as StdError;
use std::io::Write;
use std::net::{Shutdown, TcpListener, TcpStream};
use std::time::Duration;

const SHORT: Duration = Duration::from_millis(200);

/// What the secret key and the password of every request are.
const SECRET: &str = "hunter2";

fn fails(settings: Settings) -> Error {
    let keys = settings_for(String::new()).keys.map(|mut keys| {
        keys.secret_access_key = Secret::new(SECRET.into());
        keys.session_token = Some(Secret::new(SECRET.into()));
        keys
    });
    let client = client(Settings { keys, ..settings });
    get(&client, ID).map(drop).expect_err("an error")
}

fn to(endpoint: String) -> Settings {
    Settings {
        endpoint: Some(endpoint),
        ..base_settings()
    }
}

/// A call to a server that writes these bytes and closes the connection.
fn response(bytes: &'static [u8]) -> Error {
    let server = RawServer::start("127.0.0.1:0", move |stream: &mut TcpStream, _| {
        let _ = stream.write_all(bytes);
        false
    });
    fails(to(server.url()))
}

/// A call through a proxy that writes these bytes and closes the connection.
fn proxy_response(bytes: &'static [u8]) -> Error {
    let proxy = RawServer::start("127.0.0.1:0", move |stream: &mut TcpStream, _| {
        let _ = stream.write_all(bytes);
        false
    });
    through(&proxy.url(), "https://rekognition.corp.invalid")
}

fn through(proxy: &str, endpoint: &str) -> Error {
    let proxy = proxy.replace("http://", &format!("http://me:{SECRET}@"));
    fails(Settings {
        proxy: Some(Secret::new(proxy)),
        ..to(endpoint.into())
    })
}

/// A call to a server with this certificate, and with this CA bundle.
fn tls(certificate: Certificate, trusted: Option<&str>) -> Error {
    let emulator = emulator();
    let folder = Folder::new("sdk-text");
    let front = TlsFront::start(certificate, &emulator.url());
    fails(Settings {
        ca_bundle: trusted.map(|pem| folder.write("ca.pem", pem).into()),
        ..to(front.url("localhost"))
    })
}

fn provoke(phrase: Phrase) -> Error {
    let authority = Authority::new("Private CA");
    let signed = |host: &str, validity| authority.sign(&[host], validity);
    match phrase {
        Phrase::UnknownIssuer | Phrase::InvalidCertificate => {
            tls(signed("localhost", Validity::Now), None)
        }
        Phrase::CaUsedAsEndEntity => {
            let own = certificate(&["localhost"], true);
            let pem = own.pem.clone();
            tls(own, Some(&pem))
        }
        Phrase::NotValidForName => {
            tls(signed("other.example", Validity::Now), Some(&authority.pem))
        }
        Phrase::CertificateExpired => {
            tls(signed("localhost", Validity::Past), Some(&authority.pem))
        }
        Phrase::ProxyAuthorization => {
            proxy_response(b"HTTP/1.1 407 Proxy Authentication Required\r\n\r\n")
        }
        Phrase::ProxyUnreachable => {
            through("http://127.0.0.1:1", "https://rekognition.corp.invalid")
        }
        Phrase::Tunnel => proxy_response(b"HTTP/1.1 403 Forbidden\r\n\r\n"),
        Phrase::HeadTooLarge => {
            let server = RawServer::start("127.0.0.1:0", |stream: &mut TcpStream, _| {
                let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nx: ");
                while stream.write_all(&[b'a'; 4096]).is_ok() {}
                false
            });
            fails(to(server.url()))
        }
        Phrase::NotHttp => response(b"220 smtp.example.com ESMTP\r\n"),
        Phrase::NotTls => fails(to(emulator().url().replace("http:", "https:"))),
        Phrase::TlsHandshake => {
            let emulator = emulator();
            let url = emulator.url();
            let (_, port) = url.rsplit_once(':').expect("a port");
            let tunnel = Tunnel::to(port.parse().expect("a port"));
            through(&tunnel.url(), "https://-.corp.invalid")
        }
        Phrase::HostNotFound => fails(to("http://rekognition.corp.invalid".into())),
        Phrase::Incomplete => response(b"HTTP/1.1 200"),
        Phrase::Body => response(b"HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\n{}"),
        Phrase::NotConnected => fails(to("http://127.0.0.1:1".into())),
        Phrase::ConnectTimeout => {
            // Connects and never begins the TLS handshake.
            let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
            let address = listener.local_addr().expect("an address");
            fails(Settings {
                connect_timeout: Some(SHORT),
                ..to(format!("https://{address}"))
            })
        }
        Phrase::ReadTimeout => {
            let server = HttpServer::start(|_| None);
            fails(Settings {
                read_timeout: Some(SHORT),
                ..to(server.url())
            })
        }
    }
}

/// The texts of an error's sources.
fn sources(error: &Error) -> String {
    let mut text = String::new();
    let mut source = error.source();
    while let Some(cause) = source {
        text.push_str(&format!("{cause}; "));
        source = cause.source();
    }
    text
}

#[test]
fn the_text_of_each_error_has_its_phrase() {
    let _environment = Environment::with(&[]);
    for phrase in Phrase::ALL {
        let error = provoke(phrase);
        let sources = sources(&error);
        assert!(sources.contains(phrase.text()), "{phrase:?}: {error:?}");
        let shown = format!("{error} {error:?} {sources}");
        assert!(!shown.contains(SECRET), "{shown}");
    }
}

#[test]
fn a_body_that_ends_early_is_recognized_wherever_it_ends() {
    let _environment = Environment::with(&[]);
    const CHUNKED: &str = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n";
    for body in [
        "",
        "5",
        "5\r",
        "5\r\n",
        "5\r\nab",
        "2\r\n{}",
        "2\r\n{}\r\n",
        "2\r\n{}\r\n0\r\n",
    ] {
        let server = RawServer::start("127.0.0.1:0", move |stream: &mut TcpStream, _| {
            let _ = stream.write_all(format!("{CHUNKED}{body}").as_bytes());
            let _ = stream.shutdown(Shutdown::Both);
            false
        });
        let error = fails(to(server.url()));
        let sources = sources(&error);
        assert!(sources.contains(Phrase::Body.text()), "{body:?}: {error:?}");
    }
}

#[test]
fn a_failure_of_the_instance_metadata_service_is_not_quoted() {
    let service = HttpServer::start(|request| {
        Some(match request.line.as_str() {
            "PUT /latest/api/token" => (200, "a-token".into()),
            line if line.ends_with("/a-role") => (
                200,
                format!(r#"{{"Code":"Failed","Message":"{SECRET}","Token":"{SECRET}"}}"#),
            ),
            _ => (200, "a-role".into()),
        })
    });
    let _environment = Environment::with(&[
        ("AWS_EC2_METADATA_DISABLED", "false"),
        ("AWS_EC2_METADATA_SERVICE_ENDPOINT", &service.url()),
    ]);
    let failed = get(&client(settings_without_keys(&emulator())), ID);
    let reason = credentials_reason(failed.map(drop).expect_err("no credentials"));
    let expected = "the instance metadata service returned no credentials";
    assert!(reason.contains(expected), "{reason}");
}
