//! R values as JSON, by shape: each is checked and written in one walk.

use crate::argument::{element, text_at, Text};
use crate::problem::{Problem, Reason};
use extendr_api::prelude::*;
use rekognition_core::base64;
use rekognition_core::call::new_token;
use rekognition_model::{model, Kind, Member, Shape, ShapeId};
use std::collections::HashSet;
use std::io::Write as _;

type Written = std::result::Result<(), Problem>;

/// What is checked in addition to the types.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// The input of an operation: required members must be given, and tokens are made up.
    Input,
    /// A response that a test scripts: any member may be absent.
    Output,
}

/// The JSON text of a structure. What is not given is left out: NULL, empty vectors, empty lists where the model has an
/// optional list, and structures whose named members are all not given.
pub fn json(
    shape: ShapeId,
    value: &Robj,
    direction: Direction,
) -> std::result::Result<Vec<u8>, Problem> {
    let mut writer = Writer {
        out: Vec::new(),
        direction,
    };
    writer.structure(model().shape(shape), value)?;
    Ok(writer.out)
}

struct Writer {
    out: Vec<u8>,
    direction: Direction,
}

impl Writer {
    fn value(&mut self, shape: ShapeId, value: &Robj) -> Written {
        let shape = model().shape(shape);
        match &shape.kind {
            Kind::Structure(_) => self.structure(shape, value),
            Kind::List(item) => self.list(*item, value),
            Kind::Map { value: item, .. } => self.map(*item, value),
            Kind::Blob => self.blob(value),
            kind if value.len() == 1 => self.scalar(kind, value, 0),
            kind => Err(Problem::expected(describe(kind), value)),
        }
    }

    fn structure(&mut self, shape: &Shape, value: &Robj) -> Written {
        let given = Members::of(value).map_err(|problem| match shape.name.as_str() {
            IMAGE => problem.expecting("an image from `rekognition_image()`", value),
            _ => problem,
        })?;
        self.out.push(b'{');
        let mut is_first = true;
        for (name, value) in &given.0 {
            let Some(member) = shape.member(name) else {
                if is_face_of_image(shape, name) {
                    continue;
                }
                let known = shape.members().iter().map(|member| member.name.clone());
                return Err(Problem::of(Reason::Unknown {
                    name: name.clone(),
                    known: known.collect(),
                }));
            };
            if is_given(member.shape, value) || (self.requires(member) && !value.is_null()) {
                self.name(name, &mut is_first);
                self.value(member.shape, value)
                    .map_err(|problem| problem.in_member(name))?;
            }
        }
        for member in shape.members() {
            let value = given.get(&member.name);
            if self.requires(member) && value.is_none_or(Robj::is_null) {
                return Err(Problem::of(Reason::Missing).in_member(&member.name));
            }
            let is_given = value.is_some_and(|value| is_given(member.shape, value));
            if self.direction == Direction::Input && member.is_token && !is_given {
                self.name(&member.name, &mut is_first);
                self.text(&new_token());
            }
        }
        self.out.push(b'}');
        Ok(())
    }

    fn requires(&self, member: &Member) -> bool {
        self.direction == Direction::Input && member.is_required
    }

    fn list(&mut self, item: ShapeId, value: &Robj) -> Written {
        let kind = &model().shape(item).kind;
        // Names of strings and numbers come from `lapply()` and the like, and mean nothing.
        let is_list = value.rtype() == Rtype::List && (value.names().is_none() || is_scalar(kind));
        let is_vector = match (kind, value.rtype()) {
            (_, Rtype::Null | Rtype::List) => false,
            (Kind::String, Rtype::Strings) | (Kind::Boolean, Rtype::Logicals) => true,
            (Kind::Integer | Kind::Long | Kind::Float, Rtype::Integers | Rtype::Doubles) => true,
            (Kind::Timestamp, Rtype::Doubles) => true,
            _ => is_empty(value),
        };
        if !is_list && !is_vector {
            return Err(Problem::expected(describe_list(kind), value));
        }
        self.out.push(b'[');
        let items = value.as_list().filter(|_| is_list);
        match items {
            Some(items) => {
                for (place, one) in items.values().enumerate() {
                    self.separate(place);
                    self.value(item, &one)
                        .map_err(|problem| problem.in_item(place))?;
                }
            }
            None => {
                for place in 0..value.len() {
                    self.separate(place);
                    self.scalar(kind, value, place)
                        .map_err(|problem| problem.in_item(place))?;
                }
            }
        }
        self.out.push(b']');
        Ok(())
    }

    fn map(&mut self, item: ShapeId, value: &Robj) -> Written {
        let given = Members::of(value)?;
        self.out.push(b'{');
        let mut is_first = true;
        for (name, value) in &given.0 {
            if is_given(item, value) {
                self.name(name, &mut is_first);
                self.value(item, value)
                    .map_err(|problem| problem.in_member(name))?;
            }
        }
        self.out.push(b'}');
        Ok(())
    }

    /// The element of a vector.
    fn scalar(&mut self, kind: &Kind, value: &Robj, place: usize) -> Written {
        let expected = || Problem::expected_at(place, describe(kind), value);
        match kind {
            Kind::String => match text_at(value, place) {
                Some(Text::Utf8(text)) => self.text(text),
                Some(Text::Foreign) => return Err(Problem::of(Reason::Encoding)),
                _ => return Err(expected()),
            },
            Kind::Boolean => {
                let flags = value.as_logical_slice().ok_or_else(expected)?;
                match flags[place] {
                    flag if flag.is_true() => self.raw("true"),
                    flag if flag.is_false() => self.raw("false"),
                    _ => return Err(expected()),
                }
            }
            Kind::Integer | Kind::Long => {
                let number = plain_number(value, place).ok_or_else(expected)?;
                if number.fract() != 0.0 {
                    return Err(expected());
                }
                if number.abs() >= LARGEST {
                    let expected = "a whole number of 64 bits";
                    return Err(Problem::expected_at(place, expected, value));
                }
                self.raw(&(number as i64).to_string());
            }
            Kind::Timestamp => {
                let seconds = match value {
                    _ if value.inherits("POSIXct") => 1.0,
                    _ if value.inherits("Date") => 86_400.0,
                    _ => return Err(expected()),
                };
                self.double(element(value, place).ok_or_else(expected)? * seconds);
            }
            _ => self.double(plain_number(value, place).ok_or_else(expected)?),
        }
        Ok(())
    }

    fn blob(&mut self, value: &Robj) -> Written {
        let bytes = value
            .as_raw_slice()
            .ok_or_else(|| Problem::expected(describe(&Kind::Blob), value))?;
        self.out.push(b'"');
        if !base64::encode(bytes, &mut self.out) {
            return Err(Problem::of(Reason::NoMemory));
        }
        self.out.push(b'"');
        Ok(())
    }

    fn name(&mut self, name: &str, is_first: &mut bool) {
        self.separate(usize::from(!std::mem::take(is_first)));
        self.text(name);
        self.out.push(b':');
    }

    fn separate(&mut self, before: usize) {
        if before > 0 {
            self.out.push(b',');
        }
    }

    fn text(&mut self, text: &str) {
        // Writing to memory does not fail.
        let _ = serde_json::to_writer(&mut self.out, text);
    }

    fn double(&mut self, number: f64) {
        let _ = write!(self.out, "{number:?}");
    }

    fn raw(&mut self, text: &str) {
        self.out.extend_from_slice(text.as_bytes());
    }
}

/// Whole numbers are smaller: the service reads no more than 64 bits.
const LARGEST: f64 = 9_223_372_036_854_775_808.0;

/// The type of a value in messages.
fn describe(kind: &Kind) -> &'static str {
    match kind {
        Kind::Structure(_) | Kind::List(_) => "a list",
        Kind::Map { .. } => "a named list",
        Kind::String => "a string",
        Kind::Integer | Kind::Long => "a whole number",
        Kind::Float => "a number",
        Kind::Boolean => "TRUE or FALSE",
        Kind::Blob => "a raw vector",
        Kind::Timestamp => "a date-time (POSIXct) or a Date",
    }
}

fn is_scalar(kind: &Kind) -> bool {
    !matches!(
        kind,
        Kind::Structure(_) | Kind::List(_) | Kind::Map { .. } | Kind::Blob
    )
}

/// The type of a list in messages, by that of its items.
fn describe_list(item: &Kind) -> &'static str {
    match item {
        Kind::String => "a character vector",
        Kind::Integer | Kind::Long | Kind::Float => "a numeric vector",
        Kind::Boolean => "a logical vector",
        _ => "an unnamed list",
    }
}

/// The members of a named list.
struct Members(Vec<(String, Robj)>);

impl Members {
    fn of(value: &Robj) -> std::result::Result<Self, Problem> {
        let list = value
            .as_list()
            .filter(|_| !value.inherits("data.frame"))
            .ok_or_else(|| Problem::expected("a list", value))?;
        let names = value.get_attrib("names");
        let mut members: Vec<(String, Robj)> = Vec::with_capacity(list.len());
        let mut seen = HashSet::new();
        for (place, member) in list.values().enumerate() {
            let name = match names.as_ref().and_then(|names| text_at(names, place)) {
                Some(Text::Utf8(name)) if !name.is_empty() => name.to_owned(),
                Some(Text::Foreign) => return Err(Problem::of(Reason::Encoding)),
                _ => return Err(Problem::of(Reason::Unnamed)),
            };
            if !seen.insert(name.clone()) {
                return Err(Problem::of(Reason::Twice { name }));
            }
            members.push((name, member));
        }
        Ok(Members(members))
    }

    fn get(&self, name: &str) -> Option<&Robj> {
        let mut members = self.0.iter();
        members
            .find(|(key, _)| *key == name)
            .map(|(_, value)| value)
    }
}

/// Whether a value counts as given where it may be absent. A literal `list()` is an empty structure or map.
fn is_given(shape: ShapeId, value: &Robj) -> bool {
    let shape = model().shape(shape);
    let is_named = matches!(shape.kind, Kind::Structure(_) | Kind::Map { .. });
    if !is_named || value.rtype() != Rtype::List || value.is_empty() {
        return !is_empty(value) || (is_named && value.rtype() == Rtype::List);
    }
    let Ok(members) = Members::of(value) else {
        return true;
    };
    members.0.iter().any(|(name, value)| match &shape.kind {
        Kind::Map { value: item, .. } => is_given(*item, value),
        _ => match shape.member(name) {
            Some(member) => is_given(member.shape, value),
            None => !is_face_of_image(shape, name),
        },
    })
}

/// The number of an object, such as a factor or a date, is not what is shown.
fn plain_number(value: &Robj, place: usize) -> Option<f64> {
    element(value, place).filter(|_| value.class().is_none())
}

/// Whether a value is NULL, a vector without elements or a list without elements.
fn is_empty(value: &Robj) -> bool {
    value.is_empty()
        && !matches!(
            value.rtype(),
            Rtype::Environment | Rtype::Expressions | Rtype::S4 | Rtype::ExternalPtr
        )
}

/// The shape of images in inputs.
const IMAGE: &str = "Image";

/// An image of a liveness result is taken as an image; where its face is, is not sent.
fn is_face_of_image(shape: &Shape, name: &str) -> bool {
    shape.name == IMAGE && name == "BoundingBox"
}
