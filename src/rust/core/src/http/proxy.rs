//! Which proxy a request goes through.

use crate::error::Error;
use crate::secret::Secret;
use crate::settings::endpoint::has_valid_port;
use crate::settings::resolve::Resolved;
use crate::settings::source::Sourced;
use aws_smithy_http_client::proxy::ProxyConfig;
use http::{HeaderValue, Uri};
use hyper_util::client::proxy::matcher::Matcher;

/// The HTTP client's configuration of a proxy, or why the proxy cannot be used.
pub fn config(proxy: &Sourced<Secret>) -> Result<ProxyConfig, Error> {
    ProxyConfig::all(url(proxy)?.reveal()).map_err(|_| unusable(proxy))
}

/// A proxy and the request header by which the client identifies itself, or why the proxy cannot be used.
pub fn address(proxy: &Sourced<Secret>) -> Result<(Uri, Option<HeaderValue>), Error> {
    let url = url(proxy)?;
    let matcher = Matcher::builder().all(url.reveal()).build();
    // Any URL: the proxy is for all.
    let found = matcher.intercept(&Uri::from_static("https://example.org"));
    let found = found.ok_or_else(|| unusable(proxy))?;
    Ok((found.uri().clone(), found.basic_auth().cloned()))
}

/// The URL of a proxy in the form that the HTTP client takes.
fn url(proxy: &Sourced<Secret>) -> Result<Secret, Error> {
    let url = parse(proxy.value.reveal()).map(Secret::new);
    url.ok_or_else(|| unusable(proxy))
}

/// Neither the URL nor the SDK's error about it is shown: they may contain a password.
fn unusable(proxy: &Sourced<Secret>) -> Error {
    let problem = if is_socks(proxy.value.reveal()) {
        "is a SOCKS proxy, which is not supported; use an http or https proxy, or add the host to NO_PROXY"
    } else {
        "is not an http or https URL such as http://proxy.example.com:8080"
    };
    let source = &proxy.source;
    Error::config("proxy", format!("the proxy (from {source}) {problem}"))
}

fn parse(url: &str) -> Option<String> {
    let (scheme, rest) = url.split_once("://").unwrap_or(("http", url));
    let scheme = scheme.to_ascii_lowercase();
    let uri: Uri = format!("{scheme}://{rest}").parse().ok()?;
    let authority = uri.authority().filter(|_| has_valid_port(&uri))?.as_str();
    // The HTTP client ignores a user name without a colon and password.
    let authority = match authority.rsplit_once('@') {
        Some((user, host)) if !user.contains(':') => format!("{user}:@{host}"),
        _ => authority.to_owned(),
    };
    let url = format!("{scheme}://{authority}");
    ProxyConfig::all(&url).is_ok().then_some(url)
}

fn is_socks(url: &str) -> bool {
    url.split_once("://")
        .is_some_and(|(scheme, _)| scheme.to_ascii_lowercase().starts_with("socks"))
}

/// Host and port of the proxy for requests to the service, without user name and password, and where it was set.
pub fn describe(resolved: &Resolved) -> Option<Sourced<String>> {
    let proxy = match resolved.describe_endpoint() {
        Some(endpoint) => resolved.proxies.proxy_for(&endpoint),
        None => resolved.proxies.https.as_ref(),
    }?;
    let url = proxy.value.reveal();
    let authority = url.rsplit_once("://").map_or(url, |(_, rest)| rest);
    let uri = format!("http://{authority}").parse::<Uri>().ok();
    let host = uri.as_ref().and_then(|uri| {
        let port = uri
            .port()
            .map(|port| format!(":{port}"))
            .unwrap_or_default();
        Some(format!("{}{port}", uri.host()?))
    });
    Some(Sourced {
        value: host.unwrap_or_else(|| "an invalid URL".into()),
        source: proxy.source.clone(),
    })
}
