//! The sample faces that sessions return as images; dev/faces.R draws them.

use base64::engine::general_purpose::STANDARD;
use base64::Engine as _;
use serde_json::{json, Value};

const BOXES: &str = include_str!("../../../../inst/extdata/faces.json");

/// JPEG files: the reference image, then the audit images.
const IMAGES: [&[u8]; 5] = [
    include_bytes!("../../../../inst/extdata/face-0.jpg"),
    include_bytes!("../../../../inst/extdata/face-1.jpg"),
    include_bytes!("../../../../inst/extdata/face-2.jpg"),
    include_bytes!("../../../../inst/extdata/face-3.jpg"),
    include_bytes!("../../../../inst/extdata/face-4.jpg"),
];

/// An image as the service returns it: its bytes, or its location in S3.
pub fn audit_image(n: usize, s3_object: Option<Value>) -> Value {
    let bytes = IMAGES.get(n).copied().unwrap_or_default();
    let mut image = match s3_object {
        Some(object) => json!({"S3Object": object}),
        None => json!({"Bytes": STANDARD.encode(bytes)}),
    };
    image["BoundingBox"] = bounding_box(n);
    image
}

/// The bounding box of the face; the service computes in 32-bit floats.
fn bounding_box(n: usize) -> Value {
    let boxes: Value = serde_json::from_str(BOXES).unwrap_or_default();
    let side = |name: &str| boxes[n][name].as_f64().map(single);
    json!({
        "Width": side("Width"),
        "Height": side("Height"),
        "Left": side("Left"),
        "Top": side("Top"),
    })
}

/// A number rounded to a 32-bit float.
pub fn single(x: f64) -> f64 {
    f64::from(x as f32)
}
