//! Many sessions at once: requests at the rate that the service allows, each session once, none lost.

mod delivery;
pub mod files;
mod handle;
mod rate;
mod request;
mod run;

pub use delivery::{Outcome, Row, Taken, Wake};
pub use handle::Batch;
pub use request::{BatchRequest, Polling};
