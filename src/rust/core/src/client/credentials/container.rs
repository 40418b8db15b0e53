//! Keys from a container's credential agent: ECS, EKS Pod Identity and compatible ones.
//!
//! aws-config's provider keeps the line break that many token files end in, fails because of it, and quotes the token in its
//! error. Nothing from a variable, a file or the agent is quoted here.

use super::document::Document;
use super::load_error::LoadError;
use crate::causes::system_error;
use crate::explain;
use crate::file::{self, Links};
use crate::retry;
use aws_credential_types::provider::error::CredentialsError;
use aws_credential_types::Credentials;
use aws_smithy_async::rt::sleep::TokioSleep;
use aws_smithy_runtime::client::orchestrator::operation::Operation;
use aws_smithy_runtime::client::retries::classifiers::{
    HttpStatusCodeClassifier, TransientErrorClassifier,
};
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use aws_smithy_runtime_api::client::interceptors::context::Error;
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse, OrchestratorError};
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::timeout::TimeoutConfig;
use aws_types::os_shim_internal::Env;
use http::header::{HeaderValue, ACCEPT, AUTHORIZATION};
use http::Uri;
use std::net::IpAddr;
use std::path::Path;
use std::time::Duration;

const RELATIVE_URI: &str = "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI";
const FULL_URI: &str = "AWS_CONTAINER_CREDENTIALS_FULL_URI";
const TOKEN: &str = "AWS_CONTAINER_AUTHORIZATION_TOKEN";
const TOKEN_FILE: &str = "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE";

/// The agent of ECS.
const ECS: &str = "http://169.254.170.2";
/// Hosts that may be reached without TLS, besides this machine: the agents of ECS and EKS.
const AGENTS: [&str; 3] = ["169.254.170.2", "169.254.170.23", "fd00:ec2::23"];

/// Far more than any token has.
const MAX_TOKEN: u64 = 64 << 10;

/// The limits of AWS's SDKs.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(2);
const READ_TIMEOUT: Duration = Duration::from_secs(5);

/// Loads the keys from the agent in the environment.
pub async fn load(env: &Env, http_client: &SharedHttpClient) -> Result<Credentials, LoadError> {
    let Some(uri) = address(env)? else {
        return Err(LoadError::unset());
    };
    let token = token(env)?;
    let operation = Operation::builder()
        .service_name("ContainerCredentials")
        .operation_name("LoadCredentials")
        .endpoint_url(&endpoint(&uri))
        .no_auth()
        .http_client(http_client.clone())
        .timeout_config(
            TimeoutConfig::builder()
                .connect_timeout(CONNECT_TIMEOUT)
                .read_timeout(READ_TIMEOUT)
                .build(),
        )
        .sleep_impl(TokioSleep::new())
        .standard_retry(&retry::credentials_retry_config())
        .retry_classifier(TransientErrorClassifier::<Error>::new())
        .retry_classifier(HttpStatusCodeClassifier::default())
        .serializer(move |path: String| request(path, token.clone()))
        .deserializer(response)
        .build();
    let path = uri.path_and_query().map_or("/", |path| path.as_str());
    let error = match operation.invoke(path.to_owned()).await {
        Ok(credentials) => return Ok(credentials),
        Err(SdkError::ServiceError(error)) => error.into_err(),
        Err(other) => problem(format!(
            "no response from the container's agent: {}",
            explain::explain(&other)
        )),
    };
    Err(error.into())
}

fn problem(reason: impl Into<String>) -> CredentialsError {
    CredentialsError::provider_error(reason.into())
}

fn variable(env: &Env, name: &str) -> Option<String> {
    env.get(name).ok().filter(|value| !value.is_empty())
}

/// The agent's URL; `None` if the environment has none.
fn address(env: &Env) -> Result<Option<Uri>, CredentialsError> {
    if let Some(path) = variable(env, RELATIVE_URI) {
        let uri = format!("{ECS}{path}").parse::<Uri>();
        return match uri {
            Ok(uri) if path.starts_with('/') => Ok(Some(uri)),
            _ => Err(problem(format!("{RELATIVE_URI} is not a path"))),
        };
    }
    let Some(full) = variable(env, FULL_URI) else {
        return Ok(None);
    };
    let uri = full.parse::<Uri>().ok();
    let Some((uri, host)) = uri.and_then(|uri| {
        let host = uri.host()?.trim_matches(['[', ']']).to_ascii_lowercase();
        Some((uri, host))
    }) else {
        return Err(problem(format!("{FULL_URI} is not a URL")));
    };
    let is_plain_allowed = host == "localhost"
        || AGENTS.contains(&host.as_str())
        || host.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback());
    match uri.scheme_str() {
        Some("https") => Ok(Some(uri)),
        Some("http") if is_plain_allowed => Ok(Some(uri)),
        Some("http") => Err(problem(format!(
            "{FULL_URI} with http must be on this machine or be the agent of ECS or EKS; use https for other hosts"
        ))),
        _ => Err(problem(format!("{FULL_URI} is not an http or https URL"))),
    }
}

/// The URL without its path; a user name in it is not sent.
fn endpoint(uri: &Uri) -> String {
    let scheme = uri.scheme_str().unwrap_or("http");
    let host = uri.host().unwrap_or_default();
    match uri.port() {
        Some(port) => format!("{scheme}://{host}:{port}/"),
        None => format!("{scheme}://{host}/"),
    }
}

/// The token for the agent, without the line break that `echo` adds.
fn token(env: &Env) -> Result<Option<HeaderValue>, CredentialsError> {
    let (name, text) = if let Some(path) = variable(env, TOKEN_FILE) {
        let content = file::read(Path::new(&path), MAX_TOKEN, Links::Follow).map_err(|error| {
            problem(format!(
                "the file in {TOKEN_FILE} cannot be read: {}",
                system_error(&error)
            ))
        })?;
        (TOKEN_FILE, String::from_utf8_lossy(&content).into_owned())
    } else if let Some(text) = variable(env, TOKEN) {
        (TOKEN, text)
    } else {
        return Ok(None);
    };
    let mut value = HeaderValue::from_str(text.trim()).map_err(|_| {
        problem(format!(
            "the token in {name} contains a line break or another character that is not allowed in a header"
        ))
    })?;
    value.set_sensitive(true);
    Ok((!value.is_empty()).then_some(value))
}

fn request(
    path: String,
    token: Option<HeaderValue>,
) -> Result<HttpRequest, aws_smithy_runtime_api::box_error::BoxError> {
    let mut request = http::Request::builder()
        .uri(path)
        .header(ACCEPT, "application/json");
    if let Some(token) = token {
        request = request.header(AUTHORIZATION, token);
    }
    Ok(request.body(SdkBody::empty())?.try_into()?)
}

fn response(response: &HttpResponse) -> Result<Credentials, OrchestratorError<CredentialsError>> {
    let status = response.status();
    let read = if status.is_success() {
        keys(response.body().bytes().unwrap_or_default())
    } else {
        Err(format!(
            "the container's agent responded with HTTP {}",
            status.as_u16()
        ))
    };
    read.map_err(|reason| OrchestratorError::operation(problem(reason)))
}

fn keys(body: &[u8]) -> Result<Credentials, String> {
    let read = || {
        let document = Document::read(body)?;
        if document.text("Code").is_some_and(|code| code != "Success") {
            return Err("it reports an error".to_owned());
        }
        document.keys("Token", "EcsContainer")
    };
    read().map_err(|problem| format!("the container's agent returned no credentials: {problem}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_tls_only_this_machine_and_the_agents_are_reached() {
        let address = |uri: &str| address(&Env::from_slice(&[(FULL_URI, uri)]));
        for uri in [
            "http://127.0.0.1:80/x",
            "http://localhost/x",
            "http://[::1]/x",
            "http://169.254.170.23/v1/credentials",
            "http://[fd00:ec2::23]/v1/credentials",
            "https://example.com/x",
        ] {
            assert_eq!(address(uri).unwrap().unwrap().to_string(), uri);
        }
        for uri in [
            "http://example.com/x",
            "http://127.0.0.1.example.com/x",
            "http://10.0.0.1/",
            "ftp://localhost/",
            "/x",
            "s3cret",
            "http://localhost/\u{7f}s3cret",
        ] {
            let error = format!("{:?}", address(uri).unwrap_err());
            assert!(!error.contains("s3cret"), "{error}");
        }
        let relative = Env::from_slice(&[(RELATIVE_URI, "/v2/x"), (FULL_URI, "http://localhost/")]);
        let uri = super::address(&relative).unwrap().unwrap();
        assert_eq!(uri.to_string(), "http://169.254.170.2/v2/x");
        assert!(super::address(&Env::from_slice(&[])).unwrap().is_none());
    }

    #[test]
    fn a_token_is_sent_without_its_line_break() {
        let token = |text: &str| token(&Env::from_slice(&[(TOKEN, text)]));
        assert_eq!(token("Basic abc\n").unwrap().unwrap(), "Basic abc");
        assert!(token(" \n").unwrap().is_none());
        let error = format!("{:?}", token("s3cret\ns3cret").unwrap_err());
        assert!(
            error.contains(TOKEN) && !error.contains("s3cret"),
            "{error}"
        );
    }
}
