//! CompareFaces and DetectFaces, which keep nothing.

use crate::attributes::{compared_face, face_detail, located_face};
use crate::error::Refusal;
use crate::images::image;
use crate::indexed::{no_faces, DEFAULT_THRESHOLD};
use crate::input::Input;
use crate::people::People;
use serde_json::{json, Value};

/// CompareFaces.
pub fn compare(people: &People, input: &Input) -> Result<Value, Refusal> {
    let source = people.faces(image(input, "SourceImage")?);
    let target = people.faces(image(input, "TargetImage")?);
    let (Some(source), false) = (source.first(), target.is_empty()) else {
        return Err(no_faces());
    };
    let threshold = input
        .number("SimilarityThreshold")
        .unwrap_or(DEFAULT_THRESHOLD);
    let compared = target.iter().map(|face| (source.similarity(face), face));
    let (mut matched, unmatched): (Vec<_>, Vec<_>) =
        compared.partition(|(similarity, _)| *similarity >= threshold);
    matched.sort_by(|a, b| b.0.total_cmp(&a.0));
    let matched = matched.into_iter().map(
        |(similarity, face)| json!({"Similarity": similarity, "Face": compared_face(face, 5)}),
    );
    let unmatched = unmatched
        .into_iter()
        .map(|(_, face)| compared_face(face, 5));
    Ok(json!({
        "SourceImageFace": located_face(source),
        "FaceMatches": matched.collect::<Vec<_>>(),
        "UnmatchedFaces": unmatched.collect::<Vec<_>>(),
    }))
}

/// DetectFaces.
pub fn detect(people: &People, input: &Input) -> Result<Value, Refusal> {
    let faces = people.faces(image(input, "Image")?);
    let attributes = input.strings("Attributes");
    let details = faces.iter().map(|face| face_detail(face, &attributes));
    Ok(json!({"FaceDetails": details.collect::<Vec<_>>()}))
}
