//! Every source of credentials, each from a stand-in of the service behind it.

use rekognition_core::error::{Error, Limit};
use rekognition_core::settings::Settings;
use rekognition_core::Client;
use rekognition_emulator::Emulator;
use rekognition_peers::{
    assumed_role, bare, client, create, emulator, get, metadata_credentials, metadata_service,
    role_credentials, Environment, Folder, HttpServer, ID,
};
use std::time::Duration;

fn of(emulator: &Emulator) -> Settings {
    Settings {
        endpoint: Some(emulator.url()),
        ..bare()
    }
}

/// A call with credentials that are not given works, and uses these keys.
fn works(client: &Client, emulator: &Emulator, access_key_id: &str) {
    create(client).unwrap();
    let requests = emulator.requests();
    let last = requests.last().unwrap();
    assert_eq!(last.access_key_id.as_deref(), Some(access_key_id));
}

#[test]
fn environment_variables() {
    let emulator = emulator();
    let keys = emulator.temporary_keys(900.0);
    let _environment = Environment::with(&[
        ("AWS_ACCESS_KEY_ID", &keys.access_key_id),
        ("AWS_SECRET_ACCESS_KEY", &keys.secret_access_key),
        ("AWS_SESSION_TOKEN", keys.session_token.as_deref().unwrap()),
    ]);
    works(&client(of(&emulator)), &emulator, &keys.access_key_id);
}

#[test]
fn environment_variables_of_expired_keys_and_of_other_tools() {
    let emulator = emulator();
    let keys = emulator.temporary_keys(900.0);
    let environment = Environment::with(&[
        ("AWS_ACCESS_KEY_ID", &keys.access_key_id),
        ("AWS_SECRET_ACCESS_KEY", &keys.secret_access_key),
        ("AWS_SESSION_TOKEN", keys.session_token.as_deref().unwrap()),
        ("AWS_CREDENTIAL_EXPIRATION", "2020-01-01T00:00:00+00:00"),
    ]);
    assert!(reason().contains("expired"));
    environment.set("AWS_CREDENTIAL_EXPIRATION", "soon");
    assert!(reason().contains("AWS_CREDENTIAL_EXPIRATION is not a time"));
    environment.set("AWS_CREDENTIAL_EXPIRATION", "2099-01-01T00:00:00+00:00");
    works(&client(of(&emulator)), &emulator, &keys.access_key_id);
    // It is not AWS's.
    environment.unset("AWS_SECRET_ACCESS_KEY");
    environment.set("SECRET_ACCESS_KEY", &keys.secret_access_key);
    assert!(reason().contains("AWS_SECRET_ACCESS_KEY is not set"));
}

#[test]
fn a_role_that_a_profile_assumes() {
    let folder = Folder::new("role");
    let emulator = emulator();
    let keys = emulator.temporary_keys(900.0);
    let answer = assumed_role(&keys, "AssumeRole");
    let sts = HttpServer::start(move |_| Some((200, answer.clone())));
    let config = folder.write(
        "config",
        "[profile base]\naws_access_key_id = AKIABASE\naws_secret_access_key = base\n\
         [profile work]\nrole_arn = arn:aws:iam::111122223333:role/x\nsource_profile = base\n\
         role_session_name = me\nexternal_id = out\nduration_seconds = 1800\n",
    );
    let environment = Environment::with(&[
        ("AWS_CONFIG_FILE", &config),
        ("AWS_ENDPOINT_URL_STS", &sts.url()),
    ]);
    let named = client(Settings {
        profile: Some("work".into()),
        ..of(&emulator)
    });
    works(&named, &emulator, &keys.access_key_id);
    environment.set("AWS_PROFILE", "work");
    works(&client(of(&emulator)), &emulator, &keys.access_key_id);
    let seen = sts.seen();
    assert_eq!(seen.len(), 2);
    for sent in [
        "Action=AssumeRole",
        "RoleSessionName=me",
        "ExternalId=out",
        "DurationSeconds=1800",
    ] {
        assert!(seen[0].body.contains(sent), "{sent}: {seen:?}");
    }
    assert!(seen[0].headers.contains("Credential=AKIABASE/"), "{seen:?}");
}

#[test]
fn a_web_identity() {
    let folder = Folder::new("web");
    let token = folder.write("token", "the-token");
    let emulator = emulator();
    let keys = emulator.temporary_keys(900.0);
    let answer = assumed_role(&keys, "AssumeRoleWithWebIdentity");
    let sts = HttpServer::start(move |_| Some((200, answer.clone())));
    let _environment = Environment::with(&[
        ("AWS_ENDPOINT_URL_STS", &sts.url()),
        ("AWS_ROLE_ARN", "arn:aws:iam::111122223333:role/x"),
        ("AWS_WEB_IDENTITY_TOKEN_FILE", &token),
    ]);
    works(&client(of(&emulator)), &emulator, &keys.access_key_id);
    assert!(sts.seen()[0].body.contains("WebIdentityToken=the-token"));
}

#[test]
fn an_sso_session_that_is_logged_in() {
    let folder = Folder::new("sso");
    let emulator = emulator();
    let keys = emulator.temporary_keys(900.0);
    let answer = role_credentials(&keys);
    let sso = HttpServer::start(move |_| Some((200, answer.clone())));
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
    // Nobody is logged in: the message says so.
    match get(&client(of(&emulator)), ID) {
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
    works(&client(of(&emulator)), &emulator, &keys.access_key_id);
    let seen = sso.seen();
    assert!(seen[0].line.contains("role_name=Reviewer"), "{seen:?}");
    assert!(seen[0]
        .headers
        .contains("x-amz-sso_bearer_token: the-token"));
}

/// The reason why a client without keys of its own has none.
fn reason() -> String {
    let emulator = emulator();
    let failed = get(&client(of(&emulator)), ID).unwrap_err();
    assert!(emulator.requests().is_empty());
    match failed {
        Error::Credentials { reason } => reason,
        other => panic!("{other:?}"),
    }
}

const LOGIN: &str = ".aws/sso/cache/ee0bfd2552fbd840c02cc48b6e823320543c450f.json";

#[test]
fn an_sso_login_that_is_of_no_use_says_how_to_log_in() {
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
        (Some("{"), "is not a JSON object"),
        (Some("{}"), "is not complete"),
        (
            Some(r#"{"accessToken":"t","expiresAt":"soon"}"#),
            "expiresAt is not a time",
        ),
        (
            Some(r#"{"accessToken":"t","expiresAt":"2020-01-01T00:00:00UTC"}"#),
            "has expired",
        ),
        (
            Some(r#"{"accessToken":"t","expiresAt":"2099-01-01T00:00:00Z"}"#),
            "does not take the login",
        ),
    ] {
        if let Some(login) = login {
            folder.write(LOGIN, login);
        }
        let reason = reason();
        assert!(reason.contains(problem), "{login:?}: {reason}");
        assert!(reason.contains("`aws sso login --profile sso`"), "{reason}");
    }
    assert_eq!(portal.seen().len(), 1);
}

#[test]
fn a_new_sso_login_is_used_by_the_client_that_lacked_one() {
    let folder = Folder::new("sso-again");
    let emulator = emulator();
    let keys = emulator.temporary_keys(900.0);
    let answer = role_credentials(&keys);
    let sso = HttpServer::start(move |_| Some((200, answer.clone())));
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
    let client = client(of(&emulator));
    let login = |expires: &str| {
        format!(r#"{{"accessToken":"t-{expires}","expiresAt":"{expires}-01-01T00:00:00+00:00"}}"#)
    };
    folder.write(LOGIN, &login("2020"));
    get(&client, ID).unwrap_err();
    folder.write(LOGIN, &login("2099"));
    works(&client, &emulator, &keys.access_key_id);
    let seen = sso.seen();
    assert_eq!(seen.len(), 1);
    assert!(seen[0].headers.contains("x-amz-sso_bearer_token: t-2099"));
}

#[test]
fn an_sso_login_that_expires_is_renewed_and_cached() {
    let folder = Folder::new("sso-renewed");
    let emulator = emulator();
    let keys = emulator.temporary_keys(900.0);
    let answer = role_credentials(&keys);
    let sso = HttpServer::start(move |request| {
        let token = r#"{"accessToken":"new-token","expiresIn":3600,"refreshToken":"next","tokenType":"Bearer"}"#;
        Some(if request.line.starts_with("POST /token") {
            (200, token.into())
        } else {
            (200, answer.clone())
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
    works(&client(of(&emulator)), &emulator, &keys.access_key_id);
    works(&client(of(&emulator)), &emulator, &keys.access_key_id);
    let seen = sso.seen();
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

#[test]
fn what_is_set_up_and_cannot_be_used_is_not_passed_over_for_the_instance() {
    let emulator = emulator();
    let keys = emulator.temporary_keys(900.0);
    let metadata = metadata_service(move || keys.clone());
    let folder = Folder::new("passed-over");
    let expired = folder.write(
        "expired.json",
        r#"{"Version":1,"AccessKeyId":"A","SecretAccessKey":"s","Expiration":"2020-01-01T00:00:00Z"}"#,
    );
    let process = format!("credential_process = cat {expired}\n");
    let role = "role_arn = arn:aws:iam::111122223333:role/x\n";
    let own_source = format!("{role}source_profile = default\n");
    let mfa = format!(
        "{role}mfa_serial = arn:aws:iam::111122223333:mfa/me\ncredential_source = Ec2InstanceMetadata\n"
    );
    for (config, variable, problem) in [
        ("", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY is not set"),
        ("", "AWS_SECRET_ACCESS_KEY", "AWS_ACCESS_KEY_ID is not set"),
        ("", "AWS_WEB_IDENTITY_TOKEN_FILE", "AWS_ROLE_ARN is not"),
        (
            "aws_access_key_id = A\n",
            "",
            "`aws_secret_access_key` is missing",
        ),
        (&own_source, "", "has no keys"),
        (&process, "", "have expired"),
        (&mfa, "", "MFA"),
        ("login_session = arn\n", "", "aws login"),
        ("sso_role_name = Reviewer\n", "", "no `sso_start_url`"),
    ] {
        let path = folder.write("config", &format!("[default]\n{config}"));
        let environment = Environment::with(&[
            ("AWS_CONFIG_FILE", path.as_str()),
            ("AWS_EC2_METADATA_DISABLED", "false"),
            ("AWS_EC2_METADATA_SERVICE_ENDPOINT", &metadata.url()),
        ]);
        if !variable.is_empty() {
            environment.set(variable, "AKIAEXAMPLE");
        }
        let reason = reason();
        assert!(reason.contains(problem), "{config}{variable}: {reason}");
    }
    assert!(metadata.seen().is_empty());
}

#[test]
fn a_container() {
    let folder = Folder::new("container");
    let token = folder.write("token", "Bearer pod");
    let emulator = emulator();
    let keys = emulator.temporary_keys(900.0);
    let answer = metadata_credentials(&keys);
    let container = HttpServer::start(move |_| Some((200, answer.clone())));
    let full = format!("{}/credentials", container.url());
    let environment = Environment::with(&[
        ("AWS_CONTAINER_CREDENTIALS_FULL_URI", &full),
        ("AWS_CONTAINER_AUTHORIZATION_TOKEN", "Basic task"),
    ]);
    works(&client(of(&emulator)), &emulator, &keys.access_key_id);
    // EKS Pod Identity gives a file instead.
    environment.unset("AWS_CONTAINER_AUTHORIZATION_TOKEN");
    environment.set("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", &token);
    works(&client(of(&emulator)), &emulator, &keys.access_key_id);
    let headers: Vec<_> = container.seen().into_iter().map(|r| r.headers).collect();
    assert!(
        headers[0].contains("authorization: Basic task"),
        "{headers:?}"
    );
    assert!(
        headers[1].contains("authorization: Bearer pod"),
        "{headers:?}"
    );
}

#[test]
fn an_instance_with_its_region() {
    let emulator = emulator();
    let keys = emulator.temporary_keys(900.0);
    let metadata = metadata_service({
        let keys = keys.clone();
        move || keys.clone()
    });
    let _environment = Environment::with(&[
        ("AWS_EC2_METADATA_DISABLED", "false"),
        ("AWS_EC2_METADATA_SERVICE_ENDPOINT", &metadata.url()),
    ]);
    let client = client(Settings {
        region: None,
        ..of(&emulator)
    });
    works(&client, &emulator, &keys.access_key_id);
}

#[test]
fn a_process() {
    let folder = Folder::new("process");
    let emulator = emulator();
    let keys = emulator.temporary_keys(900.0);
    let json = folder.write(
        "keys.json",
        &format!(
            r#"{{"Version":1,"AccessKeyId":"{}","SecretAccessKey":"{}","SessionToken":"{}"}}"#,
            keys.access_key_id,
            keys.secret_access_key,
            keys.session_token.as_deref().unwrap()
        ),
    );
    let config = folder.write(
        "config",
        &format!("[default]\ncredential_process = cat {json}\n"),
    );
    let _environment = Environment::with(&[("AWS_CONFIG_FILE", &config)]);
    works(&client(of(&emulator)), &emulator, &keys.access_key_id);
}

#[test]
fn a_source_that_hangs_ends_with_the_operation() {
    let folder = Folder::new("hang");
    let config = folder.write("config", "[default]\ncredential_process = sleep 60\n");
    let silent = HttpServer::start(|_| None);
    let container = format!("{}/credentials", silent.url());
    let token = folder.write("token", "the-token");
    let emulator = emulator();
    for variables in [
        vec![("AWS_CONFIG_FILE", config.as_str())],
        vec![("AWS_CONTAINER_CREDENTIALS_FULL_URI", container.as_str())],
        vec![
            ("AWS_ENDPOINT_URL_STS", &silent.url()),
            ("AWS_ROLE_ARN", "arn:aws:iam::111122223333:role/x"),
            ("AWS_WEB_IDENTITY_TOKEN_FILE", token.as_str()),
        ],
        vec![
            ("AWS_EC2_METADATA_DISABLED", "false"),
            ("AWS_EC2_METADATA_SERVICE_ENDPOINT", &silent.url()),
        ],
    ] {
        let _environment = Environment::with(&variables);
        let client = client(Settings {
            operation_timeout: Some(Duration::from_millis(300)),
            ..of(&emulator)
        });
        match get(&client, ID) {
            Err(Error::Timeout {
                limit, attempts, ..
            }) => assert_eq!((limit, attempts), (Limit::Operation, 0)),
            other => panic!("{variables:?}: {other:?}"),
        }
    }
    assert!(emulator.requests().is_empty());
}

#[test]
fn a_source_that_falls_silent_is_waited_for_as_long_as_any_server() {
    let folder = Folder::new("silent");
    let token = folder.write("token", "the-token");
    let silent = HttpServer::start(|_| None);
    let _environment = Environment::with(&[
        ("AWS_ENDPOINT_URL_STS", &silent.url()),
        ("AWS_ROLE_ARN", "arn:aws:iam::111122223333:role/x"),
        ("AWS_WEB_IDENTITY_TOKEN_FILE", token.as_str()),
    ]);
    let emulator = emulator();
    let client = client(Settings {
        read_timeout: Some(Duration::from_millis(200)),
        operation_timeout: Some(Duration::from_secs(30)),
        ..of(&emulator)
    });
    match get(&client, ID) {
        Err(Error::Credentials { reason }) => assert!(reason.contains("timed out"), "{reason}"),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_metadata_service_that_hangs_is_waited_for_once() {
    let silent = HttpServer::start(|_| None);
    let _environment = Environment::with(&[
        ("AWS_EC2_METADATA_DISABLED", "false"),
        ("AWS_EC2_METADATA_SERVICE_ENDPOINT", &silent.url()),
    ]);
    let emulator = emulator();
    let client = client(of(&emulator));
    for _ in 0..50 {
        match get(&client, ID) {
            Err(Error::Credentials { .. }) => {}
            other => panic!("{other:?}"),
        }
    }
    // The failure is remembered: it is not asked fifty times.
    let asked = silent.seen().len();
    assert!((1..10).contains(&asked), "{asked}");
}

#[test]
fn a_token_file_that_would_block_is_not_waited_for() {
    let folder = Folder::new("pipe");
    let pipe = folder.path().join("token");
    let made = std::process::Command::new("mkfifo").arg(&pipe).status();
    assert!(made.unwrap().success());
    let _environment = Environment::with(&[
        ("AWS_ENDPOINT_URL_STS", "http://127.0.0.1:1"),
        ("AWS_ROLE_ARN", "arn:aws:iam::111122223333:role/x"),
        ("AWS_WEB_IDENTITY_TOKEN_FILE", pipe.to_str().unwrap()),
    ]);
    let emulator = emulator();
    match get(&client(of(&emulator)), ID) {
        Err(Error::Credentials { reason }) => {
            assert!(reason.contains("not a regular file"), "{reason}")
        }
        other => panic!("{other:?}"),
    }
}
