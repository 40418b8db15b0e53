//! The HTTP client under the SDK: connections, TLS, proxies, and response bodies bounded in time and size.

pub mod body;
pub mod connector;
pub mod dial;
pub mod head;
pub mod proxy;
mod tls;
