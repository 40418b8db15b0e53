//! What is told of a call to whoever wants to know: attempts, times, endpoints, request ids. No secret, no
//! picture, no session's id, and none of the service's words but the error's code.

use crate::error::Error;
use crate::sync::lock;
use crate::text::clean;
use aws_smithy_types::DateTime;
use std::sync::{Arc, Mutex};
use std::time::{Instant, SystemTime, UNIX_EPOCH};

/// How much is told.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// Nothing.
    #[default]
    Off,
    /// One line for each call.
    Info,
    /// One more for each request and for each answer.
    Debug,
}

/// Names the level where nobody else does.
const VARIABLE: &str = "REKOGNITION_LOG";

impl Level {
    /// The level with this name; nothing is said where the name is empty.
    pub fn from_name(name: &str) -> Option<Self> {
        match name.to_ascii_lowercase().as_str() {
            "" | "off" => Some(Level::Off),
            "info" => Some(Level::Info),
            "debug" => Some(Level::Debug),
            _ => None,
        }
    }

    /// The level that the environment names.
    pub fn from_env() -> Result<Self, Error> {
        let Some(name) = std::env::var_os(VARIABLE) else {
            return Ok(Level::Off);
        };
        name.to_str().and_then(Self::from_name).ok_or_else(|| {
            let levels = "\"off\", \"info\", \"debug\"";
            Error::config(VARIABLE, format!("`{VARIABLE}` must be one of {levels}"))
        })
    }
}

/// The log of one call. Its lines wait until somebody takes them: they are written by the thread that waits
/// for the answer.
#[derive(Debug, Clone)]
pub struct Log {
    level: Level,
    operation: &'static str,
    started: Instant,
    lines: Arc<Mutex<Vec<String>>>,
}

impl Log {
    /// The log of a call that starts now.
    pub fn new(level: Level, operation: &'static str) -> Self {
        Log {
            level,
            operation,
            started: Instant::now(),
            lines: Arc::default(),
        }
    }

    /// Of another call that starts now; its lines come among those of this one.
    pub fn beside(&self) -> Self {
        Log {
            started: Instant::now(),
            ..self.clone()
        }
    }

    /// How much is told.
    pub fn level(&self) -> Level {
        self.level
    }

    /// Adds a line if this level is asked for.
    pub fn add(&self, level: Level, text: impl FnOnce() -> String) {
        if level > self.level {
            return;
        }
        let line = format!(
            "{} rekognition {} {}: {}",
            now(),
            if level == Level::Info {
                "INFO"
            } else {
                "DEBUG"
            },
            self.operation,
            clean(&text(), MAX_TEXT),
        );
        lock(&self.lines).push(line);
    }

    /// Adds how the call ended.
    pub fn end(&self, outcome: &str, attempts: u32) {
        self.add(Level::Info, || {
            let plural = if attempts == 1 { "" } else { "s" };
            let seconds = self.started.elapsed().as_secs_f64();
            format!("{outcome}; {seconds:.3} s, {attempts} attempt{plural}")
        });
    }

    /// Takes the lines that have come.
    pub fn take(&self) -> Vec<String> {
        std::mem::take(&mut *lock(&self.lines))
    }
}

fn now() -> String {
    let since_epoch = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    DateTime::from_millis(i64::try_from(since_epoch.as_millis()).unwrap_or_default()).to_string()
}

/// The most characters of a line.
const MAX_TEXT: usize = 1000;
