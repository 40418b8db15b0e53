//! Errors that the service returns.

use serde_json::{json, Value};

/// An error response of the service.
#[derive(Debug, Clone, PartialEq)]
pub struct Refusal {
    /// The error code.
    pub code: String,
    /// The service's message; some errors have none.
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

    /// The request cannot be read.
    pub fn serialization(message: &str) -> Self {
        Refusal::new("SerializationException", message)
    }

    /// A stream is not as it must be.
    pub fn validation(message: &str) -> Self {
        Refusal::new("ValidationException", message)
    }

    /// An argument is wrong for a reason other than its form.
    pub fn parameter(message: &str) -> Self {
        Refusal::new("InvalidParameterException", message)
    }

    /// Something named in the request does not exist.
    pub fn not_found(message: &str) -> Self {
        Refusal::new("ResourceNotFoundException", message)
    }

    /// The response body, as the service writes it.
    pub fn body(&self) -> Value {
        match &self.message {
            Some(message) => json!({"__type": self.code, "Code": self.code, "Message": message}),
            None => json!({"__type": self.code}),
        }
    }
}
