//! R's lists as JSON, for scripted responses.

use extendr_api::prelude::*;
use rekognition_core::base64;
use serde_json::{Map, Value};

/// A named list becomes an object, another list an array, raw bytes become base64, a vector of length 1 a scalar. Empty
/// values are omitted, as the service omits members without a value; an empty list becomes an empty array.
pub fn from_robj(value: &Robj) -> Option<Value> {
    if value.is_null() {
        return None;
    }
    if let Some(list) = value.as_list() {
        return from_list(&list);
    }
    let mut items: Vec<Value> = match value.rtype() {
        Rtype::Strings => value.as_str_iter()?.map(Value::from).collect(),
        Rtype::Doubles => value
            .as_real_slice()?
            .iter()
            .map(|x| Value::from(*x))
            .collect(),
        Rtype::Integers => value
            .as_integer_slice()?
            .iter()
            .map(|x| Value::from(*x))
            .collect(),
        Rtype::Logicals => vec![Value::from(value.as_bool()?)],
        Rtype::Raw => match value.as_raw_slice()? {
            [] => Vec::new(),
            bytes => {
                let mut text = Vec::new();
                base64::encode(bytes, &mut text);
                vec![Value::from(String::from_utf8(text).ok()?)]
            }
        },
        _ => Vec::new(),
    };
    match items.len() {
        0 => None,
        1 => items.pop(),
        _ => Some(Value::Array(items)),
    }
}

fn from_list(list: &List) -> Option<Value> {
    if list.names().is_none() {
        return Some(
            list.values()
                .map(|item| from_robj(&item).unwrap_or(Value::Null))
                .collect(),
        );
    }
    let members: Map<String, Value> = list
        .iter()
        .filter_map(|(name, member)| Some((name.to_owned(), from_robj(&member)?)))
        .collect();
    (!members.is_empty()).then_some(Value::Object(members))
}
