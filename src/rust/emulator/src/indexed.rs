//! The faces of collections: IndexFaces, ListFaces, SearchFaces, SearchFacesByImage and DeleteFaces.

use crate::attributes::face_detail;
use crate::collections::{with_token, Collection, Collections, MAX_RESULTS};
use crate::entries::{IndexedFace, FACE_MODEL};
use crate::error::Refusal;
use crate::hash::uuid;
use crate::images::image;
use crate::input::Input;
use crate::people::{Face, People};
use serde_json::{json, Value};

/// The default of thresholds of similarity.
pub const DEFAULT_THRESHOLD: f64 = 80.0;

/// The refusal of an image without a face.
pub fn no_faces() -> Refusal {
    Refusal::parameter("There are no faces in the image. Should be at least 1.")
}

/// IndexFaces. A face has one ID for each collection, image and ExternalImageId, and is kept once.
pub fn index(
    collections: &mut Collections,
    people: &People,
    input: &Input,
) -> Result<Value, Refusal> {
    collections.find(input)?;
    let image = image(input, "Image")?;
    let mut faces = people.faces(image);
    let rest = faces.split_off(input.count("MaxFaces", faces.len()).min(faces.len()));
    collections.check_room(faces.len())?;
    let external_image_id = input.string("ExternalImageId");
    let attributes = input.strings("DetectionAttributes");
    let collection = collections.find_mut(input)?;
    let mut records = Vec::new();
    for face in faces {
        let id = uuid(&[
            input.required("CollectionId").as_bytes(),
            &face.key(),
            external_image_id.unwrap_or_default().as_bytes(),
        ]);
        let detail = face_detail(&face, &attributes);
        if collection.faces.get(&id).is_none() {
            let indexed = IndexedFace {
                face,
                external_image_id: external_image_id.map(str::to_owned),
                user: None,
            };
            collection.faces.insert(&id, indexed);
        }
        let indexed = collection.faces.get(&id).map(|indexed| indexed.json(&id));
        records.push(json!({"Face": indexed, "FaceDetail": detail}));
    }
    let rest = rest.iter().map(|face| {
        json!({"Reasons": ["EXCEEDS_MAX_FACES"], "FaceDetail": face_detail(face, &attributes)})
    });
    Ok(json!({
        "FaceRecords": records,
        "FaceModelVersion": FACE_MODEL,
        "UnindexedFaces": rest.collect::<Vec<_>>(),
    }))
}

/// ListFaces.
pub fn list(collections: &Collections, input: &Input) -> Result<Value, Refusal> {
    let collection = collections.find(input)?;
    let user = input.string("UserId");
    let ids = input.strings("FaceIds");
    let list = [
        "faces",
        input.required("CollectionId"),
        user.unwrap_or_default(),
    ];
    let (page, next) = collection
        .faces
        .page(&list, input, MAX_RESULTS, |id, indexed| {
            (user.is_none() || indexed.user.as_deref() == user)
                && (ids.is_empty() || ids.contains(&id))
        })?;
    let faces: Vec<Value> = page.iter().map(|(id, indexed)| indexed.json(id)).collect();
    Ok(with_token(
        json!({"Faces": faces, "FaceModelVersion": FACE_MODEL}),
        next,
    ))
}

/// SearchFaces.
pub fn search(collections: &Collections, input: &Input) -> Result<Value, Refusal> {
    let collection = collections.find(input)?;
    let id = input.required("FaceId");
    let searched = collection.faces.get(id).ok_or_else(unknown_face)?;
    Ok(json!({
        "SearchedFaceId": id,
        "FaceMatches": matches(collection, &searched.face, Some(id), input),
        "FaceModelVersion": FACE_MODEL,
    }))
}

/// SearchFacesByImage.
pub fn search_by_image(
    collections: &Collections,
    people: &People,
    input: &Input,
) -> Result<Value, Refusal> {
    let collection = collections.find(input)?;
    let faces = people.faces(image(input, "Image")?);
    let searched = faces.first().ok_or_else(no_faces)?;
    Ok(json!({
        "SearchedFaceBoundingBox": searched.bounding_box.json(),
        "SearchedFaceConfidence": searched.confidence(),
        "FaceMatches": matches(collection, searched, None, input),
        "FaceModelVersion": FACE_MODEL,
    }))
}

/// The refusal of a face ID that is not in the collection.
pub fn unknown_face() -> Refusal {
    Refusal::parameter("faceId was not found in the collection")
}

fn matches(collection: &Collection, face: &Face, own: Option<&str>, input: &Input) -> Vec<Value> {
    let threshold = input
        .number("FaceMatchThreshold")
        .unwrap_or(DEFAULT_THRESHOLD);
    let mut matches: Vec<(f64, &str, &IndexedFace)> = collection
        .faces
        .iter()
        .filter(|(id, _)| Some(*id) != own)
        .map(|(id, indexed)| (face.similarity(&indexed.face), id, indexed))
        .filter(|(similarity, ..)| *similarity >= threshold)
        .collect();
    matches.sort_by(|a, b| b.0.total_cmp(&a.0));
    matches.truncate(input.count("MaxFaces", MAX_RESULTS));
    let matches = matches.into_iter().map(
        |(similarity, id, indexed)| json!({"Similarity": similarity, "Face": indexed.json(id)}),
    );
    matches.collect()
}

/// DeleteFaces.
pub fn delete(collections: &mut Collections, input: &Input) -> Result<Value, Refusal> {
    let collection = collections.find_mut(input)?;
    let mut deleted = Vec::new();
    let mut failed = Vec::new();
    for id in input.strings("FaceIds") {
        let user = collection
            .faces
            .get(id)
            .map(|indexed| indexed.user.as_deref());
        match user {
            None => failed.push(json!({"FaceId": id, "Reasons": ["FACE_NOT_FOUND"]})),
            Some(Some(user)) => failed.push(json!({
                "FaceId": id,
                "UserId": user,
                "Reasons": ["ASSOCIATED_TO_AN_EXISTING_USER"],
            })),
            Some(None) => {
                collection.faces.remove(id);
                deleted.push(id);
            }
        }
    }
    Ok(json!({"DeletedFaces": deleted, "UnsuccessfulFaceDeletions": failed}))
}
