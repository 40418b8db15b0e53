//! The services that provide credentials: STS, and the portal and the token service of IAM Identity Center.

use super::known_secrets::KnownSecrets;
use super::plan::{Role, Sso, WebIdentity};
use crate::causes::system_error;
use crate::explain;
use crate::file::{self, Links};
use crate::retry;
use crate::sdk_text::MAX_TEXT;
use crate::settings::endpoint::Endpoints;
use crate::text::clean;
use aws_credential_types::Credentials;
use aws_sdk_sts::config::timeout::TimeoutConfig;
use aws_sdk_sts::config::{BehaviorVersion, IdentityCache, Region, StalledStreamProtectionConfig};
use aws_sdk_sts::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_sts::operation::assume_role::builders::AssumeRoleFluentBuilder;
use aws_smithy_async::rt::sleep::TokioSleep;
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_types::os_shim_internal::Env;
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

/// Far more than any token has.
const MAX_TOKEN: u64 = 64 << 10;

/// How to reach them.
#[derive(Debug, Clone)]
pub struct Services {
    /// Sends their requests.
    pub http_client: SharedHttpClient,
    /// Time limits.
    pub timeouts: TimeoutConfig,
    /// The region of STS.
    pub region: Region,
    /// Endpoints that were set.
    pub endpoints: Endpoints,
}

/// A new token of a login.
pub struct Token {
    /// Authorizes requests to the portal.
    pub access_token: String,
    /// Seconds until it expires.
    pub expires_in: u64,
    /// Replaces the login's refresh token, if there is a new one.
    pub refresh_token: Option<String>,
}

/// Why the portal returned no credentials.
pub enum PortalError {
    /// The login is no longer valid.
    InvalidLogin,
    /// Any other reason.
    Other(String),
}

/// The client of one of them: their crates have the same configuration, but no common trait for it.
macro_rules! client {
    ($service:ident, $services:expr, $region:expr, $endpoint:expr, $credentials:expr) => {{
        let services: &Services = $services;
        // All defaults that matter are set below. This version also exists in older releases of the SDK.
        #[allow(deprecated)]
        let version = BehaviorVersion::v2025_08_07();
        let mut config = $service::Config::builder()
            .behavior_version(version)
            .http_client(services.http_client.clone())
            .sleep_impl(TokioSleep::new())
            .timeout_config(services.timeouts.clone())
            .retry_config(retry::credentials_retry_config())
            .stalled_stream_protection(StalledStreamProtectionConfig::disabled())
            .identity_cache(IdentityCache::no_cache())
            .region($region);
        config.set_endpoint_url($endpoint.clone());
        let credentials: Option<Credentials> = $credentials;
        if let Some(credentials) = credentials {
            config = config.credentials_provider(credentials);
        }
        $service::Client::from_conf(config.build())
    }};
}

impl Services {
    /// The request for keys of a role, signed with these keys.
    pub fn role_request(
        &self,
        keys: Credentials,
        role: &Role,
        endpoint: &Option<String>,
    ) -> AssumeRoleFluentBuilder {
        client!(aws_sdk_sts, self, self.region.clone(), endpoint, Some(keys))
            .assume_role()
            .role_arn(&role.arn)
            .role_session_name(session_name(role.session_name.as_deref()))
            .set_external_id(role.external_id.clone())
            .set_duration_seconds(role.duration)
    }

    /// Assumes a role with these keys.
    pub async fn assume_role(&self, keys: Credentials, role: &Role) -> Result<Credentials, String> {
        let request = self.role_request(keys, role, &self.endpoints.sts);
        let sent = request.send().await.map_err(|error| {
            describe(
                &format!("STS returned no credentials for the role {}", role.arn),
                &error,
            )
        })?;
        from_sts(sent.credentials)
    }

    /// Assumes a role with the token of a web identity.
    pub async fn assume_role_with_web_identity(
        &self,
        identity: &WebIdentity,
    ) -> Result<Credentials, String> {
        let token = file::read(Path::new(&identity.token_file), MAX_TOKEN, Links::Follow).map_err(
            |error| {
                format!(
                    "the token file of the web identity cannot be read: {}",
                    system_error(&error)
                )
            },
        )?;
        let endpoint = &self.endpoints.sts;
        let sts = client!(aws_sdk_sts, self, self.region.clone(), endpoint, None);
        let arn = &identity.role_arn;
        let sent = sts
            .assume_role_with_web_identity()
            .role_arn(arn)
            .role_session_name(session_name(identity.session_name.as_deref()))
            .web_identity_token(String::from_utf8_lossy(&token).trim())
            .send()
            .await
            .map_err(|error| {
                describe(
                    &format!("STS returned no credentials for the role {arn}"),
                    &error,
                )
            })?;
        from_sts(sent.credentials)
    }

    /// Gets the credentials of a role from the portal of IAM Identity Center.
    pub async fn role_credentials(
        &self,
        sso: &Sso,
        token: &str,
    ) -> Result<Credentials, PortalError> {
        let region = Region::new(sso.region.clone());
        let portal = client!(aws_sdk_sso, self, region, self.endpoints.sso, None);
        let sent = portal
            .get_role_credentials()
            .role_name(&sso.role_name)
            .account_id(&sso.account_id)
            .access_token(token)
            .send()
            .await;
        let response = match sent {
            Ok(response) => response,
            Err(error) if status(&error) == Some(401) => return Err(PortalError::InvalidLogin),
            Err(error) => {
                let what = format!(
                    "IAM Identity Center returned no credentials for the role {} of account {}",
                    sso.role_name, sso.account_id
                );
                return Err(PortalError::Other(describe(&what, &error)));
            }
        };
        let keys = response.role_credentials.and_then(|keys| {
            let milliseconds = u64::try_from(keys.expiration).ok().filter(|time| *time > 0);
            Some(Credentials::new(
                keys.access_key_id?,
                keys.secret_access_key?,
                keys.session_token.filter(|token| !token.is_empty()),
                milliseconds.map(|time| UNIX_EPOCH + std::time::Duration::from_millis(time)),
                "SSO",
            ))
        });
        keys.ok_or_else(|| PortalError::Other("IAM Identity Center returned no credentials".into()))
    }

    /// Gets a new token for a login from the token service of IAM Identity Center.
    pub async fn refresh_login(
        &self,
        region: &str,
        client_id: &str,
        client_secret: &str,
        refresh_token: &str,
    ) -> Result<Token, String> {
        let region = Region::new(region.to_owned());
        let oidc = client!(aws_sdk_ssooidc, self, region, self.endpoints.sso_oidc, None);
        let response = oidc
            .create_token()
            .client_id(client_id)
            .client_secret(client_secret)
            .grant_type("refresh_token")
            .refresh_token(refresh_token)
            .send()
            .await
            .map_err(|error| describe("IAM Identity Center returned no new token", &error))?;
        Ok(Token {
            access_token: response
                .access_token
                .ok_or("IAM Identity Center returned no token")?,
            expires_in: u64::try_from(response.expires_in).unwrap_or(0),
            refresh_token: response.refresh_token,
        })
    }
}

fn session_name(given: Option<&str>) -> String {
    given.map_or_else(
        || {
            let now = SystemTime::now().duration_since(UNIX_EPOCH);
            format!("rekognition-{}", now.unwrap_or_default().as_millis())
        },
        str::to_owned,
    )
}

/// The keys in a response of STS.
pub fn from_sts(keys: Option<aws_sdk_sts::types::Credentials>) -> Result<Credentials, String> {
    let keys = keys.ok_or("STS returned no credentials")?;
    let expires = SystemTime::try_from(keys.expiration)
        .map_err(|_| "STS returned credentials with an invalid expiration")?;
    Ok(Credentials::new(
        keys.access_key_id,
        keys.secret_access_key,
        Some(keys.session_token).filter(|token| !token.is_empty()),
        Some(expires),
        "STS",
    ))
}

fn status<E>(error: &SdkError<E, HttpResponse>) -> Option<u16> {
    error
        .raw_response()
        .map(|response| response.status().as_u16())
}

/// Why a service returned nothing: its code and message, or why there is no response. Secrets that it repeats are hidden.
fn describe<E>(what: &str, error: &SdkError<E, HttpResponse>) -> String
where
    E: std::error::Error + ProvideErrorMetadata + 'static,
{
    let secrets = KnownSecrets::gather(&Env::real());
    let reason = match (error.as_service_error(), status(error)) {
        (Some(error), Some(status)) => {
            let code = error.code().unwrap_or("an error");
            let message = error.message().map(|message| format!(": {message}"));
            format!("{code} (HTTP {status}){}", message.unwrap_or_default())
        }
        _ => explain::explain(error),
    };
    format!("{what}: {}", clean(&secrets.hide(reason), MAX_TEXT))
}
