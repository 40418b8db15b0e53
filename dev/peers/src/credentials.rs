//! The services that credentials come from, and clients that use them.

use crate::http::HttpServer;
use crate::{base_settings, client, create, emulator, get, ID};
use rekognition_core::error::Error;
use rekognition_core::settings::Settings;
use rekognition_core::Client;
use rekognition_emulator::{Emulator, Keys};

/// Far enough in the future.
const EXPIRATION: &str = "2099-01-01T00:00:00Z";

/// The response of STS to this operation.
pub fn assumed_role(keys: &Keys, operation: &str) -> String {
    format!(
        "<{operation}Response xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><{operation}Result>\
         <Credentials><AccessKeyId>{}</AccessKeyId><SecretAccessKey>{}</SecretAccessKey>\
         <SessionToken>{}</SessionToken><Expiration>{EXPIRATION}</Expiration></Credentials>\
         <AssumedRoleUser><Arn>arn:aws:sts::111122223333:assumed-role/x/y</Arn>\
         <AssumedRoleId>A:y</AssumedRoleId></AssumedRoleUser>\
         </{operation}Result></{operation}Response>",
        keys.access_key_id,
        keys.secret_access_key,
        token(keys)
    )
}

/// The response of IAM Identity Center.
pub fn role_credentials(keys: &Keys) -> String {
    format!(
        r#"{{"roleCredentials":{{"accessKeyId":"{}","secretAccessKey":"{}","sessionToken":"{}","expiration":4070908800000}}}}"#,
        keys.access_key_id,
        keys.secret_access_key,
        token(keys)
    )
}

/// The response of the metadata service of a container or an instance.
pub fn metadata_credentials(keys: &Keys) -> String {
    format!(
        r#"{{"Code":"Success","Type":"AWS-HMAC","LastUpdated":"2026-01-01T00:00:00Z","AccessKeyId":"{}","SecretAccessKey":"{}","Token":"{}","Expiration":"{EXPIRATION}","AccountId":"111122223333"}}"#,
        keys.access_key_id,
        keys.secret_access_key,
        token(keys)
    )
}

/// An instance metadata service (IMDSv2) with the current keys and the region us-east-1.
pub fn metadata_service(keys: impl Fn() -> Keys + Clone + Send + Sync + 'static) -> HttpServer {
    HttpServer::start(move |request| {
        let has_token = request
            .headers
            .contains("x-aws-ec2-metadata-token: a-token\n");
        Some(match request.line.as_str() {
            "PUT /latest/api/token" => (200, "a-token".into()),
            _ if !has_token => (401, String::new()),
            "GET /latest/meta-data/placement/region" => (200, "us-east-1".into()),
            line if line.starts_with("GET /latest/meta-data/iam/security-credentials")
                && line.ends_with("/a-role") =>
            {
                (200, metadata_credentials(&keys()))
            }
            line if line.starts_with("GET /latest/meta-data/iam/security-credentials") => {
                (200, "a-role".into())
            }
            _ => (404, String::new()),
        })
    })
}

fn token(keys: &Keys) -> &str {
    keys.session_token.as_deref().unwrap_or_default()
}

/// Settings for a client of this emulator whose keys come from the default chain.
pub fn settings_without_keys(emulator: &Emulator) -> Settings {
    Settings {
        endpoint: Some(emulator.url()),
        ..base_settings()
    }
}

/// Asserts that a call succeeds, and is signed with these keys.
pub fn assert_signed_with(client: &Client, emulator: &Emulator, access_key_id: &str) {
    create(client).expect("a session");
    let requests = emulator.requests();
    let last = requests.last().expect("a request");
    assert_eq!(last.access_key_id.as_deref(), Some(access_key_id));
}

/// The reason of a credentials error.
pub fn credentials_reason(error: Error) -> String {
    match error {
        Error::Credentials { reason } => reason,
        other => panic!("{other:?}"),
    }
}

/// Why the default chain has no keys.
pub fn default_chain_error() -> String {
    let emulator = emulator();
    let failed = get(&client(settings_without_keys(&emulator)), ID);
    assert!(emulator.requests().is_empty());
    credentials_reason(failed.map(drop).expect_err("no credentials"))
}
