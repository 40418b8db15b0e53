//! The members of an object.

use crate::json::Value;
use std::borrow::Cow;

impl<'a> Value<'a> {
    /// The member of an object with this name; the last one if it is repeated.
    pub fn get(&self, name: &str) -> Option<&Value<'a>> {
        match self {
            Value::Object(members) => members
                .iter()
                .rev()
                .find(|(key, _)| key.unescape_lossy() == name)
                .map(|(_, value)| value),
            _ => None,
        }
    }

    /// The string of this name; `None` if the member is no string.
    pub fn string(&self, name: &str) -> Option<Cow<'a, str>> {
        match self.get(name) {
            Some(Value::String(text)) => text.unescape(),
            _ => None,
        }
    }

    /// The number of this name; `None` if the member is no number.
    pub fn number(&self, name: &str) -> Option<f64> {
        match self.get(name) {
            Some(Value::Number(number)) => number.to_f64(),
            _ => None,
        }
    }

    /// The items of the array of this name; none if the member is no array.
    pub fn items(&self, name: &str) -> &[Value<'a>] {
        match self.get(name) {
            Some(Value::Array(items)) => items,
            _ => &[],
        }
    }
}
