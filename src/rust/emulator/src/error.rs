//! The service's way to say no.

use serde_json::{json, Value};

/// An error that the service answers with.
#[derive(Debug, Clone, PartialEq)]
pub struct Refusal {
    /// The error's name.
    pub code: String,
    /// The service's words; some errors come without.
    pub message: Option<String>,
    /// HTTP status.
    pub status: u16,
}

impl Refusal {
    /// An error with status 400.
    pub fn new(code: &str, message: &str) -> Self {
        Refusal {
            code: code.into(),
            message: Some(message.into()),
            status: 400,
        }
    }

    /// The body of the answer, as the service writes it.
    pub fn body(&self) -> Value {
        match &self.message {
            Some(message) => json!({"__type": self.code, "Code": self.code, "Message": message}),
            None => json!({"__type": self.code}),
        }
    }
}
