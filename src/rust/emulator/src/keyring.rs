//! The keys that the emulator accepts, and what they may do.

use crate::collections::ACCOUNT;
use crate::error::Refusal;
use crate::policy::{Decision, Policy};
use crate::signature::Keys;
use std::collections::HashMap;

const MAX_TEMPORARY: usize = 10_000;

/// The keys that the emulator accepts.
#[derive(Debug)]
pub struct Keyring {
    permanent: Keys,
    temporary: HashMap<String, Temporary>,
}

#[derive(Debug)]
struct Temporary {
    keys: Keys,
    expires: f64,
    user: String,
    policy: Option<Policy>,
}

impl Keyring {
    /// A keyring with keys that do not expire and may do everything.
    pub fn new(permanent: Keys) -> Self {
        Keyring {
            permanent,
            temporary: HashMap::new(),
        }
    }

    /// Adds temporary keys that expire at this time on the service's clock. `user` is the ARN of the assumed role. They may do
    /// what the policy allows, without one everything.
    pub fn add(&mut self, keys: Keys, expires: f64, user: String, policy: Option<Policy>) {
        if self.temporary.len() >= MAX_TEMPORARY {
            let by_expiry = self.temporary.iter();
            let first = by_expiry.min_by(|(_, a), (_, b)| a.expires.total_cmp(&b.expires));
            if let Some(id) = first.map(|(id, _)| id.clone()) {
                self.temporary.remove(&id);
            }
        }
        let temporary = Temporary {
            expires,
            user,
            policy,
            keys,
        };
        self.temporary
            .insert(temporary.keys.access_key_id.clone(), temporary);
    }

    /// The keys with this ID, and whether they have expired.
    pub fn find(&self, access_key_id: &str, now: f64) -> Option<(Keys, bool)> {
        if access_key_id == self.permanent.access_key_id {
            return Some((self.permanent.clone(), false));
        }
        let temporary = self.temporary.get(access_key_id)?;
        Some((temporary.keys.clone(), temporary.expires <= now))
    }

    /// Whether these are temporary keys.
    pub fn is_temporary(&self, access_key_id: &str) -> bool {
        self.temporary.contains_key(access_key_id)
    }

    /// Refuses an action, such as `rekognition:DetectFaces`, that the keys with this ID may not do. `resource` is an ARN;
    /// operations without one need a policy for `*`.
    pub fn authorize(
        &self,
        access_key_id: &str,
        action: &str,
        resource: Option<&str>,
    ) -> Result<(), Refusal> {
        if access_key_id == self.permanent.access_key_id {
            return Ok(());
        }
        let Some(temporary) = self.temporary.get(access_key_id) else {
            return Err(unknown_keys());
        };
        let decision = match &temporary.policy {
            Some(policy) => policy.decide(action, resource),
            None => Decision::Allowed,
        };
        let reason = match decision {
            Decision::Allowed => return Ok(()),
            Decision::NotAllowed => format!("because no session policy allows the {action} action"),
            Decision::Denied => "with an explicit deny in a session policy".into(),
        };
        let on = resource.map_or(String::new(), |resource| {
            format!(" on resource: {resource}")
        });
        Err(Refusal::new(
            "AccessDeniedException",
            &format!(
                "User: {} is not authorized to perform: {action}{on} {reason}",
                temporary.user
            ),
        ))
    }
}

impl Keys {
    /// Random keys without a session token.
    pub(crate) fn permanent() -> Self {
        Keys {
            access_key_id: random_key("AKIA", 16),
            secret_access_key: random_key("", 40),
            session_token: None,
        }
    }

    /// Random keys with a session token.
    pub(crate) fn temporary() -> Self {
        Keys {
            access_key_id: random_key("ASIA", 16),
            secret_access_key: random_key("", 40),
            session_token: Some(random_key("", 120)),
        }
    }
}

/// A random key of letters and digits.
fn random_key(prefix: &str, length: usize) -> String {
    const ALPHABET: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    let mut key = prefix.to_owned();
    while key.len() < prefix.len() + length {
        let bytes = uuid::Uuid::new_v4().into_bytes();
        key.extend(
            bytes
                .iter()
                .map(|b| char::from(ALPHABET[usize::from(b % 32)])),
        );
    }
    key.truncate(prefix.len() + length);
    key
}

/// The error of a signature with keys that the emulator does not know.
pub fn unknown_keys() -> Refusal {
    Refusal::new(
        "UnrecognizedClientException",
        "The security token included in the request is invalid.",
    )
}

/// The ARN of the role of keys that were not requested from STS.
pub fn emulator_role() -> String {
    format!("arn:aws:sts::{ACCOUNT}:assumed-role/emulator/credentials")
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIVENESS: &str = r#"{"Version": "2012-10-17", "Statement": [{
        "Effect": "Allow", "Action": "rekognition:StartFaceLivenessSession", "Resource": "*"
    }]}"#;

    fn keys(id: &str) -> Keys {
        Keys {
            access_key_id: id.into(),
            secret_access_key: "x".into(),
            session_token: None,
        }
    }

    fn keyring(policy: Option<&str>) -> Keyring {
        let mut keyring = Keyring::new(keys("AKIA"));
        let policy = policy.map(|policy| Policy::parse(policy).unwrap());
        keyring.add(keys("ASIA"), 900.0, emulator_role(), policy);
        keyring
    }

    #[test]
    fn temporary_keys_expire_and_permanent_ones_do_not() {
        let keyring = keyring(None);
        let expired = |id, now| keyring.find(id, now).map(|(_, expired)| expired);
        assert_eq!(expired("ASIA", 899.9), Some(false));
        assert_eq!(expired("ASIA", 900.0), Some(true));
        assert_eq!(expired("AKIA", f64::MAX), Some(false));
        assert_eq!(expired("other", 0.0), None);
    }

    #[test]
    fn keys_with_a_policy_may_do_only_what_it_allows() {
        let keyring = keyring(Some(LIVENESS));
        let start = keyring.authorize("ASIA", "rekognition:StartFaceLivenessSession", None);
        assert_eq!(start, Ok(()));
        let refusal = keyring
            .authorize("ASIA", "rekognition:DetectFaces", None)
            .unwrap_err();
        assert_eq!(
            (refusal.code.as_str(), refusal.status),
            ("AccessDeniedException", 400)
        );
        assert_eq!(
            refusal.message.as_deref(),
            Some(
                "User: arn:aws:sts::111122223333:assumed-role/emulator/credentials is not authorized to perform: \
                 rekognition:DetectFaces because no session policy allows the rekognition:DetectFaces action"
            )
        );
        let permanent = keyring.authorize("AKIA", "rekognition:DetectFaces", None);
        assert_eq!(permanent, Ok(()));
    }

    #[test]
    fn a_refusal_names_the_resource_and_a_denial() {
        let deny = r#"{"Statement": {"Effect": "Deny", "Action": "*", "Resource": "*"}}"#;
        let resource = "arn:aws:rekognition:us-east-1:111122223333:collection/c";
        let refusal = keyring(Some(deny))
            .authorize("ASIA", "rekognition:DeleteCollection", Some(resource))
            .unwrap_err();
        let message = refusal.message.unwrap();
        assert!(message.ends_with(&format!(
            "to perform: rekognition:DeleteCollection on resource: {resource} with an explicit deny in a session policy"
        )));
    }

    #[test]
    fn keys_without_a_policy_may_do_everything_and_unknown_ones_nothing() {
        let keyring = keyring(None);
        let authorize = |id| keyring.authorize(id, "rekognition:DetectFaces", None);
        assert_eq!(authorize("ASIA"), Ok(()));
        assert_eq!(
            authorize("other").unwrap_err().code,
            "UnrecognizedClientException"
        );
    }

    #[test]
    fn the_keys_that_expire_first_make_room_for_others() {
        let mut keyring = keyring(None);
        for n in 0..MAX_TEMPORARY {
            keyring.add(keys(&n.to_string()), 1000.0, emulator_role(), None);
        }
        assert!(!keyring.is_temporary("ASIA"));
        assert!(keyring.is_temporary("0"));
        assert_eq!(keyring.temporary.len(), MAX_TEMPORARY);
    }
}
