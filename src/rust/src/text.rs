//! Text from servers and files.

use crate::argument::{number, strings};
use crate::output::to_r;
use extendr_api::prelude::*;
use rekognition_core::text::clean;

/// Each string made safe to show, in at most `width` characters.
#[extendr]
fn text_clean(text: Robj, width: Robj) -> Robj {
    to_r(|| {
        let width = number(&width).unwrap_or(0.0) as usize;
        let cleaned: Vec<Option<String>> = strings(&text)
            .into_iter()
            .map(|text| text.map(|text| clean(&text, width)))
            .collect();
        Ok(cleaned.into())
    })
}

extendr_module! {
    mod text;
    fn text_clean;
}
