//! The service's operations and the shapes of their inputs and outputs. `rekognition.json` has them, and dev/model.py writes
//! it from the service's public model: an operation that is added there exists everywhere.

mod read;

use std::collections::HashMap;
use std::ops::Index;
use std::sync::OnceLock;

/// The model of the service.
#[derive(Debug)]
pub struct Model {
    operations: Vec<Operation>,
    by_name: HashMap<String, usize>,
    shapes: Vec<Shape>,
}

/// An operation of the service.
#[derive(Debug)]
pub struct Operation {
    /// The name in the protocol, such as `DetectFaces`.
    pub name: String,
    /// The name in R and Python, such as `detect_faces`.
    pub snake_name: String,
    /// A structure.
    pub input: ShapeId,
    /// A structure.
    pub output: ShapeId,
    /// The codes of the errors that it returns, those of all AWS services aside.
    pub errors: Vec<String>,
}

/// A shape's place in the model.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ShapeId(usize);

impl ShapeId {
    /// A number from 0 on, below the number of shapes.
    pub fn index(self) -> usize {
        self.0
    }
}

/// What a value looks like.
#[derive(Debug)]
pub struct Shape {
    /// The name in the service's model.
    pub name: String,
    /// The type.
    pub kind: Kind,
    /// What the service accepts of it.
    pub bounds: Bounds,
}

/// The type of a value.
#[derive(Debug)]
pub enum Kind {
    /// An object with these members.
    Structure(Vec<Member>),
    /// An array of values of this shape.
    List(ShapeId),
    /// An object with any names, and values of this shape.
    Map {
        /// A string.
        key: ShapeId,
        /// Any shape.
        value: ShapeId,
    },
    /// A string.
    String,
    /// A whole number of 32 bits.
    Integer,
    /// A whole number of 64 bits.
    Long,
    /// A number.
    Float,
    /// True or false.
    Boolean,
    /// Bytes, in base64.
    Blob,
    /// Seconds since 1970, with fractions.
    Timestamp,
}

/// A member of a structure.
#[derive(Debug)]
pub struct Member {
    /// The name.
    pub name: String,
    /// The shape of its value.
    pub shape: ShapeId,
    /// Whether the service requires it.
    pub is_required: bool,
    /// Whether it is an idempotency token: one is made up if the caller gives none.
    pub is_token: bool,
    /// Whether the documented list lacks it.
    pub is_hidden: bool,
}

/// What the service accepts of a value.
#[derive(Debug, Default)]
pub struct Bounds {
    /// The smallest number, or the shortest length in characters, bytes or items.
    pub min: Option<f64>,
    /// The largest number or length.
    pub max: Option<f64>,
    /// A regular expression for strings.
    pub pattern: Option<String>,
    /// The allowed strings; any if empty.
    pub one_of: Vec<String>,
}

/// The model. The first call reads it, in about a millisecond.
pub fn model() -> &'static Model {
    static MODEL: OnceLock<Model> = OnceLock::new();
    MODEL.get_or_init(|| read::model(include_str!("rekognition.json")))
}

impl Model {
    /// All operations, by name.
    pub fn operations(&self) -> &[Operation] {
        &self.operations
    }

    /// The operation with this name, in either form.
    pub fn operation(&self, name: &str) -> Option<&Operation> {
        self.by_name.get(name).map(|&place| &self.operations[place])
    }

    /// The shape in this place.
    pub fn shape(&self, id: ShapeId) -> &Shape {
        &self.shapes[id.0]
    }

    /// All shapes, in the order of their places.
    pub fn shapes(&self) -> &[Shape] {
        &self.shapes
    }
}

impl Index<&str> for Model {
    type Output = Operation;

    /// The operation with this name, which must exist: for names in code.
    fn index(&self, name: &str) -> &Operation {
        &self.operations[self.by_name[name]]
    }
}

impl Shape {
    /// The members, if it is a structure.
    pub fn members(&self) -> &[Member] {
        match &self.kind {
            Kind::Structure(members) => members,
            _ => &[],
        }
    }

    /// The member with this name, if it is a structure that has one.
    pub fn member(&self, name: &str) -> Option<&Member> {
        self.members().iter().find(|member| member.name == name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_operation_has_its_names_and_its_members_in_order() {
        let model = model();
        let operation = &model["GetFaceLivenessSessionResults"];
        assert_eq!(operation.snake_name, "get_face_liveness_session_results");
        assert_eq!(
            model.operation(&operation.snake_name).unwrap().name,
            operation.name
        );
        let output = model.shape(operation.output).members();
        let names = |hidden| -> Vec<&str> {
            let members = output.iter().filter(|member| member.is_hidden == hidden);
            members.map(|member| member.name.as_str()).collect()
        };
        assert_eq!(
            names(false),
            [
                "SessionId",
                "Status",
                "Confidence",
                "ReferenceImage",
                "AuditImages"
            ]
        );
        assert_eq!(names(true), ["Challenge", "Feedback", "Metadata"]);
        assert!(output[0].is_required && !output[2].is_required);
        assert!(model.operation("NoSuchOperation").is_none());
    }

    #[test]
    fn every_shape_of_every_operation_is_complete() {
        fn walk(model: &Model, id: ShapeId, depth: usize) {
            assert!(depth < 20);
            match &model.shape(id).kind {
                Kind::Structure(members) => members
                    .iter()
                    .for_each(|member| walk(model, member.shape, depth + 1)),
                Kind::List(item) => walk(model, *item, depth + 1),
                Kind::Map { key, value } => {
                    assert!(matches!(model.shape(*key).kind, Kind::String));
                    walk(model, *value, depth + 1);
                }
                _ => {}
            }
        }
        let model = model();
        assert_eq!(model.operations().len(), 75);
        for operation in model.operations() {
            for shape in [operation.input, operation.output] {
                assert!(matches!(model.shape(shape).kind, Kind::Structure(_)));
                walk(model, shape, 0);
            }
            assert!(!operation.errors.is_empty());
        }
    }

    #[test]
    fn tokens_and_bounds_come_from_the_model() {
        let model = model();
        let members = |name| model.shape(model.operation(name).unwrap().input).members();
        let tokens: Vec<&str> = model
            .operations()
            .iter()
            .filter(|operation| {
                members(&operation.name)
                    .iter()
                    .any(|member| member.is_token)
            })
            .map(|operation| operation.name.as_str())
            .collect();
        assert_eq!(
            tokens,
            [
                "AssociateFaces",
                "CreateFaceLivenessSession",
                "CreateUser",
                "DeleteUser",
                "DisassociateFaces",
                "StartMediaAnalysisJob"
            ]
        );
        let percent = model.shape(members("CompareFaces")[2].shape);
        assert_eq!(
            (percent.bounds.min, percent.bounds.max),
            (Some(0.0), Some(100.0))
        );
        let session_id = model.shape(members("GetFaceLivenessSessionResults")[0].shape);
        assert!(session_id.bounds.pattern.is_some());
        let attribute = model.shape(members("DetectFaces")[1].shape);
        let Kind::List(attribute) = attribute.kind else {
            panic!("{attribute:?}")
        };
        assert!(model
            .shape(attribute)
            .bounds
            .one_of
            .contains(&"ALL".to_owned()));
    }
}
