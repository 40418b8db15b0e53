//! Amazon Rekognition over the AWS SDK for Rust: settings from the same sources as in other AWS tools, calls of any operation
//! with time limits, and responses without a lost digit. Independent of R.

pub mod base64;
pub mod batch;
pub mod call;
mod causes;
pub mod client;
pub mod direct;
pub mod error;
mod explain;
pub mod file;
pub mod http;
pub mod json;
pub mod process;
pub mod response;
pub mod results;
mod retry;
pub mod runtime;
pub mod s3;
pub mod sdk_text;
pub mod secret;
pub mod settings;
pub mod stream;
mod sync;
pub mod text;

/// Version of the AWS SDK's crate for Rekognition.
pub static SDK_VERSION: &str = aws_sdk_rekognition::meta::PKG_VERSION;

pub use causes::system_error;
pub use client::Client;
pub use error::Error;
pub use response::Response;
