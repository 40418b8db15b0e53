//! CORS: pages of any origin may send requests and read the responses. This gives them nothing that other programs on this
//! machine do not have: each request needs a signature, and the keys are not sent by the browser on its own.

use bytes::Bytes;
use hyper::header::{
    HeaderMap, HeaderName, HeaderValue, ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS,
    ACCESS_CONTROL_ALLOW_ORIGIN, ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE,
    ACCESS_CONTROL_REQUEST_HEADERS,
};
use hyper::{Response, StatusCode};

const METHODS: HeaderValue = HeaderValue::from_static("POST, GET, HEAD, PUT, DELETE, OPTIONS");
/// Two hours, the most that Chrome accepts.
const MAX_AGE: HeaderValue = HeaderValue::from_static("7200");
const EXPOSED: HeaderValue = HeaderValue::from_static(
    "x-amzn-requestid, x-amzn-errortype, x-amzn-errormessage, x-amzn-trace-id, x-amz-request-id, x-amz-version-id, \
     etag, retry-after, date",
);
/// Chrome asks for permission before a page of the internet reaches this machine.
const REQUEST_PRIVATE: HeaderName =
    HeaderName::from_static("access-control-request-private-network");
const ALLOW_PRIVATE: HeaderName = HeaderName::from_static("access-control-allow-private-network");

/// Allows any page to read a response.
pub fn allow(headers: &mut HeaderMap) {
    headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    headers.insert(ACCESS_CONTROL_EXPOSE_HEADERS, EXPOSED);
}

/// The response to a browser that asks whether it may send a request.
pub fn preflight(request: &HeaderMap) -> Response<Bytes> {
    let mut response = Response::new(Bytes::new());
    *response.status_mut() = StatusCode::NO_CONTENT;
    let headers = response.headers_mut();
    allow(headers);
    headers.insert(ACCESS_CONTROL_ALLOW_METHODS, METHODS);
    headers.insert(ACCESS_CONTROL_MAX_AGE, MAX_AGE);
    // "*" would not include Authorization.
    if let Some(names) = request.get(ACCESS_CONTROL_REQUEST_HEADERS) {
        headers.insert(ACCESS_CONTROL_ALLOW_HEADERS, names.clone());
    }
    if request.contains_key(REQUEST_PRIVATE) {
        headers.insert(ALLOW_PRIVATE, HeaderValue::from_static("true"));
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_browser_may_send_the_headers_of_a_signed_request() {
        let mut request = HeaderMap::new();
        let names = "authorization,content-type,x-amz-date,x-amz-security-token,x-amz-target";
        request.insert(
            ACCESS_CONTROL_REQUEST_HEADERS,
            HeaderValue::from_static(names),
        );
        let response = preflight(&request);
        assert_eq!(response.status(), 204);
        let headers = response.headers();
        assert_eq!(headers[ACCESS_CONTROL_ALLOW_ORIGIN], "*");
        assert_eq!(headers[ACCESS_CONTROL_ALLOW_HEADERS], names);
        assert!(!headers.contains_key(ALLOW_PRIVATE));
    }

    #[test]
    fn a_page_of_the_internet_may_reach_the_emulator() {
        let mut request = HeaderMap::new();
        request.insert(REQUEST_PRIVATE, HeaderValue::from_static("true"));
        assert_eq!(preflight(&request).headers()[ALLOW_PRIVATE], "true");
    }
}
