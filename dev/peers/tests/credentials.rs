//! Credentials from each provider.

use rekognition_core::batch::{files, Batch, BatchRequest, Sessions, Work};
use rekognition_core::call::log::Level;
use rekognition_core::error::{Error, Limit};
use rekognition_core::settings::Settings;
use rekognition_peers::{
    assert_signed_with, assumed_role, base_settings, client, default_chain_error, emulator, get,
    metadata_credentials, metadata_service, settings_without_keys, Environment, Folder, HttpServer,
    ID,
};
use std::time::Duration;

#[test]
fn keys_in_environment_variables() {
    let emulator = emulator();
    let keys = emulator.temporary_keys(900.0);
    let _environment = Environment::with(&[
        ("AWS_ACCESS_KEY_ID", &keys.access_key_id),
        ("AWS_SECRET_ACCESS_KEY", &keys.secret_access_key),
        ("AWS_SESSION_TOKEN", keys.session_token.as_deref().unwrap()),
    ]);
    assert_signed_with(
        &client(settings_without_keys(&emulator)),
        &emulator,
        &keys.access_key_id,
    );
}

#[test]
fn expired_keys_in_environment_variables_and_variables_of_other_tools() {
    let emulator = emulator();
    let keys = emulator.temporary_keys(900.0);
    let environment = Environment::with(&[
        ("AWS_ACCESS_KEY_ID", &keys.access_key_id),
        ("AWS_SECRET_ACCESS_KEY", &keys.secret_access_key),
        ("AWS_SESSION_TOKEN", keys.session_token.as_deref().unwrap()),
        ("AWS_CREDENTIAL_EXPIRATION", "2020-01-01T00:00:00+00:00"),
    ]);
    assert!(default_chain_error().contains("expired"));
    environment.set("AWS_CREDENTIAL_EXPIRATION", "soon");
    assert!(default_chain_error().contains("AWS_CREDENTIAL_EXPIRATION is not a valid time"));
    environment.set("AWS_CREDENTIAL_EXPIRATION", "2099-01-01T00:00:00+00:00");
    assert_signed_with(
        &client(settings_without_keys(&emulator)),
        &emulator,
        &keys.access_key_id,
    );
    // Not a variable of AWS.
    environment.unset("AWS_SECRET_ACCESS_KEY");
    environment.set("SECRET_ACCESS_KEY", &keys.secret_access_key);
    assert!(default_chain_error().contains("AWS_SECRET_ACCESS_KEY is not set"));
}

#[test]
fn a_role_of_a_profile() {
    let folder = Folder::new("role");
    let emulator = emulator();
    let keys = emulator.temporary_keys(900.0);
    let response = assumed_role(&keys, "AssumeRole");
    let sts = HttpServer::start(move |_| Some((200, response.clone())));
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
        ..settings_without_keys(&emulator)
    });
    assert_signed_with(&named, &emulator, &keys.access_key_id);
    environment.set("AWS_PROFILE", "work");
    assert_signed_with(
        &client(settings_without_keys(&emulator)),
        &emulator,
        &keys.access_key_id,
    );
    let seen = sts.requests();
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
    let response = assumed_role(&keys, "AssumeRoleWithWebIdentity");
    let sts = HttpServer::start(move |_| Some((200, response.clone())));
    let _environment = Environment::with(&[
        ("AWS_ENDPOINT_URL_STS", &sts.url()),
        ("AWS_ROLE_ARN", "arn:aws:iam::111122223333:role/x"),
        ("AWS_WEB_IDENTITY_TOKEN_FILE", &token),
    ]);
    assert_signed_with(
        &client(settings_without_keys(&emulator)),
        &emulator,
        &keys.access_key_id,
    );
    assert!(sts.requests()[0]
        .body
        .contains("WebIdentityToken=the-token"));
}

#[test]
fn a_configured_source_that_fails_is_not_replaced_by_the_instance() {
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
        let reason = default_chain_error();
        assert!(reason.contains(problem), "{config}{variable}: {reason}");
    }
    assert!(metadata.requests().is_empty());
}

#[test]
fn a_container() {
    let folder = Folder::new("container");
    let token = folder.write("token", "Bearer pod");
    let emulator = emulator();
    let keys = emulator.temporary_keys(900.0);
    let response = metadata_credentials(&keys);
    let container = HttpServer::start(move |_| Some((200, response.clone())));
    let full = format!("{}/credentials", container.url());
    let environment = Environment::with(&[
        ("AWS_CONTAINER_CREDENTIALS_FULL_URI", &full),
        ("AWS_CONTAINER_AUTHORIZATION_TOKEN", "Basic task"),
    ]);
    assert_signed_with(
        &client(settings_without_keys(&emulator)),
        &emulator,
        &keys.access_key_id,
    );
    // EKS Pod Identity sets a file instead.
    environment.unset("AWS_CONTAINER_AUTHORIZATION_TOKEN");
    environment.set("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", &token);
    assert_signed_with(
        &client(settings_without_keys(&emulator)),
        &emulator,
        &keys.access_key_id,
    );
    let headers: Vec<_> = container
        .requests()
        .into_iter()
        .map(|r| r.headers)
        .collect();
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
        ..settings_without_keys(&emulator)
    });
    assert_signed_with(&client, &emulator, &keys.access_key_id);
}

#[test]
fn results_say_the_region_that_an_instance_has() {
    let keys = emulator().temporary_keys(900.0);
    let metadata = metadata_service(move || keys.clone());
    let _environment = Environment::with(&[
        ("AWS_EC2_METADATA_DISABLED", "false"),
        ("AWS_EC2_METADATA_SERVICE_ENDPOINT", &metadata.url()),
    ]);
    let result = format!(r#"{{"SessionId":"{ID}","Status":"FAILED"}}"#);
    let service = HttpServer::start(move |_| Some((200, result.clone())));
    let client = client(Settings {
        region: None,
        endpoint: Some(service.url()),
        ..base_settings()
    });
    let folder = Folder::new("region");
    for dir in [None, Some(folder.path().to_owned())] {
        let request = BatchRequest {
            work: Work::Sessions(Sessions {
                ids: vec![ID.into()],
                dir,
                ..Sessions::default()
            }),
            max_active: 1,
            level: Level::Off,
        };
        let batch = Batch::start(&client, request, None).unwrap();
        let mut rows = Vec::new();
        loop {
            let taken = batch.take(Duration::from_secs(60));
            rows.extend(taken.rows);
            if taken.ended {
                break;
            }
        }
        assert_eq!(rows[0].region.as_deref(), Some("us-east-1"), "{rows:?}");
    }
    let saved = files::load(folder.path(), ID).unwrap();
    assert_eq!(saved.region.as_deref(), Some("us-east-1"));
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
    assert_signed_with(
        &client(settings_without_keys(&emulator)),
        &emulator,
        &keys.access_key_id,
    );
}

#[test]
fn a_source_that_hangs_runs_into_the_operation_timeout() {
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
            ..settings_without_keys(&emulator)
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
fn a_source_that_stalls_runs_into_the_read_timeout() {
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
        ..settings_without_keys(&emulator)
    });
    match get(&client, ID) {
        Err(Error::Credentials { reason }) => assert!(reason.contains("timed out"), "{reason}"),
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_failure_of_a_metadata_service_that_hangs_is_cached() {
    let silent = HttpServer::start(|_| None);
    let _environment = Environment::with(&[
        ("AWS_EC2_METADATA_DISABLED", "false"),
        ("AWS_EC2_METADATA_SERVICE_ENDPOINT", &silent.url()),
    ]);
    let emulator = emulator();
    let client = client(settings_without_keys(&emulator));
    for _ in 0..50 {
        match get(&client, ID) {
            Err(Error::Credentials { .. }) => {}
            other => panic!("{other:?}"),
        }
    }
    let requests = silent.requests().len();
    assert!((1..10).contains(&requests), "{requests}");
}

#[test]
fn a_token_file_that_would_block_is_refused() {
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
    match get(&client(settings_without_keys(&emulator)), ID) {
        Err(Error::Credentials { reason }) => {
            assert!(reason.contains("not a regular file"), "{reason}")
        }
        other => panic!("{other:?}"),
    }
}
