//! Connections for protocols other than the SDK's HTTP: through the same proxies, with the same certificates and limits.

use crate::error::Error;
use crate::http::{proxy, tls};
use crate::settings::proxies::Proxies;
use crate::settings::resolve::Resolved;
use http::Uri;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::connect::proxy::Tunnel;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioIo;
use rustls::ClientConfig;
use std::error::Error as StdError;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tower_service::Service;

/// Opens connections for a client's settings.
#[derive(Debug)]
pub struct Dialer {
    tls: ClientConfig,
    proxies: Proxies,
    limit: Duration,
}

/// A connection, with TLS or without.
pub trait Connection: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Connection for T {}

/// Why there is no connection.
#[derive(Debug)]
pub enum DialError {
    /// A setting cannot be used.
    Settings(Error),
    /// The limit has expired.
    Timeout,
    /// What the system, the proxy or the server said.
    Failed(Box<dyn StdError + Send + Sync>),
}

impl Dialer {
    /// For these settings.
    pub async fn new(resolved: &Resolved) -> Result<Self, Error> {
        Ok(Dialer {
            tls: tls::client_config(resolved.ca_bundle.as_ref()).await?,
            proxies: resolved.proxies.clone(),
            limit: resolved.given.connect_timeout(),
        })
    }

    /// Connects to the host of an http or https URL. Through a proxy, an http URL has a tunnel, too.
    pub async fn connect(&self, url: &Uri) -> Result<Box<dyn Connection>, DialError> {
        let proxy = self.proxies.proxy_for(&url.to_string());
        let proxy = proxy.map(proxy::address).transpose();
        let proxy = proxy.map_err(DialError::Settings)?;
        let work = async {
            let mut tcp = self.tls(tcp());
            let connection: Box<dyn Connection> = match proxy {
                None => Box::new(TokioIo::new(tcp.call(url.clone()).await?)),
                Some((address, authorization)) => {
                    let mut tunnel = Tunnel::new(address, tcp);
                    if let Some(header) = authorization {
                        tunnel = tunnel.with_auth(header);
                    }
                    Box::new(TokioIo::new(self.tls(tunnel).call(url.clone()).await?))
                }
            };
            Ok(connection)
        };
        match tokio::time::timeout(self.limit, work).await {
            Ok(result) => result.map_err(DialError::Failed),
            Err(_) => Err(DialError::Timeout),
        }
    }

    /// Adds TLS where the URL is https. No protocol is negotiated: a WebSocket needs HTTP/1.1.
    fn tls<C>(&self, connector: C) -> HttpsConnector<C> {
        HttpsConnectorBuilder::new()
            .with_tls_config(self.tls.clone())
            .https_or_http()
            .enable_http1()
            .wrap_connector(connector)
    }
}

fn tcp() -> HttpConnector {
    let mut tcp = HttpConnector::new();
    tcp.enforce_http(false);
    tcp.set_nodelay(true);
    tcp
}
