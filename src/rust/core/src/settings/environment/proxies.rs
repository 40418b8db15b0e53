//! Proxies, from the environment.

use super::Environment;
use crate::secret::Secret;
use crate::settings::no_proxy::NoProxy;
use crate::settings::proxies::Proxies;
use crate::settings::source::{Source, Sourced};
use crate::settings::Settings;
use std::sync::Arc;

/// Variables for the proxy of https requests. The first one wins.
const HTTPS_PROXY: &[Spellings] = &[&["https_proxy", "HTTPS_PROXY"], ALL_PROXY];
const HTTP_PROXY: &[Spellings] = &[&["http_proxy", "HTTP_PROXY"], ALL_PROXY];
const ALL_PROXY: Spellings = &["all_proxy", "ALL_PROXY"];

/// The spellings of a variable. The first that is set counts, as in curl and Python; if it is empty there is no proxy.
type Spellings = &'static [&'static str];

impl Environment<'_> {
    pub fn proxies(&self, given: &Settings) -> Proxies {
        Proxies {
            https: self.proxy(given, HTTPS_PROXY),
            http: self.proxy(given, self.http_proxy_variables()),
            no_proxy: Arc::new(self.no_proxy()),
        }
    }

    /// In a CGI program `HTTP_PROXY` is the request's `Proxy` header, and a client must not choose the proxy. On Windows
    /// `http_proxy` is the same variable.
    fn http_proxy_variables(&self) -> &'static [Spellings] {
        match self.env.get("REQUEST_METHOD") {
            Ok(_) if cfg!(windows) => &[ALL_PROXY],
            Ok(_) => &[&["http_proxy"], ALL_PROXY],
            Err(_) => HTTP_PROXY,
        }
    }

    /// The value of the first spelling that is set, if it is not empty.
    fn spelled(&self, names: Spellings) -> Option<Sourced<String>> {
        let set = names.iter().find(|name| self.env.get(name).is_ok())?;
        self.variable(&[set])
    }

    fn proxy(&self, given: &Settings, variables: &[Spellings]) -> Option<Sourced<Secret>> {
        if let Some(value) = given.proxy.clone() {
            return Some(Sourced {
                value,
                source: Source::Call,
            });
        }
        let found = variables.iter().find_map(|names| self.spelled(names))?;
        Some(Sourced {
            value: Secret::new(found.value),
            source: found.source,
        })
    }

    fn no_proxy(&self) -> NoProxy {
        let found = self.spelled(&["no_proxy", "NO_PROXY"]);
        NoProxy::new(found.as_ref().map_or("", |found| &found.value))
    }
}
