//! URLs that people set, checked before the SDK sees them.

use crate::fault::Fault;
use crate::resolve::Sourced;

/// Refuses an endpoint that requests cannot be sent to.
pub fn check_endpoint(setting: &str, endpoint: Sourced<String>) -> Result<Sourced<String>, Fault> {
    let complaint = |problem: &str| {
        Fault::config(
            setting,
            format!(
                "the endpoint {:?} (from {}) {problem}; it must be like https://host or http://127.0.0.1:8080",
                endpoint.value, endpoint.source
            ),
        )
    };
    let url = &endpoint.value;
    if url.contains('@') {
        // Not shown, however the rest is spelt: what stands before the @ is a secret.
        return Err(Fault::config(
            setting,
            format!(
                "the endpoint (from {}) holds a user name or password",
                endpoint.source
            ),
        ));
    }
    let Some((scheme, _)) = url.split_once("://") else {
        return Err(complaint("has no scheme"));
    };
    if !scheme.eq_ignore_ascii_case("http") && !scheme.eq_ignore_ascii_case("https") {
        return Err(complaint("has a scheme that is neither http nor https"));
    }
    match url.parse::<http::Uri>() {
        Ok(uri) if uri.host().is_some_and(|host| !host.is_empty()) && has_good_port(&uri) => {}
        _ => return Err(complaint("is not a URL")),
    }
    if url.contains(['?', '#']) {
        return Err(complaint("has a query or a fragment"));
    }
    Ok(endpoint)
}

/// Whether the port, if there is one, is a number from 1 to 65535.
pub fn has_good_port(uri: &http::Uri) -> bool {
    let authority = uri.authority().map_or("", |authority| authority.as_str());
    let after_host = authority
        .rsplit_once(']')
        .map_or(authority, |(_, rest)| rest);
    match after_host.rsplit_once(':') {
        Some((_, port)) => port.parse::<u16>().is_ok_and(|port| port > 0),
        None => true,
    }
}
