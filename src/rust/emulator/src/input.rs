//! The members of a request's body.

use crate::error::Refusal;
use serde_json::{Map, Value};

/// A structure of the input. Values that are absent or null are `None`.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Input(Map<String, Value>);

impl Input {
    /// Parses a request's body.
    pub fn parse(body: &[u8]) -> Result<Self, Refusal> {
        match serde_json::from_slice(body) {
            Ok(Value::Object(members)) => Ok(Input(members)),
            Ok(_) => Err(Refusal::serialization(
                "Unexpected value found where a structure was expected",
            )),
            Err(_) => Err(Refusal::serialization("The request body is not valid JSON")),
        }
    }

    /// All members.
    pub fn members(&self) -> &Map<String, Value> {
        &self.0
    }

    /// A member.
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.0.get(name).filter(|value| !value.is_null())
    }

    /// A string.
    pub fn string(&self, name: &str) -> Option<&str> {
        self.get(name)?.as_str()
    }

    /// A string that validation has found to be there.
    pub fn required(&self, name: &str) -> &str {
        self.string(name).unwrap_or_default()
    }

    /// A number.
    pub fn number(&self, name: &str) -> Option<f64> {
        self.get(name)?.as_f64()
    }

    /// A count, or `default`.
    pub fn count(&self, name: &str, default: usize) -> usize {
        let count = self.get(name).and_then(Value::as_u64);
        count
            .and_then(|count| count.try_into().ok())
            .unwrap_or(default)
    }

    /// A list of strings; empty if absent.
    pub fn strings(&self, name: &str) -> Vec<&str> {
        let items = self.get(name).and_then(Value::as_array);
        items
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .collect()
    }

    /// The entries of a map; none if absent.
    pub fn entries(&self, name: &str) -> impl Iterator<Item = (&String, &Value)> {
        self.get(name)
            .and_then(Value::as_object)
            .into_iter()
            .flatten()
            .filter(|(_, value)| !value.is_null())
    }
}

#[cfg(test)]
impl From<Value> for Input {
    fn from(value: Value) -> Self {
        Input(value.as_object().cloned().unwrap_or_default())
    }
}
