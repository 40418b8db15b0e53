//! The streaming protocol of Face Liveness: presigned URLs, and messages of which each signs the one before. The client's relay
//! and the emulator's server both use it.

pub mod chain;
pub mod message;
pub mod presign;
pub mod query;

/// The path of a stream, after that of the endpoint.
pub const PATH: &str = "/start-face-liveness-session-websocket";
/// The service in signatures.
pub const SERVICE: &str = "rekognition";
