//! Endpoints and regions, checked before they reach the SDK.

use crate::error::Error;
use crate::settings::source::Sourced;
use std::net::IpAddr;

/// Custom endpoints of services besides Rekognition.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Endpoints {
    /// STS.
    pub sts: Option<String>,
    /// The portal of IAM Identity Center.
    pub sso: Option<String>,
    /// The token service of IAM Identity Center.
    pub sso_oidc: Option<String>,
    /// The streaming service.
    pub streaming: Option<String>,
    /// S3.
    pub s3: Option<String>,
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

/// The endpoint of a service that is needed besides Rekognition: the one that was set, or else the client's, if that is
/// on this machine, because an emulator has all services. `None` for AWS.
pub fn or_loopback(
    found: Option<String>,
    client_endpoint: Option<&Sourced<String>>,
) -> Option<String> {
    let on_this_machine = client_endpoint.filter(|endpoint| is_loopback(&endpoint.value));
    found.or_else(|| Some(on_this_machine?.value.clone()))
}

/// Whether only this machine can reach a URL.
fn is_loopback(url: &str) -> bool {
    let Ok(uri) = url.parse::<http::Uri>() else {
        return false;
    };
    let host = uri.host().unwrap_or_default().to_ascii_lowercase();
    let host = host.trim_matches(['[', ']']).trim_end_matches('.');
    match host.parse::<IpAddr>() {
        Ok(address) => address.to_canonical().is_loopback(),
        Err(_) => host == "localhost" || host.ends_with(".localhost"),
    }
}

/// Refuses a region that cannot be a part of a host name.
pub fn check_region(region: Sourced<String>) -> Result<Sourced<String>, Error> {
    let label = &region.value;
    if is_host_label(label) {
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

/// Whether a text can be a part of a host name.
pub fn is_host_label(label: &str) -> bool {
    (1..=63).contains(&label.len())
        && label
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b == b'-')
        && !label.starts_with('-')
        && !label.ends_with('-')
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

#[cfg(test)]
mod tests {
    use super::or_loopback;
    use crate::settings::source::{Source, Sourced};

    #[test]
    fn only_a_client_of_an_emulator_finds_other_services_at_its_own_endpoint() {
        let endpoint = |found: Option<&str>, client: &str| {
            let client = Sourced {
                value: client.to_owned(),
                source: Source::Call,
            };
            or_loopback(found.map(str::to_owned), Some(&client))
        };
        for loopback in [
            "http://127.0.0.1:8080",
            "http://127.8.9.1",
            "http://[::1]:8080/path",
            "http://[::ffff:127.0.0.1]",
            "HTTPS://LocalHost.:8443",
            "http://rekognition.localhost",
        ] {
            assert_eq!(endpoint(None, loopback).as_deref(), Some(loopback));
            let set = endpoint(Some("https://sts.example.org"), loopback);
            assert_eq!(set.as_deref(), Some("https://sts.example.org"));
        }
        for remote in [
            "https://vpce-1.rekognition.eu-west-1.vpce.amazonaws.com",
            "http://127.0.0.1.example.org",
            "http://localhost.example.org",
            "http://10.0.0.1",
            "http://[fe80::1]",
        ] {
            assert_eq!(endpoint(None, remote), None, "{remote}");
        }
        assert_eq!(or_loopback(None, None), None);
    }
}
