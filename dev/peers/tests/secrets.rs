//! The error of a failed source of credentials contains no secret, wherever the secret was.

use rekognition_core::call::log::Level;
use rekognition_core::error::Error;
use rekognition_core::settings::Settings;
use rekognition_peers::{
    base_settings, client, emulator, get, start_get, Environment, Folder, HttpServer, ID,
};
use std::time::Duration;

/// A secret that must not be shown.
const SECRET: &str = "s3cr3t-MARKER";

/// Why there are no credentials. Neither the error nor the debug log may contain the secret.
fn reason(given: Settings) -> String {
    let emulator = emulator();
    let client = client(Settings {
        endpoint: Some(emulator.url()),
        ..given
    });
    let mut call = start_get(&client, ID, Level::Debug).unwrap();
    let failed = call.wait(Duration::from_secs(60)).unwrap().unwrap_err();
    let log = call.take_log().join("\n");
    assert!(log.contains("credentials"), "{log}");
    for text in [format!("{failed:?}"), log] {
        assert!(!text.contains("MARKER"), "{text}");
    }
    assert!(emulator.requests().is_empty());
    match failed {
        Error::Credentials { reason } => reason,
        other => panic!("{other:?}"),
    }
}

/// A service that refuses each request and repeats it, secrets included.
fn parrot(more: &'static str) -> HttpServer {
    HttpServer::start(move |request| {
        let all = format!("{} {} {}", request.line, request.headers, request.body);
        let text: String = all.chars().filter(|c| !"<>&\"\\\n".contains(*c)).collect();
        Some((
            400,
            format!(
                "<ErrorResponse><Error><Code>Bad</Code><Message>{text} {more}</Message></Error></ErrorResponse>"
            ),
        ))
    })
}

#[test]
fn the_token_of_a_container_is_sent_without_its_line_break() {
    let folder = Folder::new("echo");
    let file = folder.write("token", &format!("Basic {SECRET}\n"));
    let agent = HttpServer::start(|_| Some((404, SECRET.into())));
    let variable = format!("Basic {SECRET}\r\n");
    for (name, value) in [
        ("AWS_CONTAINER_AUTHORIZATION_TOKEN", variable.as_str()),
        ("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", file.as_str()),
    ] {
        let _environment = Environment::with(&[
            ("AWS_CONTAINER_CREDENTIALS_FULL_URI", &agent.url()),
            (name, value),
        ]);
        assert!(reason(base_settings()).contains("HTTP 404"));
    }
    let sent = format!("authorization: Basic {SECRET}\n");
    assert!(agent
        .requests()
        .iter()
        .all(|seen| seen.headers.contains(&sent)));
}

#[test]
fn a_container_token_that_no_header_can_contain_is_not_quoted() {
    let agent = HttpServer::start(|_| None);
    let folder = Folder::new("odd");
    let value = format!("Basic {SECRET}\nx: {SECRET}");
    let file = folder.write("token", &value);
    for (name, value, words) in [
        (
            "AWS_CONTAINER_AUTHORIZATION_TOKEN",
            value.as_str(),
            "line break",
        ),
        (
            "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE",
            &file,
            "line break",
        ),
        // The token itself instead of the path of its file.
        (
            "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE",
            SECRET,
            "cannot be read",
        ),
        (
            "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE",
            "/dev/zero",
            "regular file",
        ),
    ] {
        let _environment = Environment::with(&[
            ("AWS_CONTAINER_CREDENTIALS_FULL_URI", &agent.url()),
            (name, value),
        ]);
        let reason = reason(base_settings());
        assert!(reason.contains(name) && reason.contains(words), "{reason}");
    }
    assert!(agent.requests().is_empty());
}

#[test]
fn the_response_of_a_container_agent_is_not_quoted() {
    for body in [
        SECRET.to_owned(),
        format!(r#"{{"Code":"{SECRET}","Message":"{SECRET}"}}"#),
        format!(r#"{{"AccessKeyId":"A","SecretAccessKey":"{SECRET}","Expiration":"{SECRET}"}}"#),
        format!(r#"{{"SecretAccessKey":"{SECRET}"}}"#),
    ] {
        let agent = HttpServer::start(move |_| Some((200, body.clone())));
        let with_password = agent
            .url()
            .replace("http://", &format!("http://me:{SECRET}@"));
        for url in [&agent.url(), &with_password] {
            let _environment = Environment::with(&[("AWS_CONTAINER_CREDENTIALS_FULL_URI", url)]);
            assert!(reason(base_settings()).contains("returned no credentials"));
        }
    }
    let _environment = Environment::with(&[(
        "AWS_CONTAINER_CREDENTIALS_FULL_URI",
        &format!("http://{SECRET}.invalid/"),
    )]);
    reason(base_settings());
}

#[test]
fn the_output_of_a_process_is_not_quoted_but_its_status_is() {
    let folder = Folder::new("process");
    let keys = |more: &str| {
        format!(
            r#"{{"Version":1,"AccessKeyId":"A","SecretAccessKey":"{SECRET}","SessionToken":"{SECRET}"{more}}}"#
        )
    };
    for (script, words) in [
        (
            format!("echo {SECRET}; echo {SECRET} >&2; exit 3"),
            "exit status: 3",
        ),
        (
            format!("echo 'could not parse {SECRET}' >&2; kill -9 $$"),
            "exit status: 137",
        ),
        (format!("echo {SECRET}"), "did not print"),
        (format!("printf '\\377{SECRET}'"), "did not print"),
        (
            format!("echo '{}'", keys(&format!(r#","Expiration":"{SECRET}""#))),
            "did not print",
        ),
        (
            format!("echo '{{\"SecretAccessKey\":\"{SECRET}\",,'"),
            "did not print",
        ),
        (
            format!("echo '{}' | sed 's/:1/:\"{SECRET}\"/'", keys("")),
            "did not print",
        ),
    ] {
        let script = folder.write("keys.sh", &format!("{script}\n"));
        for config in [
            format!("[default]\ncredential_process = sh {script} {SECRET}\n"),
            // As the source of a role.
            format!(
                "[default]\nrole_arn = arn:aws:iam::111122223333:role/x\nsource_profile = base\n\
                 [profile base]\ncredential_process = sh {script} {SECRET}\n"
            ),
        ] {
            let config = folder.write("config", &config);
            let _environment = Environment::with(&[("AWS_CONFIG_FILE", &config)]);
            let reason = reason(base_settings());
            assert!(
                reason.contains(words) && reason.contains("run it in a terminal"),
                "{reason}"
            );
        }
    }
}

#[test]
fn a_service_that_repeats_its_request_is_quoted_without_secrets() {
    let folder = Folder::new("parrot");
    let service = parrot(SECRET);
    let token = folder.write("token", &format!("{SECRET}\n"));
    let keys = format!(
        "aws_access_key_id = A\naws_secret_access_key = {SECRET}\naws_session_token = {SECRET}\n"
    );
    let role = "role_arn = arn:aws:iam::111122223333:role/x\n";
    let configs = [
        format!("[default]\n{role}source_profile = base\n[profile base]\n{keys}"),
        format!("[default]\n{role}web_identity_token_file = {token} # note\n"),
        format!("[default]\n{role}credential_source = Environment\n"),
        "[default]\nsso_session = corp\nsso_account_id = 1\nsso_role_name = R\n[sso-session corp]\n\
         sso_region = us-east-1\nsso_start_url = https://corp.invalid/\n\
         sso_registration_scopes = sso:account:access\n"
            .to_owned(),
    ];
    folder.write(
        ".aws/sso/cache/ee0bfd2552fbd840c02cc48b6e823320543c450f.json",
        &format!(
            r#"{{"accessToken":"{SECRET}","expiresAt":"2099-01-01T00:00:00Z","refreshToken":"{SECRET}","clientSecret":"{SECRET}"}}"#
        ),
    );
    for config in configs {
        let path = folder.write("config", &config);
        let url = service.url();
        let environment = Environment::with(&[
            ("AWS_CONFIG_FILE", &path),
            ("AWS_ENDPOINT_URL_STS", &url),
            ("AWS_ENDPOINT_URL_SSO", &url),
            ("AWS_ENDPOINT_URL_SSO_OIDC", &url),
            ("HOME", folder.path().to_str().unwrap()),
        ]);
        if config.contains("Environment") {
            environment.set("AWS_SECRET_ACCESS_KEY", SECRET);
            environment.set("AWS_SESSION_TOKEN", SECRET);
        }
        reason(Settings {
            profile: Some("default".into()),
            ..base_settings()
        });
    }
    let _environment = Environment::with(&[
        ("AWS_ENDPOINT_URL_STS", &service.url()),
        ("AWS_ROLE_ARN", "arn:aws:iam::111122223333:role/x"),
        ("AWS_WEB_IDENTITY_TOKEN_FILE", &token),
    ]);
    reason(base_settings());
    assert!(service.requests().len() >= 4);
}

#[test]
fn a_token_from_the_source_of_a_role_is_not_quoted() {
    let folder = Folder::new("chain");
    let service = parrot("");
    let token = "MARKER+/".repeat(20);
    let json = format!(
        r#"{{"Version":1,"AccessKeyId":"A","SecretAccessKey":"s","SessionToken":"{token}"}}"#
    );
    let json = folder.write("keys.json", &json);
    let config = folder.write(
        "config",
        &format!(
            "[default]\nrole_arn = arn:aws:iam::111122223333:role/x\nsource_profile = base\n\
             [profile base]\ncredential_process = cat {json}\n"
        ),
    );
    let _environment = Environment::with(&[
        ("AWS_CONFIG_FILE", &config),
        ("AWS_ENDPOINT_URL_STS", &service.url()),
    ]);
    reason(base_settings());
    assert!(service.requests()[0].headers.contains(&token));
}

#[test]
fn a_container_named_by_a_profile_is_not_quoted() {
    let folder = Folder::new("named");
    let config = folder.write(
        "config",
        "[default]\nrole_arn = arn:aws:iam::111122223333:role/x\ncredential_source = EcsContainer\n",
    );
    let agent = HttpServer::start(|_| Some((403, SECRET.into())));
    let far = format!("http://me:{SECRET}@10.0.0.1:1/path?t={SECRET}");
    for (url, words) in [(agent.url(), "HTTP 403"), (far, "use https")] {
        let _environment = Environment::with(&[
            ("AWS_CONFIG_FILE", &config),
            ("AWS_CONTAINER_CREDENTIALS_FULL_URI", &url),
            ("AWS_CONTAINER_AUTHORIZATION_TOKEN", &format!("{SECRET}\n")),
        ]);
        let reason = reason(base_settings());
        assert!(reason.contains(words), "{reason}");
    }
    let sent = format!("authorization: {SECRET}\n");
    assert!(agent.requests()[0].headers.contains(&sent));
}

#[test]
fn keys_that_no_request_can_contain_are_a_credentials_error() {
    let folder = Folder::new("way");
    let json = r#"{"Version":1,"AccessKeyId":"A\nB","SecretAccessKey":"s"}"#;
    let json = folder.write("keys.json", json);
    let config = folder.write(
        "config",
        &format!(
            "[default]\nrole_arn = arn:aws:iam::111122223333:role/x\nsource_profile = base\n\
             [profile base]\ncredential_process = cat {json}\n"
        ),
    );
    let _environment = Environment::with(&[("AWS_CONFIG_FILE", &config)]);
    let reason = reason(base_settings());
    assert!(reason.contains("no request can contain"), "{reason}");
}

#[test]
fn a_metadata_service_that_repeats_a_secret_is_quoted_without_it() {
    let service = HttpServer::start(|request| {
        Some(match request.line.as_str() {
            "PUT /latest/api/token" => (200, SECRET.into()),
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
    reason(base_settings());
}

#[test]
fn shared_files_that_cannot_be_read_are_not_quoted() {
    let folder = Folder::new("files");
    for text in [
        format!("[default]\naws_secret_access_key {SECRET}\n"),
        format!("aws_secret_access_key = {SECRET}\n"),
        format!("[default\naws_secret_access_key = {SECRET}\n"),
        format!("[default]\naws_secret_access_key =\n {SECRET}\n"),
        format!("[default]\ncredential_source = {SECRET}\nrole_arn = x\n"),
    ] {
        let credentials = folder.write("credentials", &text);
        let _environment = Environment::with(&[
            ("AWS_SHARED_CREDENTIALS_FILE", &credentials),
            ("AWS_CONFIG_FILE", &credentials),
        ]);
        let made = rekognition_core::settings::resolve::Resolved::new(Settings {
            endpoint: Some("http://127.0.0.1:1".into()),
            ..base_settings()
        });
        let shown = match made {
            Err(error) => format!("{error:?}"),
            Ok(resolved) => format!(
                "{:?}",
                get(&rekognition_core::Client::new(resolved), ID).map(drop)
            ),
        };
        if !text.contains("credential_source") {
            assert!(!shown.contains("MARKER"), "{shown}");
        }
    }
}
