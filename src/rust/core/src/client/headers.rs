//! Interceptors that change requests.

use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::context::BeforeTransmitInterceptorContextMut;
use aws_smithy_runtime_api::client::interceptors::Intercept;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::config_bag::ConfigBag;

/// Changes the headers of each signed request.
#[derive(Debug)]
pub struct Headers(pub fn(&mut aws_smithy_runtime_api::http::Headers));

impl Headers {
    /// Asks the server to close the connection after each response.
    pub const CLOSE: Self = Headers(|headers| {
        headers.insert("connection", "close");
    });

    /// Removes the signature: this version of the SDK cannot leave it out.
    pub const ANONYMOUS: Self = Headers(|headers| {
        headers.remove("authorization");
        headers.remove("x-amz-date");
    });
}

impl Intercept for Headers {
    fn name(&self) -> &'static str {
        "Headers"
    }

    fn modify_before_transmit(
        &self,
        context: &mut BeforeTransmitInterceptorContextMut<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        (self.0)(context.request_mut().headers_mut());
        Ok(())
    }
}

/// Sends requests to exactly the endpoint's path: the SDK would add a slash.
#[derive(Debug)]
pub struct ExactPath(pub String);

impl Intercept for ExactPath {
    fn name(&self) -> &'static str {
        "ExactPath"
    }

    fn modify_before_signing(
        &self,
        context: &mut BeforeTransmitInterceptorContextMut<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        context.request_mut().set_uri(self.0.as_str())?;
        Ok(())
    }
}
