//! Many calls at once, at the rate that the service allows.

mod collector;
mod delivery;
pub mod files;
pub mod folder;
mod handle;
mod outcome;
mod rate;
mod request;
pub mod reviews;
mod run;
mod schedule;
mod supply;

pub use delivery::{Delivered, Row, Wake};
pub use handle::Batch;
pub use outcome::Outcome;
pub use request::{BatchRequest, Content, Polling, Sessions, Work};
