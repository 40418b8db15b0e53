//! Which proxy requests go through.

use crate::endpoint::has_good_port;
use crate::fault::Fault;
use crate::resolve::{Resolved, Sourced};
use crate::secret::Secret;
use aws_smithy_http_client::proxy::ProxyConfig;

/// Hosts that no proxy can reach for us: this machine, and the metadata services of EC2, ECS and EKS.
const NEVER_PROXIED: &str =
    "localhost,127.0.0.0/8,::1,169.254.169.254,169.254.170.2,169.254.170.23,fd00:ec2::254,fd00:ec2::23";

/// The proxies for https and for http.
pub fn proxies(resolved: &Resolved) -> Result<(ProxyConfig, ProxyConfig), Fault> {
    let no_proxy = match &resolved.no_proxy {
        Some(hosts) => format!("{NEVER_PROXIED},{}", without_wildcards(hosts)),
        None => NEVER_PROXIED.to_owned(),
    };
    let config = |proxy: &Option<Sourced<Secret>>| match proxy {
        Some(proxy) => Ok(checked(proxy)?.no_proxy(no_proxy.clone())),
        None => Ok(ProxyConfig::disabled()),
    };
    Ok((config(&resolved.proxy)?, config(&resolved.http_proxy)?))
}

/// The URL may hold a password, and so may the SDK's complaint about it: neither is shown.
fn checked(proxy: &Sourced<Secret>) -> Result<ProxyConfig, Fault> {
    parsed(proxy.value.reveal()).ok_or_else(|| {
        Fault::config(
            "proxy",
            format!(
                "the proxy (from {}) is not an http or https URL such as http://proxy.example.com:8080",
                proxy.source
            ),
        )
    })
}

fn parsed(url: &str) -> Option<ProxyConfig> {
    let (scheme, rest) = url.split_once("://").unwrap_or(("http", url));
    let scheme = scheme.to_ascii_lowercase();
    let uri: http::Uri = format!("{scheme}://{rest}").parse().ok()?;
    let authority = uri.authority().filter(|_| has_good_port(&uri))?.as_str();
    // The HTTP client ignores a proxy whose URL has a user and no password.
    let authority = match authority.rsplit_once('@') {
        Some((user, host)) if !user.contains(':') => format!("{user}:@{host}"),
        _ => authority.to_owned(),
    };
    ProxyConfig::all(format!("{scheme}://{authority}")).ok()
}

/// Host and port of the proxy that requests to the service go through, and where it was set: no password. `NO_PROXY` is
/// not looked at.
pub fn in_words(resolved: &Resolved) -> Option<Sourced<String>> {
    let endpoint = resolved.endpoint_in_words().unwrap_or_default();
    if is_this_machine(&endpoint) {
        return None;
    }
    let is_plain = endpoint.starts_with("http://");
    let proxy = if is_plain {
        &resolved.http_proxy
    } else {
        &resolved.proxy
    };
    let proxy = proxy.as_ref()?;
    let url = proxy.value.reveal();
    let authority = url.rsplit_once("://").map_or(url, |(_, rest)| rest);
    let uri = format!("http://{authority}").parse::<http::Uri>().ok();
    let host = uri.as_ref().and_then(|uri| {
        let port = uri
            .port()
            .map(|port| format!(":{port}"))
            .unwrap_or_default();
        Some(format!("{}{port}", uri.host()?))
    });
    Some(Sourced {
        value: host.unwrap_or_else(|| "a URL that cannot be read".into()),
        source: proxy.source.clone(),
    })
}

/// Whether a URL names this machine.
pub fn is_this_machine(url: &str) -> bool {
    url.parse::<http::Uri>()
        .ok()
        .and_then(|uri| uri.host().map(str::to_owned))
        .is_some_and(|host| host == "localhost" || host.starts_with("127.") || host == "[::1]")
}

/// `*.example.com` is what people write; the matcher knows `.example.com`.
fn without_wildcards(hosts: &str) -> String {
    let host = |host: &str| {
        host.trim()
            .strip_prefix("*.")
            .map_or(host.trim().to_owned(), |rest| format!(".{rest}"))
    };
    hosts.split(',').map(host).collect::<Vec<_>>().join(",")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wildcard_in_no_proxy_means_the_domain() {
        assert_eq!(without_wildcards("*.a.com, b.com,*"), ".a.com,b.com,*");
    }
}
