//! Requests that must not go through a proxy, and proxies that cannot be used.

use rekognition_core::call::log::Level;
use rekognition_core::error::Error;
use rekognition_core::secret::Secret;
use rekognition_core::settings::Settings;
use rekognition_core::Client;
use rekognition_peers::{
    assumed_role, base_settings, client, connection_reason, create, emulator, get, settings,
    settings_for, start_get, Authority, Environment, Folder, HttpServer, TlsFront, Tunnel,
    Validity, ID,
};
use std::time::Duration;

/// As desktop environments set it.
const SOCKS: &str = "socks5h://me:hunter2@127.0.0.1:1080/";

/// A host without an address: a direct request fails in another way than one through a proxy.
const HOST: &str = "rekognition.corp.invalid";

fn is_sent_directly(endpoint: &str) -> bool {
    let reason = connection_reason(get(&client(settings_for(endpoint.into())), ID).unwrap_err());
    reason.contains("host name was not found")
}

/// Why the proxy cannot be used. There is no retry: the log has one attempt.
fn refusal(client: &Client) -> String {
    let mut pending = start_get(client, ID, Level::Debug).unwrap();
    let error = pending.wait(Duration::from_secs(20)).unwrap().unwrap_err();
    let log = pending.take_log().join("\n");
    assert!(
        log.contains("attempt 1") && !log.contains("attempt 2"),
        "{log}"
    );
    assert!(!log.contains("hunter2"), "{log}");
    match error {
        Error::Config {
            setting, reason, ..
        } => {
            assert_eq!(setting, "proxy");
            assert!(!reason.contains("hunter2"), "{reason}");
            reason
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_socks_proxy_does_not_matter_to_requests_without_a_proxy() {
    let environment = Environment::with(&[("NO_PROXY", ".corp.invalid")]);
    let folder = Folder::new("beside");
    let authority = Authority::new("Private CA");
    let bundle = folder.write("ca.pem", &authority.pem);
    let emulator = emulator();
    let front = TlsFront::start(
        authority.sign(&["plain.invalid"], Validity::Now),
        &emulator.url(),
    );
    let tunnel = Tunnel::to(front.port());
    for variable in ["ALL_PROXY", "all_proxy"] {
        environment.set(variable, SOCKS);
        create(&client(settings(&emulator))).unwrap();
        create(&client(Settings {
            endpoint: Some(emulator.url().replace("127.0.0.1", "localhost")),
            ..settings(&emulator)
        }))
        .unwrap();
        assert!(is_sent_directly(&format!("https://{HOST}")));
        assert!(is_sent_directly(&format!("http://{HOST}")));
        environment.set("HTTPS_PROXY", &tunnel.url());
        create(&client(Settings {
            endpoint: Some("https://plain.invalid".into()),
            ca_bundle: Some(bundle.clone().into()),
            ..settings(&emulator)
        }))
        .unwrap();
        environment.unset("HTTPS_PROXY");
        environment.unset(variable);
    }
    assert_eq!(tunnel.lines().len(), 2);
}

#[test]
fn a_proxy_from_the_call_is_checked_by_the_requests_that_use_it() {
    let environment = Environment::with(&[]);
    let emulator = emulator();
    let given = |endpoint: String, proxy: &str, max_retries| {
        client(Settings {
            proxy: Some(Secret::new(proxy.into())),
            max_retries: Some(max_retries),
            ..settings_for(endpoint)
        })
    };
    create(&client(Settings {
        proxy: Some(Secret::new(SOCKS.into())),
        ..settings(&emulator)
    }))
    .unwrap();
    for (proxy, problem) in [
        (SOCKS, "is a SOCKS proxy"),
        ("SOCKS4://me:hunter2@127.0.0.1", "is a SOCKS proxy"),
        ("ftp://me:hunter2@127.0.0.1", "is not an http or https URL"),
        (
            "http://me:hunter2@127.0.0.1:x",
            "is not an http or https URL",
        ),
        ("http://me:hunter2 @", "is not an http or https URL"),
    ] {
        for scheme in ["https", "http"] {
            let endpoint = format!("{scheme}://{HOST}");
            let reason = refusal(&given(endpoint.clone(), proxy, 3));
            assert!(reason.contains(problem), "{reason}");
            assert!(reason.contains("the client's configuration"), "{reason}");
            environment.set("NO_PROXY", HOST);
            let reason = connection_reason(get(&given(endpoint, proxy, 0), ID).unwrap_err());
            assert!(reason.contains("host name was not found"), "{reason}");
            environment.unset("NO_PROXY");
        }
    }
}

#[test]
fn the_error_about_an_invalid_proxy_names_its_variable() {
    let environment = Environment::with(&[]);
    for (scheme, variables) in [
        (
            "https",
            ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"],
        ),
        (
            "http",
            ["HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"],
        ),
    ] {
        for variable in variables {
            environment.set(variable, SOCKS);
            let reason = refusal(&client(Settings {
                max_retries: Some(3),
                ..settings_for(format!("{scheme}://{HOST}"))
            }));
            assert!(reason.contains(variable), "{reason}");
            environment.unset(variable);
        }
    }
}

#[test]
fn a_credentials_error_names_the_invalid_proxy_of_sts() {
    let folder = Folder::new("behind-socks");
    let token = folder.write("token", "web-identity-token");
    let emulator = emulator();
    let keys = emulator.temporary_keys(900.0);
    let sts =
        HttpServer::start(move |_| Some((200, assumed_role(&keys, "AssumeRoleWithWebIdentity"))));
    let environment = Environment::with(&[
        ("ALL_PROXY", SOCKS),
        ("AWS_ROLE_ARN", "arn:aws:iam::111122223333:role/x"),
        ("AWS_WEB_IDENTITY_TOKEN_FILE", &token),
    ]);
    let role = || {
        client(Settings {
            endpoint: Some(emulator.url()),
            ..base_settings()
        })
    };
    match get(&role(), ID) {
        Err(Error::Credentials { reason }) => {
            let words = "the proxy (from environment variable ALL_PROXY) is a SOCKS proxy";
            assert!(reason.contains(words), "{reason}");
            assert!(!reason.contains("hunter2"), "{reason}");
        }
        other => panic!("{other:?}"),
    }
    environment.set("AWS_ENDPOINT_URL_STS", &sts.url());
    create(&role()).unwrap();
}

#[test]
fn entries_of_no_proxy_match_as_in_curl_or_python() {
    let environment = Environment::with(&[]);
    let tunnel = Tunnel::to(1);
    environment.set("HTTP_PROXY", &tunnel.url());
    for (host, entries) in [
        (
            HOST,
            [
                "rekognition.corp.invalid:8080",
                "corp.invalid:8080",
                "other.invalid corp.invalid",
                "other.invalid\tcorp.invalid another.invalid",
                "corp.invalid.",
                ".corp.invalid.",
                "*.corp.invalid",
                "Rekognition.CORP.invalid",
            ],
        ),
        (
            "Rekognition.Corp.Invalid.",
            [
                "rekognition.corp.invalid",
                "rekognition.corp.invalid.",
                "corp.invalid",
                "CORP.INVALID.",
                ".corp.invalid",
                "*.corp.invalid",
                "corp.invalid:8080",
                "*",
            ],
        ),
    ] {
        for entry in entries {
            environment.set("NO_PROXY", entry);
            let endpoint = format!("http://{host}:8080");
            assert!(is_sent_directly(&endpoint), "{host} in {entry}");
        }
    }
    assert!(tunnel.lines().is_empty());
    for entry in ["corp.invalid:80", "orp.invalid", "a.corp.invalid", "corp"] {
        environment.set("NO_PROXY", entry);
        assert!(!is_sent_directly(&format!("http://{HOST}:8080")), "{entry}");
    }
    assert_eq!(tunnel.lines().len(), 4);
}

#[test]
fn the_client_shows_the_proxy_of_the_service() {
    let environment = Environment::with(&[("HTTPS_PROXY", "http://me:hunter2@127.0.0.1:3128")]);
    let shown = |endpoint: &str| {
        let client = client(settings_for(endpoint.into()));
        rekognition_core::http::proxy::describe(client.resolved()).map(|proxy| proxy.value)
    };
    let https = format!("https://{HOST}");
    assert_eq!(shown(&https).as_deref(), Some("127.0.0.1:3128"));
    assert_eq!(shown(&format!("http://{HOST}")), None);
    assert_eq!(shown("https://localhost:1"), None);
    environment.set("NO_PROXY", "other.invalid, corp.invalid:443");
    assert_eq!(shown(&https), None);
    assert!(shown(&format!("https://{HOST}:8443")).is_some());
}

#[test]
fn hosts_of_no_proxy_and_this_machine_are_reached_directly() {
    let environment = Environment::with(&[]);
    let emulator = emulator();
    let tunnel = Tunnel::to(1);
    environment.set("HTTP_PROXY", &tunnel.url());
    environment.set("HTTPS_PROXY", &tunnel.url());
    create(&client(settings(&emulator))).unwrap();
    create(&client(Settings {
        endpoint: Some(emulator.url().replace("127.0.0.1", "localhost")),
        ..settings(&emulator)
    }))
    .unwrap();
    assert!(tunnel.lines().is_empty());

    let named = || Settings {
        endpoint: Some("http://rekognition.corp.invalid:8080".into()),
        ..settings(&emulator)
    };
    for variable in ["NO_PROXY", "no_proxy"] {
        for hosts in [
            "rekognition.corp.invalid",
            ".corp.invalid",
            "*.corp.invalid",
            "other, corp.invalid",
            "*",
        ] {
            environment.set(variable, hosts);
            let reason = connection_reason(get(&client(named()), ID).unwrap_err());
            assert!(
                reason.contains("host name was not found"),
                "{hosts}: {reason}"
            );
            environment.unset(variable);
        }
    }
    assert!(tunnel.lines().is_empty());
    get(&client(named()), ID).unwrap_err();
    assert_eq!(tunnel.lines().len(), 1);
}

#[test]
fn metadata_services_are_never_reached_through_a_proxy() {
    let emulator = emulator();
    let tunnel = Tunnel::to(1);
    let metadata = {
        let keys = emulator.temporary_keys(900.0);
        rekognition_peers::metadata_service(move || keys.clone())
    };
    let _environment = Environment::with(&[
        ("HTTP_PROXY", &tunnel.url()),
        ("ALL_PROXY", &tunnel.url()),
        ("AWS_EC2_METADATA_DISABLED", "false"),
        ("AWS_EC2_METADATA_SERVICE_ENDPOINT", &metadata.url()),
    ]);
    create(&client(Settings {
        endpoint: Some(emulator.url()),
        ..base_settings()
    }))
    .unwrap();
    assert!(tunnel.lines().is_empty());
}

#[test]
fn the_proxy_header_of_a_cgi_request_is_ignored() {
    let tunnel = Tunnel::to(1);
    let emulator = emulator();
    let _environment =
        Environment::with(&[("REQUEST_METHOD", "GET"), ("HTTP_PROXY", &tunnel.url())]);
    get(
        &client(Settings {
            endpoint: Some("http://rekognition.corp.invalid:8080".into()),
            ..settings(&emulator)
        }),
        ID,
    )
    .unwrap_err();
    assert!(tunnel.lines().is_empty());
}
