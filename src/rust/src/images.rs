//! Images as text, and what is saved beside them.

use crate::argument::{self, unexpected};
use crate::list;
use crate::output::{to_r, without_nul};
use extendr_api::prelude::*;
use rekognition_core::base64;
use rekognition_core::batch::files;
use rekognition_core::error::Error;
use rekognition_core::file::{self, Kind};
use rekognition_core::json::Value;
use rekognition_core::response::Unreadable;
use rekognition_core::results::{self, SessionResults};
use rekognition_model::{model, ShapeId};
use std::cell::OnceCell;

type Built = std::result::Result<Robj, Unreadable>;

/// Raw bytes as base64.
#[extendr]
fn encode_base64(bytes: Robj) -> Robj {
    to_r(|| {
        let bytes = bytes.as_raw_slice().ok_or_else(|| unexpected("bytes"))?;
        let mut text = Vec::new();
        if !base64::encode(bytes, &mut text) {
            return Err(Error::NoMemory);
        }
        Ok(String::from_utf8(text).unwrap_or_default().into())
    })
}

/// The face's bounding box in an image that a batch has saved. Empty for other files.
#[extendr]
fn saved_bounding_box(path: Robj) -> Robj {
    to_r(|| {
        let path = argument::path(&path).ok_or_else(|| unexpected("path"))?;
        let sides = files::bounding_box(&path).unwrap_or_default();
        let sides = sides.map(|side| side.map_or_else(|| Doubles::new(0).into(), Robj::from));
        let names = ["Width", "Height", "Left", "Top"];
        Ok(List::from_pairs(names.into_iter().zip(sides)).into())
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

/// The reference image and the audit images of a row.
pub fn of_results(results: &SessionResults<'_>) -> std::result::Result<(Robj, Robj), Unreadable> {
    let audit = results.audit_images().iter().map(image);
    let audit = audit.collect::<std::result::Result<Vec<_>, _>>()?;
    Ok((reference(results)?, List::from_values(audit).into()))
}

/// The same, with paths in place of images that are in files.
pub fn of_files(
    results: &SessionResults<'_>,
    path: Option<String>,
    audit_paths: &[Option<String>],
) -> std::result::Result<(Robj, Robj), Unreadable> {
    let reference = path.map_or_else(|| reference(results), |path| Ok(path.into()))?;
    // One vector of all: extendr keeps a record of each value for long.
    let all: Option<Vec<String>> = audit_paths.iter().cloned().collect();
    if let Some(all) = all.filter(|all| !all.is_empty()) {
        return Ok((reference, all.into()));
    }
    let audit = results.audit_images().iter().zip(audit_paths);
    let audit = audit
        .map(|(one, path)| {
            path.as_ref()
                .map_or_else(|| image(one), |path| Ok(path.into()))
        })
        .collect::<std::result::Result<Vec<_>, _>>()?;
    Ok((reference, List::from_values(audit).into()))
}

/// The same for a row without images.
pub fn none() -> (Robj, Robj) {
    (().into(), List::new(0).into())
}

/// NULL if there is no image: no member of it has a value.
fn reference(results: &SessionResults<'_>) -> Built {
    match results.reference_image() {
        Some(one) if has_value(one) => image(one),
        _ => Ok(().into()),
    }
}

fn has_value(value: &Value<'_>) -> bool {
    match value {
        Value::Null => false,
        Value::Object(members) => members.iter().any(|(_, member)| has_value(member)),
        _ => true,
    }
}

fn image(image: &Value<'_>) -> Built {
    let list = list::value(image_shape(), Some(image))?;
    // The list of an empty image is shared: only this copy gets the class.
    let mut list: Robj = List::from_pairs(list.as_list().unwrap_or_default().iter()).into();
    match list.set_class(["liveness_image"]) {
        Ok(_) => Ok(list),
        Err(_) => Ok(().into()),
    }
}

fn image_shape() -> ShapeId {
    let output = results::operation().output;
    let image = model().shape(output).member("ReferenceImage");
    image.map_or(output, |image| image.shape)
}

thread_local! {
    // Never dropped: R may be gone by the time its thread ends.
    static NO_FEEDBACK: &'static OnceCell<Robj> = Box::leak(Box::default());
}

/// A data frame of what was detected in a video.
pub fn feedback(items: &[Value<'_>]) -> Robj {
    if items.is_empty() {
        return NO_FEEDBACK.with(|frame| frame.get_or_init(|| feedback_frame(&[])).clone());
    }
    feedback_frame(items)
}

fn feedback_frame(items: &[Value<'_>]) -> Robj {
    let column = |name: &str| -> Robj {
        let texts = items.iter().map(|item| item.string(name));
        let texts = texts.map(|text| text.map(|text| without_nul(&text)));
        texts.collect::<Vec<Option<String>>>().into()
    };
    let columns = [("code", column("Code")), ("message", column("Message"))];
    let mut frame: Robj = List::from_pairs(columns).into();
    let rows = i32::try_from(items.len()).unwrap_or(i32::MAX);
    let compact = [Rint::na(), Rint::from(-rows)];
    let row_names: Robj = if rows == 0 {
        Integers::new(0).into()
    } else {
        Robj::from(&compact[..])
    };
    let framed = frame
        .set_attrib("row.names", row_names)
        .and_then(|frame| frame.set_class(["data.frame"]));
    match framed {
        Ok(_) => frame,
        Err(_) => ().into(),
    }
}

extendr_module! {
    mod images;
    fn encode_base64;
    fn saved_bounding_box;
    fn path_kind;
}
