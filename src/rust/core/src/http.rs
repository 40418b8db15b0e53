//! Bytes over a connection: connections, TLS, proxies, and response bodies bounded in time and size.

pub mod body;
pub mod connector;
pub mod proxy;
mod tls;
