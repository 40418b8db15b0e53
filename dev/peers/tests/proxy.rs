//! Proxies: tinyproxy, which demands a password, and a tunnel that leads to one place.
#![cfg(target_os = "linux")] // nss_wrapper is

use rekognition_core::error::Error;
use rekognition_core::secret::Secret;
use rekognition_core::settings::Settings;
use rekognition_peers::{
    assumed_role, bare, client, connection_reason, create, emulator, get, keys, role_credentials,
    settings, settings_for, Authority, Environment, Folder, HttpServer, RawServer, Seen, TlsFront,
    Tunnel, Validity, ID,
};
use std::io::Write;
use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

/// tinyproxy, for which every host that a test names is this machine.
struct Tinyproxy {
    process: Child,
    port: u16,
    log: PathBuf,
    _folder: Folder,
}

const HOSTS: [&str; 3] = [
    "rekognition.us-east-1.amazonaws.com",
    "sts.us-east-1.amazonaws.com",
    "plain.invalid",
];

impl Tinyproxy {
    fn start(name: &str) -> Self {
        let folder = Folder::new(name);
        let port = TcpListener::bind("127.0.0.1:0")
            .unwrap()
            .local_addr()
            .unwrap()
            .port();
        let log = folder.path().join("log");
        let config = folder.write(
            "tinyproxy.conf",
            &format!(
                "Port {port}\nListen 127.0.0.1\nLogFile \"{}\"\nLogLevel Connect\nBasicAuth me secret.word\n",
                log.display()
            ),
        );
        let hosts = folder.write(
            "hosts",
            &HOSTS.map(|host| format!("127.0.0.1 {host}\n")).concat(),
        );
        // nss_wrapper answers for the resolver: nothing leaves the machine.
        let process = Command::new("tinyproxy")
            .args(["-d", "-c", &config])
            .env("LD_PRELOAD", "libnss_wrapper.so")
            .env("NSS_WRAPPER_HOSTS", hosts)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("tinyproxy is needed: make deps installs it");
        let mut tries = 0;
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            tries += 1;
            assert!(tries < 500, "tinyproxy does not listen");
            std::thread::sleep(Duration::from_millis(10));
        }
        Tinyproxy {
            process,
            port,
            log,
            _folder: folder,
        }
    }

    fn url(&self, user: &str) -> String {
        format!("http://{user}127.0.0.1:{}", self.port)
    }

    /// Whether its log has this.
    fn saw(&self, text: &str) -> bool {
        std::fs::read_to_string(&self.log)
            .unwrap_or_default()
            .contains(text)
    }
}

impl Drop for Tinyproxy {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// As a URL may have it: the password is `secret.word`.
const USER: &str = "me:secret%2Eword@";

#[test]
fn tinyproxy_lets_through_who_has_the_password() {
    let environment = Environment::with(&[]);
    let folder = Folder::new("password");
    let authority = Authority::new("Private CA");
    let bundle = folder.write("ca.pem", &authority.pem);
    let proxy = Tinyproxy::start("tinyproxy");
    let emulator = emulator();
    let front = TlsFront::start(authority.sign(&HOSTS, Validity::Now), &emulator.url());
    let https = || Settings {
        endpoint: Some(front.url(HOSTS[0])),
        ca_bundle: Some(bundle.clone().into()),
        ..settings(&emulator)
    };
    let given = |url: String| Settings {
        proxy: Some(Secret::new(url)),
        ..https()
    };
    create(&client(given(proxy.url(USER)))).unwrap();
    assert!(proxy.saw(&format!("CONNECT {}:{}", HOSTS[0], front.port())));
    // Without a scheme, as curl takes it.
    create(&client(given(format!("{USER}127.0.0.1:{}", proxy.port)))).unwrap();

    // tinyproxy answers 407 to who names nobody, and 401 to who is wrong, both in HTTP/1.0.
    for user in ["", "me:wrong@"] {
        let reason = connection_reason(get(&client(given(proxy.url(user))), ID).unwrap_err());
        assert!(reason.contains("may want a user name"), "{reason}");
        assert!(!reason.contains("wrong"), "{reason}");
    }

    for variable in ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"] {
        environment.set(variable, &proxy.url(USER));
        create(&client(https())).unwrap();
        environment.set(variable, &proxy.url("me:wrong@"));
        let reason = connection_reason(get(&client(https()), ID).unwrap_err());
        assert!(reason.contains(variable), "{reason}");
        environment.unset(variable);
    }

    // Plain HTTP goes through the other variables.
    let plain = || Settings {
        endpoint: Some(emulator.url().replace("127.0.0.1", HOSTS[2])),
        ..settings(&emulator)
    };
    for variable in ["HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"] {
        environment.set(variable, &proxy.url(USER));
        create(&client(plain())).unwrap();
        environment.unset(variable);
    }
    create(&client(Settings {
        proxy: Some(Secret::new(proxy.url(USER))),
        ..plain()
    }))
    .unwrap();
    environment.set("HTTP_PROXY", &proxy.url(""));
    match get(&client(plain()), ID) {
        Err(Error::Service(error)) => assert_eq!((error.status, error.code), (407, None)),
        other => panic!("{other:?}"),
    }
}

#[test]
fn credential_providers_use_the_proxy_and_the_bundle_too() {
    let folder = Folder::new("sts");
    let token = folder.write("token", "web-identity-token");
    let authority = Authority::new("Private CA");
    let bundle = folder.write("ca.pem", &authority.pem);
    let proxy = Tinyproxy::start("tinyproxy-sts");
    let emulator = emulator();
    let keys = emulator.temporary_keys(900.0);
    let sts =
        HttpServer::start(move |_| Some((200, assumed_role(&keys, "AssumeRoleWithWebIdentity"))));
    let sts_front = TlsFront::start(authority.sign(&HOSTS, Validity::Now), &sts.url());
    let front = TlsFront::start(authority.sign(&HOSTS, Validity::Now), &emulator.url());
    let _environment = Environment::with(&[
        ("HTTPS_PROXY", &proxy.url(USER)),
        ("AWS_CA_BUNDLE", &bundle),
        ("AWS_ENDPOINT_URL_STS", &sts_front.url(HOSTS[1])),
        ("AWS_ROLE_ARN", "arn:aws:iam::111122223333:role/x"),
        ("AWS_WEB_IDENTITY_TOKEN_FILE", &token),
    ]);
    create(&client(Settings {
        endpoint: Some(front.url(HOSTS[0])),
        ..bare()
    }))
    .unwrap();
    assert!(proxy.saw(&format!("CONNECT {}:{}", HOSTS[1], sts_front.port())));
    assert!(proxy.saw(&format!("CONNECT {}:{}", HOSTS[0], front.port())));
}

/// The host of a request, and its first line without the version and the query.
fn host_and_line(request: &Seen) -> String {
    let mut headers = request.headers.lines();
    let host = headers.find_map(|header| header.strip_prefix("host: "));
    let line = request.line.split('?').next().unwrap();
    format!("{}: {line}", host.unwrap_or("no host"))
}

#[test]
fn inside_a_tunnel_requests_are_as_without_a_proxy() {
    const SERVICE: &str = "rekognition.us-east-1.amazonaws.com";
    const STS: &str = "sts.us-east-1.amazonaws.com";
    const SSO: &str = "portal.sso.us-east-1.amazonaws.com";
    const OIDC: &str = "oidc.us-east-1.amazonaws.com";
    let folder = Folder::new("inside");
    let authority = Authority::new("Private CA");
    let bundle = folder.write("ca.pem", &authority.pem);
    let token = folder.write("token", "web-identity-token");
    let config = folder.write(
        "config",
        "[profile sso]\nsso_session = corp\nsso_account_id = 111122223333\nsso_role_name = Reviewer\n\
         [sso-session corp]\nsso_region = us-east-1\nsso_start_url = https://corp.awsapps.invalid/start\n\
         sso_registration_scopes = sso:account:access\n",
    );
    // A login that has to be renewed.
    folder.write(
        ".aws/sso/cache/ee0bfd2552fbd840c02cc48b6e823320543c450f.json",
        r#"{"accessToken":"old","expiresAt":"2020-01-01T00:00:00Z","refreshToken":"refresh","clientId":"id",
            "clientSecret":"secret","registrationExpiresAt":"2099-01-01T00:00:00Z","region":"us-east-1",
            "startUrl":"https://corp.awsapps.invalid/start"}"#,
    );
    let keys = emulator().temporary_keys(900.0);
    let server = HttpServer::start(move |request| {
        let answer = if request.headers.contains(STS) {
            assumed_role(&keys, "AssumeRoleWithWebIdentity")
        } else if request.headers.contains(OIDC) {
            r#"{"accessToken":"new","expiresIn":3600,"tokenType":"Bearer"}"#.into()
        } else if request.headers.contains(SSO) {
            role_credentials(&keys)
        } else {
            "{}".into()
        };
        Some((200, answer))
    });
    let certificate = authority.sign(&[SERVICE, STS, SSO, OIDC], Validity::Now);
    let front = TlsFront::start(certificate, &server.url());
    let tunnel = Tunnel::to(front.port());
    let environment = Environment::with(&[
        ("HTTPS_PROXY", &tunnel.url()),
        ("AWS_CA_BUNDLE", &bundle),
        ("AWS_CONFIG_FILE", &config),
        ("AWS_PROFILE", "sso"),
        ("HOME", folder.path().to_str().unwrap()),
    ]);
    get(&client(bare()), ID).unwrap();
    environment.unset("AWS_PROFILE");
    environment.set("AWS_ROLE_ARN", "arn:aws:iam::111122223333:role/x");
    environment.set("AWS_WEB_IDENTITY_TOKEN_FILE", &token);
    get(&client(bare()), ID).unwrap();
    let seen: Vec<_> = server.seen().iter().map(host_and_line).collect();
    assert_eq!(
        seen,
        [
            format!("{OIDC}: POST /token"),
            format!("{SSO}: GET /federation/credentials"),
            format!("{SERVICE}: POST /"),
            format!("{STS}: POST /"),
            format!("{SERVICE}: POST /"),
        ]
    );
    assert_eq!(tunnel.lines().len(), seen.len());
}

#[test]
fn a_proxy_s_user_needs_no_password() {
    let _environment = Environment::with(&[]);
    let tunnel = Tunnel::to(1);
    for (endpoint, scheme) in [
        ("https://rekognition.corp.invalid", "http"),
        ("http://rekognition.corp.invalid", "HTTP"),
    ] {
        let proxy = tunnel.url().replace("http://", &format!("{scheme}://me@"));
        let client = client(Settings {
            proxy: Some(Secret::new(proxy)),
            ..settings_for(endpoint.into())
        });
        get(&client, ID).unwrap_err();
    }
    let heads = tunnel.heads();
    assert_eq!(heads.len(), 2);
    for head in heads {
        let header = "proxy-authorization: basic bwu6\r\n"; // me:
        assert!(head.to_lowercase().contains(header), "{head}");
    }
}

#[test]
fn what_a_proxy_answers_is_told_in_words() {
    let _environment = Environment::with(&[]);
    for (answer, words) in [
        (
            "HTTP/1.1 407 Proxy Authentication Required\r\n\r\n",
            "demands a user name and password",
        ),
        ("HTTP/1.1 403 Forbidden\r\n\r\n", "forbid this host"),
        ("SSH-2.0-OpenSSH_9.2\r\n\r\n", "be no proxy at all"),
    ] {
        let proxy = RawServer::start("127.0.0.1:0", move |stream, _| {
            let _ = stream.write_all(answer.as_bytes());
            false
        });
        let client = client(Settings {
            proxy: Some(Secret::new(proxy.url())),
            ..settings_for(format!("https://{}", HOSTS[0]))
        });
        let reason = connection_reason(get(&client, ID).unwrap_err());
        assert!(reason.contains(words), "{reason}");
    }
}

#[test]
fn the_endpoint_s_host_follows_region_fips_and_dual_stack() {
    let _environment = Environment::with(&[]);
    let folder = Folder::new("endpoints");
    let authority = Authority::new("Private CA");
    let bundle = folder.write("ca.pem", &authority.pem);
    let emulator = emulator();
    for (region, use_fips, use_dualstack, host) in [
        (
            "us-east-1",
            false,
            false,
            "rekognition.us-east-1.amazonaws.com",
        ),
        (
            "us-east-1",
            true,
            false,
            "rekognition-fips.us-east-1.amazonaws.com",
        ),
        ("us-east-1", false, true, "rekognition.us-east-1.api.aws"),
        (
            "us-east-1",
            true,
            true,
            "rekognition-fips.us-east-1.api.aws",
        ),
        (
            "eu-west-1",
            false,
            false,
            "rekognition.eu-west-1.amazonaws.com",
        ),
        (
            "cn-north-1",
            false,
            false,
            "rekognition.cn-north-1.amazonaws.com.cn",
        ),
    ] {
        let front = TlsFront::start(authority.sign(&[host], Validity::Now), &emulator.url());
        let tunnel = Tunnel::to(front.port());
        let client = client(Settings {
            region: Some(region.into()),
            keys: Some(keys(&emulator)),
            ca_bundle: Some(bundle.clone().into()),
            proxy: Some(Secret::new(tunnel.url())),
            use_fips: Some(use_fips),
            use_dualstack: Some(use_dualstack),
            ..bare()
        });
        match get(&client, ID) {
            // The emulator wants another region than some are signed for.
            Err(Error::Service(_)) => {}
            other => panic!("{other:?}"),
        }
        assert_eq!(tunnel.lines(), [format!("CONNECT {host}:443 HTTP/1.1")]);
        assert_eq!(
            client.resolved().describe_endpoint(),
            Some(format!("https://{host}"))
        );
    }
}

#[test]
fn with_use_fips_no_role_comes_from_an_endpoint_that_is_not_fips() {
    const FIPS: &str = "sts-fips.us-east-1.amazonaws.com";
    let folder = Folder::new("fips");
    let token = folder.write("token", "web-identity-token");
    let authority = Authority::new("Private CA");
    let bundle = folder.write("ca.pem", &authority.pem);
    let keys = emulator().temporary_keys(900.0);
    let sts =
        HttpServer::start(move |_| Some((200, assumed_role(&keys, "AssumeRoleWithWebIdentity"))));
    let front = TlsFront::start(authority.sign(&[FIPS], Validity::Now), &sts.url());
    let tunnel = Tunnel::to(front.port());
    let environment = Environment::with(&[
        ("HTTPS_PROXY", &tunnel.url()),
        ("AWS_CA_BUNDLE", &bundle),
        ("AWS_ROLE_ARN", "arn:aws:iam::111122223333:role/x"),
        ("AWS_WEB_IDENTITY_TOKEN_FILE", &token),
    ]);
    let role = || {
        client(Settings {
            region: Some("us-east-1".into()),
            use_fips: Some(true),
            max_retries: Some(0),
            ..bare()
        })
    };
    match get(&role(), ID) {
        Err(Error::Credentials { reason }) => assert!(
            reason.contains("sts.us-east-1.amazonaws.com is no FIPS endpoint"),
            "{reason}"
        ),
        other => panic!("{other:?}"),
    }
    assert!(tunnel.lines().is_empty());

    environment.set("AWS_ENDPOINT_URL_STS", &format!("https://{FIPS}"));
    // The certificate is the role's endpoint's: the service's own is not reached.
    get(&role(), ID).unwrap_err();
    assert_eq!(
        tunnel.lines(),
        [FIPS, "rekognition-fips.us-east-1.amazonaws.com"]
            .map(|host| format!("CONNECT {host}:443 HTTP/1.1"))
    );
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
fn metadata_services_are_never_asked_through_a_proxy() {
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
        ..bare()
    }))
    .unwrap();
    assert!(tunnel.lines().is_empty());
}

#[test]
fn the_header_proxy_of_a_cgi_request_chooses_no_proxy() {
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

#[test]
fn a_proxy_that_is_not_there_is_told_from_a_server_that_is_not_there() {
    let _environment = Environment::with(&[]);
    let emulator = emulator();
    let client = client(Settings {
        endpoint: Some("https://rekognition.corp.invalid".into()),
        proxy: Some(Secret::new("http://me:hunter2@127.0.0.1:1".into())),
        ..settings(&emulator)
    });
    let reason = connection_reason(get(&client, ID).unwrap_err());
    assert!(reason.contains("proxy cannot be reached"), "{reason}");
    assert!(!reason.contains("hunter2"), "{reason}");
    for (host, is_named) in [("rekognition.corp.invalid", true), ("127.0.0.1", false)] {
        let plain = rekognition_peers::client(Settings {
            endpoint: Some(format!("http://{host}:1")),
            proxy: Some(Secret::new("http://me:hunter2@127.0.0.1:1".into())),
            ..settings(&emulator)
        });
        let reason = connection_reason(get(&plain, ID).unwrap_err());
        assert_eq!(reason.contains("(proxy from"), is_named, "{reason}");
    }
}
