//! Secrets that the error of a provider must not quote: values of variables and files.

use crate::file::{self, Links};
use crate::settings::shared_files;
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

/// Far more than any such file has.
const MAX_FILE: u64 = 16 << 20;

/// Shorter secrets are not hidden: they would match parts of ordinary words.
const SHORTEST: usize = 6;

/// Secrets that a provider may have read.
#[derive(Default)]
pub struct KnownSecrets(Vec<Zeroizing<String>>);

impl KnownSecrets {
    /// The current ones of this environment and its files.
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
        for path in shared_files::paths(env) {
            for line in text(&path).lines() {
                known.add_property(line);
            }
        }
        let logins = shared_files::sso_cache(env).and_then(|folder| std::fs::read_dir(folder).ok());
        for login in logins.into_iter().flatten().flatten() {
            let path = login.path();
            if path
                .extension()
                .is_some_and(|extension| extension == "json")
            {
                known.add_login(&text(&path));
            }
        }
        known
    }

    /// Properties with the name of a secret, and the contents of files in properties named `*_file`.
    fn add_property(&mut self, line: &str) {
        let Some((name, value)) = line.split_once(['=', ':']) else {
            return;
        };
        let name = name.trim().to_ascii_lowercase();
        // Up to a comment.
        let value = value
            .split([' ', '\t'])
            .find(|word| !word.is_empty())
            .unwrap_or_default();
        if name.ends_with("_file") {
            self.add(&text(value.trim()));
        } else if ["secret", "token", "password"]
            .iter()
            .any(|word| name.contains(word))
        {
            self.add(value);
        }
    }

    /// The secrets of a login in the AWS CLI's cache.
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

    /// Hides them, and whatever looks like a token: those that a provider received on the way are not known.
    pub fn hide(&self, mut text: String) -> String {
        for secret in &self.0 {
            for form in [secret.as_str(), &secret.escape_debug().to_string()] {
                if text.contains(form) {
                    text = text.replace(form, HIDDEN);
                }
            }
        }
        hide_tokens(&text)
    }
}

const HIDDEN: &str = "<hidden>";

/// Hides words of base64 and similar alphabets that are at least as long as a secret access key.
fn hide_tokens(text: &str) -> String {
    const SECRET_KEY: usize = 40;
    let is_token_char = |c: char| c.is_ascii_alphanumeric() || "+/=_-.~%".contains(c);
    let mut shown = String::with_capacity(text.len());
    let mut rest = text;
    while !rest.is_empty() {
        let end = rest.find(|c| !is_token_char(c)).unwrap_or(rest.len());
        let (word, after) = rest.split_at(end);
        shown.push_str(if word.len() < SECRET_KEY {
            word
        } else {
            HIDDEN
        });
        let other = after.find(is_token_char).unwrap_or(after.len());
        shown.push_str(&after[..other]);
        rest = &after[other..];
    }
    shown
}

fn text(path: impl AsRef<Path>) -> Zeroizing<String> {
    let content =
        Zeroizing::new(file::read(path.as_ref(), MAX_FILE, Links::Follow).unwrap_or_default());
    Zeroizing::new(String::from_utf8_lossy(&content).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_looks_like_a_token_is_hidden() {
        let message =
            "User: arn:aws:iam::111122223333:user/me is not authorized to perform: sts:AssumeRole";
        assert_eq!(hide_tokens(message), message);
        let token = "IQoJb3JpZ2luX2VjE+/".repeat(3);
        assert_eq!(
            hide_tokens(&format!("got {token}=, {token}")),
            "got <hidden>, <hidden>"
        );
        assert_eq!(hide_tokens(""), "");
    }

    #[test]
    fn a_comment_is_not_part_of_a_property() {
        let mut known = KnownSecrets::default();
        for line in [
            "aws_session_token = s3cr3t-1 # note",
            "x_secret=s3cr3t-2\t; note",
        ] {
            known.add_property(line);
        }
        assert_eq!(known.hide("s3cr3t-1 s3cr3t-2".into()), "<hidden> <hidden>");
        known.add("s3cr\"3t");
        assert_eq!(known.hide("\"s3cr\\\"3t\"".into()), "\"<hidden>\"");
    }
}
