//! One call of an operation: its attempts, its log, and the response or error that it ends with.

mod attempt;
mod failure;
mod interceptor;
pub mod log;
mod pending;
mod request;
mod start;

pub use attempt::{attempt, within, Retries};
pub use failure::failure;
pub use interceptor::Trace;
pub use pending::Pending;
pub use request::{new_token, Request};
pub use start::start;
