//! The client behind tinyproxy, which requires a password.
#![cfg(target_os = "linux")] // as nss_wrapper is

use rekognition_core::error::Error;
use rekognition_core::secret::Secret;
use rekognition_core::settings::Settings;
use rekognition_peers::{
    assumed_role, base_settings, client, connection_reason, create, emulator, get, settings,
    Authority, Environment, Folder, HttpServer, TlsFront, Validity, ID,
};
use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

/// tinyproxy, to which every host of a test is this machine.
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
        // nss_wrapper replaces the resolver: nothing leaves the machine.
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

    /// Whether its log contains this.
    fn logged(&self, text: &str) -> bool {
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

/// The password is `secret.word`, escaped.
const USER: &str = "me:secret%2Eword@";

#[test]
fn a_proxy_with_a_password_is_used_by_every_setting_and_variable() {
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
    assert!(proxy.logged(&format!("CONNECT {}:{}", HOSTS[0], front.port())));
    // Without a scheme, as curl allows.
    create(&client(given(format!("{USER}127.0.0.1:{}", proxy.port)))).unwrap();

    // tinyproxy responds with 407 to no password and 401 to a wrong one, both in HTTP/1.0.
    for user in ["", "me:wrong@"] {
        let reason = connection_reason(get(&client(given(proxy.url(user))), ID).unwrap_err());
        assert!(reason.contains("may require a user name"), "{reason}");
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

    // Plain HTTP has other variables.
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
fn credential_providers_use_the_proxy_and_the_ca_bundle() {
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
        ..base_settings()
    }))
    .unwrap();
    assert!(proxy.logged(&format!("CONNECT {}:{}", HOSTS[1], sts_front.port())));
    assert!(proxy.logged(&format!("CONNECT {}:{}", HOSTS[0], front.port())));
}
