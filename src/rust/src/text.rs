//! Text that others supplied.

use crate::answer::answer;
use crate::argument::{number, strings};
use extendr_api::prelude::*;
use rekognition_core::text::clean;

/// Each string fit to be shown, in at most `width` characters.
#[extendr]
fn text_clean(text: Robj, width: Robj) -> Robj {
    answer(|| {
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
