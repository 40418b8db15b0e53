//! Servers with certificates of all kinds.

use rekognition_core::error::{Error, Limit};
use rekognition_core::settings::Settings;
use rekognition_peers::{
    bare, certificate, client, connection_reason, create, emulator, get, keys, settings, Authority,
    Environment, Folder, TlsFront, Validity, ID,
};
use std::time::Duration;

/// The reason why a call to a server with such a certificate fails, and the connections that were made.
fn refusal(
    certificate: rekognition_peers::Certificate,
    ca_bundle: Option<&String>,
) -> (String, usize) {
    let emulator = emulator();
    let front = TlsFront::start(certificate, &emulator.url());
    let client = client(Settings {
        endpoint: Some(front.url("localhost")),
        ca_bundle: ca_bundle.map(Into::into),
        max_retries: Some(3),
        ..settings(&emulator)
    });
    let reason = connection_reason(get(&client, ID).unwrap_err());
    assert!(emulator.requests().is_empty());
    (reason, front.connections())
}

#[test]
fn a_private_authority_is_trusted_by_setting_variable_and_profile() {
    let environment = Environment::with(&[]);
    let authority = Authority::new("Private CA");
    let folder = Folder::new("tls");
    let bundle = folder.write("ca.pem", &authority.pem);
    let emulator = emulator();
    let front = TlsFront::start(
        authority.sign(&["localhost", "127.0.0.1"], Validity::Now),
        &emulator.url(),
    );
    let reached = |host: &str, ca_bundle: Option<&String>| {
        let client = client(Settings {
            endpoint: Some(front.url(host)),
            ca_bundle: ca_bundle.map(Into::into),
            ..settings(&emulator)
        });
        create(&client)
    };
    connection_reason(reached("localhost", None).unwrap_err());
    reached("localhost", Some(&bundle)).unwrap();
    reached("127.0.0.1", Some(&bundle)).unwrap();

    environment.set("AWS_CA_BUNDLE", &bundle);
    reached("localhost", None).unwrap();
    environment.unset("AWS_CA_BUNDLE");

    let config = folder.write("config", &format!("[default]\nca_bundle = {bundle}\n"));
    environment.set("AWS_CONFIG_FILE", &config);
    reached("localhost", None).unwrap();
    environment.unset("AWS_CONFIG_FILE");

    // As an editor on Windows leaves it.
    let bundle = folder.write("crlf.pem", &authority.pem.replace('\n', "\r\n"));
    reached("localhost", Some(&bundle)).unwrap();
    assert_eq!(emulator.requests().len(), 5);
}

#[test]
fn who_is_not_to_be_trusted_is_refused_once_and_with_a_reason() {
    let _environment = Environment::with(&[]);
    let authority = Authority::new("Private CA");
    let folder = Folder::new("distrust");
    let bundle = folder.write("ca.pem", &authority.pem);
    let signed = |hosts: &[&str], validity| authority.sign(hosts, validity);

    let (reason, connections) = refusal(signed(&["localhost"], Validity::Now), None);
    assert!(reason.contains("authority that is not trusted"), "{reason}");
    assert_eq!(connections, 1);

    let (reason, connections) = refusal(signed(&["localhost"], Validity::Past), Some(&bundle));
    assert!(reason.contains("has expired"), "{reason}");
    assert_eq!(connections, 1);

    let (reason, connections) = refusal(signed(&["other.example"], Validity::Now), Some(&bundle));
    assert!(reason.contains("for another host name"), "{reason}");
    assert_eq!(connections, 1);

    let (reason, _) = refusal(certificate(&["localhost"], false), Some(&bundle));
    assert!(reason.contains("signed by itself"), "{reason}");

    let own = certificate(&["localhost"], true);
    let own_bundle = folder.write("own.pem", &own.pem);
    let (reason, _) = refusal(own, Some(&own_bundle));
    assert!(reason.contains("an authority's own"), "{reason}");
}

#[test]
fn a_server_that_does_not_speak_tls_is_told_from_one_that_does() {
    let _environment = Environment::with(&[]);
    let emulator = emulator();
    let client = client(Settings {
        endpoint: Some(emulator.url().replace("http:", "https:")),
        ..settings(&emulator)
    });
    let reason = connection_reason(get(&client, ID).unwrap_err());
    assert!(reason.contains("does not speak TLS"), "{reason}");
}

#[test]
fn a_bundle_that_never_ends_is_refused_or_waited_for_no_longer_than_anything_else() {
    let _environment = Environment::with(&[]);
    let emulator = emulator();
    let with_bundle = |path: &str| {
        let client = client(Settings {
            ca_bundle: Some(path.into()),
            operation_timeout: Some(Duration::from_millis(300)),
            ..settings(&emulator)
        });
        get(&client, ID)
    };
    match with_bundle("/dev/zero") {
        Err(Error::Config { setting, reason }) => {
            assert_eq!(setting, "ca_bundle");
            assert!(reason.contains("longer than 16 MiB"), "{reason}");
        }
        other => panic!("{other:?}"),
    }
    // A pipe that nobody writes to.
    let folder = Folder::new("pipe");
    let pipe = folder.path().join("bundle.pem");
    let made = std::process::Command::new("mkfifo").arg(&pipe).status();
    assert!(made.unwrap().success());
    match with_bundle(pipe.to_str().unwrap()) {
        Err(Error::Timeout { limit, .. }) => assert_eq!(limit, Limit::Operation),
        other => panic!("{other:?}"),
    }
    // Whoever waits for it may go.
    drop(std::fs::OpenOptions::new().write(true).open(&pipe).unwrap());
}

#[test]
fn a_handshake_that_never_ends_runs_into_the_connect_timeout() {
    let _environment = Environment::with(&[]);
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let emulator = emulator();
    let client = client(Settings {
        endpoint: Some(format!("https://{}", listener.local_addr().unwrap())),
        keys: Some(keys(&emulator)),
        connect_timeout: Some(Duration::from_millis(200)),
        ..bare()
    });
    match get(&client, ID) {
        Err(Error::Timeout { limit, seconds, .. }) => {
            assert_eq!((limit, seconds), (Limit::Connect, 0.2));
        }
        other => panic!("{other:?}"),
    }
}
