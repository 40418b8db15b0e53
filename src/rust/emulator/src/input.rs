//! The members of a request's body.

use crate::error::Refusal;
use serde_json::{Map, Value};

/// Far more members than an operation has.
const MAX_FORM: usize = 512;

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

    /// Parses a form. Its members are strings.
    pub fn parse_form(body: &[u8]) -> Result<Self, Refusal> {
        let mut members = Map::new();
        for pair in body
            .split(|&byte| byte == b'&')
            .filter(|pair| !pair.is_empty())
        {
            let middle = pair.iter().position(|&byte| byte == b'=');
            let (name, value) = pair.split_at(middle.unwrap_or(pair.len()));
            let text = decode(name).zip(decode(value.get(1..).unwrap_or_default()));
            let is_new =
                text.is_some_and(|(name, value)| members.insert(name, value.into()).is_none());
            if !is_new || members.len() > MAX_FORM {
                return Err(Refusal::new(
                    "MalformedQueryString",
                    "The query string contains a syntax error.",
                ));
            }
        }
        Ok(Input(members))
    }

    /// All members.
    pub fn members(&self) -> &Map<String, Value> {
        &self.0
    }

    /// A member.
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.0.get(name).filter(|value| !value.is_null())
    }

    /// Sets a member.
    pub fn set(&mut self, name: &str, value: Value) {
        self.0.insert(name.to_owned(), value);
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

/// The text of a name or value in a form.
fn decode(encoded: &[u8]) -> Option<String> {
    let mut bytes = Vec::with_capacity(encoded.len());
    let mut rest = encoded.iter();
    while let Some(&byte) = rest.next() {
        bytes.push(match byte {
            b'+' => b' ',
            b'%' => {
                let mut digit = || char::from(*rest.next()?).to_digit(16);
                u8::try_from(16 * digit()? + digit()?).ok()?
            }
            byte => byte,
        });
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
impl From<Value> for Input {
    fn from(value: Value) -> Self {
        Input(value.as_object().cloned().unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_are_decoded() {
        let form =
            Input::parse_form(b"Action=AssumeRole&&Policy=%7b%22a%22%3A+1%7D&Tags=&x%3D=%C3%A9&y")
                .unwrap();
        assert_eq!(form.string("Action"), Some("AssumeRole"));
        assert_eq!(form.string("Policy"), Some("{\"a\": 1}"));
        assert_eq!(form.string("Tags"), Some(""));
        assert_eq!(form.string("x="), Some("é"));
        assert_eq!(form.string("y"), Some(""));
        assert_eq!(Input::parse_form(b""), Ok(Input::default()));
    }

    #[test]
    fn malformed_forms_are_refused() {
        let many: Vec<String> = (0..1000).map(|n| format!("n{n}=")).collect();
        for form in [
            "a=1&a=2",
            "a=%",
            "a=%4",
            "a=%zz",
            "a=%ff",
            "%e9=1",
            &many.join("&"),
        ] {
            let refusal = Input::parse_form(form.as_bytes()).unwrap_err();
            assert_eq!(refusal.code, "MalformedQueryString", "{form}");
        }
    }
}
