//! The users of collections: CreateUser, ListUsers, DeleteUser, AssociateFaces, DisassociateFaces, SearchUsers and
//! SearchUsersByImage.

use crate::attributes::{face_detail, located_face};
use crate::collections::{with_token, Collection, Collections};
use crate::entries::{User, FACE_MODEL};
use crate::error::Refusal;
use crate::images::image;
use crate::indexed::{unknown_face, DEFAULT_THRESHOLD};
use crate::input::Input;
use crate::people::{Face, People};
use serde_json::{json, Value};

/// The largest page of users.
const MAX_USERS: usize = 500;
/// A user has at most this many faces.
const MAX_FACES: usize = 100;
/// The default similarity that a face must have to the other faces of the user.
const ASSOCIATION_THRESHOLD: f64 = 75.0;

/// The faces of a user of this collection.
fn faces_of<'c>(user: &'c User, collection: &'c Collection) -> impl Iterator<Item = &'c Face> {
    let ids = user.face_ids.iter();
    ids.filter_map(|id| Some(&collection.faces.get(id)?.face))
}

/// CreateUser.
pub fn create(collections: &mut Collections, input: &Input) -> Result<Value, Refusal> {
    let id = input.required("UserId");
    if collections.find(input)?.users.get(id).is_some() {
        return Err(Refusal::new(
            "ConflictException",
            &format!("The user id: {id} already exists"),
        ));
    }
    collections.check_room(1)?;
    let collection = collections.find_mut(input)?;
    collection.users.insert(id, User::default());
    Ok(json!({}))
}

/// ListUsers.
pub fn list(collections: &Collections, input: &Input) -> Result<Value, Refusal> {
    let collection = collections.find(input)?;
    let list = ["users", input.required("CollectionId")];
    let (page, next) = collection
        .users
        .page(&list, input, MAX_USERS, |_, _| true)?;
    let users: Vec<Value> = page.iter().map(|(id, user)| user_json(id, user)).collect();
    Ok(with_token(json!({"Users": users}), next))
}

fn user_json(id: &str, user: &User) -> Value {
    json!({"UserId": id, "UserStatus": user.status()})
}

/// DeleteUser.
pub fn delete(collections: &mut Collections, input: &Input) -> Result<Value, Refusal> {
    let collection = collections.find_mut(input)?;
    let id = input.required("UserId");
    let user = collection.users.remove(id).ok_or_else(|| unknown(id))?;
    for face_id in &user.face_ids {
        if let Some(indexed) = collection.faces.get_mut(face_id) {
            indexed.user = None;
        }
    }
    Ok(json!({}))
}

/// AssociateFaces. Faces that are associated with this user already are not mentioned in the response.
pub fn associate(collections: &mut Collections, input: &Input) -> Result<Value, Refusal> {
    let collection = collections.find_mut(input)?;
    let id = input.required("UserId");
    let user = collection.users.get(id).ok_or_else(|| unknown(id))?;
    if user.face_ids.len() >= MAX_FACES {
        return Err(Refusal::new(
            "ServiceQuotaExceededException",
            &format!("The user id: {id} has {MAX_FACES} faces"),
        ));
    }
    let threshold = input
        .number("UserMatchThreshold")
        .unwrap_or(ASSOCIATION_THRESHOLD);
    let before: Vec<Face> = faces_of(user, collection).cloned().collect();
    let room = MAX_FACES - before.len();
    let mut associated: Vec<String> = Vec::new();
    let mut failed = Vec::new();
    for face_id in input.strings("FaceIds") {
        let Some(indexed) = collection.faces.get_mut(face_id) else {
            failed.push(json!({"FaceId": face_id, "Reasons": ["FACE_NOT_FOUND"]}));
            continue;
        };
        if let Some(user) = &indexed.user {
            if user != id {
                failed.push(associated_to_other(face_id, user));
            }
            continue;
        }
        let confidence = similarity([&indexed.face], &before);
        if confidence.is_some_and(|confidence| confidence < threshold) {
            failed.push(json!({
                "FaceId": face_id,
                "UserId": id,
                "Confidence": confidence,
                "Reasons": ["LOW_MATCH_CONFIDENCE"],
            }));
        } else if associated.len() == room {
            failed.push(json!({"FaceId": face_id, "UserId": id, "Reasons": []}));
        } else {
            indexed.user = Some(id.to_owned());
            associated.push(face_id.to_owned());
        }
    }
    let faces = face_ids(&associated);
    let status = change(collection, id, !associated.is_empty(), |ids| {
        ids.extend(associated);
    });
    Ok(json!({
        "AssociatedFaces": faces,
        "UnsuccessfulFaceAssociations": failed,
        "UserStatus": status,
    }))
}

/// DisassociateFaces. Faces that no user has are not mentioned in the response.
pub fn disassociate(collections: &mut Collections, input: &Input) -> Result<Value, Refusal> {
    let collection = collections.find_mut(input)?;
    let id = input.required("UserId");
    collection.users.get(id).ok_or_else(|| unknown(id))?;
    let mut removed: Vec<String> = Vec::new();
    let mut failed = Vec::new();
    for face_id in input.strings("FaceIds") {
        match collection.faces.get_mut(face_id) {
            None => failed.push(json!({"FaceId": face_id, "Reasons": ["FACE_NOT_FOUND"]})),
            Some(indexed) => match &indexed.user {
                None => {}
                Some(user) if user != id => failed.push(associated_to_other(face_id, user)),
                Some(_) => {
                    indexed.user = None;
                    removed.push(face_id.to_owned());
                }
            },
        }
    }
    let status = change(collection, id, !removed.is_empty(), |ids| {
        ids.retain(|id| !removed.contains(id));
    });
    Ok(json!({
        "DisassociatedFaces": face_ids(&removed),
        "UnsuccessfulFaceDisassociations": failed,
        "UserStatus": status,
    }))
}

/// Changes the faces of a user, and returns the status in the response.
fn change(
    collection: &mut Collection,
    id: &str,
    is_changed: bool,
    change: impl FnOnce(&mut Vec<String>),
) -> &'static str {
    match collection.users.get_mut(id) {
        Some(user) if is_changed => {
            change(&mut user.face_ids);
            "UPDATING"
        }
        Some(user) => user.status(),
        None => "CREATED",
    }
}

fn face_ids(ids: &[String]) -> Vec<Value> {
    ids.iter().map(|id| json!({"FaceId": id})).collect()
}

fn associated_to_other(face_id: &str, user: &str) -> Value {
    json!({
        "FaceId": face_id,
        "UserId": user,
        "Reasons": ["ASSOCIATED_TO_A_DIFFERENT_USER"],
    })
}

/// SearchUsers.
pub fn search(collections: &Collections, input: &Input) -> Result<Value, Refusal> {
    let collection = collections.find(input)?;
    let (name, searched, faces, own) = match (input.string("FaceId"), input.string("UserId")) {
        (Some(id), None) => {
            let indexed = collection.faces.get(id).ok_or_else(unknown_face)?;
            (
                "SearchedFace",
                json!({"FaceId": id}),
                vec![&indexed.face],
                None,
            )
        }
        (None, Some(id)) => {
            let user = collection.users.get(id).ok_or_else(|| unknown(id))?;
            let faces = faces_of(user, collection).collect();
            ("SearchedUser", json!({"UserId": id}), faces, Some(id))
        }
        _ => {
            return Err(Refusal::parameter(
                "Request has invalid parameters: give either a FaceId or a UserId",
            ))
        }
    };
    let mut response = json!({
        "UserMatches": matches(collection, &faces, own, input),
        "FaceModelVersion": FACE_MODEL,
    });
    response[name] = searched;
    Ok(response)
}

/// SearchUsersByImage. An image without a face matches no user.
pub fn search_by_image(
    collections: &Collections,
    people: &People,
    input: &Input,
) -> Result<Value, Refusal> {
    let collection = collections.find(input)?;
    let faces = people.faces(image(input, "Image")?);
    let searched: Vec<&Face> = faces.iter().take(1).collect();
    let others = faces.iter().skip(1).map(
        |face| json!({"FaceDetails": face_detail(face, &[]), "Reasons": ["FACE_NOT_LARGEST"]}),
    );
    let mut response = json!({
        "UserMatches": matches(collection, &searched, None, input),
        "FaceModelVersion": FACE_MODEL,
        "UnsearchedFaces": others.collect::<Vec<_>>(),
    });
    if let Some(face) = faces.first() {
        response["SearchedFace"] = json!({"FaceDetail": located_face(face)});
    }
    Ok(response)
}

fn matches(
    collection: &Collection,
    faces: &[&Face],
    own: Option<&str>,
    input: &Input,
) -> Vec<Value> {
    let threshold = input
        .number("UserMatchThreshold")
        .unwrap_or(DEFAULT_THRESHOLD);
    let mut matches: Vec<(f64, Value)> = collection
        .users
        .iter()
        .filter(|(id, _)| Some(*id) != own)
        .filter_map(|(id, user)| {
            let similarity = similarity(faces_of(user, collection), faces.iter().copied())?;
            (similarity >= threshold).then(|| (similarity, user_json(id, user)))
        })
        .collect();
    matches.sort_by(|a, b| b.0.total_cmp(&a.0));
    matches.truncate(input.count("MaxUsers", MAX_USERS));
    let matches = matches.into_iter();
    matches
        .map(|(similarity, user)| json!({"Similarity": similarity, "User": user}))
        .collect()
}

/// The highest similarity between the faces of two groups. `None` if a group is empty.
fn similarity<'f>(
    group: impl IntoIterator<Item = &'f Face>,
    other: impl IntoIterator<Item = &'f Face> + Clone,
) -> Option<f64> {
    let pairs = group.into_iter().flat_map(|face| {
        let others = other.clone().into_iter();
        others.map(move |other| face.similarity(other))
    });
    pairs.max_by(f64::total_cmp)
}

fn unknown(id: &str) -> Refusal {
    Refusal::not_found(&format!("The user id: {id} does not exist"))
}
