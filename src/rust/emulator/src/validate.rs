//! Inputs, checked against their shapes in the service's words, all problems at once.

use crate::error::Refusal;
use crate::input::Input;
use crate::patterns;
use base64::engine::general_purpose::STANDARD;
use base64::Engine as _;
use rekognition_model::{model, Bounds, Kind, Member, Operation, Shape, ShapeId};
use serde_json::{Map, Value};
use std::fmt;

/// Refuses an input that is not of the operation's shape. Unknown members are ignored.
pub fn validate(operation: &Operation, input: &Input) -> Result<(), Refusal> {
    let mut check = Check::default();
    let members = model().shape(operation.input).members();
    check.structure(members, input.members(), "")?;
    let n = check.problems.len();
    if n == 0 {
        return Ok(());
    }
    let errors = if n == 1 { "error" } else { "errors" };
    let problems = check.problems.join("; ");
    Err(Refusal::new(
        "ValidationException",
        &format!("{n} validation {errors} detected: {problems}"),
    ))
}

/// A value whose size has bounds.
enum Sized<'v> {
    Number(&'v Value, f64),
    Text(&'v str),
    Bytes(usize),
    Items(&'v [Value]),
    Entries(&'v Map<String, Value>),
}

impl Sized<'_> {
    fn size(&self) -> f64 {
        match self {
            Sized::Number(_, number) => *number,
            Sized::Text(text) => text.chars().count() as f64,
            Sized::Bytes(length) => *length as f64,
            Sized::Items(items) => items.len() as f64,
            Sized::Entries(entries) => entries.len() as f64,
        }
    }

    /// What the bounds are about.
    fn noun(&self) -> &'static str {
        match self {
            Sized::Number(..) => "value",
            _ => "length",
        }
    }
}

/// The value as the service quotes it, in Java's form: without the bytes of images.
impl fmt::Display for Sized<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Sized::Number(number, _) => write!(f, "{number}"),
            Sized::Text(text) => f.write_str(text),
            Sized::Bytes(n) => write!(f, "java.nio.HeapByteBuffer[pos=0 lim={n} cap={n}]"),
            Sized::Items(items) => {
                let items: Vec<&str> = items.iter().map(quoted).collect();
                write!(f, "[{}]", items.join(", "))
            }
            Sized::Entries(entries) => {
                let entries = entries.iter();
                let entries: Vec<String> = entries
                    .map(|(key, value)| format!("{key}={}", quoted(value)))
                    .collect();
                write!(f, "{{{}}}", entries.join(", "))
            }
        }
    }
}

fn quoted(value: &Value) -> &str {
    match value {
        Value::String(text) => text,
        Value::Null => "null",
        _ => "...",
    }
}

/// What a value must satisfy.
enum Constraint<'b> {
    Min(f64),
    Max(f64),
    OneOf(&'b [String]),
    Pattern(&'b str),
}

impl Constraint<'_> {
    fn all(bounds: &Bounds) -> impl Iterator<Item = Constraint<'_>> {
        let one_of = Some(bounds.one_of.as_slice()).filter(|one_of| !one_of.is_empty());
        [
            bounds.min.map(Constraint::Min),
            bounds.max.map(Constraint::Max),
            one_of.map(Constraint::OneOf),
            bounds.pattern.as_deref().map(Constraint::Pattern),
        ]
        .into_iter()
        .flatten()
    }

    fn holds(&self, value: &Sized<'_>) -> bool {
        match (self, value) {
            (Constraint::Min(min), value) => value.size() >= *min,
            (Constraint::Max(max), value) => value.size() <= *max,
            (Constraint::OneOf(values), Sized::Text(text)) => values.iter().any(|v| v == text),
            (Constraint::Pattern(pattern), Sized::Text(text)) => patterns::matches(pattern, text),
            _ => true,
        }
    }

    fn text(&self, noun: &str) -> String {
        match self {
            Constraint::Min(min) => {
                format!("Member must have {noun} greater than or equal to {min}")
            }
            Constraint::Max(max) => format!("Member must have {noun} less than or equal to {max}"),
            Constraint::OneOf(values) => {
                format!(
                    "Member must satisfy enum value set: [{}]",
                    values.join(", ")
                )
            }
            Constraint::Pattern(pattern) => {
                format!("Member must satisfy regular expression pattern: {pattern}")
            }
        }
    }
}

#[derive(Default)]
struct Check {
    problems: Vec<String>,
}

impl Check {
    fn add(&mut self, value: &str, path: &str, constraint: &str) {
        self.problems.push(format!(
            "Value {value} at '{path}' failed to satisfy constraint: {constraint}"
        ));
    }

    fn structure(
        &mut self,
        members: &[Member],
        object: &Map<String, Value>,
        path: &str,
    ) -> Result<(), Refusal> {
        for member in members {
            let path = match path {
                "" => decapitalize(&member.name),
                path => format!("{path}.{}", decapitalize(&member.name)),
            };
            match object.get(&member.name) {
                None | Some(Value::Null) if member.is_required => {
                    self.add("null", &path, "Member must not be null");
                }
                None | Some(Value::Null) => {}
                Some(value) => self.value(member.shape, value, &path)?,
            }
        }
        Ok(())
    }

    fn value(&mut self, id: ShapeId, value: &Value, path: &str) -> Result<(), Refusal> {
        let shape = model().shape(id);
        match (&shape.kind, value) {
            (Kind::Structure(members), Value::Object(object)) => {
                return self.structure(members, object, path)
            }
            (Kind::Structure(_), _) => {
                return Err(Refusal::serialization(
                    "Unexpected value found where a structure was expected",
                ))
            }
            (Kind::List(item), Value::Array(items)) => {
                self.bounds(&shape.bounds, &Sized::Items(items), path);
                return self.items(*item, items, path);
            }
            (Kind::List(_), _) => return Err(Refusal::serialization("Expected list or null")),
            (Kind::Map { key, value }, Value::Object(entries)) => {
                let sized = Sized::Entries(entries);
                self.bounds(&shape.bounds, &sized, path);
                let keys: Vec<Value> = entries.keys().map(|key| key.as_str().into()).collect();
                self.every(*key, &keys, &sized, path, "Map keys")?;
                return self.every(*value, entries.values(), &sized, path, "Map value");
            }
            (Kind::Map { .. }, _) => return Err(Refusal::serialization("Expected map or null")),
            _ => {}
        }
        if let Some(sized) = scalar(shape, value)? {
            self.bounds(&shape.bounds, &sized, path);
        }
        Ok(())
    }

    fn bounds(&mut self, bounds: &Bounds, value: &Sized<'_>, path: &str) {
        for constraint in Constraint::all(bounds).filter(|constraint| !constraint.holds(value)) {
            self.add(&format!("'{value}'"), path, &constraint.text(value.noun()));
        }
    }

    fn items(&mut self, item: ShapeId, items: &[Value], path: &str) -> Result<(), Refusal> {
        if !matches!(model().shape(item).kind, Kind::Structure(_)) {
            return self.every(item, items, &Sized::Items(items), path, "Member");
        }
        for (place, value) in items.iter().enumerate().filter(|(_, item)| !item.is_null()) {
            self.value(item, value, &format!("{path}.{}.member", place + 1))?;
        }
        Ok(())
    }

    /// Scalars in a list or map: the service names the whole, and all constraints of its items.
    fn every<'v>(
        &mut self,
        item: ShapeId,
        values: impl IntoIterator<Item = &'v Value>,
        whole: &Sized<'_>,
        path: &str,
        what: &str,
    ) -> Result<(), Refusal> {
        let shape = model().shape(item);
        let mut is_broken = false;
        let mut noun = "length";
        for value in values {
            if let Some(sized) = scalar(shape, value)? {
                noun = sized.noun();
                is_broken |= !Constraint::all(&shape.bounds).all(|bound| bound.holds(&sized));
            }
        }
        if is_broken {
            let constraints = Constraint::all(&shape.bounds).map(|bound| bound.text(noun));
            let constraints = constraints.collect::<Vec<_>>().join(", ");
            self.add(
                &format!("'{whole}'"),
                path,
                &format!("{what} must satisfy constraint: [{constraints}]"),
            );
        }
        Ok(())
    }
}

/// A scalar of this shape, or the error of a value of another type. Null and flags have no size.
fn scalar<'v>(shape: &Shape, value: &'v Value) -> Result<Option<Sized<'v>>, Refusal> {
    let wanted = match shape.kind {
        Kind::String | Kind::Blob => "a String",
        Kind::Integer => "an Integer",
        Kind::Long => "a Long",
        Kind::Float => "a Float",
        Kind::Boolean => "a Boolean",
        _ => "a Timestamp",
    };
    let other =
        |token: &str| Refusal::serialization(&format!("{token} can not be converted to {wanted}"));
    match (&shape.kind, value) {
        (_, Value::Null) | (Kind::Boolean, Value::Bool(_)) => Ok(None),
        (Kind::String, Value::String(text)) => Ok(Some(Sized::Text(text))),
        (Kind::Blob, Value::String(text)) => match STANDARD.decode(text) {
            Ok(bytes) => Ok(Some(Sized::Bytes(bytes.len()))),
            Err(_) if shape.name == "ImageBlob" => Err(Refusal::new(
                "InvalidImageFormatException",
                "Invalid image encoding",
            )),
            Err(_) => Err(Refusal::serialization("The value is not valid base64")),
        },
        (Kind::Integer | Kind::Long | Kind::Float | Kind::Timestamp, Value::Number(number)) => {
            let is_of_kind = match shape.kind {
                Kind::Integer => number.as_i64().is_some_and(|n| i32::try_from(n).is_ok()),
                Kind::Long => number.is_i64(),
                _ => true,
            };
            match number.as_f64().filter(|_| is_of_kind) {
                Some(size) => Ok(Some(Sized::Number(value, size))),
                None => Err(other("NUMBER_VALUE")),
            }
        }
        (_, Value::String(_)) => Err(other("STRING_VALUE")),
        (_, Value::Number(_)) => Err(other("NUMBER_VALUE")),
        (_, Value::Bool(true)) => Err(other("TRUE_VALUE")),
        (_, Value::Bool(false)) => Err(other("FALSE_VALUE")),
        _ => Err(Refusal::serialization(
            "Start of structure or map found where not expected.",
        )),
    }
}

fn decapitalize(name: &str) -> String {
    let mut chars = name.chars();
    let first = chars.next().map(|first| first.to_ascii_lowercase());
    first.into_iter().chain(chars).collect()
}

#[cfg(test)]
mod tests;
