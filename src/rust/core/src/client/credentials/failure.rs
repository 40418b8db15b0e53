//! Why a source has no keys.

use super::known_secrets::KnownSecrets;
use crate::explain;
use aws_credential_types::provider::error::CredentialsError;
use aws_types::os_shim_internal::Env;
use std::error::Error as StdError;

/// Why a source has no keys.
#[derive(Debug)]
pub enum Failure {
    /// It is not set up: the next one may have keys.
    Absent(String),
    /// It is set up and failed: no other identity takes its place.
    Broken(String),
}

impl Failure {
    /// No variable and no setting of this source is there.
    pub fn nothing_is_set() -> Self {
        Failure::Absent("nothing is set".into())
    }
}

impl From<String> for Failure {
    fn from(reason: String) -> Self {
        Failure::Broken(reason)
    }
}

impl From<CredentialsError> for Failure {
    fn from(error: CredentialsError) -> Self {
        let text = error.source().map_or_else(|| error.to_string(), cause);
        match error {
            CredentialsError::CredentialsNotLoaded(_) => Failure::Absent(text),
            _ => Failure::Broken(text),
        }
    }
}

/// Why a provider of the SDK has no keys, without a secret that a service repeats.
fn cause(error: &(dyn StdError + 'static)) -> String {
    let secrets = KnownSecrets::gather(&Env::real());
    let text = explain::chain_of(error, |text| secrets.hide(text));
    if text.contains("credentials from IMDS") {
        // Its own words go on from there, and the answer holds keys.
        return "the instance metadata service answered without credentials".into();
    }
    text
}
