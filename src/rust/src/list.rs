//! The documented list. Its names are spelt here and nowhere else.

use extendr_api::prelude::*;
use rekognition_core::response::{
    AuditImage, Blob, BoundingBox, FeedbackItem, S3Object, SessionResults, Unreadable,
};
use std::cell::OnceCell;

type Built = std::result::Result<Robj, Unreadable>;

/// Values that are in nearly every list. R copies before it changes what is shared.
struct Shared {
    session_names: Robj,
    image_names: Robj,
    s3_names: Robj,
    box_names: Robj,
    no_string: Robj,
    no_number: Robj,
    no_s3_object: Robj,
    no_bounding_box: Robj,
    no_image: Robj,
    no_feedback: Robj,
}

impl Shared {
    fn new() -> Self {
        let names = |names: &[&str]| Robj::from(names);
        let no_string: Robj = Strings::new(0).into();
        let no_number: Robj = Doubles::new(0).into();
        let image_names = names(&["Bytes", "S3Object", "BoundingBox"]);
        let s3_names = names(&["Bucket", "Name", "Version"]);
        let box_names = names(&["Width", "Height", "Left", "Top"]);
        let no_s3_object = named(vec![no_string.clone(); 3], &s3_names);
        let no_bounding_box = named(vec![no_number.clone(); 4], &box_names);
        let no_image = named(
            [
                Raw::new(0).into(),
                no_s3_object.clone(),
                no_bounding_box.clone(),
            ],
            &image_names,
        );
        Shared {
            session_names: names(&[
                "SessionId",
                "Status",
                "Confidence",
                "ReferenceImage",
                "AuditImages",
            ]),
            image_names,
            s3_names,
            box_names,
            no_string,
            no_number,
            no_s3_object,
            no_bounding_box,
            no_image,
            no_feedback: feedback_frame(&[]),
        }
    }

    fn string(&self, value: Option<&str>) -> Robj {
        value.map_or_else(|| self.no_string.clone(), Robj::from)
    }

    fn number(&self, value: Option<f64>) -> Robj {
        value.map_or_else(|| self.no_number.clone(), Robj::from)
    }

    fn audit_image(&self, image: &AuditImage<'_>) -> Built {
        if *image == AuditImage::default() {
            return Ok(self.no_image.clone());
        }
        let parts = [
            bytes(image.bytes.as_ref())?,
            self.s3_object(&image.s3_object),
            self.bounding_box(&image.bounding_box),
        ];
        Ok(named(parts, &self.image_names))
    }

    fn s3_object(&self, object: &S3Object<'_>) -> Robj {
        if *object == S3Object::default() {
            return self.no_s3_object.clone();
        }
        let parts = [&object.bucket, &object.name, &object.version];
        named(
            parts.map(|part| self.string(part.as_deref())),
            &self.s3_names,
        )
    }

    fn bounding_box(&self, side: &BoundingBox) -> Robj {
        if *side == BoundingBox::default() {
            return self.no_bounding_box.clone();
        }
        let parts = [side.width, side.height, side.left, side.top];
        named(parts.map(|part| self.number(part)), &self.box_names)
    }
}

thread_local! {
    // Never dropped: R may be gone by the time its thread ends.
    static SHARED: OnceCell<&'static Shared> = const { OnceCell::new() };
}

fn shared() -> &'static Shared {
    SHARED.with(|shared| *shared.get_or_init(|| Box::leak(Box::new(Shared::new()))))
}

/// The list that `get_face_liveness_session_results()` returns.
pub fn session_results(results: &SessionResults<'_>) -> Built {
    let shared = shared();
    let audit_images = results
        .audit_images
        .iter()
        .map(|image| shared.audit_image(image))
        .collect::<std::result::Result<Vec<_>, _>>()?;
    let parts = [
        shared.string(results.session_id.as_deref()),
        shared.string(results.status.as_deref()),
        shared.number(results.confidence),
        shared.audit_image(&results.reference_image)?,
        List::from_values(audit_images).into(),
    ];
    Ok(named(parts, &shared.session_names))
}

/// The reference image and the audit images of a data frame's row.
pub fn pictures(results: &SessionResults<'_>) -> std::result::Result<(Robj, Robj), Unreadable> {
    let audit = results.audit_images.iter().map(picture);
    let audit = audit.collect::<std::result::Result<Vec<_>, _>>()?;
    Ok((reference(results)?, List::from_values(audit).into()))
}

/// The same, with paths in the place of images that are in files.
pub fn files(
    results: &SessionResults<'_>,
    path: Option<String>,
    audit_paths: &[Option<String>],
) -> std::result::Result<(Robj, Robj), Unreadable> {
    let reference = path.map_or_else(|| reference(results), |path| Ok(path.into()))?;
    // One vector of all: extendr keeps an account of each value, and does not soon forget.
    let all: Option<Vec<String>> = audit_paths.iter().cloned().collect();
    if let Some(all) = all.filter(|all| !all.is_empty()) {
        return Ok((reference, all.into()));
    }
    let audit = results.audit_images.iter().zip(audit_paths);
    let audit = audit
        .map(|(image, path)| {
            path.as_ref()
                .map_or_else(|| picture(image), |path| Ok(path.into()))
        })
        .collect::<std::result::Result<Vec<_>, _>>()?;
    Ok((reference, List::from_values(audit).into()))
}

/// A box, with empty sides where there is none.
pub fn bounding_box(side: &BoundingBox) -> Robj {
    shared().bounding_box(side)
}

fn reference(results: &SessionResults<'_>) -> Built {
    if results.reference_image == AuditImage::default() {
        return Ok(().into());
    }
    picture(&results.reference_image)
}

/// Where there are none.
pub fn no_pictures() -> (Robj, Robj) {
    (().into(), List::new(0).into())
}

fn picture(image: &AuditImage<'_>) -> Built {
    let list = shared().audit_image(image)?;
    // The list of an empty image is shared, and a class is for this one.
    let mut list: Robj = List::from_pairs(list.as_list().unwrap_or_default().iter()).into();
    match list.set_class(["liveness_image"]) {
        Ok(_) => Ok(list),
        Err(_) => Ok(().into()),
    }
}

/// A data frame of what was noticed in a video.
pub fn feedback(items: &[FeedbackItem<'_>]) -> Robj {
    if items.is_empty() {
        return shared().no_feedback.clone();
    }
    feedback_frame(items)
}

fn feedback_frame(items: &[FeedbackItem<'_>]) -> Robj {
    let column = |member: fn(&FeedbackItem<'_>) -> Option<String>| -> Robj {
        items.iter().map(member).collect::<Vec<_>>().into()
    };
    let mut frame: Robj = List::from_pairs([
        (
            "code",
            column(|item| item.code.as_deref().map(str::to_owned)),
        ),
        (
            "message",
            column(|item| item.message.as_deref().map(str::to_owned)),
        ),
    ])
    .into();
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

/// The list that `create_face_liveness_session()` returns.
pub fn created_session(session_id: Option<&str>) -> Robj {
    List::from_pairs([("SessionId", shared().string(session_id))]).into()
}

fn named<V>(values: V, names: &Robj) -> Robj
where
    V: IntoIterator<Item = Robj>,
    V::IntoIter: ExactSizeIterator,
{
    let mut list: Robj = List::from_values(values).into();
    match list.set_attrib("names", names.clone()) {
        Ok(_) => list,
        // Only where the lengths differ.
        Err(_) => ().into(),
    }
}

/// Decodes straight into the vector that R owns.
fn bytes(blob: Option<&Blob<'_>>) -> Built {
    let mut raw = new_raw(blob.map_or(0, Blob::decoded_len)).ok_or(Unreadable::NoMemory)?;
    if let (Some(blob), Some(out)) = (blob, raw.as_raw_slice_mut()) {
        blob.decode_into(out)?;
    }
    Ok(raw)
}

/// What is smaller is R's own small change.
const LARGE: usize = 64 << 10;

/// A raw vector; `None` where R has no memory for it: its error must not jump over Rust.
fn new_raw(length: usize) -> Option<Robj> {
    if length < LARGE {
        return Some(Raw::new(length).into());
    }
    let vector = single_threaded(|| {
        // On R's thread; R's errors are caught there, and what comes back is protected before R can collect it.
        #[allow(unsafe_code)]
        unsafe {
            Robj::from_sexp(rekognition_new_raw(length as f64))
        }
    });
    (!vector.is_null()).then_some(vector)
}

// R's structure is looked at through its pointer alone.
#[allow(improper_ctypes)]
extern "C" {
    fn rekognition_new_raw(length: f64) -> extendr_api::SEXP;
}
