//! Keys that expire within a batch, from every source of temporary keys: no session is lost.

use rekognition_core::batch::{Batch, BatchRequest, Sessions, Work};
use rekognition_core::client::credentials::KeyRequests;
use rekognition_core::error::Error;
use rekognition_core::settings::{keys::Keys, Settings};
use rekognition_core::Client;
use rekognition_core::{call::log::Level, secret::Secret};
use rekognition_peers::{
    assumed_role, base_settings, client, get, metadata_credentials, metadata_service,
    role_credentials, start_get, Environment, Folder, HttpServer, Request, ID,
};
use std::collections::HashSet;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// Requests until the keys expire.
const LIFETIME: usize = 7;

/// The current keys, and their replacements.
#[derive(Clone, Default)]
struct Clock(Arc<AtomicUsize>);

impl Clock {
    fn keys(&self) -> rekognition_emulator::Keys {
        let number = self.0.load(Ordering::SeqCst);
        rekognition_emulator::Keys {
            access_key_id: format!("ASIAEXAMPLE{number:05}"),
            secret_access_key: "secret".into(),
            session_token: Some(format!("token-{number}")),
        }
    }

    fn expire(&self) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

fn is_signed_with(request: &Request, keys: &rekognition_emulator::Keys) -> bool {
    let token = keys.session_token.as_deref().unwrap_or_default();
    request
        .headers
        .contains(&format!("Credential={}/", keys.access_key_id))
        && request
            .headers
            .contains(&format!("x-amz-security-token: {token}\n"))
}

const EXPIRED: &str = r#"{"__type":"ExpiredTokenException","Message":"The security token included in the request is expired"}"#;

/// A service that accepts the current keys for at least `LIFETIME` requests. `expired` is called when they have expired.
fn service(clock: &Clock, expired: impl Fn() + Clone + Send + Sync + 'static) -> HttpServer {
    let clock = clock.clone();
    let state = Arc::new(Mutex::new((0, HashSet::new())));
    HttpServer::start(move |request| {
        let (accepted, refused) = &mut *state.lock().unwrap();
        let (_, id) = request.body.split_once("\"SessionId\":\"").unwrap();
        let (id, _) = id.split_once('"').unwrap();
        if !is_signed_with(request, &clock.keys()) {
            refused.insert(id.to_owned());
            return Some((400, EXPIRED.into()));
        }
        *accepted += 1;
        refused.remove(id);
        // A request is sent again once: the keys of the second attempt do not expire before it arrives.
        if *accepted >= LIFETIME && refused.is_empty() {
            *accepted = 0;
            clock.expire();
            expired();
        }
        Some((200, format!(r#"{{"SessionId":"{id}","Status":"CREATED"}}"#)))
    })
}

fn batch(count: usize) -> BatchRequest {
    BatchRequest {
        work: Work::Sessions(Sessions {
            ids: (0..count)
                .map(|number| format!("session-{number}"))
                .collect(),
            ..Sessions::default()
        }),
        max_active: 4,
        level: Level::Off,
    }
}

/// Takes all rows, with calls of `between` in between: the number of results, and the errors.
fn rows(batch: &Batch, between: impl Fn()) -> (usize, Vec<Error>) {
    let mut errors = Vec::new();
    let mut good = 0;
    loop {
        let taken = batch.take(Duration::from_secs(60));
        errors.extend(taken.failed);
        for row in taken.rows {
            match row.outcome {
                Ok(_) => good += 1,
                Err(error) => errors.push(error),
            }
        }
        if taken.ended {
            return (good, errors);
        }
        between();
    }
}

fn client_of(service: &HttpServer, given: Settings) -> Client {
    client(Settings {
        endpoint: Some(service.url()),
        ..given
    })
}

/// A batch and single calls with these settings lose nothing while keys keep expiring.
fn survives(service: &HttpServer, given: Settings) {
    let client = client_of(service, given);
    let batch = Batch::start(&client, batch(40), None).unwrap();
    let (good, errors) = rows(&batch, || {});
    assert_eq!((good, &errors[..]), (40, &[][..]));
    for _ in 0..2 * LIFETIME {
        get(&client, ID).unwrap();
    }
    // Each expiry costs at most the requests in flight and their retries.
    let sent = service.requests().len();
    let expiries = (40 + 2 * LIFETIME) / LIFETIME;
    assert!(sent <= 40 + 2 * LIFETIME + 4 * (expiries + 1), "{sent}");
}

/// The output of a process.
fn process_output(keys: &rekognition_emulator::Keys) -> String {
    format!(
        r#"{{"Version":1,"AccessKeyId":"{}","SecretAccessKey":"{}","SessionToken":"{}"}}"#,
        keys.access_key_id,
        keys.secret_access_key,
        keys.session_token.as_deref().unwrap()
    )
}

#[test]
fn keys_of_the_shared_files_are_renewed() {
    let folder = Folder::new("renewed-file");
    let path = folder.path().join("credentials");
    let clock = Clock::default();
    let write = {
        let (clock, path) = (clock.clone(), path.clone());
        move || {
            let keys = clock.keys();
            let text = format!(
                "[default]\naws_access_key_id = {}\naws_secret_access_key = {}\naws_session_token = {}\n",
                keys.access_key_id,
                keys.secret_access_key,
                keys.session_token.unwrap()
            );
            std::fs::write(&path, text).unwrap();
        }
    };
    write();
    let service = service(&clock, write);
    let _environment =
        Environment::with(&[("AWS_SHARED_CREDENTIALS_FILE", path.to_str().unwrap())]);
    survives(&service, base_settings());
}

#[test]
fn keys_of_a_process_are_renewed() {
    let folder = Folder::new("renewed-process");
    let path = folder.path().join("keys.json");
    let clock = Clock::default();
    let write = {
        let (clock, path) = (clock.clone(), path.clone());
        move || std::fs::write(&path, process_output(&clock.keys())).unwrap()
    };
    write();
    let service = service(&clock, write);
    let config = format!("[default]\ncredential_process = cat {}\n", path.display());
    let config = folder.write("config", &config);
    let _environment = Environment::with(&[("AWS_CONFIG_FILE", &config)]);
    survives(&service, base_settings());
}

#[test]
fn keys_of_roles_and_of_web_identities_are_renewed() {
    let folder = Folder::new("renewed-role");
    let token = folder.write("token", "the-token");
    let config = folder.write(
        "config",
        "[profile work]\nrole_arn = arn:aws:iam::111122223333:role/x\nsource_profile = base\n\
         [profile base]\naws_access_key_id = AKIABASE\naws_secret_access_key = base\n",
    );
    for (operation, variables) in [
        (
            "AssumeRole",
            vec![
                ("AWS_CONFIG_FILE", config.as_str()),
                ("AWS_PROFILE", "work"),
            ],
        ),
        (
            "AssumeRoleWithWebIdentity",
            vec![
                ("AWS_ROLE_ARN", "arn:aws:iam::111122223333:role/x"),
                ("AWS_WEB_IDENTITY_TOKEN_FILE", token.as_str()),
            ],
        ),
    ] {
        let clock = Clock::default();
        let at = clock.clone();
        let sts = HttpServer::start(move |_| Some((200, assumed_role(&at.keys(), operation))));
        let service = service(&clock, || {});
        let environment = Environment::with(&variables);
        environment.set("AWS_ENDPOINT_URL_STS", &sts.url());
        survives(&service, base_settings());
    }
}

#[test]
fn keys_of_a_container_and_of_an_instance_are_renewed() {
    let clock = Clock::default();
    let at = clock.clone();
    let container = HttpServer::start(move |_| Some((200, metadata_credentials(&at.keys()))));
    let full = format!("{}/credentials", container.url());
    let environment = Environment::with(&[("AWS_CONTAINER_CREDENTIALS_FULL_URI", &full)]);
    survives(&service(&clock, || {}), base_settings());
    drop(environment);

    let clock = Clock::default();
    let at = clock.clone();
    let metadata = metadata_service(move || at.keys());
    let _environment = Environment::with(&[
        ("AWS_EC2_METADATA_DISABLED", "false"),
        ("AWS_EC2_METADATA_SERVICE_ENDPOINT", &metadata.url()),
    ]);
    survives(&service(&clock, || {}), base_settings());
}

#[test]
fn keys_of_sso_are_renewed() {
    let folder = Folder::new("renewed-sso");
    let clock = Clock::default();
    let at = clock.clone();
    let sso = HttpServer::start(move |_| Some((200, role_credentials(&at.keys()))));
    let config = folder.write(
        "config",
        "[default]\nsso_session = corp\nsso_account_id = 111122223333\nsso_role_name = Reviewer\n\
         [sso-session corp]\nsso_region = us-east-1\nsso_start_url = https://corp.awsapps.invalid/start\n",
    );
    folder.write(
        ".aws/sso/cache/ee0bfd2552fbd840c02cc48b6e823320543c450f.json",
        r#"{"accessToken":"the-token","expiresAt":"2099-01-01T00:00:00UTC"}"#,
    );
    let _environment = Environment::with(&[
        ("AWS_CONFIG_FILE", &config),
        ("AWS_ENDPOINT_URL_SSO", &sso.url()),
        ("HOME", folder.path().to_str().unwrap()),
    ]);
    survives(&service(&clock, || {}), base_settings());
}

fn given(keys: rekognition_emulator::Keys) -> Keys {
    Keys {
        access_key_id: keys.access_key_id,
        secret_access_key: Secret::new(keys.secret_access_key),
        session_token: keys.session_token.map(Secret::new),
        expires: None,
    }
}

fn on_request() -> Settings {
    Settings {
        keys_on_request: true,
        ..base_settings()
    }
}

/// Supplies keys if they are requested.
fn supply(requests: &KeyRequests, clock: &Clock) {
    if requests.is_pending() {
        requests.supply(Ok(given(clock.keys())));
    }
}

#[test]
fn keys_on_request_are_renewed() {
    let _environment = Environment::with(&[]);
    let clock = Clock::default();
    let service = service(&clock, || {});
    let client = client_of(&service, on_request());
    let requests = client.key_requests().unwrap();
    let batch = Batch::start(&client, batch(40), None).unwrap();
    let (good, errors) = rows(&batch, || supply(requests, &clock));
    assert_eq!((good, &errors[..]), (40, &[][..]));

    // Waiting for a single call returns when keys are requested, long before its time is over.
    clock.expire();
    let mut call = start_get(&client, ID, Level::Off).unwrap();
    let mut requested = 0;
    let result = loop {
        if let Some(result) = call.wait(Duration::from_secs(3600)) {
            break result;
        }
        requested += usize::from(requests.is_pending());
        supply(requests, &clock);
    };
    result.unwrap();
    assert_eq!(requested, 1);
}

#[test]
fn keys_that_cannot_be_supplied_fail_the_whole_batch_once() {
    let _environment = Environment::with(&[]);
    let clock = Clock::default();
    let service = service(&clock, || {});
    let client = client_of(&service, on_request());
    let requests = client.key_requests().unwrap();
    let requested = AtomicUsize::new(0);
    let batch = Batch::start(&client, batch(8), None).unwrap();
    let refuse = || {
        if requests.is_pending() {
            requested.fetch_add(1, Ordering::SeqCst);
            let reason = "locked".to_owned();
            requests.supply(Err(Error::Credentials { reason }));
        }
    };
    let (good, errors) = rows(&batch, refuse);
    let locked = Error::Credentials {
        reason: "locked".into(),
    };
    // One error for all sessions of the batch.
    assert_eq!((good, errors), (0, vec![locked]));
    assert_eq!(requested.load(Ordering::SeqCst), 1);
    assert!(service.requests().is_empty());
}

#[test]
fn unchanged_keys_are_not_sent_again() {
    let folder = Folder::new("renewed-same");
    let path = folder.write(
        "credentials",
        "[default]\naws_access_key_id = ASIA\naws_secret_access_key = s\naws_session_token = t\n",
    );
    let _environment = Environment::with(&[("AWS_SHARED_CREDENTIALS_FILE", &path)]);
    let service = HttpServer::start(|_| Some((400, EXPIRED.into())));
    let client = client_of(&service, base_settings());
    for _ in 0..3 {
        match get(&client, ID) {
            Err(Error::Service(error)) => {
                assert_eq!(error.code.as_deref(), Some("ExpiredTokenException"));
                assert_eq!(error.attempts, 1);
            }
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(service.requests().len(), 3);
}

#[test]
fn keys_that_the_service_never_accepts_are_renewed_once() {
    let clock = Clock::default();
    let at = clock.clone();
    let container = HttpServer::start(move |_| {
        at.expire();
        Some((200, metadata_credentials(&at.keys())))
    });
    let full = format!("{}/credentials", container.url());
    let _environment = Environment::with(&[("AWS_CONTAINER_CREDENTIALS_FULL_URI", &full)]);
    let unknown = r#"{"__type":"UnrecognizedClientException","Message":"m"}"#;
    let service = HttpServer::start(move |_| Some((400, unknown.into())));
    let client = client_of(&service, base_settings());
    let batch = Batch::start(&client, batch(30), None).unwrap();
    let (good, errors) = rows(&batch, || {});
    assert_eq!((good, errors.len()), (0, 30));
    assert_eq!(container.requests().len(), 2);
}

#[test]
fn long_lived_keys_are_not_renewed() {
    let folder = Folder::new("long-lived");
    let path = folder.write(
        "credentials",
        "[default]\naws_access_key_id = AKIA\naws_secret_access_key = s\n",
    );
    let _environment = Environment::with(&[("AWS_SHARED_CREDENTIALS_FILE", &path)]);
    let unknown = r#"{"__type":"UnrecognizedClientException","Message":"m"}"#;
    let service = HttpServer::start(move |_| Some((400, unknown.into())));
    let client = client_of(&service, base_settings());
    get(&client, ID).unwrap_err();
    // Keys without a session token do not expire: new ones in the file are ignored.
    folder.write(
        "credentials",
        "[default]\naws_access_key_id = OTHER\naws_secret_access_key = s\n",
    );
    get(&client, ID).unwrap_err();
    let seen = service.requests();
    assert_eq!(seen.len(), 2);
    assert!(seen
        .iter()
        .all(|request| request.headers.contains("Credential=AKIA/")));
}
