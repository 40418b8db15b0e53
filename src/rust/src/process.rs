//! This process: its environment, its threads, its panics.

use crate::argument::unexpected;
use crate::output::{text, to_r};
use extendr_api::prelude::*;
use rekognition_core::runtime;
use rekognition_core::settings::fingerprint;

/// A number, as text, that changes with the part of the environment that clients are made from. It reveals no values:
/// some are secrets.
#[extendr]
fn environment_fingerprint() -> Robj {
    to_r(|| Ok(text(&fingerprint::fingerprint().to_string())))
}

/// Stops the threads of this package's runtime.
#[extendr]
fn runtime_shut_down() -> Robj {
    to_r(|| {
        runtime::shut_down();
        Ok(().into())
    })
}

/// Panics with this message, for the test that a panic becomes a condition.
#[extendr]
fn panic_with(message: Robj) -> Robj {
    to_r(|| {
        let message = message.as_str().ok_or_else(|| unexpected("message"))?;
        std::panic::panic_any(message.to_owned())
    })
}

extendr_module! {
    mod process;
    fn environment_fingerprint;
    fn runtime_shut_down;
    fn panic_with;
}
