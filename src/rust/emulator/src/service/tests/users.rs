//! Users, and comparisons of faces.

use super::*;

#[test]
fn faces_of_users_are_not_deleted() {
    let mut caller = Caller::with_collection();
    let face = caller.index(&sample("face-0.jpg"));
    let user = json!({"CollectionId": "c", "UserId": "u"});
    caller.call("CreateUser", user.clone());
    assert_eq!(
        caller.refusal("CreateUser", user.clone()),
        "ConflictException"
    );
    let with_faces = json!({"CollectionId": "c", "UserId": "u", "FaceIds": [face]});
    caller.call("AssociateFaces", with_faces.clone());
    let unknown = "0f959dbb-37cc-45d8-a08d-dc42cce85fa8";
    let delete = json!({"CollectionId": "c", "FaceIds": [face, unknown]});
    let deleted = caller.call("DeleteFaces", delete.clone());
    assert_eq!(
        deleted["UnsuccessfulFaceDeletions"],
        json!([
            {"FaceId": face, "UserId": "u", "Reasons": ["ASSOCIATED_TO_AN_EXISTING_USER"]},
            {"FaceId": unknown, "Reasons": ["FACE_NOT_FOUND"]},
        ])
    );
    caller.call("DisassociateFaces", with_faces);
    assert_eq!(
        caller.call("DeleteFaces", delete)["DeletedFaces"],
        json!([face])
    );
    caller.call("DeleteUser", user.clone());
    assert_eq!(
        caller.refusal("DeleteUser", user),
        "ResourceNotFoundException"
    );
}

#[test]
fn faces_are_associated_with_the_user_that_they_match() {
    let mut caller = Caller::with_collection();
    for user in ["alice", "bob"] {
        caller.call("CreateUser", json!({"CollectionId": "c", "UserId": user}));
    }
    let images: Vec<Value> = [("alice", 1), ("alice", 2), ("bob", 3)]
        .map(|(person, n)| caller.image(person, n))
        .into();
    let ids: Vec<String> = images.iter().map(|image| caller.index(image)).collect();
    let mut associate = |user: &str, ids: Value| {
        let input = json!({"CollectionId": "c", "UserId": user, "FaceIds": ids});
        caller.call("AssociateFaces", input)
    };
    let first = associate("alice", json!([ids[0]]));
    assert_eq!(first["AssociatedFaces"], json!([{"FaceId": ids[0]}]));
    assert_eq!(first["UserStatus"], "UPDATING");
    let second = associate("alice", json!([ids[0], ids[1], ids[2]]));
    assert_eq!(second["AssociatedFaces"], json!([{"FaceId": ids[1]}]));
    let failed = &second["UnsuccessfulFaceAssociations"];
    assert_eq!(failed[0]["Reasons"], json!(["LOW_MATCH_CONFIDENCE"]));
    assert!(failed[0]["Confidence"].as_f64().unwrap() < 75.0);
    let other = associate("bob", json!([ids[0]]));
    assert_eq!(
        other["UnsuccessfulFaceAssociations"],
        json!([{"FaceId": ids[0], "UserId": "alice", "Reasons": ["ASSOCIATED_TO_A_DIFFERENT_USER"]}])
    );
    assert_eq!(other["UserStatus"], "CREATED");
    let listed = caller.call("ListUsers", json!({"CollectionId": "c"}));
    assert_eq!(
        listed["Users"],
        json!([{"UserId": "alice", "UserStatus": "ACTIVE"}, {"UserId": "bob", "UserStatus": "CREATED"}])
    );
    let another = caller.image("alice", 9);
    let found = caller.call(
        "SearchUsersByImage",
        json!({"CollectionId": "c", "Image": another}),
    );
    assert_eq!(found["UserMatches"][0]["User"]["UserId"], "alice");
    assert_eq!(found["UserMatches"].as_array().unwrap().len(), 1);
    let by_face = json!({"CollectionId": "c", "FaceId": ids[2], "UserMatchThreshold": 0});
    let by_face = caller.call("SearchUsers", by_face);
    assert_eq!(by_face["SearchedFace"]["FaceId"], json!(ids[2]));
    assert_eq!(by_face["UserMatches"][0]["User"]["UserId"], "alice");
    let by_user = caller.call(
        "SearchUsers",
        json!({"CollectionId": "c", "UserId": "alice"}),
    );
    assert_eq!(by_user["UserMatches"], json!([]));
    let faces = caller.call("ListFaces", json!({"CollectionId": "c", "UserId": "alice"}));
    assert_eq!(faces["Faces"].as_array().unwrap().len(), 2);
}

#[test]
fn a_token_makes_a_request_idempotent() {
    let mut caller = Caller::with_collection();
    let create = |user: &str, token: &str| json!({"CollectionId": "c", "UserId": user, "ClientRequestToken": token});
    caller.call("CreateUser", create("u", "t"));
    caller.call("CreateUser", create("u", "t"));
    assert_eq!(
        caller.refusal("CreateUser", create("v", "t")),
        "IdempotentParameterMismatchException"
    );
    assert_eq!(
        caller.refusal("CreateUser", create("u", "other")),
        "ConflictException"
    );
}

#[test]
fn compared_faces_are_matched_by_the_threshold() {
    let mut caller = Caller::new();
    let compare = |source: &Value, target: &Value, threshold: Value| json!({"SourceImage": source, "TargetImage": target, "SimilarityThreshold": threshold});
    let (one, two) = (sample("face-0.jpg"), sample("face-1.jpg"));
    let stranger = caller.image("stranger", 1);
    let same = caller.call("CompareFaces", compare(&one, &two, Value::Null));
    assert_eq!(same["FaceMatches"].as_array().unwrap().len(), 1);
    let strict = caller.call("CompareFaces", compare(&one, &two, json!(100)));
    assert_eq!(strict["UnmatchedFaces"].as_array().unwrap().len(), 1);
    let other = caller.call("CompareFaces", compare(&one, &stranger, Value::Null));
    assert_eq!(other["FaceMatches"], json!([]));
    let lax = caller.call("CompareFaces", compare(&one, &stranger, json!(0)));
    assert!(lax["FaceMatches"][0]["Similarity"].as_f64().unwrap() < 40.0);
}
