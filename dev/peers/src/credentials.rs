//! What the services that credentials come from answer.

use crate::http::HttpServer;
use rekognition_emulator::Keys;

/// Far enough from now.
const EXPIRATION: &str = "2099-01-01T00:00:00Z";

/// The answer of STS to this operation.
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

/// The answer of IAM Identity Center.
pub fn role_credentials(keys: &Keys) -> String {
    format!(
        r#"{{"roleCredentials":{{"accessKeyId":"{}","secretAccessKey":"{}","sessionToken":"{}","expiration":4070908800000}}}}"#,
        keys.access_key_id,
        keys.secret_access_key,
        token(keys)
    )
}

/// The answer of a container's and of an instance's metadata service.
pub fn metadata_credentials(keys: &Keys) -> String {
    format!(
        r#"{{"Code":"Success","Type":"AWS-HMAC","LastUpdated":"2026-01-01T00:00:00Z","AccessKeyId":"{}","SecretAccessKey":"{}","Token":"{}","Expiration":"{EXPIRATION}","AccountId":"111122223333"}}"#,
        keys.access_key_id,
        keys.secret_access_key,
        token(keys)
    )
}

/// An instance's metadata service (IMDSv2), with the keys of the time and the region us-east-1.
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
