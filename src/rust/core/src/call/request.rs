//! What a call sends.

use bytes::Bytes;
use rekognition_model::Operation;

/// A request: an operation and its input.
#[derive(Clone)]
pub struct Request {
    /// The operation.
    pub operation: &'static Operation,
    /// The input, as JSON. All attempts share it.
    pub input: Bytes,
}

impl std::fmt::Debug for Request {
    // The input may be an image.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Request")
            .field("operation", &self.operation.name)
            .field(
                "input",
                &format_args!("<{} bytes of JSON>", self.input.len()),
            )
            .finish()
    }
}

/// An idempotency token that no other call has.
pub fn new_token() -> String {
    uuid::Uuid::new_v4().to_string()
}
