//! Which hosts are reached without a proxy.

use http::uri::Scheme;
use http::Uri;
use std::net::IpAddr;

/// Hosts that only this machine can reach: itself, and the metadata services of EC2, ECS and EKS.
const NEVER_PROXIED: &str =
    "localhost,127.0.0.0/8,::1,169.254.169.254,169.254.170.2,169.254.170.23,fd00:ec2::254,fd00:ec2::23";

/// The hosts of `NO_PROXY`, and those that never have a proxy.
#[derive(Debug, Clone)]
pub struct NoProxy(Vec<Entry>);

#[derive(Debug, Clone, PartialEq)]
struct Entry {
    hosts: Hosts,
    port: Option<u16>,
}

#[derive(Debug, Clone, PartialEq)]
enum Hosts {
    All,
    /// A host and its subdomains.
    Domain(String),
    /// Addresses with the same first bits.
    Network(IpAddr, u32),
}

impl NoProxy {
    /// `entries` is the value of `NO_PROXY`. curl and Python read it differently: an entry matches here if it matches in
    /// either. A port is compared with the request's, even if that is the default of the URL's scheme.
    pub fn new(entries: &str) -> Self {
        let never = NEVER_PROXIED.split(',');
        let given = entries.split(|c: char| c == ',' || c.is_whitespace());
        NoProxy(never.chain(given).filter_map(Entry::parse).collect())
    }

    /// Whether requests to this URL have no proxy.
    pub fn contains(&self, url: &Uri) -> bool {
        let Some(host) = url.host() else {
            return false;
        };
        let is_plain = url.scheme() == Some(&Scheme::HTTP);
        let port = url.port_u16().unwrap_or(if is_plain { 80 } else { 443 });
        let host = without_brackets(host).trim_end_matches('.');
        let address = host.parse::<IpAddr>().ok().map(|ip| ip.to_canonical());
        self.0.iter().any(|entry| {
            entry.port.is_none_or(|only| only == port) && entry.hosts.contain(host, address)
        })
    }
}

impl Entry {
    fn parse(text: &str) -> Option<Self> {
        // Before splitting off a port: an IPv6 address has colons.
        if let Some(hosts) = network(text) {
            return Some(Entry { hosts, port: None });
        }
        let (name, port) = match text.rsplit_once(':') {
            Some((name, port)) => (name, Some(port.parse().ok()?)),
            None => (text, None),
        };
        let hosts = match network(name) {
            Some(network) => network,
            None if name == "*" => Hosts::All,
            None => {
                let domain = name.strip_prefix("*.").unwrap_or(name).trim_matches('.');
                Hosts::Domain(Some(domain).filter(|domain| !domain.is_empty())?.into())
            }
        };
        Some(Entry { hosts, port })
    }
}

impl Hosts {
    fn contain(&self, host: &str, address: Option<IpAddr>) -> bool {
        match self {
            Hosts::All => true,
            Hosts::Domain(domain) => is_within(host.as_bytes(), domain.as_bytes()),
            Hosts::Network(network, bits) => match (network, address) {
                (IpAddr::V4(network), Some(IpAddr::V4(address))) => {
                    (network.to_bits() ^ address.to_bits()).leading_zeros() >= *bits
                }
                (IpAddr::V6(network), Some(IpAddr::V6(address))) => {
                    (network.to_bits() ^ address.to_bits()).leading_zeros() >= *bits
                }
                _ => false,
            },
        }
    }
}

/// An address, or a range of addresses such as 10.0.0.0/8.
fn network(text: &str) -> Option<Hosts> {
    let (address, bits) = match text.split_once('/') {
        Some((address, bits)) => (address, Some(bits.parse().ok()?)),
        None => (text.trim_end_matches('.'), None),
    };
    let address: IpAddr = without_brackets(address).parse().ok()?;
    let most = if address.is_ipv4() { 32 } else { 128 };
    match bits {
        Some(bits) if bits > most => None,
        Some(bits) => Some(Hosts::Network(address, bits)),
        None => {
            let address = address.to_canonical();
            let all = if address.is_ipv4() { 32 } else { 128 };
            Some(Hosts::Network(address, all))
        }
    }
}

fn without_brackets(host: &str) -> &str {
    host.strip_prefix('[')
        .and_then(|host| host.strip_suffix(']'))
        .unwrap_or(host)
}

/// Whether a host is this domain or one below it.
fn is_within(host: &[u8], domain: &[u8]) -> bool {
    host.len().checked_sub(domain.len()).is_some_and(|start| {
        host[start..].eq_ignore_ascii_case(domain) && (start == 0 || host[start - 1] == b'.')
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matches(entries: &str, url: &str) -> bool {
        NoProxy::new(entries).contains(&url.parse().unwrap())
    }

    #[test]
    fn a_domain_matches_itself_and_its_subdomains() {
        for entries in [
            "example.com",
            ".example.com",
            "*.example.com",
            "example.com.",
            ".example.com.",
            "..example.com",
            "EXAMPLE.com",
            "*",
            "a.com,example.com",
            "a.com, example.com ,b.com",
            "a.com example.com",
            "\texample.com\n",
            "a.com,*",
        ] {
            for host in ["example.com", "a.b.example.com", "Example.COM."] {
                assert!(
                    matches(entries, &format!("https://{host}/x")),
                    "{entries:?} {host}"
                );
            }
        }
        for (entries, host) in [
            ("example.com", "notexample.com"),
            ("example.com", "example.com.org"),
            ("example.com", "com"),
            ("a.example.com", "example.com"),
            ("*example.com", "example.com"),
            ("example.*", "example.com"),
            ("https://example.com", "example.com"),
            ("", "example.com"),
            (" , ,", "example.com"),
            (".", "example.com"),
            ("..", "example.com."),
            ("10.0.0.0/8", "10.example.com"),
        ] {
            assert!(
                !matches(entries, &format!("https://{host}")),
                "{entries:?} {host}"
            );
        }
    }

    #[test]
    fn an_entry_with_a_port_matches_that_port() {
        for (entries, url, expected) in [
            ("example.com:443", "https://example.com", true),
            ("example.com:443", "https://example.com:443", true),
            ("example.com:443", "https://example.com:8443", false),
            ("example.com:443", "http://example.com", false),
            ("example.com:80", "http://example.com", true),
            ("example.com:80", "HTTP://example.com", true),
            ("example.com.:8443", "https://a.example.com:8443", true),
            ("*.example.com:8443", "https://a.example.com:8443", true),
            ("*:8443", "https://example.com:8443", true),
            ("*:8443", "https://example.com", false),
            ("10.0.0.1:8443", "https://10.0.0.1:8443", true),
            ("10.0.0.1:8443", "https://10.0.0.1", false),
            ("10.0.0.0/8:8443", "https://10.0.0.1:8443", true),
            ("[fd00::1]:8443", "https://[fd00::1]:8443", true),
            ("[fd00::1]:8443", "https://[fd00::1]", false),
            ("example.com:x", "https://example.com", false),
            ("example.com:", "https://example.com", false),
            (":443", "https://example.com", false),
        ] {
            assert_eq!(matches(entries, url), expected, "{entries} {url}");
        }
    }

    #[test]
    fn an_address_matches_in_any_spelling_and_a_range_matches_its_addresses() {
        for (entries, host, expected) in [
            ("10.0.0.1", "10.0.0.1", true),
            ("10.0.0.1.", "10.0.0.1", true),
            ("10.0.0.1", "10.0.0.1.", true),
            ("10.0.0.1", "10.0.0.11", false),
            ("10.0.0.0/8", "10.1.2.3", true),
            ("10.0.0.0/8", "11.1.2.3", false),
            ("10.1.2.3/8", "10.0.0.1", true),
            ("10.0.0.0/9", "10.127.0.1", true),
            ("10.0.0.0/9", "10.128.0.1", false),
            ("10.0.0.0/32", "10.0.0.1", false),
            ("0.0.0.0/0", "10.0.0.1", true),
            ("0.0.0.0/0", "[fd00::1]", false),
            ("10.0.0.0/33", "10.0.0.0", false),
            ("10.0.0.0/x", "10.0.0.0", false),
            ("fd00::1", "[fd00::1]", true),
            ("[fd00::1]", "[fd00::1]", true),
            ("FD00:0:0::1", "[fd00::1]", true),
            ("fd00::/8", "[fdff::1]", true),
            ("[fd00::]/8", "[fdff::1]", true),
            ("fd00::/8", "[fe00::1]", false),
            ("::ffff:10.0.0.1", "10.0.0.1", true),
            ("10.0.0.0/8", "[::ffff:10.0.0.1]", true),
            // Compared as names, as Python does with addresses.
            ("0.0.1", "10.0.0.1", true),
        ] {
            let url = format!("https://{host}:8443");
            assert_eq!(matches(entries, &url), expected, "{entries} {host}");
        }
    }

    #[test]
    fn this_machine_and_metadata_services_never_have_a_proxy() {
        for host in [
            "localhost",
            "LOCALHOST.",
            "app.localhost",
            "127.0.0.1",
            "127.255.0.1",
            "[::1]",
            "[::ffff:127.0.0.1]",
            "169.254.169.254",
            "169.254.170.2",
            "169.254.170.23",
            "[fd00:ec2::254]",
            "[fd00:ec2::23]",
        ] {
            assert!(matches("", &format!("http://{host}:1/")), "{host}");
        }
        for host in [
            "mylocalhost",
            "128.0.0.1",
            "169.254.169.25",
            "[fd00:ec2::25]",
        ] {
            assert!(!matches("", &format!("http://{host}:1/")), "{host}");
        }
    }
}
