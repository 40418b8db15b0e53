//! Amazon Rekognition Face Liveness over the AWS SDK for Rust: settings from where every AWS tool finds
//! them, calls that never hang, and answers read to the last digit. It knows nothing of R.

mod ambient;
mod attempt;
pub mod batch;
mod body;
pub mod client;
mod connection;
pub mod credentials;
mod endpoint;
pub mod environment;
pub mod fault;
pub mod file;
mod ini;
pub mod json;
pub mod liveness;
pub mod log;
pub mod no_proxy;
mod pace;
mod profiles;
pub mod proxy;
pub mod read;
pub mod resolve;
mod rows;
mod run;
pub mod runtime;
pub mod saved;
pub mod secret;
pub mod settings;
mod shared_files;
pub mod text;
mod tls;
mod transport;
mod wire;

/// Version of the AWS SDK's crate for Rekognition.
pub static SDK_VERSION: &str = aws_sdk_rekognition::meta::PKG_VERSION;

pub use client::Client;
pub use fault::Fault;
pub use liveness::Pending;
pub use wire::Answer;
