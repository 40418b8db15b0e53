//! Reads the model from its JSON text, which is part of the library.

use crate::{Bounds, Kind, Member, Model, Operation, Shape, ShapeId};
use serde_json::Value;
use std::collections::HashMap;

type Ids<'j> = HashMap<&'j str, ShapeId>;

pub fn model(text: &str) -> Model {
    let json: Value = serde_json::from_str(text).unwrap_or_default();
    let shapes = || json["shapes"].as_object().into_iter().flatten();
    let ids: Ids<'_> = shapes()
        .enumerate()
        .map(|(place, (name, _))| (name.as_str(), ShapeId(place)))
        .collect();
    let operations: Vec<Operation> = json["operations"]
        .as_object()
        .into_iter()
        .flatten()
        .map(|(name, operation)| Operation {
            name: name.clone(),
            snake_name: snake_case(name),
            input: id(&ids, &operation["input"]),
            output: id(&ids, &operation["output"]),
            errors: strings(&operation["errors"]),
        })
        .collect();
    let names = operations
        .iter()
        .enumerate()
        .flat_map(|(place, operation)| {
            [&operation.name, &operation.snake_name].map(|name| (name.clone(), place))
        });
    Model {
        by_name: names.collect(),
        shapes: shapes()
            .map(|(name, facts)| Shape {
                name: name.clone(),
                kind: kind(&ids, facts),
                bounds: Bounds {
                    min: facts["min"].as_f64(),
                    max: facts["max"].as_f64(),
                    pattern: facts["pattern"].as_str().map(str::to_owned),
                    one_of: strings(&facts["enum"]),
                },
            })
            .collect(),
        operations,
    }
}

/// Every name has a shape: a test walks through all of them.
fn id(ids: &Ids<'_>, name: &Value) -> ShapeId {
    ids[name.as_str().unwrap_or_default()]
}

fn kind(ids: &Ids<'_>, facts: &Value) -> Kind {
    match facts["type"].as_str().unwrap_or_default() {
        "structure" => {
            let [required, tokens, hidden] =
                ["required", "tokens", "hidden"].map(|fact| strings(&facts[fact]));
            let members = facts["members"].as_object().into_iter().flatten();
            let members = members.map(|(name, shape)| Member {
                name: name.clone(),
                shape: id(ids, shape),
                is_required: required.contains(name),
                is_token: tokens.contains(name),
                is_hidden: hidden.contains(name),
            });
            Kind::Structure(members.collect())
        }
        "list" => Kind::List(id(ids, &facts["member"])),
        "map" => Kind::Map {
            key: id(ids, &facts["key"]),
            value: id(ids, &facts["value"]),
        },
        "integer" => Kind::Integer,
        "long" => Kind::Long,
        "float" | "double" => Kind::Float,
        "boolean" => Kind::Boolean,
        "blob" => Kind::Blob,
        "timestamp" => Kind::Timestamp,
        _ => Kind::String,
    }
}

fn strings(value: &Value) -> Vec<String> {
    let strings = value.as_array().into_iter().flatten();
    strings
        .filter_map(|string| string.as_str().map(str::to_owned))
        .collect()
}

fn snake_case(name: &str) -> String {
    let mut snake = String::with_capacity(name.len() + 8);
    for c in name.chars() {
        if c.is_ascii_uppercase() && !snake.is_empty() {
            snake.push('_');
        }
        snake.push(c.to_ascii_lowercase());
    }
    snake
}
