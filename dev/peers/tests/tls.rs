//! TLS servers.

use rekognition_core::error::{Error, Limit};
use rekognition_core::settings::Settings;
use rekognition_peers::{
    base_settings, certificate, client, connection_reason, create, emulator, get, keys, settings,
    Authority, Environment, Folder, TlsFront, Validity, ID,
};
use std::time::Duration;

/// Why a call to a server with this certificate fails, and the number of connections.
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
fn a_ca_bundle_may_be_a_setting_a_variable_or_in_the_profile() {
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

    // As editors on Windows write it.
    let bundle = folder.write("crlf.pem", &authority.pem.replace('\n', "\r\n"));
    reached("localhost", Some(&bundle)).unwrap();
    assert_eq!(emulator.requests().len(), 5);
}

#[test]
fn an_invalid_certificate_is_refused_without_a_retry_and_with_a_reason() {
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
    assert!(reason.contains("self-signed"), "{reason}");

    let own = certificate(&["localhost"], true);
    let own_bundle = folder.write("own.pem", &own.pem);
    let (reason, _) = refusal(own, Some(&own_bundle));
    assert!(
        reason.contains("certificate of an authority itself"),
        "{reason}"
    );
}

#[test]
fn a_server_that_does_not_speak_tls_is_recognized() {
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
fn a_bundle_that_never_ends_is_refused_or_runs_into_the_operation_timeout() {
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
        Err(Error::Config {
            setting, reason, ..
        }) => {
            assert_eq!(setting, "ca_bundle");
            assert!(reason.contains("larger than 16 MiB"), "{reason}");
        }
        other => panic!("{other:?}"),
    }
    // A pipe without a writer.
    let folder = Folder::new("pipe");
    let pipe = folder.path().join("bundle.pem");
    let made = std::process::Command::new("mkfifo").arg(&pipe).status();
    assert!(made.unwrap().success());
    match with_bundle(pipe.to_str().unwrap()) {
        Err(Error::Timeout { limit, .. }) => assert_eq!(limit, Limit::Operation),
        other => panic!("{other:?}"),
    }
    // Unblocks the thread that reads it.
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
        ..base_settings()
    });
    match get(&client, ID) {
        Err(Error::Timeout { limit, seconds, .. }) => {
            assert_eq!((limit, seconds), (Limit::Connect, 0.2));
        }
        other => panic!("{other:?}"),
    }
}
