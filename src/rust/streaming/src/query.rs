//! The queries of presigned URLs.

use std::collections::HashSet;

/// What presigning adds to a query.
const ADDED: [&str; 7] = [
    "X-Amz-Algorithm",
    "X-Amz-Credential",
    "X-Amz-Date",
    "X-Amz-Expires",
    "X-Amz-Security-Token",
    "X-Amz-Signature",
    "X-Amz-SignedHeaders",
];

/// The parameters of a query, decoded.
#[derive(Debug, Clone)]
pub struct Query(Vec<(String, String)>);

impl Query {
    /// Parses the query of this path.
    pub fn parse(path: &str) -> Self {
        let (_, query) = path.split_once('?').unwrap_or_default();
        Query(
            form_urlencoded::parse(query.as_bytes())
                .into_owned()
                .collect(),
        )
    }

    /// A parameter.
    pub fn get(&self, name: &str) -> Option<&str> {
        let found = self.0.iter().find(|(key, _)| key == name);
        found.map(|(_, value)| value.as_str())
    }

    /// The names of the parameters.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|(name, _)| name.as_str())
    }

    /// Whether a parameter is there more than once.
    pub fn repeats(&self) -> bool {
        let mut names = HashSet::new();
        !self.0.iter().all(|(name, _)| names.insert(name))
    }

    /// The access key ID, unverified.
    pub fn access_key_id(&self) -> Option<&str> {
        self.get("X-Amz-Credential")?.split('/').next()
    }
}

/// The path and query without the parameters that presigning adds.
pub fn without_signature(path: &str) -> String {
    let (path, query) = path.split_once('?').unwrap_or((path, ""));
    let kept: Vec<&str> = query
        .split('&')
        .filter(|parameter| !ADDED.contains(&parameter.split('=').next().unwrap_or_default()))
        .collect();
    format!("{path}?{}", kept.join("&"))
}
