//! The SDK's HTTP client, for operations and credential providers: chooses each request's route, and limits responses.

use crate::error::Error;
use crate::http::body::{LimitedBody, Slot, BODIES_IN_MEMORY, SLOT};
use crate::http::{proxy, tls};
use crate::sdk_text::Phrase;
use crate::settings::proxies::{is_https, Proxies};
use crate::settings::resolve::Resolved;
use crate::sync::lock;
use aws_smithy_async::rt::sleep::TokioSleep;
use aws_smithy_http_client::proxy::ProxyConfig;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use aws_smithy_http_client::tls::{Provider, TlsContext};
use aws_smithy_http_client::Connector;
use aws_smithy_runtime_api::client::http::{
    http_client_fn, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient,
    SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_types::body::SdkBody;
use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, OnceLock};
use std::time::Duration;
use tokio::sync::Semaphore;

/// Shorter than the time after which AWS's load balancers close an idle connection.
const POOL_IDLE_TIMEOUT: Duration = Duration::from_secs(20);

/// Most bytes of a response's headers.
pub const MAX_HEADERS: usize = 64 << 10;

/// The HTTP client for these settings; the operations and the credential providers share it.
pub async fn http_client(resolved: &Resolved) -> Result<SharedHttpClient, Error> {
    let proxies = resolved.proxies.clone();
    let https_proxy = proxies.https.as_ref().map(proxy::config);
    let http_proxy = proxies.http.as_ref().map(proxy::config);
    let tls = tls::context(resolved.ca_bundle.as_ref()).await?;
    let connect_timeout = resolved.given.connect_timeout();
    let read_timeout = resolved.given.read_timeout();
    let use_fips = resolved.use_fips;
    let memory = Arc::new(Semaphore::new(BODIES_IN_MEMORY));
    let connectors = Mutex::new(HashMap::new());
    Ok(http_client_fn(move |settings, _| {
        // Credential providers set limits of their own, or none.
        let limits = (
            settings.connect_timeout().unwrap_or(connect_timeout),
            settings.read_timeout().unwrap_or(read_timeout),
        );
        let mut connectors = lock(&connectors);
        let route = |proxy: ProxyConfig, has_tls: bool| Route {
            proxy,
            tls: has_tls.then(|| tls.clone()),
            limits,
            connector: OnceLock::new(),
        };
        let routes = |proxy: &Option<Result<ProxyConfig, Error>>, is_https: bool| Routes {
            direct: route(ProxyConfig::disabled(), is_https),
            // The proxy itself may use TLS.
            proxied: proxy.clone().map(|proxy| Ok(route(proxy?, true))),
        };
        connectors
            .entry(limits)
            .or_insert_with(|| {
                SharedHttpConnector::new(RoutingConnector {
                    https: routes(&https_proxy, true),
                    http: routes(&http_proxy, false),
                    proxies: proxies.clone(),
                    memory: memory.clone(),
                    use_fips,
                })
            })
            .clone()
    }))
}

/// Sends each request directly or through a proxy, and limits its response.
#[derive(Debug)]
struct RoutingConnector {
    https: Routes,
    http: Routes,
    proxies: Proxies,
    memory: Arc<Semaphore>,
    use_fips: bool,
}

/// The routes for one URL scheme.
#[derive(Debug)]
struct Routes {
    direct: Route,
    /// An invalid proxy is the error of the requests that would take it.
    proxied: Option<Result<Route, Error>>,
}

/// The connector of a route. It is made by the first request, because it reads the system's certificates.
struct Route {
    proxy: ProxyConfig,
    tls: Option<TlsContext>,
    limits: (Duration, Duration),
    connector: OnceLock<Connector>,
}

impl fmt::Debug for Route {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Route")
    }
}

impl Route {
    fn connector(&self) -> &Connector {
        self.connector.get_or_init(|| {
            let (connect_timeout, read_timeout) = self.limits;
            let settings = HttpConnectorSettings::builder()
                .connect_timeout(connect_timeout)
                .read_timeout(read_timeout)
                .build();
            let builder = Connector::builder()
                .proxy_config(self.proxy.clone())
                .pool_idle_timeout(POOL_IDLE_TIMEOUT)
                .connector_settings(settings)
                .sleep_impl(TokioSleep::new());
            match &self.tls {
                Some(tls) => builder
                    .tls_provider(Provider::Rustls(CryptoMode::Ring))
                    .tls_context(tls.clone())
                    .build(),
                None => builder.build_http(),
            }
        })
    }
}

impl RoutingConnector {
    fn route(&self, url: &str) -> Result<&Route, Error> {
        let routes = if is_https(url) {
            &self.https
        } else {
            &self.http
        };
        match &routes.proxied {
            Some(proxied) if self.proxies.proxy_for(url).is_some() => {
                proxied.as_ref().map_err(Clone::clone)
            }
            _ => Ok(&routes.direct),
        }
    }
}

impl HttpConnector for RoutingConnector {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let non_fips_host = self.use_fips.then(|| non_fips_host(request.uri()));
        if let Some(host) = non_fips_host.flatten() {
            let reason = format!(
                "`use_fips` is set and {host} is not a FIPS endpoint; set AWS_ENDPOINT_URL_STS, AWS_ENDPOINT_URL_SSO or \
                 AWS_ENDPOINT_URL_SSO_OIDC to one"
            );
            return HttpConnectorFuture::ready(Err(ConnectorError::user(reason.into())));
        }
        let route = match self.route(request.uri()) {
            Ok(route) => route,
            // A user error is not retried, and can be found among the causes of the call's error.
            Err(error) => {
                return HttpConnectorFuture::ready(Err(ConnectorError::user(error.into())))
            }
        };
        let (_, read_timeout) = route.limits;
        let response = route.connector().call(request);
        let memory = self.memory.clone();
        let slot = SLOT.try_with(Slot::clone).ok();
        HttpConnectorFuture::new(async move { limit(response.await?, read_timeout, memory, slot) })
    }
}

/// The request's host, if it is an endpoint of a credential provider that is not FIPS: in this version of the SDK these
/// providers have no setting for it.
fn non_fips_host(uri: &str) -> Option<String> {
    let uri = uri.parse::<http::Uri>().ok()?;
    let host = uri.host()?.to_ascii_lowercase();
    let is_standard = ["sts.", "portal.sso.", "oidc."]
        .iter()
        .any(|service| host.starts_with(service));
    // In GovCloud the standard endpoints are FIPS.
    let is_aws = [".amazonaws.com", ".amazonaws.com.cn", ".api.aws"]
        .iter()
        .any(|domain| host.ends_with(domain));
    (is_standard && is_aws && !host.contains(".us-gov-")).then_some(host)
}

/// Refuses too many headers, and limits the body.
fn limit(
    mut response: HttpResponse,
    read_timeout: Duration,
    memory: Arc<Semaphore>,
    slot: Option<Slot>,
) -> Result<HttpResponse, ConnectorError> {
    let size: usize = response
        .headers()
        .iter()
        .map(|(name, value)| name.len() + value.len())
        .sum();
    if size > MAX_HEADERS {
        // As hyper does for a head that is too large to be parsed.
        return Err(ConnectorError::other(
            Phrase::HeadTooLarge.text().into(),
            None,
        ));
    }
    // The SDK reads the bodies of errors.
    let slot = slot.filter(|_| response.status().is_success());
    if slot.is_some() {
        // hyper has compared it with the body. The SDK would do so again, and miss the body that is in the slot.
        response.headers_mut().remove("content-length");
    }
    let body = LimitedBody::new(response.take_body(), read_timeout, memory, slot);
    *response.body_mut() = SdkBody::from_body_1_x(body);
    Ok(response)
}
