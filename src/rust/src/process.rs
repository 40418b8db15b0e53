//! This process: its environment, its threads, its panics.

use crate::argument::unexpected;
use crate::output::{text, to_r};
use extendr_api::prelude::*;
use rekognition_core::runtime;
use rekognition_core::settings::fingerprint;
use std::ffi::c_int;

extern "C" {
    fn rekognition_watch_termination(watch: c_int);
    fn rekognition_is_terminated() -> c_int;
}

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

/// Records SIGTERM from now on, or lets it end the process again.
#[extendr]
fn termination_watch(watch: Robj) -> Robj {
    let watch = watch.as_bool().unwrap_or(false);
    // Takes a plain number, and runs on R's thread.
    #[allow(unsafe_code)]
    unsafe {
        rekognition_watch_termination(c_int::from(watch));
    }
    ().into()
}

/// Whether SIGTERM was received.
#[extendr]
fn is_terminated() -> Robj {
    // Returns a plain number.
    #[allow(unsafe_code)]
    let is_terminated = unsafe { rekognition_is_terminated() };
    (is_terminated != 0).into()
}

extendr_module! {
    mod process;
    fn environment_fingerprint;
    fn runtime_shut_down;
    fn panic_with;
    fn termination_watch;
    fn is_terminated;
}
