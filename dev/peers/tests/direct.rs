//! Tickets of direct mode: keys of a role from STS, which start a stream and do nothing else.

use rekognition_core::call::log::Level;
use rekognition_core::client::credentials::Role;
use rekognition_core::direct::{DirectTicket, TicketRequest};
use rekognition_core::error::{Error, Limit};
use rekognition_core::secret::Secret;
use rekognition_core::settings::keys::Keys;
use rekognition_core::settings::Settings;
use rekognition_core::Client;
use rekognition_peers::stream::{Opening, Setting};
use rekognition_peers::{
    assumed_role, base_settings, client, create, get, settings, settings_for, Authority,
    Environment, Folder, HttpServer, TlsFront, Tunnel, Validity,
};
use std::sync::mpsc::{channel, Receiver};
use std::sync::Arc;
use std::time::Duration;

fn role() -> Role {
    Role {
        arn: "arn:aws:iam::111122223333:role/liveness-page".into(),
        external_id: None,
        session_name: None,
        duration: None,
    }
}

fn start(client: &Client, role: Role) -> (TicketRequest, Receiver<()>) {
    let (sender, woken) = channel();
    let wake = Arc::new(move || sender.send(()).unwrap());
    let request = TicketRequest::start(client, role, Level::Debug, wake);
    (request.unwrap(), woken)
}

/// The ticket, once the owner was notified.
fn ticket(client: &Client) -> Result<DirectTicket, Error> {
    let (request, woken) = start(client, role());
    loop {
        woken.recv_timeout(Duration::from_secs(60)).unwrap();
        if let Some(result) = request.take() {
            return result;
        }
    }
}

fn keys(id: &str) -> rekognition_emulator::Keys {
    rekognition_emulator::Keys {
        access_key_id: id.into(),
        secret_access_key: "of-the-role".into(),
        session_token: Some("token-of-the-role".into()),
    }
}

/// An STS that assumes any role.
fn sts() -> HttpServer {
    HttpServer::start(|_| Some((200, assumed_role(&keys("ASIAROLE"), "AssumeRole"))))
}

fn refused(code: &str) -> String {
    format!(
        "<ErrorResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><Error><Type>Sender</Type>\
         <Code>{code}</Code><Message>because &lt;of&gt; it</Message></Error><RequestId>1-2</RequestId></ErrorResponse>"
    )
}

#[test]
fn the_keys_of_a_ticket_start_a_stream_and_do_nothing_else() {
    let setting = Setting::start();
    let ticket = ticket(&setting.client).unwrap();
    assert_eq!(ticket.region, "us-east-1");
    assert_eq!(ticket.endpoint, Some(setting.emulator.url()));

    let mut opening = setting.opening();
    opening.keys.access_key_id = ticket.keys.access_key_id().into();
    opening.keys.secret_access_key = ticket.keys.secret_access_key().into();
    opening.keys.session_token = ticket.keys.session_token().map(str::to_owned);
    let mut stream = opening.open();
    let challenge = stream.receive_challenge();
    stream.send_check(&challenge);
    stream.receive();
    assert_eq!(setting.status(&opening.session_id), "SUCCEEDED");

    let of_the_page = client(Settings {
        keys: Some(Keys {
            access_key_id: ticket.keys.access_key_id().into(),
            secret_access_key: Secret::new(ticket.keys.secret_access_key().into()),
            session_token: ticket.keys.session_token().map(|t| Secret::new(t.into())),
            expires: None,
        }),
        ..settings(&setting.emulator)
    });
    let others = [
        create(&of_the_page).map(drop),
        get(&of_the_page, &opening.session_id).map(drop),
        self::ticket(&of_the_page).map(drop),
    ];
    for other in others {
        match other {
            Err(Error::Service(error)) => {
                assert!(error.code.unwrap().starts_with("AccessDenied"));
            }
            other => panic!("{other:?}"),
        }
    }

    // 900 seconds, the least that STS allows.
    setting.emulator.advance(901.0);
    let mut late = Opening::new(&setting.emulator, &setting.session());
    late.keys = opening.keys;
    assert_eq!(setting.refused(&late).0, "ExpiredTokenException");
}

#[test]
fn a_request_to_sts_says_what_it_was_asked_for_and_for_how_long() {
    let _environment = Environment::with(&[]);
    let sts = sts();
    let client = client(settings_for(sts.url()));
    let role = Role {
        external_id: Some("of the owner".into()),
        session_name: Some("front-desk".into()),
        ..role()
    };
    let (request, woken) = start(&client, role);
    woken.recv().unwrap();
    let ticket = request.take().unwrap().unwrap();
    assert_eq!(ticket.keys.access_key_id(), "ASIAROLE");
    assert_eq!(ticket.expiration().as_deref(), Some("2099-01-01T00:00:00Z"));
    let body = &sts.requests()[0].body;
    for part in [
        "RoleSessionName=front-desk",
        "ExternalId=of%20the%20owner",
        "DurationSeconds=900",
        "StartFaceLivenessSession",
    ] {
        assert!(body.contains(part), "{body}");
    }

    self::ticket(&client).unwrap();
    let body = &sts.requests()[1].body;
    assert!(body.contains("RoleSessionName=rekognition-1"), "{body}");
    assert!(!body.contains("ExternalId"), "{body}");
}

#[test]
fn neither_the_log_nor_debug_shows_the_keys() {
    let _environment = Environment::with(&[]);
    let sts = sts();
    let client = client(settings_for(sts.url()));
    let (request, woken) = start(&client, role());
    woken.recv().unwrap();
    let log = request.take_log().join("\n");
    assert!(log.contains("AssumeRole: HTTP 200"), "{log}");
    let ticket = request.take().unwrap().unwrap();
    let shown = format!("{log} {request:?} {ticket:?}");
    assert!(!shown.contains("of-the-role"), "{shown}");
    assert!(!log.contains("ASIAROLE"), "{log}");
}

#[test]
fn errors_of_sts_are_those_of_a_call() {
    let _environment = Environment::with(&[]);
    for (status, code) in [(403, "AccessDenied"), (400, "ValidationError")] {
        let sts = HttpServer::start(move |_| Some((status, refused(code))));
        match ticket(&client(settings_for(sts.url()))) {
            Err(Error::Service(error)) => {
                assert_eq!(error.code.as_deref(), Some(code));
                assert_eq!(error.message.as_deref(), Some("because <of> it"));
                assert_eq!((error.status, error.attempts), (status, 1));
            }
            other => panic!("{other:?}"),
        }
    }
    let page = HttpServer::start(|_| Some((502, "<html>Bad gateway</html>".into())));
    match ticket(&client(settings_for(page.url()))) {
        Err(Error::Service(error)) => assert_eq!((error.code, error.status), (None, 502)),
        other => panic!("{other:?}"),
    }
    let junk = HttpServer::start(|_| Some((200, "junk".into())));
    match ticket(&client(settings_for(junk.url()))) {
        Err(Error::InvalidResponse { status, .. }) => assert_eq!(status, Some(200)),
        other => panic!("{other:?}"),
    }
    match ticket(&client(settings_for("http://127.0.0.1:1".into()))) {
        Err(Error::Connection { endpoint, .. }) => assert_eq!(endpoint, "http://127.0.0.1:1"),
        other => panic!("{other:?}"),
    }
    let anonymous = Settings {
        anonymous: true,
        keys: None,
        ..settings_for(page.url())
    };
    match ticket(&client(anonymous)) {
        Err(Error::Credentials { reason }) => assert!(reason.contains("anonymous"), "{reason}"),
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_time_limits_and_retries_of_the_client_hold_for_sts() {
    let _environment = Environment::with(&[]);
    let silent = HttpServer::start(|_| None);
    let limited = |limit: Limit| {
        let short = Some(Duration::from_millis(300));
        let given = settings_for(silent.url());
        let given = match limit {
            Limit::Read => Settings {
                read_timeout: short,
                ..given
            },
            _ => Settings {
                operation_timeout: short,
                ..given
            },
        };
        match ticket(&client(given)) {
            Err(Error::Timeout { limit, .. }) => limit,
            other => panic!("{other:?}"),
        }
    };
    for limit in [Limit::Read, Limit::Operation] {
        assert_eq!(limited(limit), limit);
    }

    let throttled = HttpServer::start(|_| Some((400, refused("Throttling"))));
    let twice = Settings {
        max_retries: Some(1),
        ..settings_for(throttled.url())
    };
    match ticket(&client(twice)) {
        Err(Error::Service(error)) => assert_eq!(error.attempts, 2),
        other => panic!("{other:?}"),
    }
    assert_eq!(throttled.requests().len(), 2);
}

#[test]
fn keys_that_sts_calls_expired_are_renewed_once() {
    let _environment = Environment::with(&[]);
    let given = |id: &str| Keys {
        access_key_id: id.into(),
        secret_access_key: Secret::new("secret".into()),
        session_token: Some(Secret::new("token".into())),
        expires: None,
    };
    for (code, accepted, expected) in [
        ("ExpiredToken", "ASIA2", Ok(2)),
        ("InvalidClientTokenId", "ASIA2", Ok(2)),
        ("ExpiredToken", "ASIA9", Err("ExpiredToken".to_owned())),
    ] {
        let sts = HttpServer::start(move |request| {
            if request.headers.contains(&format!("Credential={accepted}/")) {
                return Some((200, assumed_role(&keys("ASIAROLE"), "AssumeRole")));
            }
            Some((403, refused(code)))
        });
        let on_request = Settings {
            keys_on_request: true,
            keys: None,
            ..settings_for(sts.url())
        };
        let client = client(on_request);
        let requests = client.key_requests().unwrap();
        let (request, woken) = start(&client, role());
        let mut supplied = 0;
        let result = loop {
            woken.recv_timeout(Duration::from_secs(60)).unwrap();
            if let Some(result) = request.take() {
                break result;
            }
            if requests.is_pending() {
                supplied += 1;
                requests.supply(Ok(given(&format!("ASIA{supplied}"))));
            }
        };
        let outcome = match result {
            Ok(_) => Ok(supplied),
            Err(Error::Service(error)) => Err(error.code.unwrap()),
            other => panic!("{other:?}"),
        };
        assert_eq!(outcome, expected);
        assert_eq!(sts.requests().len(), 2);
    }
}

#[test]
fn a_canceled_request_ends_and_notifies_its_owner() {
    let _environment = Environment::with(&[]);
    let silent = HttpServer::start(|_| None);
    let client = client(settings_for(silent.url()));
    let (request, woken) = start(&client, role());
    assert!(request.take().is_none());
    request.cancel();
    woken.recv_timeout(Duration::from_secs(60)).unwrap();
    assert!(matches!(request.take(), Some(Err(Error::Internal { .. }))));
}

#[test]
fn sts_is_where_it_is_configured_else_with_an_emulator_else_at_aws() {
    const STS: &str = "sts.us-east-1.amazonaws.com";
    const VPC: &str = "vpce-1.rekognition.us-east-1.vpce.amazonaws.com";
    let folder = Folder::new("direct");
    let authority = Authority::new("Private CA");
    let bundle = folder.write("ca.pem", &authority.pem);
    let config = folder.write(
        "config",
        "[profile reviewer]\nrole_arn = arn:aws:iam::111122223333:role/Reviewer\nsource_profile = base\n\
         [profile base]\naws_access_key_id = AKIABASE\naws_secret_access_key = base\n",
    );
    let aws = sts();
    let front = TlsFront::start(authority.sign(&[STS], Validity::Now), &aws.url());
    let tunnel = Tunnel::to(front.port());
    let environment = Environment::with(&[
        ("HTTPS_PROXY", &tunnel.url()),
        ("AWS_CA_BUNDLE", &bundle),
        ("AWS_CONFIG_FILE", &config),
    ]);
    let emulator = sts();
    let seen = || (emulator.requests().len(), aws.requests().len());

    let at = |endpoint: Option<String>| Settings {
        endpoint,
        ..settings_for(emulator.url())
    };
    assert_eq!(ticket(&client(at(None))).unwrap().endpoint, None);
    let vpc = at(Some(format!("https://{VPC}")));
    assert_eq!(ticket(&client(vpc)).unwrap().endpoint, None);
    assert_eq!(seen(), (0, 2));
    let local = ticket(&client(at(Some(emulator.url())))).unwrap();
    assert_eq!(local.endpoint, Some(emulator.url()));
    assert_eq!(seen(), (1, 2));

    // The role that the client itself has is assumed at AWS, even with an emulator.
    let of_a_role = Settings {
        endpoint: Some(emulator.url()),
        profile: Some("reviewer".into()),
        ..base_settings()
    };
    ticket(&client(of_a_role)).unwrap();
    assert_eq!(seen(), (2, 3));

    environment.set("AWS_ENDPOINT_URL_STS", &emulator.url());
    assert_eq!(ticket(&client(at(None))).unwrap().endpoint, None);
    assert_eq!(seen(), (3, 3));

    assert!(tunnel.lines().iter().all(|line| line.contains(STS)));
}
