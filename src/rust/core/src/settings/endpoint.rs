//! Endpoints and regions, checked before they reach the SDK.

use crate::error::Error;
use crate::settings::source::Sourced;

/// Custom endpoints of the services that credentials come from.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Endpoints {
    /// STS.
    pub sts: Option<String>,
    /// The portal of IAM Identity Center.
    pub sso: Option<String>,
    /// The token service of IAM Identity Center.
    pub sso_oidc: Option<String>,
}

/// Refuses an endpoint that requests cannot be sent to.
pub fn check_endpoint(setting: &str, endpoint: Sourced<String>) -> Result<Sourced<String>, Error> {
    let invalid = |problem: &str| {
        Error::config(
            setting,
            format!(
                "invalid `{setting}` {:?} (from {}): {problem}; use a URL such as https://host or http://127.0.0.1:8080",
                endpoint.value, endpoint.source
            ),
        )
    };
    let url = &endpoint.value;
    if url.contains('@') {
        // The URL is not shown, whatever the rest of it is: it may contain a password before the @.
        return Err(Error::config(
            setting,
            format!(
                "invalid `{setting}` (from {}): must not contain a user name or password",
                endpoint.source
            ),
        ));
    }
    let Some((scheme, _)) = url.split_once("://") else {
        return Err(invalid("it has no scheme"));
    };
    if !scheme.eq_ignore_ascii_case("http") && !scheme.eq_ignore_ascii_case("https") {
        return Err(invalid("its scheme is neither http nor https"));
    }
    match url.parse::<http::Uri>() {
        Ok(uri) if uri.host().is_some_and(|host| !host.is_empty()) && has_valid_port(&uri) => {}
        _ => return Err(invalid("it is not a valid URL")),
    }
    if url.contains(['?', '#']) {
        return Err(invalid("it has a query or a fragment"));
    }
    Ok(endpoint)
}

/// Refuses a region that cannot be a part of a host name.
pub fn check_region(region: Sourced<String>) -> Result<Sourced<String>, Error> {
    let label = &region.value;
    let is_valid = (1..=63).contains(&label.len())
        && label
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b == b'-')
        && !label.starts_with('-')
        && !label.ends_with('-');
    if is_valid {
        return Ok(region);
    }
    Err(Error::config(
        "region",
        format!(
            "invalid `region` {label:?} (from {}): must be a host name label such as us-east-1",
            region.source
        ),
    ))
}

/// Whether the port, if there is one, is a number from 1 to 65535.
pub fn has_valid_port(uri: &http::Uri) -> bool {
    let authority = uri.authority().map_or("", |authority| authority.as_str());
    let after_host = authority
        .rsplit_once(']')
        .map_or(authority, |(_, rest)| rest);
    match after_host.rsplit_once(':') {
        Some((_, port)) => port.parse::<u16>().is_ok_and(|port| port > 0),
        None => true,
    }
}
