//! Environment variables for one test at a time.

use std::ffi::OsString;
use std::sync::{Mutex, MutexGuard, PoisonError};

const NO_FILE: &str = if cfg!(windows) { "NUL" } else { "/dev/null" };

static LOCK: Mutex<()> = Mutex::new(());

/// An environment without other variables for AWS, proxies and TLS than those of the test. Only one test has it at a time.
pub struct Environment {
    before: Vec<(OsString, OsString)>,
    _guard: MutexGuard<'static, ()>,
}

impl Environment {
    /// With these variables.
    pub fn with(variables: &[(&str, &str)]) -> Self {
        let guard = LOCK.lock().unwrap_or_else(PoisonError::into_inner);
        let before = std::env::vars_os().collect();
        for (name, _) in std::env::vars_os() {
            let text = name.to_string_lossy().to_ascii_uppercase();
            let is_relevant = text.starts_with("AWS_")
                || text.ends_with("_PROXY")
                || text == "REQUEST_METHOD"
                || text == "SECRET_ACCESS_KEY";
            if is_relevant {
                std::env::remove_var(name);
            }
        }
        let environment = Environment {
            before,
            _guard: guard,
        };
        environment.set("AWS_CONFIG_FILE", NO_FILE);
        environment.set("AWS_SHARED_CREDENTIALS_FILE", NO_FILE);
        environment.set("AWS_EC2_METADATA_DISABLED", "true");
        for (name, value) in variables {
            environment.set(name, value);
        }
        environment
    }

    /// Sets a variable.
    pub fn set(&self, name: &str, value: &str) {
        std::env::set_var(name, value);
    }

    /// Removes a variable.
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
