//! Where objects in S3 are requested: regions, hosts, endpoints. R tests have botocore judge the signatures.

use rekognition_core::error::Error;
use rekognition_core::s3::Object;
use rekognition_core::secret::Secret;
use rekognition_core::settings::Settings;
use rekognition_core::Client;
use rekognition_peers::objects::{error_of_s3, fetch, fetch_all, found, object, refused, BUCKET};
use rekognition_peers::{
    client, settings_for, Authority, Environment, Folder, HttpServer, Reply, Request, TlsFront,
    Tunnel, Validity,
};

/// The region that a request is signed for.
fn region(request: &Request) -> String {
    let (_, scope) = request.headers.split_once("Credential=").unwrap();
    scope.split('/').nth(2).unwrap().to_owned()
}

/// A server behind all hosts of S3 of two regions, and a client that reaches them through a proxy.
struct Aws {
    tunnel: Tunnel,
    client: Client,
    _front: TlsFront,
    _folder: Folder,
}

impl Aws {
    fn start(name: &str, server: &HttpServer) -> Self {
        let authority = Authority::new("Private CA");
        let hosts = [
            "s3.us-east-1.amazonaws.com",
            "*.s3.us-east-1.amazonaws.com",
            "*.s3.eu-central-1.amazonaws.com",
        ];
        let front = TlsFront::start(authority.sign(&hosts, Validity::Now), &server.url());
        let tunnel = Tunnel::to(front.port());
        let folder = Folder::new(name);
        let bundle = folder.write("ca.pem", &authority.pem);
        let client = client(Settings {
            endpoint: None,
            ca_bundle: Some(bundle.into()),
            proxy: Some(Secret::new(tunnel.url())),
            close_connection: true,
            ..settings_for(String::new())
        });
        Aws {
            tunnel,
            client,
            _front: front,
            _folder: folder,
        }
    }

    /// The hosts of the connections so far.
    fn hosts(&self) -> Vec<String> {
        let host = |line: String| line.split([' ', ':']).nth(1).unwrap().to_owned();
        self.tunnel.lines().into_iter().map(host).collect()
    }
}

const HERE: &str = "faces.s3.us-east-1.amazonaws.com";
const THERE: &str = "faces.s3.eu-central-1.amazonaws.com";

#[test]
fn a_bucket_in_another_region_is_found_and_remembered() {
    let _environment = Environment::with(&[]);
    let elsewhere = || "eu-central-1".to_owned();
    let location = || "https://elsewhere.example.org/".to_owned();
    let in_body = "<Region>eu-central-1</Region><Endpoint>elsewhere.example.org</Endpoint>";
    for (status, headers, more) in [
        (301, vec![("x-amz-bucket-region", elsewhere())], ""),
        (
            301,
            vec![
                ("x-amz-bucket-region", elsewhere()),
                ("location", location()),
            ],
            "",
        ),
        (
            307,
            vec![
                ("x-amz-bucket-region", elsewhere()),
                ("location", location()),
            ],
            "",
        ),
        (307, vec![("location", location())], in_body),
        (400, vec![], in_body),
    ] {
        let server = HttpServer::replying(move |request| {
            Some(if region(request) == "eu-central-1" {
                found("face")
            } else {
                Reply {
                    headers: headers.clone(),
                    ..refused(status, "AuthorizationHeaderMalformed", more)
                }
            })
        });
        let aws = Aws::start("s3-region", &server);
        assert_eq!(fetch(&aws.client, "1").unwrap(), b"face");
        assert_eq!(fetch(&aws.client, "2").unwrap(), b"face");
        assert_eq!(aws.hosts(), [HERE, THERE, THERE], "{status}");
        let others = fetch_all(&aws.client, vec![object("Other.Faces", "1")]).0;
        assert!(others[0].is_err());
        assert_eq!(aws.hosts()[3], "s3.us-east-1.amazonaws.com");
    }
}

#[test]
fn a_redirect_is_followed_once_and_to_regions_only() {
    let _environment = Environment::with(&[]);
    for (named, hosts) in [
        ("eu-central-1", vec![HERE, THERE]),
        ("us-east-1", vec![HERE]),
        ("us-iso-east-1", vec![HERE]),
        ("evil.example.org/", vec![HERE]),
        ("evil@example", vec![HERE]),
    ] {
        let server = HttpServer::replying(move |_| {
            Some(Reply {
                headers: vec![
                    ("x-amz-bucket-region", named.to_owned()),
                    ("location", "https://elsewhere.example.org/".into()),
                ],
                ..refused(301, "PermanentRedirect", "")
            })
        });
        let aws = Aws::start("s3-redirect", &server);
        let error = error_of_s3(fetch(&aws.client, "1"));
        assert_eq!(error.code.as_deref(), Some("PermanentRedirect"));
        assert_eq!((error.status, error.attempts), (301, hosts.len() as u32));
        assert_eq!(aws.hosts(), hosts, "{named}");
    }
}

#[test]
fn the_endpoint_is_the_one_that_was_set_or_the_emulators_or_aws() {
    let folder = Folder::new("s3-endpoint");
    let server = HttpServer::replying(|_| Some(found("face")));
    let other = HttpServer::replying(|_| Some(found("face")));
    let loopback = || client(settings_for(server.url()));
    let config = format!(
        "[default]\nservices = local\n[services local]\ns3 =\n  endpoint_url = {}\n",
        other.url()
    );
    let config = folder.write("config", &config);
    let of_aws = "https://rekognition.example.org".to_owned();

    let environment = Environment::with(&[]);
    fetch(&loopback(), "a/b").unwrap();
    assert_eq!(server.requests()[0].line, "GET /faces/a/b");
    for variable in ["AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL"] {
        environment.set(variable, &other.url());
        fetch(&loopback(), "a/b").unwrap();
        environment.unset(variable);
    }
    environment.set("AWS_CONFIG_FILE", &config);
    fetch(&loopback(), "a/b").unwrap();
    fetch(&client(settings_for(of_aws.clone())), "a/b").unwrap();
    assert_eq!(other.requests().len(), 4);
    assert_eq!(server.requests().len(), 1);
    environment.set("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "true");
    fetch(&loopback(), "a/b").unwrap();
    assert_eq!(server.requests().len(), 2);
    drop(environment);

    // An endpoint of Rekognition that is not on this machine has no S3.
    let _environment = Environment::with(&[]);
    let tunnel = Tunnel::to(1);
    let remote = client(Settings {
        proxy: Some(Secret::new(tunnel.url())),
        ..settings_for(of_aws)
    });
    match fetch(&remote, "a/b") {
        Err(Error::Connection { endpoint, .. }) => assert_eq!(endpoint, format!("https://{HERE}")),
        other => panic!("{other:?}"),
    }
    assert!(tunnel.lines().iter().all(|line| line.contains(HERE)));
}

#[test]
fn a_request_names_version_and_app_and_is_signed_unless_the_client_is_anonymous() {
    let _environment = Environment::with(&[]);
    let server = HttpServer::replying(|_| {
        Some(Reply {
            status: 200,
            headers: vec![
                ("x-amz-server-side-encryption", "aws:kms".into()),
                ("x-amz-version-id", "v+1".into()),
                ("content-type", "image/jpeg".into()),
            ],
            body: vec![0xff, 0xd8, 0, 0xff],
        })
    });
    let signed = Settings {
        app_name: Some("reviews".into()),
        ..settings_for(server.url())
    };
    let anonymous = Settings {
        keys: None,
        anonymous: true,
        ..signed.clone()
    };
    for settings in [signed, anonymous] {
        let versioned = Object {
            version: Some("v+1".into()),
            ..object(BUCKET, "a b")
        };
        let fetched = fetch_all(&client(settings), vec![versioned]).0;
        assert_eq!(fetched, [Ok(vec![0xff, 0xd8, 0, 0xff])]);
    }
    let [signed, anonymous] = &server.requests()[..] else {
        panic!("not two requests");
    };
    for request in [signed, anonymous] {
        assert_eq!(request.line, "GET /faces/a%20b?versionId=v%2B1");
        assert!(request.headers.contains(" app/reviews\n"));
    }
    assert!(signed.headers.contains("/us-east-1/s3/aws4_request, "));
    assert!(signed
        .headers
        .contains("SignedHeaders=host;x-amz-content-sha256;x-amz-date, "));
    for name in ["authorization", "x-amz-date", "x-amz-content-sha256"] {
        assert!(!anonymous.headers.contains(name), "{name}");
    }
}
