//! Whether the environment has changed since a client was made from it.

use std::collections::hash_map::RandomState;
use std::ffi::OsStr;
use std::hash::BuildHasher;
use std::sync::OnceLock;

/// A hash of all variables that a client is made from. It is only comparable within a process, and reveals no value.
pub fn fingerprint() -> u64 {
    static STATE: OnceLock<RandomState> = OnceLock::new();
    let mut variables: Vec<_> = std::env::vars_os()
        .filter(|(name, _)| matters(name))
        .collect();
    variables.sort();
    STATE.get_or_init(RandomState::new).hash_one(variables)
}

fn matters(name: &OsStr) -> bool {
    const OTHERS: [&str; 6] = [
        "HOME",
        "USERPROFILE",
        "SECRET_ACCESS_KEY",
        "SSL_CERT_FILE",
        "SSL_CERT_DIR",
        "REQUEST_METHOD",
    ];
    let name = name.to_string_lossy().to_ascii_uppercase();
    name.starts_with("AWS_") || name.ends_with("_PROXY") || OTHERS.contains(&name.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_variables_that_a_client_reads_matter() {
        for name in ["AWS_REGION", "aws_x", "https_proxy", "NO_PROXY", "HOME"] {
            assert!(matters(OsStr::new(name)), "{name}");
        }
        for name in ["PATH", "MYAWS_REGION", "HOMEDRIVE", ""] {
            assert!(!matters(OsStr::new(name)), "{name}");
        }
        assert_eq!(fingerprint(), fingerprint());
    }
}
