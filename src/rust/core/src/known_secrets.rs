//! What a provider's error must not quote: the values of variables and files that hold secrets.

use crate::file::{self, Links};
use crate::profiles;
use aws_types::os_shim_internal::Env;
use serde_json::{Map, Value};
use std::path::Path;
use zeroize::Zeroizing;

const VARIABLES: [&str; 4] = [
    "AWS_SECRET_ACCESS_KEY",
    "SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "AWS_CONTAINER_AUTHORIZATION_TOKEN",
];
const FILES: [&str; 2] = [
    "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE",
    "AWS_WEB_IDENTITY_TOKEN_FILE",
];

/// Far more than such files have.
const MAX_FILE: u64 = 1 << 20;

/// What is shorter would be found in innocent words.
const SHORTEST: usize = 6;

/// Secrets that a provider could have read.
#[derive(Default)]
pub struct KnownSecrets(Vec<Zeroizing<String>>);

impl KnownSecrets {
    /// Those of this environment and its files, as they are now.
    pub fn gather(env: &Env) -> Self {
        let mut known = KnownSecrets::default();
        for name in VARIABLES {
            known.add(&env.get(name).unwrap_or_default());
        }
        for name in FILES {
            if let Ok(path) = env.get(name) {
                known.add(&text(&path));
            }
        }
        for path in profiles::paths(env) {
            for line in text(&path).lines() {
                known.add_property(line);
            }
        }
        for path in profiles::sso_caches(env) {
            known.add_login(&text(&path));
        }
        known
    }

    /// Properties whose names say that they are secret, and files that such a one names.
    fn add_property(&mut self, line: &str) {
        let Some((name, value)) = line.split_once('=') else {
            return;
        };
        let name = name.trim().to_ascii_lowercase();
        if name.ends_with("_file") {
            self.add(&text(value.trim()));
        } else if ["secret", "token", "password"]
            .iter()
            .any(|word| name.contains(word))
        {
            self.add(value);
        }
    }

    /// A login that the AWS CLI has cached.
    fn add_login(&mut self, json: &str) {
        let members: Map<String, Value> = serde_json::from_str(json).unwrap_or_default();
        for (name, value) in &members {
            let name = name.to_ascii_lowercase();
            if let Some(secret) = value.as_str() {
                if name.contains("token") || name.contains("secret") {
                    self.add(secret);
                }
            }
        }
    }

    fn add(&mut self, secret: &str) {
        for line in secret.lines().map(str::trim) {
            if line.len() >= SHORTEST {
                self.0.push(Zeroizing::new(line.to_owned()));
            }
        }
    }

    /// The text without them.
    pub fn hide(&self, mut text: String) -> String {
        for secret in &self.0 {
            if text.contains(secret.as_str()) {
                text = text.replace(secret.as_str(), "<hidden>");
            }
        }
        text
    }
}

fn text(path: &str) -> Zeroizing<String> {
    let content =
        Zeroizing::new(file::read(Path::new(path), MAX_FILE, Links::Follow).unwrap_or_default());
    Zeroizing::new(String::from_utf8_lossy(&content).into_owned())
}
