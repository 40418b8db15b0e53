//! What the service says about a face. All of it is made up, the same for each request.

use crate::hash::{fraction, single};
use crate::people::Face;
use serde_json::{json, Map, Value};

/// Landmarks, as ratios of the bounding box. The first five are those that are not asked for.
const LANDMARKS: [(&str, f64, f64); 30] = [
    ("eyeLeft", 0.3, 0.38),
    ("eyeRight", 0.7, 0.38),
    ("mouthLeft", 0.33, 0.76),
    ("mouthRight", 0.67, 0.76),
    ("nose", 0.5, 0.58),
    ("leftEyeBrowLeft", 0.16, 0.3),
    ("leftEyeBrowRight", 0.38, 0.29),
    ("leftEyeBrowUp", 0.27, 0.26),
    ("rightEyeBrowLeft", 0.62, 0.29),
    ("rightEyeBrowRight", 0.84, 0.3),
    ("rightEyeBrowUp", 0.73, 0.26),
    ("leftEyeLeft", 0.22, 0.38),
    ("leftEyeRight", 0.38, 0.39),
    ("leftEyeUp", 0.3, 0.36),
    ("leftEyeDown", 0.3, 0.4),
    ("rightEyeLeft", 0.62, 0.39),
    ("rightEyeRight", 0.78, 0.38),
    ("rightEyeUp", 0.7, 0.36),
    ("rightEyeDown", 0.7, 0.4),
    ("noseLeft", 0.42, 0.62),
    ("noseRight", 0.58, 0.62),
    ("mouthUp", 0.5, 0.73),
    ("mouthDown", 0.5, 0.82),
    ("leftPupil", 0.3, 0.38),
    ("rightPupil", 0.7, 0.38),
    ("upperJawlineLeft", 0.02, 0.4),
    ("midJawlineLeft", 0.08, 0.72),
    ("chinBottom", 0.5, 0.98),
    ("midJawlineRight", 0.92, 0.72),
    ("upperJawlineRight", 0.98, 0.4),
];
const EMOTIONS: [&str; 8] = [
    "CALM",
    "HAPPY",
    "CONFUSED",
    "SURPRISED",
    "SAD",
    "ANGRY",
    "DISGUSTED",
    "FEAR",
];

/// A FaceDetail with the attributes that were asked for.
pub fn face_detail(face: &Face, attributes: &[&str]) -> Value {
    let is_all = attributes.contains(&"ALL");
    let by_person = |what: &str| fraction(&[face.person.as_bytes(), what.as_bytes()]);
    let flag = |what: &str, value: bool| json!({"Value": value, "Confidence": face.number(what, 90.0, 100.0)});
    let age = 20 + (40.0 * by_person("age")) as u32;
    let sex = if by_person("gender") < 0.5 {
        "Female"
    } else {
        "Male"
    };
    let smile = fraction(&[&face.key(), b"smile"]) < 0.5;
    let asked = [
        (
            "AGE_RANGE",
            "AgeRange",
            json!({"Low": age, "High": age + 8}),
        ),
        ("SMILE", "Smile", flag("smile", smile)),
        ("EYEGLASSES", "Eyeglasses", flag("eyeglasses", false)),
        ("SUNGLASSES", "Sunglasses", flag("sunglasses", false)),
        (
            "GENDER",
            "Gender",
            json!({"Value": sex, "Confidence": face.number("gender", 90.0, 100.0)}),
        ),
        (
            "BEARD",
            "Beard",
            flag("beard", sex == "Male" && by_person("beard") < 0.3),
        ),
        ("MUSTACHE", "Mustache", flag("mustache", false)),
        ("EYES_OPEN", "EyesOpen", flag("eyes open", true)),
        ("MOUTH_OPEN", "MouthOpen", flag("mouth open", false)),
        ("EMOTIONS", "Emotions", emotions(face, smile)),
        ("FACE_OCCLUDED", "FaceOccluded", flag("occluded", false)),
        (
            "EYE_DIRECTION",
            "EyeDirection",
            json!({
                "Yaw": face.number("eye yaw", -10.0, 10.0),
                "Pitch": face.number("eye pitch", -10.0, 10.0),
                "Confidence": face.number("eye direction", 90.0, 100.0),
            }),
        ),
    ];
    let mut detail = compared_face(face, if is_all { 30 } else { 5 });
    for (attribute, member, value) in asked {
        if is_all || attributes.contains(&attribute) {
            detail.insert(member.to_owned(), value);
        }
    }
    detail.into()
}

/// A ComparedFace: the members that every face has, with this many landmarks.
pub fn compared_face(face: &Face, landmarks: usize) -> Map<String, Value> {
    let area = &face.bounding_box;
    let landmarks: Vec<Value> = LANDMARKS[..landmarks]
        .iter()
        .map(|(kind, x, y)| {
            let (x, y) = (area.left + x * area.width, area.top + y * area.height);
            json!({"Type": kind, "X": single(x), "Y": single(y)})
        })
        .collect();
    let mut detail = located_face(face);
    detail.insert("Landmarks".into(), landmarks.into());
    detail.insert(
        "Pose".into(),
        json!({
            "Roll": face.number("roll", -5.0, 5.0),
            "Yaw": face.number("yaw", -10.0, 10.0),
            "Pitch": face.number("pitch", -10.0, 10.0),
        }),
    );
    detail.insert(
        "Quality".into(),
        json!({
            "Brightness": face.number("brightness", 70.0, 95.0),
            "Sharpness": face.number("sharpness", 80.0, 99.0),
        }),
    );
    detail
}

/// Where a face is, and how sure that is.
pub fn located_face(face: &Face) -> Map<String, Value> {
    let mut located = Map::new();
    located.insert("BoundingBox".into(), face.bounding_box.json());
    located.insert("Confidence".into(), face.confidence().into());
    located
}

/// All emotions, the strongest first; together they are not above 100 percent.
fn emotions(face: &Face, smile: bool) -> Value {
    let mut names = EMOTIONS;
    if smile {
        names.swap(0, 1);
    }
    let strongest = face.number("emotion", 80.0, 95.0);
    let rest = names.iter().zip(0u32..).map(|(name, rank)| {
        let confidence = match rank {
            0 => strongest,
            _ => (100.0 - strongest) / 2.0 / f64::from(1 << (rank - 1)),
        };
        json!({"Type": name, "Confidence": single(confidence)})
    });
    rest.collect()
}
