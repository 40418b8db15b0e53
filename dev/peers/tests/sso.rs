//! Credentials from IAM Identity Center.

use rekognition_core::error::Error;
use rekognition_peers::{
    assert_signed_with, client, default_chain_error, emulator, get, role_credentials,
    settings_without_keys, Environment, Folder, HttpServer, ID,
};

const LOGIN: &str = ".aws/sso/cache/ee0bfd2552fbd840c02cc48b6e823320543c450f.json";

#[test]
fn a_login_of_the_aws_cli_is_used() {
    let folder = Folder::new("sso");
    let emulator = emulator();
    let keys = emulator.temporary_keys(900.0);
    let response = role_credentials(&keys);
    let sso = HttpServer::start(move |_| Some((200, response.clone())));
    let config = folder.write(
        "config",
        "[profile sso]\nsso_session = corp\nsso_account_id = 111122223333\nsso_role_name = Reviewer\n\
         [sso-session corp]\nsso_region = us-east-1\nsso_start_url = https://corp.awsapps.invalid/start\n\
         sso_registration_scopes = sso:account:access\n",
    );
    let environment = Environment::with(&[
        ("AWS_CONFIG_FILE", &config),
        ("AWS_ENDPOINT_URL_SSO", &sso.url()),
        ("HOME", folder.path().to_str().unwrap()),
    ]);
    environment.set("AWS_PROFILE", "sso");
    match get(&client(settings_without_keys(&emulator)), ID) {
        Err(Error::Credentials { reason }) => {
            assert!(reason.contains("aws sso login --profile sso"), "{reason}")
        }
        other => panic!("{other:?}"),
    }
    // The AWS CLI names the file of a login by the SHA-1 of the session's name.
    folder.write(
        ".aws/sso/cache/ee0bfd2552fbd840c02cc48b6e823320543c450f.json",
        r#"{"accessToken":"the-token","expiresAt":"2099-01-01T00:00:00Z","region":"us-east-1","startUrl":"https://corp.awsapps.invalid/start"}"#,
    );
    assert_signed_with(
        &client(settings_without_keys(&emulator)),
        &emulator,
        &keys.access_key_id,
    );
    let seen = sso.requests();
    assert!(seen[0].line.contains("role_name=Reviewer"), "{seen:?}");
    assert!(seen[0]
        .headers
        .contains("x-amz-sso_bearer_token: the-token"));
}

#[test]
fn the_error_about_an_invalid_login_names_the_command_to_log_in() {
    let folder = Folder::new("sso-login");
    let config = folder.write(
        "config",
        "[profile sso]\nsso_session = corp\nsso_account_id = 111122223333\nsso_role_name = Reviewer\n\
         [sso-session corp]\nsso_region = us-east-1\nsso_start_url = https://corp.awsapps.invalid/start\n",
    );
    let portal = HttpServer::start(|_| {
        Some((
            401,
            r#"{"message":"Session token not found or invalid"}"#.into(),
        ))
    });
    let _environment = Environment::with(&[
        ("AWS_CONFIG_FILE", &config),
        ("AWS_PROFILE", "sso"),
        ("AWS_ENDPOINT_URL_SSO", &portal.url()),
        ("HOME", folder.path().to_str().unwrap()),
    ]);
    for (login, problem) in [
        (None, "has no cached login"),
        (Some("{"), "not a JSON object"),
        (Some("{}"), "has an incomplete cached login"),
        (
            Some(r#"{"accessToken":"t","expiresAt":"soon"}"#),
            "expiresAt is not a valid time",
        ),
        (
            Some(r#"{"accessToken":"t","expiresAt":"2020-01-01T00:00:00UTC"}"#),
            "has an expired cached login",
        ),
        (
            Some(r#"{"accessToken":"t","expiresAt":"2099-01-01T00:00:00Z"}"#),
            "rejects the cached login",
        ),
    ] {
        if let Some(login) = login {
            folder.write(LOGIN, login);
        }
        let reason = default_chain_error();
        assert!(reason.contains(problem), "{login:?}: {reason}");
        assert!(reason.contains("`aws sso login --profile sso`"), "{reason}");
    }
    assert_eq!(portal.requests().len(), 1);
}

#[test]
fn a_client_without_a_login_uses_a_new_one() {
    let folder = Folder::new("sso-again");
    let emulator = emulator();
    let keys = emulator.temporary_keys(900.0);
    let response = role_credentials(&keys);
    let sso = HttpServer::start(move |_| Some((200, response.clone())));
    let config = folder.write(
        "config",
        "[default]\nsso_session = corp\nsso_account_id = 111122223333\nsso_role_name = Reviewer\n\
         [sso-session corp]\nsso_region = us-east-1\nsso_start_url = https://corp.awsapps.invalid/start\n",
    );
    let _environment = Environment::with(&[
        ("AWS_CONFIG_FILE", &config),
        ("AWS_ENDPOINT_URL_SSO", &sso.url()),
        ("HOME", folder.path().to_str().unwrap()),
    ]);
    let client = client(settings_without_keys(&emulator));
    let login = |expires: &str| {
        format!(r#"{{"accessToken":"t-{expires}","expiresAt":"{expires}-01-01T00:00:00+00:00"}}"#)
    };
    folder.write(LOGIN, &login("2020"));
    get(&client, ID).unwrap_err();
    folder.write(LOGIN, &login("2099"));
    assert_signed_with(&client, &emulator, &keys.access_key_id);
    let seen = sso.requests();
    assert_eq!(seen.len(), 1);
    assert!(seen[0].headers.contains("x-amz-sso_bearer_token: t-2099"));
}

#[test]
fn an_expired_login_is_renewed_and_cached() {
    let folder = Folder::new("sso-renewed");
    let emulator = emulator();
    let keys = emulator.temporary_keys(900.0);
    let response = role_credentials(&keys);
    let sso = HttpServer::start(move |request| {
        let token = r#"{"accessToken":"new-token","expiresIn":3600,"refreshToken":"next","tokenType":"Bearer"}"#;
        Some(if request.line.starts_with("POST /token") {
            (200, token.into())
        } else {
            (200, response.clone())
        })
    });
    let config = folder.write(
        "config",
        "[default]\nsso_session = corp\nsso_account_id = 111122223333\nsso_role_name = Reviewer\n\
         [sso-session corp]\nsso_region = us-east-1\nsso_start_url = https://corp.awsapps.invalid/start\n",
    );
    let login = folder.write(
        LOGIN,
        r#"{"startUrl":"https://corp.awsapps.invalid/start","accessToken":"old-token","expiresAt":"2020-01-01T00:00:00Z","clientId":"id","clientSecret":"client-secret","registrationExpiresAt":"2099-01-01T00:00:00Z","refreshToken":"first"}"#,
    );
    let _environment = Environment::with(&[
        ("AWS_CONFIG_FILE", &config),
        ("AWS_ENDPOINT_URL_SSO", &sso.url()),
        ("AWS_ENDPOINT_URL_SSO_OIDC", &sso.url()),
        ("HOME", folder.path().to_str().unwrap()),
    ]);
    assert_signed_with(
        &client(settings_without_keys(&emulator)),
        &emulator,
        &keys.access_key_id,
    );
    assert_signed_with(
        &client(settings_without_keys(&emulator)),
        &emulator,
        &keys.access_key_id,
    );
    let seen = sso.requests();
    assert_eq!(seen.len(), 3, "{seen:?}");
    assert!(
        seen[0].body.contains(r#""refreshToken":"first""#),
        "{seen:?}"
    );
    for request in &seen[1..] {
        assert!(request
            .headers
            .contains("x-amz-sso_bearer_token: new-token"));
    }
    let cached = std::fs::read_to_string(&login).unwrap();
    for part in ["new-token", "next", "client-secret", "startUrl"] {
        assert!(cached.contains(part), "{cached}");
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = std::fs::metadata(&login).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
}
