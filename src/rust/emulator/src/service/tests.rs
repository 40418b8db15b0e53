//! Flows through the operations with state. Every response is held to its shape.

use super::*;
use crate::faces::samples;
use base64::engine::general_purpose::STANDARD;
use base64::Engine as _;
use rekognition_model::{Kind, ShapeId};

mod users;

struct Caller(Service);

impl Caller {
    fn new() -> Self {
        let keys = Keys {
            access_key_id: "AKIA".into(),
            secret_access_key: "x".into(),
            session_token: None,
        };
        let timing = Timing {
            starts_after: 1.0,
            takes: 2.0,
        };
        Caller(Service::new("eu-west-1".into(), keys, timing, false))
    }

    fn with_collection() -> Self {
        let mut caller = Caller::new();
        caller.call("CreateCollection", json!({"CollectionId": "c"}));
        caller
    }

    fn try_call(&mut self, operation: &str, input: Value) -> Result<Value, String> {
        let operation = model().operation(operation).unwrap();
        let input = Input::from(input);
        let response = validate(operation, &input).and_then(|()| self.0.respond(operation, &input));
        if let Ok(response) = &response {
            assert_shape(operation.output, response, &operation.name);
        }
        response.map_err(|refusal| refusal.code)
    }

    fn call(&mut self, operation: &str, input: Value) -> Value {
        self.try_call(operation, input).unwrap()
    }

    fn refusal(&mut self, operation: &str, input: Value) -> String {
        self.try_call(operation, input).unwrap_err()
    }

    /// Indexes an image of one face, and returns its ID.
    fn index(&mut self, image: &Value) -> String {
        let response = self.call("IndexFaces", json!({"CollectionId": "c", "Image": image}));
        text(&response["FaceRecords"][0]["Face"]["FaceId"])
    }

    /// An image of this person that is in no other test.
    fn image(&mut self, person: &str, n: u8) -> Value {
        let bytes = numbered(n);
        assert!(self.0.add_face(&bytes, Some(person), None));
        image(&bytes)
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

fn image(bytes: &[u8]) -> Value {
    json!({"Bytes": STANDARD.encode(bytes)})
}

/// A sample image with a comment.
fn numbered(n: u8) -> Vec<u8> {
    let sample = samples()[0].bytes;
    [&sample[..2], &[0xff, 0xfe, 0, 3, n], &sample[2..]].concat()
}

fn sample(file: &str) -> Value {
    image(
        samples()
            .iter()
            .find(|sample| sample.file == file)
            .unwrap()
            .bytes,
    )
}

/// Fails unless the value has the members and types of its shape.
fn assert_shape(id: ShapeId, value: &Value, path: &str) {
    let shape = model().shape(id);
    let is_right = match (&shape.kind, value) {
        (Kind::Structure(_), Value::Object(members)) => {
            for (name, value) in members {
                let path = format!("{path}.{name}");
                let member = shape
                    .member(name)
                    .unwrap_or_else(|| panic!("{path} is unknown"));
                assert_shape(member.shape, value, &path);
            }
            true
        }
        (Kind::List(item), Value::Array(items)) => {
            items
                .iter()
                .for_each(|value| assert_shape(*item, value, path));
            true
        }
        (Kind::Map { value: item, .. }, Value::Object(entries)) => {
            entries
                .values()
                .for_each(|value| assert_shape(*item, value, path));
            true
        }
        (Kind::String, Value::String(text)) => {
            shape.bounds.one_of.is_empty() || shape.bounds.one_of.contains(text)
        }
        (Kind::Blob, Value::String(_)) | (Kind::Boolean, Value::Bool(_)) => true,
        (Kind::Integer | Kind::Long, Value::Number(number)) => number.is_i64(),
        (Kind::Float, Value::Number(number)) => number
            .as_f64()
            .is_some_and(|number| f64::from(number as f32) == number),
        (Kind::Timestamp, Value::Number(_)) => true,
        _ => false,
    };
    assert!(is_right, "{path}: {value}");
}

#[test]
fn collections_live_from_creation_to_deletion() {
    let mut caller = Caller::new();
    let id = json!({"CollectionId": "a"});
    assert_eq!(
        caller.refusal("DescribeCollection", id.clone()),
        "ResourceNotFoundException"
    );
    let created = caller.call("CreateCollection", id.clone());
    assert_eq!(
        created["CollectionArn"],
        "aws:rekognition:eu-west-1:111122223333:collection/a"
    );
    assert_eq!(
        caller.refusal("CreateCollection", id.clone()),
        "ResourceAlreadyExistsException"
    );
    caller.call("CreateCollection", json!({"CollectionId": "b"}));
    let first = caller.call("ListCollections", json!({"MaxResults": 1}));
    assert_eq!(first["CollectionIds"], json!(["a"]));
    let rest = caller.call("ListCollections", json!({"NextToken": first["NextToken"]}));
    assert_eq!(rest["CollectionIds"], json!(["b"]));
    assert_eq!(rest["FaceModelVersions"], json!(["7.0"]));
    let described = caller.call("DescribeCollection", id.clone());
    assert_eq!(
        (&described["FaceCount"], &described["UserCount"]),
        (&json!(0), &json!(0))
    );
    assert_eq!(
        described["CollectionARN"],
        format!("arn:{}", text(&created["CollectionArn"]))
    );
    caller.call("DeleteCollection", id.clone());
    assert_eq!(
        caller.refusal("DeleteCollection", id),
        "ResourceNotFoundException"
    );
}

#[test]
fn tags_are_kept_with_a_collection() {
    let mut caller = Caller::new();
    let input = json!({"CollectionId": "a", "Tags": {"x": "1", "y": ""}});
    let created = caller.call("CreateCollection", input);
    let arn = format!("arn:{}", text(&created["CollectionArn"]));
    caller.call(
        "TagResource",
        json!({"ResourceArn": arn, "Tags": {"x": "2"}}),
    );
    caller.call(
        "UntagResource",
        json!({"ResourceArn": arn, "TagKeys": ["y", "z"]}),
    );
    for arn in [arn.as_str(), arn.trim_start_matches("arn:")] {
        let tags = caller.call("ListTagsForResource", json!({"ResourceArn": arn}));
        assert_eq!(tags, json!({"Tags": {"x": "2"}}));
    }
    for arn in [arn.replace("eu-west-1", "us-east-1"), format!("{arn}b")] {
        let refusal = caller.refusal("ListTagsForResource", json!({"ResourceArn": arn}));
        assert_eq!(refusal, "ResourceNotFoundException");
    }
}

#[test]
fn an_indexed_face_is_found_by_another_image_of_the_person() {
    let mut caller = Caller::with_collection();
    let id = caller.index(&sample("face-0.jpg"));
    let stranger = caller.image("stranger", 1);
    let stranger = caller.index(&stranger);
    let search = |image, threshold: f64| json!({"CollectionId": "c", "Image": image, "FaceMatchThreshold": threshold});
    let found = caller.call("SearchFacesByImage", search(sample("face-1.jpg"), 80.0));
    assert_eq!(found["FaceMatches"].as_array().unwrap().len(), 1);
    assert_eq!(found["FaceMatches"][0]["Face"]["FaceId"], json!(id));
    let all = caller.call("SearchFacesByImage", search(sample("face-1.jpg"), 0.0));
    assert_eq!(all["FaceMatches"][1]["Face"]["FaceId"], json!(stranger));
    let same = caller.call("SearchFacesByImage", search(sample("face-0.jpg"), 100.0));
    assert_eq!(same["FaceMatches"][0]["Similarity"], json!(100.0));
    let by_face =
        json!({"CollectionId": "c", "FaceId": id, "FaceMatchThreshold": 0, "MaxFaces": 1});
    let by_face = caller.call("SearchFaces", by_face);
    assert_eq!(by_face["FaceMatches"][0]["Face"]["FaceId"], json!(stranger));
    assert_eq!(by_face["FaceMatches"].as_array().unwrap().len(), 1);
}

#[test]
fn an_image_is_indexed_once_for_each_external_id() {
    let mut caller = Caller::with_collection();
    let mut index = |id: Option<&str>| {
        let input =
            json!({"CollectionId": "c", "Image": sample("face-0.jpg"), "ExternalImageId": id});
        caller.call("IndexFaces", input)["FaceRecords"][0]["Face"].clone()
    };
    let face = index(None);
    assert_eq!(index(None), face);
    let named = index(Some("n"));
    assert_ne!(named["FaceId"], face["FaceId"]);
    assert_eq!(named["ImageId"], face["ImageId"]);
    assert_eq!(index(Some("n")), named);
    let listed = caller.call("ListFaces", json!({"CollectionId": "c"}));
    assert_eq!(listed["Faces"], json!([face, named]));
}

#[test]
fn the_largest_faces_are_indexed() {
    let mut caller = Caller::with_collection();
    let bytes = numbered(1);
    for (person, width) in [("small", 0.1), ("large", 0.3)] {
        let bounding_box = BoundingBox {
            width,
            height: 0.2,
            left: 0.0,
            top: 0.0,
        };
        caller.0.add_face(&bytes, Some(person), Some(bounding_box));
    }
    let input = json!({"CollectionId": "c", "Image": image(&bytes), "MaxFaces": 1, "DetectionAttributes": ["ALL"]});
    let indexed = caller.call("IndexFaces", input);
    assert_eq!(indexed["FaceRecords"].as_array().unwrap().len(), 1);
    let width = &indexed["FaceRecords"][0]["Face"]["BoundingBox"]["Width"];
    assert_eq!(*width, json!(f64::from(0.3f32)));
    assert_eq!(
        indexed["UnindexedFaces"][0]["Reasons"],
        json!(["EXCEEDS_MAX_FACES"])
    );
}

#[test]
fn an_image_without_a_face_cannot_be_searched_for() {
    let mut caller = Caller::with_collection();
    let bytes = numbered(1);
    caller.0.add_face(&bytes, None, None);
    let empty = image(&bytes);
    let search = json!({"CollectionId": "c", "Image": empty});
    assert_eq!(
        caller.refusal("SearchFacesByImage", search.clone()),
        "InvalidParameterException"
    );
    for (source, target) in [
        (&empty, &sample("face-0.jpg")),
        (&sample("face-0.jpg"), &empty),
    ] {
        let input = json!({"SourceImage": source, "TargetImage": target});
        assert_eq!(
            caller.refusal("CompareFaces", input),
            "InvalidParameterException"
        );
    }
    let users = caller.call("SearchUsersByImage", search.clone());
    assert!(users["UserMatches"] == json!([]) && users.get("SearchedFace").is_none());
    assert_eq!(caller.call("IndexFaces", search)["FaceRecords"], json!([]));
    let detected = caller.call("DetectFaces", json!({"Image": empty}));
    assert_eq!(detected, json!({"FaceDetails": []}));
}

#[test]
fn all_attributes_are_given_if_they_are_asked_for() {
    let mut caller = Caller::new();
    let mut names = |attributes: Value| -> usize {
        let input = json!({"Image": sample("face-0.jpg"), "Attributes": attributes});
        let detected = caller.call("DetectFaces", input);
        detected["FaceDetails"][0].as_object().unwrap().len()
    };
    assert_eq!(names(Value::Null), 5);
    assert_eq!(names(json!(["DEFAULT"])), 5);
    assert_eq!(names(json!(["FACE_OCCLUDED"])), 6);
    let operation = model().operation("DetectFaces").unwrap();
    let details = model()
        .shape(operation.output)
        .member("FaceDetails")
        .unwrap();
    let Kind::List(detail) = model().shape(details.shape).kind else {
        panic!("FaceDetails is a list")
    };
    assert_eq!(
        names(json!(["ALL", "DEFAULT"])),
        model().shape(detail).members().len()
    );
}

#[test]
fn other_operations_need_a_response_that_was_set() {
    let mut caller = Caller::new();
    let input = json!({"Image": sample("face-0.jpg")});
    assert_eq!(
        caller.refusal("DetectLabels", input.clone()),
        "EmulatorNotScriptedException"
    );
    assert_eq!(
        caller.refusal("DetectLabels", json!({})),
        "ValidationException"
    );
    let reply = Reply::ok(&json!({"Labels": []}));
    caller.0.responses().set("DetectLabels", reply.clone(), 2);
    for expected in [Some(&reply), Some(&reply), None] {
        assert_eq!(caller.0.responses().next("DetectLabels").as_ref(), expected);
    }
}
