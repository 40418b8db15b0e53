//! The documented list. Its names are spelt here and nowhere else.

use extendr_api::prelude::*;
use rekognition_core::read::{AuditImage, Blob, BoundingBox, S3Object, SessionResults, Unreadable};

type Built = std::result::Result<Robj, Unreadable>;

/// The list that `get_face_liveness_session_results()` returns.
pub fn session_results(results: &SessionResults<'_>) -> Built {
    let audit_images = results.audit_images.iter().map(audit_image);
    let audit_images = audit_images.collect::<std::result::Result<Vec<_>, _>>()?;
    Ok(List::from_pairs([
        ("SessionId", string(results.session_id.as_deref())),
        ("Status", string(results.status.as_deref())),
        ("Confidence", number(results.confidence)),
        ("ReferenceImage", audit_image(&results.reference_image)?),
        ("AuditImages", List::from_values(audit_images).into()),
    ])
    .into())
}

/// The list that `create_face_liveness_session()` returns.
pub fn created_session(session_id: Option<&str>) -> Robj {
    List::from_pairs([("SessionId", string(session_id))]).into()
}

fn audit_image(image: &AuditImage<'_>) -> Built {
    Ok(List::from_pairs([
        ("Bytes", bytes(image.bytes.as_ref())?),
        ("S3Object", s3_object(&image.s3_object)),
        ("BoundingBox", bounding_box(&image.bounding_box)),
    ])
    .into())
}

fn s3_object(object: &S3Object<'_>) -> Robj {
    List::from_pairs([
        ("Bucket", string(object.bucket.as_deref())),
        ("Name", string(object.name.as_deref())),
        ("Version", string(object.version.as_deref())),
    ])
    .into()
}

fn bounding_box(side: &BoundingBox) -> Robj {
    List::from_pairs([
        ("Width", number(side.width)),
        ("Height", number(side.height)),
        ("Left", number(side.left)),
        ("Top", number(side.top)),
    ])
    .into()
}

fn string(value: Option<&str>) -> Robj {
    value.map_or_else(|| Strings::new(0).into(), Robj::from)
}

fn number(value: Option<f64>) -> Robj {
    value.map_or_else(|| Doubles::new(0).into(), Robj::from)
}

/// Decodes straight into the vector that R owns.
fn bytes(blob: Option<&Blob<'_>>) -> Built {
    let mut raw = Raw::new(blob.map_or(0, Blob::decoded_len));
    if let (Some(blob), Some(out)) = (blob, raw.as_robj_mut().as_raw_slice_mut()) {
        blob.decode_into(out)?;
    }
    Ok(raw.into())
}
