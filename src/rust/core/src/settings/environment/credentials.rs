//! The source of credentials, from the settings and the environment.

use super::Environment;
use crate::error::Error;
use crate::settings::keys::check_key;
use crate::settings::source::Source;
use crate::settings::{CredentialSource, Settings};

impl Environment<'_> {
    pub fn credentials(&self, given: &Settings) -> Result<CredentialSource, Error> {
        if given.anonymous {
            return Ok(CredentialSource::Anonymous);
        }
        if given.keys_on_request {
            return Ok(CredentialSource::OnRequest);
        }
        if let Some(keys) = &given.keys {
            keys.check(&Source::Call.to_string())?;
            return Ok(CredentialSource::Given);
        }
        if let Some(profile) = &given.profile {
            return Ok(CredentialSource::Profile(profile.clone()));
        }
        self.environment_keys()
    }

    fn environment_keys(&self) -> Result<CredentialSource, Error> {
        for (setting, name) in [
            ("access_key_id", "AWS_ACCESS_KEY_ID"),
            ("secret_access_key", "AWS_SECRET_ACCESS_KEY"),
            ("session_token", "AWS_SESSION_TOKEN"),
        ] {
            if let Some(found) = self.variable(&[name]) {
                check_key(setting, &found.value, &found.source.to_string())?;
            }
        }
        let has_keys = self
            .variable(&["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"])
            .is_some();
        Ok(if has_keys {
            CredentialSource::Environment
        } else {
            CredentialSource::DefaultChain
        })
    }
}
