//! A response as R's list, by shape: what is absent is the empty vector of its type.

use extendr_api::prelude::*;
use rekognition_core::base64::Blob;
use rekognition_core::json::Value;
use rekognition_core::response::Unreadable;
use rekognition_model::{model, Kind, Member, ShapeId};
use std::cell::OnceCell;

type Built = std::result::Result<Robj, Unreadable>;

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
pub fn value(shape: ShapeId, value: Option<&Value<'_>>) -> Built {
    let value = value.filter(|value| **value != Value::Null);
    match (&model().shape(shape).kind, value) {
        (Kind::Structure(members), Some(object)) => {
            let values = shown(members)
                .map(|member| self::value(member.shape, object.get(&member.name)))
                .collect::<std::result::Result<Vec<_>, _>>()?;
            Ok(named(values, names(shape, members)))
        }
        (Kind::List(item), Some(Value::Array(items))) => {
            let items = items.iter().map(|one| self::value(*item, Some(one)));
            let items = items.collect::<std::result::Result<Vec<_>, _>>()?;
            Ok(List::from_values(items).into())
        }
        (Kind::Map { value: item, .. }, Some(Value::Object(members))) => {
            let names = members
                .iter()
                .map(|(name, _)| name.unescape_lossy().into_owned());
            let names: Robj = names.collect::<Vec<String>>().into();
            let items = members.iter().map(|(_, one)| self::value(*item, Some(one)));
            let items = items.collect::<std::result::Result<Vec<_>, _>>()?;
            Ok(named(items, &names))
        }
        (Kind::Blob, Some(Value::String(text))) => match Blob::of(*text) {
            Some(blob) => bytes(&blob),
            None => Ok(empty(shape)),
        },
        (kind, Some(one)) => Ok(scalar(kind, one).unwrap_or_else(|| empty(shape))),
        (_, None) => Ok(empty(shape)),
    }
}

fn scalar(kind: &Kind, value: &Value<'_>) -> Option<Robj> {
    let value = match (kind, value) {
        (Kind::String, Value::String(text)) => Robj::from(text.unescape()?.as_ref()),
        (Kind::Boolean, Value::Bool(flag)) => Robj::from(*flag),
        (Kind::Integer, Value::Number(number)) => Robj::from(number.to_f64()? as i32),
        (Kind::Timestamp, Value::Number(number)) => time(&[number.to_f64()?]),
        (_, Value::Number(number)) => Robj::from(number.to_f64()?),
        _ => return None,
    };
    Some(value)
}

/// The value of this shape when it is absent.
fn empty(shape: ShapeId) -> Robj {
    let make = || match &model().shape(shape).kind {
        Kind::Structure(members) => {
            let values: Vec<Robj> = shown(members).map(|member| empty(member.shape)).collect();
            named(values, names(shape, members))
        }
        Kind::List(_) | Kind::Map { .. } => List::new(0).into(),
        Kind::String => Strings::new(0).into(),
        Kind::Integer => Integers::new(0).into(),
        Kind::Long | Kind::Float => Doubles::new(0).into(),
        Kind::Boolean => Logicals::new(0).into(),
        Kind::Blob => Raw::new(0).into(),
        Kind::Timestamp => time(&[]),
    };
    shared(shape).empty.get_or_init(make).clone()
}

fn names(shape: ShapeId, members: &[Member]) -> &'static Robj {
    let make = || -> Robj {
        let names = shown(members).map(|member| member.name.as_str());
        names.collect::<Vec<_>>().into()
    };
    shared(shape).names.get_or_init(make)
}

/// A time, in UTC.
fn time(seconds: &[f64]) -> Robj {
    let mut time = Robj::from(seconds);
    let made = time
        .set_class(["POSIXct", "POSIXt"])
        .and_then(|time| time.set_attrib("tzone", "UTC"));
    match made {
        Ok(_) => time,
        Err(_) => ().into(),
    }
}

fn named<V>(values: V, names: &Robj) -> Robj
where
    V: IntoIterator<Item = Robj>,
    V::IntoIter: ExactSizeIterator,
{
    let mut list: Robj = List::from_values(values).into();
    match list.set_attrib("names", names.clone()) {
        Ok(_) => list,
        // Only where the lengths differ.
        Err(_) => ().into(),
    }
}

/// Decodes straight into the vector that R owns.
fn bytes(blob: &Blob<'_>) -> Built {
    let mut raw = new_raw(blob.decoded_len()).ok_or(Unreadable::NoMemory)?;
    if let Some(out) = raw.as_raw_slice_mut() {
        blob.decode_into(out)?;
    }
    Ok(raw)
}

/// Smaller vectors are allocated without a guard: an R that has no room for them cannot go on anyway.
const LARGE: usize = 64 << 10;

/// A raw vector; `None` where R has no memory for it: its error must not jump over Rust.
fn new_raw(length: usize) -> Option<Robj> {
    if length < LARGE {
        return Some(Raw::new(length).into());
    }
    let vector = single_threaded(|| {
        // On R's thread; R's errors are caught there, and what comes back is protected before R can collect it.
        #[allow(unsafe_code)]
        unsafe {
            Robj::from_sexp(rekognition_new_raw(length as f64))
        }
    });
    (!vector.is_null()).then_some(vector)
}

// R's structure is looked at through its pointer alone.
#[allow(improper_ctypes)]
extern "C" {
    fn rekognition_new_raw(length: f64) -> extendr_api::SEXP;
}
