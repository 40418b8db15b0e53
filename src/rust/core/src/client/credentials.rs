//! Credentials: the providers that load keys, and the cache that the SDK signs from.

mod cache;
mod container;
mod credential_process;
mod document;
mod instance;
mod key_requests;
mod known_secrets;
mod load_error;
mod plan;
mod providers;
mod services;
mod sso;

pub use cache::{KeyCache, SINCE};
pub use instance::metadata;
pub use key_requests::{KeyRequestListener, KeyRequests};
pub use plan::Role;
pub use services::{from_sts, Services};
