//! Environment variables for one test at a time.

use std::ffi::OsString;
use std::sync::{Mutex, MutexGuard, PoisonError};

const NO_FILE: &str = if cfg!(windows) { "NUL" } else { "/dev/null" };

static TURN: Mutex<()> = Mutex::new(());

/// An environment in which only what the test sets has a meaning for AWS, proxies and TLS. Tests that have one
/// wait for each other.
pub struct Environment {
    before: Vec<(OsString, OsString)>,
    _turn: MutexGuard<'static, ()>,
}

impl Environment {
    /// With these variables.
    pub fn with(variables: &[(&str, &str)]) -> Self {
        let turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
        let before = std::env::vars_os().collect();
        for (name, _) in std::env::vars_os() {
            let text = name.to_string_lossy().to_ascii_uppercase();
            let is_ours = text.starts_with("AWS_")
                || text.ends_with("_PROXY")
                || text == "REQUEST_METHOD"
                || text == "SECRET_ACCESS_KEY";
            if is_ours {
                std::env::remove_var(name);
            }
        }
        let environment = Environment {
            before,
            _turn: turn,
        };
        environment.set("AWS_CONFIG_FILE", NO_FILE);
        environment.set("AWS_SHARED_CREDENTIALS_FILE", NO_FILE);
        environment.set("AWS_EC2_METADATA_DISABLED", "true");
        for (name, value) in variables {
            environment.set(name, value);
        }
        environment
    }

    /// Sets one more.
    pub fn set(&self, name: &str, value: &str) {
        std::env::set_var(name, value);
    }

    /// Takes one away.
    pub fn unset(&self, name: &str) {
        std::env::remove_var(name);
    }
}

impl Drop for Environment {
    fn drop(&mut self) {
        for (name, _) in std::env::vars_os() {
            std::env::remove_var(name);
        }
        for (name, value) in &self.before {
            std::env::set_var(name, value);
        }
    }
}
