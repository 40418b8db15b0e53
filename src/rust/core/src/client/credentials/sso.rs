//! Credentials of a role in IAM Identity Center, with a login from the AWS CLI's cache.

use super::document::Document;
use super::plan::Sso;
use super::services::{PortalError, Services, Token};
use crate::causes::system_error;
use crate::file::{self, Links};
use crate::settings::shared_files;
use aws_credential_types::Credentials;
use aws_smithy_types::date_time::Format;
use aws_smithy_types::DateTime;
use aws_types::os_shim_internal::Env;
use ring::digest;
use serde_json::{json, Map, Value};
use std::fmt::Write;
use std::io::ErrorKind;
use std::path::PathBuf;
use std::time::{Duration, SystemTime};

/// Far more than any login has.
const MAX_FILE: u64 = 1 << 20;

/// A login that expires within this time is renewed, if that is possible.
const LOGIN_RENEWAL_MARGIN: Duration = Duration::from_secs(300);

/// Reads the login, renews it if necessary, and gets the role's credentials.
pub async fn load(sso: &Sso, env: &Env, services: &Services) -> Result<Credentials, String> {
    let login = Login::read(sso, env)?;
    let token = login.token(sso, services).await?;
    match services.role_credentials(sso, &token).await {
        Ok(keys) => Ok(keys),
        Err(PortalError::InvalidLogin) => Err(log_in(sso, "rejects the cached login")),
        Err(PortalError::Other(reason)) => Err(reason),
    }
}

fn log_in(sso: &Sso, problem: &str) -> String {
    format!(
        "IAM Identity Center (SSO) {problem}; log in with `aws sso login --profile {}`",
        sso.profile
    )
}

/// A cached login.
struct Login {
    folder: PathBuf,
    name: String,
    document: Document,
}

impl Login {
    fn read(sso: &Sso, env: &Env) -> Result<Self, String> {
        let folder = shared_files::sso_cache(env)
            .ok_or_else(|| log_in(sso, "has no cached login (there is no home folder)"))?;
        let name = file_name(sso.session.as_deref().unwrap_or(&sso.start_url));
        let path = folder.join(&name);
        let text = file::read(&path, MAX_FILE, Links::Follow).map_err(|error| {
            let problem = match error.kind() {
                ErrorKind::NotFound => "has no cached login".into(),
                _ => format!(
                    "has a cached login in {path:?} that cannot be read ({})",
                    system_error(&error)
                ),
            };
            log_in(sso, &problem)
        })?;
        match Document::read(&text) {
            Ok(document) => Ok(Login {
                folder,
                name,
                document,
            }),
            Err(problem) => Err(log_in(
                sso,
                &format!("has an invalid cached login in {path:?}: {problem}"),
            )),
        }
    }

    /// A valid token for the portal.
    async fn token(self, sso: &Sso, services: &Services) -> Result<String, String> {
        let incomplete = || log_in(sso, "has an incomplete cached login");
        let token = self
            .document
            .text("accessToken")
            .ok_or_else(incomplete)?
            .to_owned();
        let expires = self
            .document
            .time("expiresAt")
            .map_err(|problem| log_in(sso, &format!("has an invalid cached login: {problem}")))?
            .ok_or_else(incomplete)?;
        let now = SystemTime::now();
        if now + LOGIN_RENEWAL_MARGIN < expires {
            return Ok(token);
        }
        let problem = match self.refresh(sso, services).await {
            Ok(Some(refreshed)) => return Ok(refreshed),
            Ok(None) => String::new(),
            Err(reason) => format!(", which could not be renewed ({reason})"),
        };
        if now < expires {
            return Ok(token);
        }
        Err(log_in(
            sso,
            &format!("has an expired cached login{problem}"),
        ))
    }

    /// Renews the login, and caches it; `None` if it cannot be renewed.
    async fn refresh(self, sso: &Sso, services: &Services) -> Result<Option<String>, String> {
        let text = |name| self.document.text(name);
        let is_registered = matches!(
            self.document.time("registrationExpiresAt"),
            Ok(Some(ends)) if ends > SystemTime::now()
        );
        let (Some(id), Some(secret), Some(refresh), true) = (
            text("clientId"),
            text("clientSecret"),
            text("refreshToken"),
            is_registered && sso.session.is_some(),
        ) else {
            return Ok(None);
        };
        let token = services
            .refresh_login(&sso.region, id, secret, refresh)
            .await?;
        let content = updated(self.document.into_members(), &token);
        // The token can be used whether or not it is cached.
        let _ = file::write_whole(&self.folder, &self.name, content.as_bytes());
        Ok(Some(token.access_token))
    }
}

/// The cached login with the new token in it.
fn updated(mut members: Map<String, Value>, token: &Token) -> String {
    members.insert("accessToken".into(), json!(token.access_token));
    let expires = DateTime::from(SystemTime::now() + Duration::from_secs(token.expires_in));
    let expires = DateTime::from_secs(expires.secs()).fmt(Format::DateTime);
    members.insert("expiresAt".into(), json!(expires.unwrap_or_default()));
    if let Some(refresh) = &token.refresh_token {
        members.insert("refreshToken".into(), json!(refresh));
    }
    Value::Object(members).to_string()
}

/// The AWS CLI's name for the file of a login.
fn file_name(login: &str) -> String {
    let hash = digest::digest(&digest::SHA1_FOR_LEGACY_USE_ONLY, login.as_bytes());
    let mut name = String::new();
    for byte in hash.as_ref() {
        // Writing to a string cannot fail.
        let _ = write!(name, "{byte:02x}");
    }
    name + ".json"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_login_is_read_from_the_file_of_the_aws_cli() {
        assert_eq!(
            file_name("corp"),
            "ee0bfd2552fbd840c02cc48b6e823320543c450f.json"
        );
    }

    #[test]
    fn a_new_token_leaves_the_rest_of_a_login_unchanged() {
        let login = r#"{"startUrl":"https://x","accessToken":"old","expiresAt":"2020-01-01T00:00:00Z","refreshToken":"r1","clientSecret":"s"}"#;
        let members = Document::read(login.as_bytes()).unwrap().into_members();
        let token = Token {
            access_token: "new".into(),
            expires_in: 3600,
            refresh_token: None,
        };
        let new = Document::read(updated(members, &token).as_bytes()).unwrap();
        assert_eq!(new.text("accessToken"), Some("new"));
        assert_eq!(new.text("refreshToken"), Some("r1"));
        assert_eq!(new.text("clientSecret"), Some("s"));
        let left = new
            .time("expiresAt")
            .unwrap()
            .unwrap()
            .duration_since(SystemTime::now());
        assert!(left.unwrap() > Duration::from_secs(3500));
    }
}
