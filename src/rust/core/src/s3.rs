//! Objects in S3: one GET request, signed by the SDK's own signer.

mod address;
mod attempt;
mod refusal;
mod sign;

pub use address::Object;
pub use attempt::attempt;
