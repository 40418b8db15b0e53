//! The binding: the only crate that sees R.
//!
//! Every native function takes plain R values that R has checked, and returns a value, or an error as a list of class
//! `rekognition_native_error` that R signals. It raises no R error: extendr passes error texts to R as format strings.

use extendr_api::prelude::*;

mod argument;
mod batch;
mod call;
mod client;
mod columns;
mod direct;
mod emulator;
mod folder;
mod images;
mod input;
mod json;
mod later;
mod list;
mod output;
mod problem;
mod process;
mod relay;
mod text;
mod vectors;

extendr_module! {
    mod rekognition;
    use batch;
    use call;
    use client;
    use direct;
    use emulator;
    use folder;
    use images;
    use later;
    use process;
    use relay;
    use text;
}
