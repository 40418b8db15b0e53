//! One call of an operation: its attempts, its log, and the response or error that it ends with.

mod attempt;
mod failure;
mod interceptor;
pub mod log;
mod pending;
mod request;
mod start;

pub use attempt::{attempt, send_with_valid_keys, within, Retries, Sent};
pub use failure::{failure, finish};
pub use interceptor::Trace;
pub use pending::Pending;
pub use request::{new_token, Request};
pub use start::start;
