//! The proxies of a client, and which requests they are for.

use crate::secret::Secret;
use crate::settings::no_proxy::NoProxy;
use crate::settings::source::Sourced;
use http::Uri;
use std::sync::Arc;

/// The proxies of a client.
#[derive(Debug, Clone)]
pub struct Proxies {
    /// For https requests.
    pub https: Option<Sourced<Secret>>,
    /// For http requests.
    pub http: Option<Sourced<Secret>>,
    /// Hosts that are reached without a proxy.
    pub no_proxy: Arc<NoProxy>,
}

impl Proxies {
    /// The proxy for requests to this URL, if any.
    pub fn proxy_for(&self, url: &str) -> Option<&Sourced<Secret>> {
        let proxy = if is_https(url) {
            &self.https
        } else {
            &self.http
        };
        let is_direct = url
            .parse()
            .is_ok_and(|url: Uri| self.no_proxy.contains(&url));
        proxy.as_ref().filter(|_| !is_direct)
    }
}

/// Whether a URL's scheme is https.
pub fn is_https(url: &str) -> bool {
    url.get(..6)
        .is_some_and(|scheme| scheme.eq_ignore_ascii_case("https:"))
}
