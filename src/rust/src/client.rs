//! Clients: make one, describe it, provide its keys.

use crate::argument::{native, unexpected, Members};
use crate::output::{text, text_or_na, to_r};
use extendr_api::prelude::*;
use rekognition_core::error::Error;
use rekognition_core::http::proxy;
use rekognition_core::secret::Secret;
use rekognition_core::settings::keys::parse_time;
use rekognition_core::settings::keys::Keys;
use rekognition_core::settings::resolve::Resolved;
use rekognition_core::settings::source::Sourced;
use rekognition_core::settings::CredentialSource;
use rekognition_core::settings::Settings;
use rekognition_core::Client;
use std::time::{Duration, UNIX_EPOCH};

/// Makes a client from a flat list of settings. Reads the environment and files, but sends nothing.
#[extendr]
fn client_new(settings: Robj) -> Robj {
    to_r(|| {
        let given = read_settings(&Members::of(&settings));
        Ok(ExternalPtr::new(Client::new(Resolved::new(given)?)).into())
    })
}

/// Whether a request of the client waits for keys from R.
#[extendr]
fn client_needs_keys(client: Robj) -> Robj {
    to_r(|| {
        let requests = native::<Client>(&client).and_then(Client::key_requests);
        Ok(requests
            .is_some_and(|requests| requests.is_pending())
            .into())
    })
}

/// Provides the keys that a client waits for, or the reason why there are none and the setting that caused it.
#[extendr]
fn client_provide_keys(client: Robj, given: Robj) -> Robj {
    to_r(|| {
        if let Some(requests) = native::<Client>(&client).and_then(Client::key_requests) {
            requests.supply(read_provided(&Members::of(&given)));
        }
        Ok(().into())
    })
}

/// Repeats the request for keys, since R's function ended without returning any: other waiting calls ask again.
#[extendr]
fn client_repeat_key_request(client: Robj) -> Robj {
    to_r(|| {
        if let Some(requests) = native::<Client>(&client).and_then(Client::key_requests) {
            requests.renotify();
        }
        Ok(().into())
    })
}

fn read_provided(given: &Members) -> std::result::Result<Keys, Error> {
    if let Some(reason) = given.string("reason") {
        return Err(match given.string("setting") {
            Some(setting) => Error::config(&setting, reason),
            None => Error::Credentials { reason },
        });
    }
    let mut keys = read_keys(given).ok_or_else(|| unexpected("keys"))?;
    keys.expires = match (given.number("expiration"), given.string("expiration")) {
        (Some(seconds), _) => Some(UNIX_EPOCH + Duration::from_secs_f64(seconds.clamp(0.0, 1e11))),
        (None, Some(text)) => Some(parse_time(&text).ok_or_else(|| {
            Error::config(
                "expiration",
                "`expiration` must be a time such as \"2026-12-31T23:59:59Z\"",
            )
        })?),
        (None, None) => None,
    };
    keys.check("the function `creds`")?;
    Ok(keys)
}

/// A client's settings and their sources, for printing, without secrets. NULL if the client is from another process.
#[extendr]
fn client_describe(client: Robj) -> Robj {
    to_r(|| {
        let Some(client) = native::<Client>(&client) else {
            return Ok(().into());
        };
        let resolved = client.resolved();
        let mut members = Vec::new();
        let mut add = |name: &'static str, source: &'static str, found: Described| {
            let (value, from) = found.unzip();
            members.push((name, text_or_na(value.as_deref())));
            members.push((source, text_or_na(from.flatten().as_deref())));
        };
        add(
            "region",
            "region_source",
            resolved.region.as_ref().map(described),
        );
        let own = resolved.endpoint.as_ref().map(described);
        add(
            "endpoint",
            "endpoint_source",
            own.or_else(|| resolved.describe_endpoint().map(|url| (url, None))),
        );
        add(
            "proxy",
            "proxy_source",
            proxy::describe(resolved).as_ref().map(described),
        );
        add(
            "ca_bundle",
            "ca_bundle_source",
            resolved.ca_bundle.as_ref().map(|bundle| {
                let path = bundle.value.display().to_string();
                (path, Some(bundle.source.to_string()))
            }),
        );
        members.extend([
            (
                "credentials",
                text(&describe_credentials(&resolved.credentials)),
            ),
            ("sdk_version", text(rekognition_core::SDK_VERSION)),
        ]);
        Ok(List::from_pairs(members).into())
    })
}

/// A value and its source, unless that is obvious.
type Described = Option<(String, Option<String>)>;

fn described(found: &Sourced<String>) -> (String, Option<String>) {
    (found.value.clone(), Some(found.source.to_string()))
}

fn describe_credentials(source: &CredentialSource) -> String {
    match source {
        CredentialSource::Given => "the client's configuration".into(),
        CredentialSource::OnRequest => "the function `creds`".into(),
        CredentialSource::Anonymous => "none (requests are not signed)".into(),
        CredentialSource::Profile(name) => format!("profile [{name}]"),
        CredentialSource::Environment => "environment variables".into(),
        CredentialSource::DefaultChain => {
            "looked up at the first call (profile, SSO, web identity, container or instance)".into()
        }
    }
}

fn read_settings(given: &Members) -> Settings {
    let secret = |name: &str| given.string(name).map(Secret::new);
    Settings {
        region: given.string("region"),
        endpoint: given.string("endpoint"),
        keys: read_keys(given),
        keys_on_request: given.flag("keys_are_supplied").unwrap_or(false),
        profile: given.string("profile"),
        anonymous: given.flag("anonymous").unwrap_or(false),
        close_connection: given.flag("close_connection").unwrap_or(false),
        // R allows any whole number from 0 on: larger ones than u32 saturate.
        max_retries: given.number("max_retries").map(|n| n as u32),
        retry_mode: given.string("retry_mode"),
        connect_timeout: given.duration("connect_timeout"),
        read_timeout: given.duration("read_timeout"),
        operation_timeout: given.duration("operation_timeout"),
        ca_bundle: given.path("ca_bundle"),
        proxy: secret("proxy"),
        use_fips: given.flag("use_fips"),
        use_dualstack: given.flag("use_dualstack"),
        app_name: given.string("app_name"),
    }
}

fn read_keys(given: &Members) -> Option<Keys> {
    let secret = |name: &str| given.string(name).map(Secret::new);
    Some(Keys {
        access_key_id: given.string("access_key_id")?,
        secret_access_key: secret("secret_access_key")?,
        session_token: secret("session_token"),
        expires: None,
    })
}

extendr_module! {
    mod client;
    fn client_new;
    fn client_describe;
    fn client_needs_keys;
    fn client_provide_keys;
    fn client_repeat_key_request;
}
