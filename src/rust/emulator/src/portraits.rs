//! The pictures that sessions are answered with; dev/portraits.R draws them.

use base64::engine::general_purpose::STANDARD;
use base64::Engine as _;
use serde_json::{json, Value};

const BOXES: &str = include_str!("../../../../inst/extdata/portraits.json");

/// JPEG files: the reference image, then the audit images.
const PICTURES: [&[u8]; 5] = [
    include_bytes!("../../../../inst/extdata/portrait-0.jpg"),
    include_bytes!("../../../../inst/extdata/portrait-1.jpg"),
    include_bytes!("../../../../inst/extdata/portrait-2.jpg"),
    include_bytes!("../../../../inst/extdata/portrait-3.jpg"),
    include_bytes!("../../../../inst/extdata/portrait-4.jpg"),
];

/// An image as the service answers it: the picture's bytes, or its place in S3.
pub fn audit_image(n: usize, s3_object: Option<Value>) -> Value {
    let picture = PICTURES.get(n).copied().unwrap_or_default();
    let mut image = match s3_object {
        Some(object) => json!({"S3Object": object}),
        None => json!({"Bytes": STANDARD.encode(picture)}),
    };
    image["BoundingBox"] = bounding_box(n);
    image
}

/// The face's box; the service's numbers are 32-bit floats.
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

/// A number as a service that computes in 32-bit floats writes it.
pub fn single(x: f64) -> f64 {
    f64::from(x as f32)
}
