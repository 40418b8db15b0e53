//! Where keys come from, and what the SDK may be given of them.

mod chain;
mod container;
mod document;
mod failure;
mod instance;
mod keys;
mod known_secrets;
mod process;
mod services;
mod sources;
mod sso;
mod supply;

pub use instance::metadata;
pub use keys::KeyCache;
pub use services::Services;
pub use supply::{Listener, Supply};
