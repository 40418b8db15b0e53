//! Trusted certificates: the system's, and those of a CA bundle.

use crate::causes::system_error;
use crate::error::Error;
use crate::runtime;
use crate::settings::source::Sourced;
use aws_smithy_http_client::tls::{TlsContext, TrustStore};
use rustls::crypto::ring;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::CertificateDer;
use rustls::{ClientConfig, RootCertStore};
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Far more than any system's bundle has.
const MAX_BUNDLE: u64 = 16 << 20;

/// The trusted certificates for these settings.
pub async fn context(ca_bundle: Option<&Sourced<PathBuf>>) -> Result<TlsContext, Error> {
    let mut trusted = TrustStore::default();
    if let Some(bundle) = ca_bundle {
        trusted.add_pem_certificate(read_bundle(bundle).await?);
    }
    TlsContext::builder()
        .with_trust_store(trusted)
        .build()
        .map_err(|error| Error::Internal {
            reason: format!("TLS could not be set up: {error}"),
        })
}

/// The TLS configuration of connections that are not the SDK's, with the same trusted certificates.
pub async fn client_config(ca_bundle: Option<&Sourced<PathBuf>>) -> Result<ClientConfig, Error> {
    let mut roots = match ca_bundle {
        Some(bundle) => parse(bundle, &read_bundle(bundle).await?)?,
        None => RootCertStore::empty(),
    };
    // Reads files.
    let native = runtime::blocking(rustls_native_certs::load_native_certs).await?;
    // As the SDK does, ignore those that are not valid.
    roots.add_parsable_certificates(native.certs);
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|error| Error::Internal {
            reason: format!("TLS could not be set up: {error}"),
        })?;
    Ok(config.with_root_certificates(roots).with_no_client_auth())
}

/// The SDK panics on a bundle with an invalid certificate and ignores one without certificates: check it first.
async fn read_bundle(bundle: &Sourced<PathBuf>) -> Result<Vec<u8>, Error> {
    let path = bundle.value.clone();
    // On a thread of its own: reading a pipe, say, must not block everything else.
    let pem = runtime::blocking(move || read_file(&path))
        .await?
        .map_err(|error| {
            invalid(bundle, format!("cannot be read: {}", system_error(&error))).with_source(&error)
        })?;
    parse(bundle, &pem)?;
    Ok(pem)
}

fn invalid(bundle: &Sourced<PathBuf>, problem: String) -> Error {
    Error::config(
        "ca_bundle",
        format!(
            "the CA bundle {:?} (from {}) {problem}",
            bundle.value, bundle.source
        ),
    )
}

/// The certificates of a bundle.
fn parse(bundle: &Sourced<PathBuf>, pem: &[u8]) -> Result<RootCertStore, Error> {
    let invalid = |problem| invalid(bundle, problem);
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_slice_iter(pem) {
        // The error is not shown: it quotes the file, which may also hold a private key.
        let certificate = certificate.map_err(|_| {
            invalid("is not valid PEM: a certificate has no end, or is not base64".into())
        })?;
        roots
            .add(certificate)
            .map_err(|error| invalid(format!("contains an invalid certificate: {error}")))?;
    }
    if roots.is_empty() {
        return Err(invalid("contains no certificates".into()));
    }
    Ok(roots)
}

fn read_file(path: &Path) -> io::Result<Vec<u8>> {
    let mut content = Vec::new();
    File::open(path)?
        .take(MAX_BUNDLE + 1)
        .read_to_end(&mut content)?;
    if content.len() as u64 > MAX_BUNDLE {
        return Err(io::Error::other("it is larger than 16 MiB"));
    }
    Ok(content)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::source::Source;

    fn bundle(name: &str, content: &str) -> Result<Vec<u8>, Error> {
        let path = std::env::temp_dir().join(format!("rekognition-{}-{name}", std::process::id()));
        std::fs::write(&path, content).unwrap();
        let (_, runtime) = crate::runtime::current().unwrap();
        let result = runtime.block_on(read_bundle(&Sourced {
            value: path.clone(),
            source: Source::Environment("AWS_CA_BUNDLE".into()),
        }));
        std::fs::remove_file(&path).unwrap();
        result
    }

    #[test]
    fn an_empty_or_invalid_bundle_is_refused_by_name() {
        let invalid = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
        let garbled = "-----BEGIN CERTIFICATE-----\n*\n-----END CERTIFICATE-----\n";
        for (name, content) in [
            ("empty", ""),
            ("text", "hello"),
            ("invalid", invalid),
            ("garbled", garbled),
            ("unfinished", "-----BEGIN CERTIFICATE-----\nAAAA\n"),
        ] {
            match bundle(name, content) {
                Err(Error::Config {
                    setting, reason, ..
                }) => {
                    assert_eq!(setting, "ca_bundle");
                    assert!(
                        reason.contains(name) && reason.contains("AWS_CA_BUNDLE"),
                        "{reason}"
                    );
                    // No bytes of the file: it may also hold a private key.
                    assert!(!reason.contains('['), "{reason}");
                }
                other => panic!("{name}: {other:?}"),
            }
        }
    }
}
