//! The endpoints of regions, FIPS and dual-stack.

use rekognition_core::error::Error;
use rekognition_core::secret::Secret;
use rekognition_core::settings::Settings;
use rekognition_peers::{
    assumed_role, base_settings, client, emulator, get, keys, Authority, Environment, Folder,
    HttpServer, TlsFront, Tunnel, Validity, ID,
};

#[test]
fn the_host_of_the_endpoint_depends_on_region_fips_and_dual_stack() {
    let _environment = Environment::with(&[]);
    let folder = Folder::new("endpoints");
    let authority = Authority::new("Private CA");
    let bundle = folder.write("ca.pem", &authority.pem);
    let emulator = emulator();
    for (region, use_fips, use_dualstack, host) in [
        (
            "us-east-1",
            false,
            false,
            "rekognition.us-east-1.amazonaws.com",
        ),
        (
            "us-east-1",
            true,
            false,
            "rekognition-fips.us-east-1.amazonaws.com",
        ),
        ("us-east-1", false, true, "rekognition.us-east-1.api.aws"),
        (
            "us-east-1",
            true,
            true,
            "rekognition-fips.us-east-1.api.aws",
        ),
        (
            "eu-west-1",
            false,
            false,
            "rekognition.eu-west-1.amazonaws.com",
        ),
        (
            "cn-north-1",
            false,
            false,
            "rekognition.cn-north-1.amazonaws.com.cn",
        ),
    ] {
        let front = TlsFront::start(authority.sign(&[host], Validity::Now), &emulator.url());
        let tunnel = Tunnel::to(front.port());
        let client = client(Settings {
            region: Some(region.into()),
            keys: Some(keys(&emulator)),
            ca_bundle: Some(bundle.clone().into()),
            proxy: Some(Secret::new(tunnel.url())),
            use_fips: Some(use_fips),
            use_dualstack: Some(use_dualstack),
            ..base_settings()
        });
        match get(&client, ID) {
            // The emulator accepts signatures for one region only.
            Err(Error::Service(_)) => {}
            other => panic!("{other:?}"),
        }
        assert_eq!(tunnel.lines(), [format!("CONNECT {host}:443 HTTP/1.1")]);
        assert_eq!(
            client.resolved().describe_endpoint(),
            Some(format!("https://{host}"))
        );
    }
}

#[test]
fn with_use_fips_roles_come_from_fips_endpoints_only() {
    const FIPS: &str = "sts-fips.us-east-1.amazonaws.com";
    let folder = Folder::new("fips");
    let token = folder.write("token", "web-identity-token");
    let authority = Authority::new("Private CA");
    let bundle = folder.write("ca.pem", &authority.pem);
    let keys = emulator().temporary_keys(900.0);
    let sts =
        HttpServer::start(move |_| Some((200, assumed_role(&keys, "AssumeRoleWithWebIdentity"))));
    let front = TlsFront::start(authority.sign(&[FIPS], Validity::Now), &sts.url());
    let tunnel = Tunnel::to(front.port());
    let environment = Environment::with(&[
        ("HTTPS_PROXY", &tunnel.url()),
        ("AWS_CA_BUNDLE", &bundle),
        ("AWS_ROLE_ARN", "arn:aws:iam::111122223333:role/x"),
        ("AWS_WEB_IDENTITY_TOKEN_FILE", &token),
    ]);
    let role = || {
        client(Settings {
            region: Some("us-east-1".into()),
            use_fips: Some(true),
            max_retries: Some(0),
            ..base_settings()
        })
    };
    match get(&role(), ID) {
        Err(Error::Credentials { reason }) => assert!(
            reason.contains("sts.us-east-1.amazonaws.com is not a FIPS endpoint"),
            "{reason}"
        ),
        other => panic!("{other:?}"),
    }
    assert!(tunnel.lines().is_empty());

    environment.set("AWS_ENDPOINT_URL_STS", &format!("https://{FIPS}"));
    // The certificate is for STS only, so the call to the service fails.
    get(&role(), ID).unwrap_err();
    assert_eq!(
        tunnel.lines(),
        [FIPS, "rekognition-fips.us-east-1.amazonaws.com"]
            .map(|host| format!("CONNECT {host}:443 HTTP/1.1"))
    );
}
