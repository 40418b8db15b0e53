//! TLS servers with any kind of certificate, in front of a server without TLS.

use crate::{listen, server_runtime};
use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose,
};
use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::Arc;
use time::OffsetDateTime;
use tokio::net::TcpStream;
use tokio::task::AbortHandle;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use tokio_rustls::rustls::{self, ServerConfig};
use tokio_rustls::TlsAcceptor;

/// A private certificate authority.
pub struct Authority {
    /// Its certificate, as PEM.
    pub pem: String,
    issuer: Issuer<'static, KeyPair>,
}

/// A server's certificate and its key.
pub struct Certificate {
    /// The certificate, as PEM.
    pub pem: String,
    der: CertificateDer<'static>,
    key: PrivateKeyDer<'static>,
}

/// When a certificate is valid.
#[derive(Clone, Copy, PartialEq)]
pub enum Validity {
    /// Now.
    Now,
    /// In the past.
    Past,
}

impl Authority {
    /// A new one.
    pub fn new(name: &str) -> Self {
        let mut params = CertificateParams::default();
        params.distinguished_name.push(DnType::CommonName, name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
        let key = KeyPair::generate().expect("a key");
        let pem = params.self_signed(&key).expect("a certificate").pem();
        Authority {
            pem,
            issuer: Issuer::new(params, key),
        }
    }

    /// A certificate for these hosts, signed by it.
    pub fn sign(&self, hosts: &[&str], validity: Validity) -> Certificate {
        let key = KeyPair::generate().expect("a key");
        let signed = server(hosts, validity).signed_by(&key, &self.issuer);
        pair(signed.expect("a certificate"), &key)
    }
}

/// A self-signed certificate for these hosts, optionally an authority's.
pub fn certificate(hosts: &[&str], is_authority: bool) -> Certificate {
    let key = KeyPair::generate().expect("a key");
    let mut params = server(hosts, Validity::Now);
    if is_authority {
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    }
    let signed = params.self_signed(&key).expect("a certificate");
    pair(signed, &key)
}

fn server(hosts: &[&str], validity: Validity) -> CertificateParams {
    let hosts: Vec<String> = hosts.iter().map(|host| (*host).to_owned()).collect();
    let mut params = CertificateParams::new(hosts).expect("host names");
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    if validity == Validity::Past {
        let day = time::Duration::days(1);
        params.not_before = OffsetDateTime::now_utc() - 2 * day;
        params.not_after = OffsetDateTime::now_utc() - day;
    }
    params
}

fn pair(signed: rcgen::Certificate, key: &KeyPair) -> Certificate {
    Certificate {
        pem: signed.pem(),
        der: signed.der().clone(),
        key: PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der())),
    }
}

/// A TLS server that forwards connections to a server without TLS.
pub struct TlsFront {
    address: SocketAddr,
    connections: Arc<AtomicUsize>,
    task: AbortHandle,
}

impl TlsFront {
    /// In front of the server at this URL.
    pub fn start(certificate: Certificate, behind: &str) -> Self {
        let behind: SocketAddr = behind
            .trim_start_matches("http://")
            .parse()
            .expect("an address");
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .expect("versions of TLS")
            .with_no_client_auth()
            .with_single_cert(vec![certificate.der], certificate.key)
            .expect("a certificate");
        let acceptor = TlsAcceptor::from(Arc::new(config));
        let (listener, address) = listen();
        let connections = Arc::new(AtomicUsize::new(0));
        let count = connections.clone();
        let task = server_runtime()
            .spawn(async move {
                while let Ok((stream, _)) = listener.accept().await {
                    count.fetch_add(1, Ordering::SeqCst);
                    let acceptor = acceptor.clone();
                    tokio::spawn(async move {
                        // Fails if the client does not accept the certificate.
                        let mut outside = acceptor.accept(stream).await?;
                        let mut inside = TcpStream::connect(behind).await?;
                        tokio::io::copy_bidirectional(&mut outside, &mut inside).await
                    });
                }
            })
            .abort_handle();
        TlsFront {
            address,
            connections,
            task,
        }
    }

    /// Its port.
    pub fn port(&self) -> u16 {
        self.address.port()
    }

    /// Its URL with this host name.
    pub fn url(&self, host: &str) -> String {
        format!("https://{host}:{}", self.port())
    }

    /// The number of connections so far.
    pub fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }
}

impl Drop for TlsFront {
    fn drop(&mut self) {
        self.task.abort();
    }
}
