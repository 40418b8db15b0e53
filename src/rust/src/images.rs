//! Images as text, and what is saved beside them.

use crate::argument::{self, unexpected};
use crate::list;
use crate::output::to_r;
use base64::engine::general_purpose::STANDARD;
use base64::Engine as _;
use extendr_api::prelude::*;
use rekognition_core::batch::files;
use rekognition_core::file::{self, Kind};

/// Raw bytes as base64.
#[extendr]
fn encode_base64(bytes: Robj) -> Robj {
    to_r(|| {
        let bytes = bytes.as_raw_slice().ok_or_else(|| unexpected("bytes"))?;
        Ok(STANDARD.encode(bytes).into())
    })
}

/// The face's bounding box in an image that a batch has saved. Empty for other files.
#[extendr]
fn saved_bounding_box(path: Robj) -> Robj {
    to_r(|| {
        let path = argument::path(&path).ok_or_else(|| unexpected("path"))?;
        let found = files::bounding_box(&path).unwrap_or_default();
        Ok(list::bounding_box(&found))
    })
}

/// What is at a path, links not followed: "absent", "file", "link" or "other".
#[extendr]
fn path_kind(path: Robj) -> Robj {
    to_r(|| {
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
    mod images;
    fn encode_base64;
    fn saved_bounding_box;
    fn path_kind;
}
