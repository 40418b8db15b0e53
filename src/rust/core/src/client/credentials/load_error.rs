//! Why a provider has no keys.

use super::known_secrets::KnownSecrets;
use crate::sdk_text;
use aws_credential_types::provider::error::CredentialsError;
use aws_types::os_shim_internal::Env;
use std::error::Error as StdError;

/// Why a provider has no keys.
#[derive(Debug)]
pub enum LoadError {
    /// It is not configured: the next one may have keys.
    NotConfigured(String),
    /// It is configured and failed: no other identity replaces it.
    Failed(String),
}

impl LoadError {
    /// No variable and no setting of this provider is set.
    pub fn unset() -> Self {
        LoadError::NotConfigured("not configured".into())
    }
}

impl From<String> for LoadError {
    fn from(reason: String) -> Self {
        LoadError::Failed(reason)
    }
}

impl From<CredentialsError> for LoadError {
    fn from(error: CredentialsError) -> Self {
        let text = error.source().map_or_else(|| error.to_string(), explain);
        match error {
            CredentialsError::CredentialsNotLoaded(_) => LoadError::NotConfigured(text),
            _ => LoadError::Failed(text),
        }
    }
}

/// Why a provider of the SDK failed, without the secrets that a service repeats.
fn explain(error: &(dyn StdError + 'static)) -> String {
    let secrets = KnownSecrets::gather(&Env::real());
    let text = sdk_text::chain_with(error, |text| secrets.hide(text));
    if sdk_text::quotes_instance_metadata(&text) {
        return "the instance metadata service returned no credentials".into();
    }
    text
}
