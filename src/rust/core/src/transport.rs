//! The HTTP client under the SDK: TLS roots, proxy, connection pool.

use crate::endpoint::has_good_port;
use crate::fault::Fault;
use crate::resolve::{Resolved, Sourced};
use aws_smithy_http_client::proxy::ProxyConfig;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use aws_smithy_http_client::tls::{Provider, TlsContext, TrustStore};
use aws_smithy_http_client::Connector;
use aws_smithy_runtime_api::client::http::{http_client_fn, SharedHttpClient, SharedHttpConnector};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::CertificateDer;
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// Hosts that no proxy can reach for us: this machine, and the metadata services of EC2, ECS and EKS.
const NEVER_PROXIED: &str =
    "localhost,127.0.0.0/8,::1,169.254.169.254,169.254.170.2,169.254.170.23,fd00:ec2::254,fd00:ec2::23";

/// Shorter than the time after which AWS's load balancers close an idle connection.
const POOL_IDLE_TIMEOUT: Duration = Duration::from_secs(20);

/// The HTTP client for these settings; the operations and the credential providers share it.
pub fn http_client(resolved: &Resolved) -> Result<SharedHttpClient, Fault> {
    let proxy = proxy(resolved)?;
    let tls = tls(resolved.ca_bundle.as_ref())?;
    let connectors = Mutex::new(HashMap::new());
    Ok(http_client_fn(move |settings, components| {
        let mut connectors = connectors.lock().unwrap_or_else(PoisonError::into_inner);
        let timeouts = (settings.connect_timeout(), settings.read_timeout());
        connectors
            .entry(timeouts)
            .or_insert_with(|| {
                let mut builder = Connector::builder()
                    .proxy_config(proxy.clone())
                    .pool_idle_timeout(POOL_IDLE_TIMEOUT);
                builder.set_connector_settings(Some(settings.clone()));
                builder.set_sleep_impl(components.sleep_impl());
                SharedHttpConnector::new(
                    builder
                        .tls_provider(Provider::Rustls(CryptoMode::Ring))
                        .tls_context(tls.clone())
                        .build(),
                )
            })
            .clone()
    }))
}

fn tls(ca_bundle: Option<&Sourced<String>>) -> Result<TlsContext, Fault> {
    let mut trusted = TrustStore::default();
    if let Some(bundle) = ca_bundle {
        trusted.add_pem_certificate(read_bundle(bundle)?);
    }
    TlsContext::builder()
        .with_trust_store(trusted)
        .build()
        .map_err(|error| Fault::Internal {
            reason: format!("TLS cannot be set up: {error}"),
        })
}

/// The SDK panics on a bundle with a broken certificate and ignores one without any: check it first.
fn read_bundle(bundle: &Sourced<String>) -> Result<Vec<u8>, Fault> {
    let complaint = |problem: String| {
        Fault::config(
            "ca_bundle",
            format!(
                "the CA bundle {:?} (from {}) {problem}",
                bundle.value, bundle.source
            ),
        )
    };
    let pem = std::fs::read(&bundle.value)
        .map_err(|error| complaint(format!("cannot be read: {error}")))?;
    let mut roots = rustls::RootCertStore::empty();
    for certificate in CertificateDer::pem_slice_iter(&pem) {
        let certificate = certificate
            .map_err(|error| complaint(format!("is not a file of PEM certificates: {error}")))?;
        roots
            .add(certificate)
            .map_err(|error| complaint(format!("has a broken certificate: {error}")))?;
    }
    if roots.is_empty() {
        return Err(complaint("holds no certificate".into()));
    }
    Ok(pem)
}

/// A proxy for https alone: plain http is only spoken to this machine and to metadata services.
fn proxy(resolved: &Resolved) -> Result<ProxyConfig, Fault> {
    let Some(proxy) = &resolved.proxy else {
        return Ok(ProxyConfig::disabled());
    };
    let url = proxy.value.reveal();
    let url = if url.contains("://") {
        url.to_owned()
    } else {
        format!("http://{url}")
    };
    let no_proxy = match &resolved.no_proxy {
        Some(hosts) => format!("{NEVER_PROXIED},{}", without_wildcards(hosts)),
        None => NEVER_PROXIED.to_owned(),
    };
    // The URL may hold a password, and so may the SDK's complaint about it: neither is shown.
    let has_good_port = url
        .parse::<http::Uri>()
        .is_ok_and(|uri| has_good_port(&uri));
    match ProxyConfig::https(url) {
        Ok(config) if has_good_port => Ok(config.no_proxy(no_proxy)),
        _ => Err(Fault::config(
            "proxy",
            format!(
                "the proxy (from {}) is not an http or https URL such as http://proxy.example.com:8080",
                proxy.source
            ),
        )),
    }
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
    use crate::resolve::Source;

    fn bundle(name: &str, content: &str) -> Result<Vec<u8>, Fault> {
        let path = std::env::temp_dir().join(format!("rekognition-{}-{name}", std::process::id()));
        std::fs::write(&path, content).unwrap();
        let result = read_bundle(&Sourced {
            value: path.display().to_string(),
            source: Source::Environment("AWS_CA_BUNDLE".into()),
        });
        std::fs::remove_file(&path).unwrap();
        result
    }

    #[test]
    fn a_bundle_that_is_empty_or_broken_is_refused_by_name() {
        let broken = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
        let garbled = "-----BEGIN CERTIFICATE-----\n*\n-----END CERTIFICATE-----\n";
        for (name, content) in [
            ("empty", ""),
            ("text", "hello"),
            ("broken", broken),
            ("garbled", garbled),
        ] {
            match bundle(name, content) {
                Err(Fault::Config { setting, reason }) => {
                    assert_eq!(setting, "ca_bundle");
                    assert!(
                        reason.contains(name) && reason.contains("AWS_CA_BUNDLE"),
                        "{reason}"
                    );
                }
                other => panic!("{name}: {other:?}"),
            }
        }
    }

    #[test]
    fn a_wildcard_in_no_proxy_means_the_domain() {
        assert_eq!(without_wildcards("*.a.com, b.com,*"), ".a.com,b.com,*");
    }
}
