//! The binding: the only crate that sees R.
//!
//! Every native function takes plain R values that R has checked, and returns a value or a fault (a list of
//! class `rekognition_fault`) that R signals. Nothing is thrown from here: extendr hands error texts to R
//! as format strings.

use extendr_api::prelude::*;

mod answer;
mod argument;
mod batch;
mod call;
mod client;
mod emulator;
mod image;
mod json;
mod later;
mod list;
mod text;

extendr_module! {
    mod rekognition;
    use batch;
    use call;
    use client;
    use emulator;
    use image;
    use later;
    use text;
}
