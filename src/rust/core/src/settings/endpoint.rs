//! URLs that people set, checked before the SDK sees them.

use crate::error::Error;
use crate::settings::source::Sourced;

/// Endpoints that were set; the services' own where they are absent.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Endpoints {
    /// Of STS.
    pub sts: Option<String>,
    /// Of the portal of IAM Identity Center.
    pub sso: Option<String>,
    /// Of its token service.
    pub sso_oidc: Option<String>,
}

/// Refuses an endpoint that requests cannot be sent to.
pub fn check_endpoint(setting: &str, endpoint: Sourced<String>) -> Result<Sourced<String>, Error> {
    let complaint = |problem: &str| {
        Error::config(
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
        return Err(Error::config(
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

/// Checks a region wherever it came from.
pub fn check_region(region: Sourced<String>) -> Result<Sourced<String>, Error> {
    let label = &region.value;
    let good = (1..=63).contains(&label.len())
        && label
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b == b'-')
        && !label.starts_with('-')
        && !label.ends_with('-');
    if good {
        return Ok(region);
    }
    Err(Error::config(
        "region",
        format!(
            "the region {label:?} (from {}) is not a host name label such as us-east-1",
            region.source
        ),
    ))
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
