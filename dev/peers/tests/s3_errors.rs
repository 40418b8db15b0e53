//! What goes wrong with objects in S3, and what is sent again.

use rekognition_core::error::{Error, Limit};
use rekognition_core::s3::Object;
use rekognition_core::settings::Settings;
use rekognition_core::Client;
use rekognition_peers::objects::{error_of_s3, fetch, fetch_all, found, object, refused, BUCKET};
use rekognition_peers::{
    base_settings, client, metadata_credentials, respond, settings_for, Environment, HttpServer,
    RawServer, Reply,
};
use std::io::Write;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::Arc;
use std::time::Duration;

/// A client that sends failed requests again.
fn patient(url: String) -> Client {
    client(Settings {
        max_retries: Some(3),
        read_timeout: Some(Duration::from_millis(300)),
        ..settings_for(url)
    })
}

#[test]
fn the_log_shows_neither_keys_nor_secrets() {
    let _environment = Environment::with(&[]);
    let server = HttpServer::replying(|request| {
        Some(if request.line.contains("missing") {
            refused(404, "NoSuchKey", "")
        } else {
            found("face")
        })
    });
    let objects = vec![
        object(BUCKET, "jane-doe/1.jpg"),
        object(BUCKET, "jane-doe/missing.jpg"),
        Object {
            version: Some("jane-doe".into()),
            ..object("Not.In.Host", "jane-doe")
        },
    ];
    let (fetched, log) = fetch_all(&client(settings_for(server.url())), objects);
    assert_eq!(fetched.iter().filter(|fetched| fetched.is_ok()).count(), 2);
    assert!(
        log.contains(&format!("GetObject: attempt 1 to {}\n", server.url())),
        "{log}"
    );
    assert!(
        log.contains("GetObject: HTTP 404 NoSuchKey, request id 4442587FB7D0A2F9; "),
        "{log}"
    );
    for hidden in ["jane", "missing", "secret", "Signature", "AKIA"] {
        assert!(!log.contains(hidden), "{log}");
    }
}

#[test]
fn throttled_and_failed_requests_are_sent_again() {
    let _environment = Environment::with(&[]);
    for (replies, attempts) in [
        (
            vec![refused(503, "SlowDown", ""), refused(503, "SlowDown", "")],
            3,
        ),
        (vec![refused(503, "ServiceUnavailable", "")], 2),
        (vec![refused(500, "InternalError", "")], 2),
    ] {
        let count = Arc::new(AtomicUsize::new(0));
        let server = HttpServer::replying(move |_| {
            let number = count.fetch_add(1, Ordering::SeqCst);
            Some(
                replies
                    .get(number)
                    .cloned()
                    .unwrap_or_else(|| found("face")),
            )
        });
        let patient = client(Settings {
            max_retries: Some(3),
            ..settings_for(server.url())
        });
        assert_eq!(fetch(&patient, "1").unwrap(), b"face");
        assert_eq!(server.requests().len(), attempts);
    }
    for code in ["NoSuchKey", "AccessDenied", "NoSuchVersion"] {
        let server = HttpServer::replying(move |_| Some(refused(403, code, "")));
        let patient = client(Settings {
            max_retries: Some(3),
            ..settings_for(server.url())
        });
        let error = error_of_s3(fetch(&patient, "1"));
        assert_eq!(error.code.as_deref(), Some(code));
        assert_eq!(error.message.as_deref(), Some("m"));
        assert_eq!(error.request_id.as_deref(), Some("4442587FB7D0A2F9"));
        assert_eq!(server.requests().len(), 1);
    }
}

#[test]
fn expired_and_unknown_keys_are_renewed_once() {
    for (status, code, is_renewed) in [
        (400, "ExpiredToken", true),
        (403, "InvalidAccessKeyId", true),
        (403, "AccessDenied", false),
    ] {
        let renewals = Arc::new(AtomicUsize::new(0));
        let container = HttpServer::start(move |_| {
            let number = renewals.fetch_add(1, Ordering::SeqCst);
            let keys = rekognition_emulator::Keys {
                access_key_id: format!("ASIA{number}"),
                secret_access_key: "secret".into(),
                session_token: Some("token".into()),
            };
            Some((200, metadata_credentials(&keys)))
        });
        let full = format!("{}/credentials", container.url());
        let _environment = Environment::with(&[("AWS_CONTAINER_CREDENTIALS_FULL_URI", &full)]);
        let server = HttpServer::replying(move |request| {
            let is_new = request.headers.contains("Credential=ASIA1/");
            let accepts = is_renewed && is_new;
            Some(if accepts {
                found("face")
            } else {
                refused(status, code, "")
            })
        });
        let client = client(Settings {
            endpoint: Some(server.url()),
            ..base_settings()
        });
        let objects = (0..8).map(|number| object(BUCKET, &number.to_string()));
        let (fetched, _) = fetch_all(&client, objects.collect());
        assert!(
            fetched.iter().all(|fetched| fetched.is_ok() == is_renewed),
            "{code}"
        );
        assert_eq!(
            container.requests().len(),
            1 + usize::from(is_renewed),
            "{code}"
        );
    }
}

#[test]
fn what_concerns_no_single_object_is_one_error() {
    let _environment = Environment::with(&[]);
    let of = |given: Settings| {
        let objects = (0..3).map(|number| object(BUCKET, &number.to_string()));
        fetch_all(&client(given), objects.collect()).0
    };
    let no_keys = of(base_settings());
    assert!(
        matches!(no_keys[..], [Err(Error::Credentials { .. })]),
        "{no_keys:?}"
    );
    let private = Settings {
        endpoint: None,
        region: Some("us-iso-east-1".into()),
        ..settings_for(String::new())
    };
    let private = of(private);
    match &private[..] {
        [Err(Error::Config {
            setting, reason, ..
        })] => {
            assert_eq!(setting, "region");
            assert!(reason.contains("AWS_ENDPOINT_URL_S3"), "{reason}");
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn only_the_status_200_is_an_object() {
    let _environment = Environment::with(&[]);
    for status in [201, 202, 203, 204, 206, 226] {
        let server = HttpServer::replying(move |_| {
            let body = if status == 204 { "" } else { "half a face" };
            Some((status, body.to_owned()).into())
        });
        match fetch(&patient(server.url()), "1") {
            Err(Error::InvalidResponse {
                reason,
                status: received,
                ..
            }) => {
                assert_eq!(received, Some(status));
                assert_eq!(reason, "the status of an object must be 200");
            }
            other => panic!("{other:?}"),
        }
        assert_eq!(server.requests().len(), 1);
    }
}

#[test]
fn an_error_does_not_repeat_the_key_of_the_object() {
    let _environment = Environment::with(&[]);
    let server = HttpServer::replying(|request| {
        let path = request.line.split(' ').nth(1).unwrap_or_default();
        let arn =
            "User: arn:aws:iam::111122223333:user/faces is not authorized to perform: s3:GetObject";
        let raw = "arn:aws:s3:::faces/jane doe/é&amp;.jpg";
        let message = format!("{arn} on resource: \"{raw}\", which is {path}");
        Some(Reply {
            body: format!("<Error><Code>AccessDenied</Code><Message>{message}</Message><Key>jane doe</Key></Error>")
                .into(),
            ..refused(403, "", "")
        })
    });
    let key = object(BUCKET, "jane doe/é&.jpg");
    let (fetched, log) = fetch_all(&client(settings_for(server.url())), vec![key]);
    let [Err(Error::Service(error))] = &fetched[..] else {
        panic!("{fetched:?}");
    };
    assert_eq!(
        error.message.as_deref(),
        Some(
            "User: arn:aws:iam::111122223333:user/faces is not authorized to perform: s3:GetObject on resource: \
             \"arn:aws:s3:::faces/<key>\", which is /faces/<key>"
        )
    );
    assert!(
        !format!("{error:?}{log}").contains("jane"),
        "{error:?}{log}"
    );
}

#[test]
fn an_error_of_s3_is_not_longer_than_any_that_s3_sends() {
    let _environment = Environment::with(&[]);
    for (code, is_code) in [
        ("AccessDenied".to_owned(), true),
        ("a.B_c-1".to_owned(), true),
        ("X".repeat(3_000_000), false),
        ("Access Denied".to_owned(), false),
        ("faces/1".to_owned(), false),
    ] {
        let sent = code.clone();
        let server = HttpServer::replying(move |_| {
            let message = "é".repeat(1_500_000);
            Some(Reply {
                body: format!("<Error><Code>{sent}</Code><Message>x{message}</Message></Error>")
                    .into(),
                ..refused(403, "", "")
            })
        });
        let error = error_of_s3(fetch(&patient(server.url()), "1"));
        assert_eq!(error.code.is_some(), is_code, "{code:.20}");
        assert_eq!(error.error_type, error.code);
        let message = error.message.unwrap_or_default();
        assert!(message.starts_with("xé") && message.ends_with('é'));
        assert!(
            (1_000..=4_096).contains(&message.len()),
            "{}",
            message.len()
        );
    }
}

#[test]
fn a_body_that_is_cut_off_is_fetched_again_and_never_returned() {
    let _environment = Environment::with(&[]);
    const CUT: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf a face";
    for failures in [2, usize::MAX] {
        let server = RawServer::start("127.0.0.1:0", move |stream, number| {
            if number >= failures {
                return respond(stream, 200, "", "face");
            }
            let _ = stream.write_all(CUT);
            false
        });
        match (failures, fetch(&patient(server.url()), "1")) {
            (2, Ok(body)) => assert_eq!(body, b"face"),
            (usize::MAX, Err(Error::InvalidResponse { reason, status, .. })) => {
                assert_eq!(status, Some(200));
                assert!(reason.contains("closed before the end"), "{reason}");
                assert_eq!(server.heads().len(), 4);
            }
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn a_body_that_stalls_is_a_timeout() {
    let _environment = Environment::with(&[]);
    let server = RawServer::start("127.0.0.1:0", |stream, _| {
        stream
            .write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf")
            .is_ok()
    });
    match fetch(&patient(server.url()), "1") {
        Err(Error::Timeout { limit, .. }) => assert_eq!(limit, Limit::Read),
        other => panic!("{other:?}"),
    }
}

#[test]
fn an_object_that_is_too_long_or_empty_or_compressed_is_an_error_and_not_fetched_again() {
    let _environment = Environment::with(&[]);
    let long = "x".repeat(12 << 20);
    for (headers, body, expected) in [
        ("", long.as_str(), "longer than 12 MiB"),
        ("", "", "the object is empty"),
        ("content-encoding: gzip\r\n", "face", "compressed (gzip)"),
    ] {
        let body = body.to_owned();
        let server = RawServer::start("127.0.0.1:0", move |stream, _| {
            respond(stream, 200, headers, &body)
        });
        match fetch(&patient(server.url()), "1") {
            Err(Error::InvalidResponse { reason, .. }) => {
                assert!(reason.contains(expected), "{reason}");
            }
            other => panic!("{other:?}"),
        }
        assert_eq!(server.heads().len(), 1);
    }
}

#[test]
fn an_object_that_cannot_be_requested_does_not_end_the_others() {
    let _environment = Environment::with(&[]);
    let server = HttpServer::replying(|_| Some(found("face")));
    let keys = ["1".to_owned(), "x".repeat(70_000), "2".to_owned()];
    let objects = keys.iter().map(|key| object(BUCKET, key)).collect();
    let (fetched, _) = fetch_all(&patient(server.url()), objects);
    assert!(fetched[0].is_ok() && fetched[2].is_ok());
    match &fetched[1] {
        Err(Error::InvalidResponse { reason, .. }) => {
            assert!(reason.contains("too long"), "{reason}")
        }
        other => panic!("{other:?}"),
    }
}
