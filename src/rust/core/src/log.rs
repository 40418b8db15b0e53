//! What is told of a call to whoever wants to know: attempts, times, endpoints, request ids. No secret, no
//! picture, no session's id, and none of the service's words but the error's code.

use crate::fault::Fault;
use crate::text::clean;
use aws_smithy_types::DateTime;
use std::sync::{Arc, Mutex, PoisonError};
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
    pub fn from_env() -> Result<Self, Fault> {
        let Some(name) = std::env::var_os(VARIABLE) else {
            return Ok(Level::Off);
        };
        name.to_str().and_then(Self::from_name).ok_or_else(|| {
            let levels = "\"off\", \"info\", \"debug\"";
            Fault::config(VARIABLE, format!("`{VARIABLE}` must be one of {levels}"))
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
        self.lines
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(line);
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
        std::mem::take(&mut *self.lines.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

fn now() -> String {
    let since_epoch = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    DateTime::from_millis(i64::try_from(since_epoch.as_millis()).unwrap_or_default()).to_string()
}

/// An answer's head as the log shows it.
pub fn head(status: u16, code: Option<&str>, request_id: Option<&str>) -> String {
    let mut text = format!("HTTP {status}");
    if let Some(code) = code {
        text.push_str(&format!(" {}", clean(code, MAX_WORD)));
    }
    if let Some(id) = request_id {
        text.push_str(&format!(", request id {}", clean(id, MAX_WORD)));
    }
    text
}

/// The most characters of what a server calls a code or an id.
const MAX_WORD: usize = 100;

/// The most characters of a line.
const MAX_TEXT: usize = 1000;

/// A fault as the log shows it.
pub fn fault(fault: &Fault) -> String {
    match fault {
        Fault::Service(error) => head(
            error.status,
            error.code.as_deref(),
            error.request_id.as_deref(),
        ),
        Fault::Timeout { limit, seconds, .. } => format!("{limit} of {seconds} s ran out"),
        Fault::Connection {
            reason, endpoint, ..
        } => format!("no answer from {endpoint}: {reason}"),
        // The reason may hold what a credential process has printed.
        Fault::Credentials { .. } => "no credentials could be loaded".into(),
        Fault::Config { setting, .. } => format!("`{setting}` cannot be used"),
        Fault::Response { reason, .. } => format!("the answer cannot be used: {reason}"),
        Fault::File { reason, .. } => format!("a file cannot be written: {reason}"),
        Fault::NoMemory => "there is not enough memory for the answer".into(),
        Fault::NoThread { reason } | Fault::Internal { reason } => reason.clone(),
    }
}
