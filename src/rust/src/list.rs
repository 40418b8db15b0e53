//! A response as R's list, by shape: what is absent is the empty vector of its type.

use crate::vectors::{self, from_r, ProtectedList};
use extendr_api::prelude::*;
use extendr_api::SEXP;
use rekognition_core::base64::Blob;
use rekognition_core::json::Value;
use rekognition_core::response::Unreadable;
use rekognition_model::{model, Kind, Member, ShapeId};
use std::borrow::Cow;
use std::cell::OnceCell;
use std::collections::BTreeMap;

type Built = std::result::Result<SEXP, Unreadable>;

/// What many lists share. R copies before it changes what is shared.
#[derive(Default)]
struct Shared {
    /// The names of a structure's members.
    names: OnceCell<Robj>,
    /// The value of this shape when it is absent.
    empty: OnceCell<Robj>,
}

thread_local! {
    // Never dropped: R may be gone by the time its thread ends.
    static SHARED: &'static [Shared] = {
        let shapes = model().shapes().iter().map(|_| Shared::default());
        Box::leak(shapes.collect::<Vec<_>>().into_boxed_slice())
    };
}

fn shared(shape: ShapeId) -> &'static Shared {
    SHARED.with(|shared| &shared[shape.index()])
}

/// The members that the documented list has.
fn shown(members: &[Member]) -> impl Iterator<Item = &Member> + Clone {
    members.iter().filter(|member| !member.is_hidden)
}

/// The value of this shape. The response has been checked against it.
pub fn value(shape: ShapeId, value: Option<&Value<'_>>) -> std::result::Result<Robj, Unreadable> {
    single_threaded(|| build(shape, value).map(from_r))
}

/// The same for R's API: the caller stores it before it makes anything else.
fn build(shape: ShapeId, value: Option<&Value<'_>>) -> Built {
    let value = value.filter(|value| **value != Value::Null);
    match (&model().shape(shape).kind, value) {
        (Kind::Structure(members), Some(object)) => {
            let names = names(shape, members);
            let list = ProtectedList::new(names.len());
            for (place, member) in shown(members).enumerate() {
                list.set(place, build(member.shape, object.get(&member.name))?);
            }
            list.set_names(names);
            Ok(list.into_value())
        }
        (Kind::List(item), Some(Value::Array(items))) => {
            let list = ProtectedList::new(items.len());
            for (place, one) in items.iter().enumerate() {
                list.set(place, build(*item, Some(one))?);
            }
            Ok(list.into_value())
        }
        (Kind::Map { value: item, .. }, Some(Value::Object(members))) => {
            // The last one of a repeated name counts, as in a structure.
            let mut values: BTreeMap<Cow<'_, str>, (usize, &Value<'_>)> = BTreeMap::new();
            for (place, (name, one)) in members.iter().enumerate() {
                let entry = values.entry(name.unescape_lossy());
                entry.or_insert((place, one)).1 = one;
            }
            let mut values: Vec<_> = values.into_iter().collect();
            values.sort_by_key(|(_, (place, _))| *place);
            let names: Vec<&str> = values.iter().map(|(name, _)| name.as_ref()).collect();
            let names = Robj::from(names);
            let list = ProtectedList::new(values.len());
            for (place, (_, (_, one))) in values.iter().enumerate() {
                list.set(place, build(*item, Some(one))?);
            }
            list.set_names(&names);
            Ok(list.into_value())
        }
        (Kind::Blob, Some(Value::String(text))) => match Blob::of(*text) {
            Some(blob) => vectors::raw(blob.decoded_len(), |out| blob.decode_into(out))
                .ok_or(Unreadable::NoMemory)?,
            None => Ok(absent(shape)),
        },
        (kind, Some(one)) => Ok(scalar(kind, one).unwrap_or_else(|| absent(shape))),
        (_, None) => Ok(absent(shape)),
    }
}

fn scalar(kind: &Kind, value: &Value<'_>) -> Option<SEXP> {
    Some(match (kind, value) {
        (Kind::String, Value::String(text)) => vectors::string(&text.unescape()?),
        (Kind::Boolean, Value::Bool(flag)) => vectors::flag(*flag),
        (Kind::Integer, Value::Number(number)) => vectors::integer(number.to_f64()? as i32),
        (Kind::Timestamp, Value::Number(number)) => vectors::time(Some(number.to_f64()?)),
        (_, Value::Number(number)) => vectors::number(number.to_f64()?),
        _ => return None,
    })
}

/// The value of this shape when it is absent.
fn absent(shape: ShapeId) -> SEXP {
    vectors::for_r(shared(shape).empty.get_or_init(|| make_empty(shape)))
}

fn make_empty(shape: ShapeId) -> Robj {
    match &model().shape(shape).kind {
        Kind::Structure(members) => {
            let names = names(shape, members);
            let list = ProtectedList::new(names.len());
            for (place, member) in shown(members).enumerate() {
                list.set(place, absent(member.shape));
            }
            list.set_names(names);
            from_r(list.into_value())
        }
        Kind::List(_) | Kind::Map { .. } => List::new(0).into(),
        Kind::String => Strings::new(0).into(),
        Kind::Integer => Integers::new(0).into(),
        Kind::Long | Kind::Float => Doubles::new(0).into(),
        Kind::Boolean => Logicals::new(0).into(),
        Kind::Blob => Raw::new(0).into(),
        Kind::Timestamp => from_r(vectors::time(None)),
    }
}

fn names(shape: ShapeId, members: &[Member]) -> &'static Robj {
    let make = || -> Robj {
        let names = shown(members).map(|member| member.name.as_str());
        names.collect::<Vec<_>>().into()
    };
    shared(shape).names.get_or_init(make)
}
