//! A value and where it came from.

use std::fmt;

/// A value and where it came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sourced<T> {
    /// The value.
    pub value: T,
    /// Where it came from.
    pub source: Source,
}

/// Where a value came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// Given when the client was made.
    Call,
    /// An environment variable.
    Environment(String),
    /// A property of a profile in the shared files.
    Profile {
        /// The property.
        key: String,
        /// The profile.
        profile: String,
    },
    /// The instance metadata service.
    InstanceMetadata,
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Source::Call => f.write_str("the client's configuration"),
            Source::Environment(name) => write!(f, "environment variable {name}"),
            Source::Profile { key, profile } => write!(f, "{key} in profile [{profile}]"),
            Source::InstanceMetadata => f.write_str("instance metadata"),
        }
    }
}
