//! Images: as text, and what was saved beside them.

use crate::answer::answer;
use crate::argument::{self, unexpected};
use crate::list;
use base64::engine::general_purpose::STANDARD;
use base64::Engine as _;
use extendr_api::prelude::*;
use rekognition_core::batch::files;
use rekognition_core::file::{self, Kind};

/// Raw bytes as base64.
#[extendr]
fn encode_base64(bytes: Robj) -> Robj {
    answer(|| {
        let bytes = bytes.as_raw_slice().ok_or_else(|| unexpected("bytes"))?;
        Ok(STANDARD.encode(bytes).into())
    })
}

/// The face's box in an image that a batch has saved: an empty one for any other file.
#[extendr]
fn saved_box(path: Robj) -> Robj {
    answer(|| {
        let path = argument::path(&path).ok_or_else(|| unexpected("path"))?;
        let found = files::bounding_box(&path).unwrap_or_default();
        Ok(list::bounding_box(&found))
    })
}

/// What is at a path, links not followed: "absent", "file", "link" or "other".
#[extendr]
fn path_kind(path: Robj) -> Robj {
    answer(|| {
        let path = argument::path(&path).ok_or_else(|| unexpected("path"))?;
        let kind = match file::kind(&path) {
            Kind::Absent => "absent",
            Kind::File => "file",
            Kind::Link => "link",
            Kind::Other => "other",
        };
        Ok(kind.into())
    })
}

extendr_module! {
    mod image;
    fn encode_base64;
    fn saved_box;
    fn path_kind;
}
