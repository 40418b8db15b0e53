//! One attempt to fetch an object.

use super::address::{Address, Object};
use super::refusal::without_key;
use super::sign::signed_headers;
use crate::call::{finish, send_with_valid_keys, Sent, Trace};
use crate::client::{ExactPath, Headers, LiveClient, Sdk};
use crate::error::{region_of_bucket, Error};
use crate::response::{Response, Unreadable};
use crate::retry::Next;
use crate::settings::endpoint::is_host_label;
use crate::settings::resolve::Resolved;
use aws_sdk_rekognition::config::StalledStreamProtectionConfig;
use aws_sdk_rekognition::error::SdkError;
use aws_smithy_async::rt::sleep::TokioSleep;
use aws_smithy_runtime::client::orchestrator::operation::Operation;
use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse, OrchestratorError};
use aws_smithy_types::body::SdkBody;
use std::fmt;

/// The longest URL that can be sent. S3 itself refuses keys of more than a kilobyte.
const MAX_URL: usize = 32 << 10;

/// S3 responded with an error or a redirect.
#[derive(Debug)]
pub struct Refused;

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("S3 refused the request")
    }
}

impl std::error::Error for Refused {}

/// Requests an object, and returns the response, whose body is the object, or the error and what to do next.
pub async fn attempt(
    live: &LiveClient,
    object: &Object,
    trace: &Trace,
) -> Result<Response, (Error, Next)> {
    let give_up = |error| (error, Next::GiveUp);
    let sdk = live.sdk().await.map_err(give_up)?;
    let resolved = live.resolved();
    let known = live.bucket_region(&object.bucket);
    let mut region = known.unwrap_or_else(|| sdk.services.region.to_string());
    let mut address =
        Address::of(object, resolved, &region).ok_or_else(|| give_up(unknown_endpoint(&region)))?;
    check_length(&address).map_err(give_up)?;
    let mut sent = send(live, sdk, &address, &region, trace)
        .await
        .map_err(give_up)?;
    // Once: the address is made from the region, and S3's `Location` is not followed.
    let elsewhere = sent
        .as_ref()
        .err()
        .and_then(bucket_region)
        .filter(|other| *other != region);
    if let Some(other) = elsewhere {
        if let Some(there) = Address::of(object, resolved, &other) {
            live.set_bucket_region(&object.bucket, &other);
            (address, region) = (there, other);
            sent = send(live, sdk, &address, &region, trace)
                .await
                .map_err(give_up)?;
        }
    }
    let next = sent.as_ref().err().map_or(Next::GiveUp, Next::after);
    finish(sent, trace, live, || Some(address.endpoint))
        .and_then(whole_object)
        .map_err(|error| match error {
            Error::Service(error) => (Error::Service(without_key(error, object)), next),
            error => (error, next),
        })
}

async fn send(
    live: &LiveClient,
    sdk: &Sdk,
    address: &Address,
    region: &str,
    trace: &Trace,
) -> Result<Sent<Refused>, Error> {
    let send = || send_once(live.resolved(), sdk, address, region, trace);
    send_with_valid_keys(sdk, trace, send).await
}

/// Signs a request with the keys that are valid now, and sends it.
async fn send_once(
    resolved: &Resolved,
    sdk: &Sdk,
    address: &Address,
    region: &str,
    trace: &Trace,
) -> Sent<Refused> {
    let headers = match &sdk.keys {
        Some(keys) => {
            let keys = keys.get().await.map_err(SdkError::construction_failure)?;
            signed_headers(&address.url, keys, region).map_err(SdkError::construction_failure)?
        }
        None => Vec::new(),
    };
    let app = resolved.app_name.as_ref();
    let app = app.map(|name| format!(" app/{name}")).unwrap_or_default();
    let agent = format!("rekognition-r os/{}{app}", std::env::consts::OS);
    let request = move |()| -> Result<HttpRequest, BoxError> {
        let mut request = http::Request::builder()
            .uri("/")
            .header("user-agent", &agent);
        for (name, value) in &headers {
            request = request.header(name, value);
        }
        Ok(request.body(SdkBody::empty())?.try_into()?)
    };
    let kept = trace.clone();
    let response = move |response: &HttpResponse| {
        if response.status().is_success() {
            kept.keep_response(response);
            Ok(())
        } else {
            Err(OrchestratorError::operation(Refused))
        }
    };
    let mut operation = Operation::builder()
        .service_name("s3")
        .operation_name("GetObject")
        .http_client(sdk.services.http_client.clone())
        .timeout_config(sdk.services.timeouts.clone())
        .sleep_impl(TokioSleep::new())
        .stalled_stream_protection(StalledStreamProtectionConfig::disabled())
        .endpoint_url(&address.endpoint)
        // The path is part of the signature: the SDK would change slashes in it.
        .interceptor(ExactPath(address.url.clone()))
        .interceptor(trace.clone())
        .no_auth()
        .no_retry()
        .serializer(request)
        .deserializer(response);
    if resolved.given.close_connection {
        operation = operation.interceptor(Headers::CLOSE);
    }
    // Boxed: the futures around it would each be as large.
    Box::pin(operation.build().invoke(())).await
}

/// The region of the bucket, if S3 says that the request should have been sent or signed for it.
fn bucket_region(error: &SdkError<Refused, HttpResponse>) -> Option<String> {
    let response = error.raw_response()?;
    if !matches!(response.status().as_u16(), 301 | 302 | 307 | 400) {
        return None;
    }
    let in_header = response.headers().get("x-amz-bucket-region");
    let body = response.body().bytes().unwrap_or_default();
    let region = in_header
        .map(str::to_owned)
        .or_else(|| region_of_bucket(body));
    // It becomes a part of a host name.
    region.filter(|region| is_host_label(region))
}

fn unknown_endpoint(region: &str) -> Error {
    let reason = format!("the endpoint of S3 in {region} is not known; set AWS_ENDPOINT_URL_S3");
    Error::config("region", reason)
}

fn check_length(address: &Address) -> Result<(), Error> {
    if address.url.len() < MAX_URL {
        return Ok(());
    }
    Err(Error::InvalidResponse {
        reason: "the key of the object is too long".into(),
        status: None,
        request_id: None,
        source: None,
    })
}

/// Any other status than 200 would be a part of the object, or none.
fn whole_object(response: Response) -> Result<Response, Error> {
    let problem = match response.status {
        200 if response.body().is_empty() => "the object is empty",
        200 => return Ok(response),
        _ => "the status of an object must be 200",
    };
    Err(response.invalid(Unreadable::Wrong(problem.into())))
}
