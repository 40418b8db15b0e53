//! The log of calls: attempts, times, endpoints, request IDs. It has no secrets, no images, no session IDs, and no text of the
//! service except the error code.

use crate::error::Error;
use crate::sync::lock;
use crate::text::clean;
use aws_smithy_types::DateTime;
use std::sync::{Arc, Mutex};
use std::time::{Instant, SystemTime, UNIX_EPOCH};

/// How much is logged.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// Nothing.
    #[default]
    Off,
    /// One line for each call.
    Info,
    /// And one line for each request and each response.
    Debug,
}

/// The variable that sets the level.
const VARIABLE: &str = "REKOGNITION_LOG";

impl Level {
    /// The level with this name; `Off` for an empty one.
    pub fn from_name(name: &str) -> Option<Self> {
        match name.to_ascii_lowercase().as_str() {
            "" | "off" => Some(Level::Off),
            "info" => Some(Level::Info),
            "debug" => Some(Level::Debug),
            _ => None,
        }
    }

    /// The level in the environment.
    pub fn from_env() -> Result<Self, Error> {
        let Some(name) = std::env::var_os(VARIABLE) else {
            return Ok(Level::Off);
        };
        name.to_str().and_then(Self::from_name).ok_or_else(|| {
            let levels = "\"off\", \"info\" or \"debug\"";
            Error::config(VARIABLE, format!("`{VARIABLE}` must be {levels}"))
        })
    }
}

/// The log of one call. The thread that waits for the call takes its lines, and writes them.
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

    /// The log of another call that starts now. Both have their lines in one place.
    pub fn beside(&self) -> Self {
        Log {
            started: Instant::now(),
            ..self.clone()
        }
    }

    /// The level.
    pub fn level(&self) -> Level {
        self.level
    }

    /// Adds a line, if it is of this level or below.
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

    /// Adds the outcome of the call.
    pub fn end(&self, attempts: u32, outcome: impl FnOnce() -> String) {
        self.add(Level::Info, || {
            let outcome = outcome();
            let plural = if attempts == 1 { "" } else { "s" };
            let seconds = self.started.elapsed().as_secs_f64();
            format!("{outcome}; {seconds:.3} s, {attempts} attempt{plural}")
        });
    }

    /// Takes the lines so far.
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

/// Most characters of a line.
const MAX_TEXT: usize = 1000;
