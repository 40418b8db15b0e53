//! The sample faces, which dev/faces.R draws: their files, who is in them, and where.

use crate::hash::single;
use bytes::Bytes;
use serde_json::{json, Value};
use std::sync::OnceLock;

const FACES: &str = include_str!("../../../../inst/extdata/faces.json");

macro_rules! files {
    ($($name:literal)*) => {
        [$(($name, include_bytes!(concat!("../../../../inst/extdata/", $name)).as_slice())),*]
    };
}

/// The files that `FACES` names.
const FILES: [(&str, &[u8]); 22] = files![
    "face-0.jpg"
    "face-1.jpg"
    "face-2.jpg"
    "face-3.jpg"
    "face-4.jpg"
    "person-1-id.jpg"
    "person-2-0.jpg"
    "person-2-1.jpg"
    "person-2-id.jpg"
    "person-3-0.jpg"
    "person-3-1.jpg"
    "person-3-id.jpg"
    "person-4-0.jpg"
    "person-4-1.jpg"
    "person-4-id.jpg"
    "person-5-0.jpg"
    "person-5-1.jpg"
    "person-5-id.jpg"
    "person-6-0.jpg"
    "person-6-1.jpg"
    "person-6-id.jpg"
    "group.jpg"
];

/// Where a face is, as ratios of the image's width and height.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct BoundingBox {
    /// Width.
    pub width: f64,
    /// Height.
    pub height: f64,
    /// From the left edge of the image.
    pub left: f64,
    /// From the top edge of the image.
    pub top: f64,
}

impl BoundingBox {
    /// The part of the image that it covers.
    pub fn area(&self) -> f64 {
        self.width * self.height
    }

    /// As in a response.
    pub fn json(&self) -> Value {
        json!({
            "Width": single(self.width),
            "Height": single(self.height),
            "Left": single(self.left),
            "Top": single(self.top),
        })
    }
}

/// A face in a sample image.
#[derive(Debug)]
pub struct Sample {
    /// The image's file name.
    pub file: String,
    /// The image.
    pub bytes: &'static [u8],
    /// Who it is.
    pub person: String,
    /// Where it is.
    pub bounding_box: BoundingBox,
}

/// All sample faces.
pub fn samples() -> &'static [Sample] {
    static SAMPLES: OnceLock<Vec<Sample>> = OnceLock::new();
    SAMPLES.get_or_init(|| {
        let entries: Vec<Value> = serde_json::from_str(FACES).unwrap_or_default();
        entries.iter().filter_map(sample).collect()
    })
}

fn sample(entry: &Value) -> Option<Sample> {
    let file = entry["file"].as_str()?;
    let (_, bytes) = FILES.iter().find(|(name, _)| *name == file)?;
    Some(Sample {
        file: file.to_owned(),
        bytes,
        person: entry["person"].as_str()?.to_owned(),
        bounding_box: BoundingBox {
            width: entry["Width"].as_f64()?,
            height: entry["Height"].as_f64()?,
            left: entry["Left"].as_f64()?,
            top: entry["Top"].as_f64()?,
        },
    })
}

/// A sample image for a session, and where the face is. The first is the reference image.
pub fn session_image(n: usize) -> Option<(Bytes, BoundingBox)> {
    let file = format!("face-{n}.jpg");
    let sample = samples().iter().find(|sample| sample.file == file)?;
    Some((Bytes::from_static(sample.bytes), sample.bounding_box))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_sample_image_is_known() {
        let entries: Vec<Value> = serde_json::from_str(FACES).unwrap();
        assert_eq!(samples().len(), entries.len());
        for (name, _) in FILES {
            assert!(samples().iter().any(|sample| sample.file == name), "{name}");
        }
    }
}
