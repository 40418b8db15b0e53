//! Requests through a proxy, and what happens if it fails.

use rekognition_core::secret::Secret;
use rekognition_core::settings::Settings;
use rekognition_peers::{
    assumed_role, base_settings, client, connection_reason, emulator, get, role_credentials,
    settings, settings_for, Authority, Environment, Folder, HttpServer, RawServer, Request,
    TlsFront, Tunnel, Validity, ID,
};
use std::io::Write;

/// The host of a request, and its first line without the version and the query.
fn host_and_line(request: &Request) -> String {
    let mut headers = request.headers.lines();
    let host = headers.find_map(|header| header.strip_prefix("host: "));
    let line = request.line.split('?').next().unwrap();
    format!("{}: {line}", host.unwrap_or("no host"))
}

#[test]
fn requests_in_a_tunnel_are_the_same_as_without_a_proxy() {
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
    // An expired login.
    folder.write(
        ".aws/sso/cache/ee0bfd2552fbd840c02cc48b6e823320543c450f.json",
        r#"{"accessToken":"old","expiresAt":"2020-01-01T00:00:00Z","refreshToken":"refresh","clientId":"id",
            "clientSecret":"secret","registrationExpiresAt":"2099-01-01T00:00:00Z","region":"us-east-1",
            "startUrl":"https://corp.awsapps.invalid/start"}"#,
    );
    let keys = emulator().temporary_keys(900.0);
    let server = HttpServer::start(move |request| {
        let response = if request.headers.contains(STS) {
            assumed_role(&keys, "AssumeRoleWithWebIdentity")
        } else if request.headers.contains(OIDC) {
            r#"{"accessToken":"new","expiresIn":3600,"tokenType":"Bearer"}"#.into()
        } else if request.headers.contains(SSO) {
            role_credentials(&keys)
        } else {
            "{}".into()
        };
        Some((200, response))
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
    get(&client(base_settings()), ID).unwrap();
    environment.unset("AWS_PROFILE");
    environment.set("AWS_ROLE_ARN", "arn:aws:iam::111122223333:role/x");
    environment.set("AWS_WEB_IDENTITY_TOKEN_FILE", &token);
    get(&client(base_settings()), ID).unwrap();
    let seen: Vec<_> = server.requests().iter().map(host_and_line).collect();
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
fn the_user_of_a_proxy_needs_no_password() {
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
fn the_error_about_a_proxy_says_why_it_refused_the_connection() {
    let _environment = Environment::with(&[]);
    for (response, expected) in [
        (
            "HTTP/1.1 407 Proxy Authentication Required\r\n\r\n",
            "requires a user name and password",
        ),
        ("HTTP/1.1 403 Forbidden\r\n\r\n", "block this host"),
        ("SSH-2.0-OpenSSH_9.2\r\n\r\n", "not be a proxy"),
    ] {
        let proxy = RawServer::start("127.0.0.1:0", move |stream, _| {
            let _ = stream.write_all(response.as_bytes());
            false
        });
        let client = client(Settings {
            proxy: Some(Secret::new(proxy.url())),
            ..settings_for(format!("https://{}", "rekognition.us-east-1.amazonaws.com"))
        });
        let reason = connection_reason(get(&client, ID).unwrap_err());
        assert!(reason.contains(expected), "{reason}");
    }
}

#[test]
fn the_error_about_a_missing_proxy_differs_from_that_about_a_missing_server() {
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
