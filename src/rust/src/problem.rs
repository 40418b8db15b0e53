//! What is wrong with an argument, on its way to R, which words the message.

use crate::output::{error_of_kind, text};
use extendr_api::prelude::*;

/// A value that cannot be sent, and where it is.
pub struct Problem {
    reason: Reason,
    /// From the inside out, such as `$Type`, `[[1]]`, `Settings`.
    path: Vec<String>,
}

/// What is wrong with a value.
pub enum Reason {
    /// It has another type.
    Type {
        /// The type that is expected, in words.
        expected: &'static str,
        /// The value, or a vector that it is an element of.
        value: Robj,
        /// Its place in the vector.
        place: Option<usize>,
    },
    /// It is required, and not given.
    Missing,
    /// It has a member that the model does not have.
    Unknown {
        /// The member.
        name: String,
        /// The members of the model.
        known: Vec<String>,
    },
    /// It has a member twice.
    Twice {
        /// The member.
        name: String,
    },
    /// It has elements without names.
    Unnamed,
    /// It is text that is not in UTF-8, or not valid.
    Encoding,
    /// There is not enough memory to send it.
    NoMemory,
}

impl Problem {
    /// A problem of the value itself.
    pub fn of(reason: Reason) -> Self {
        Problem {
            reason,
            path: Vec::new(),
        }
    }

    /// A value of another type.
    pub fn expected(expected: &'static str, value: &Robj) -> Self {
        Problem::of(Reason::Type {
            expected,
            value: value.clone(),
            place: None,
        })
    }

    /// The same, for an element of a vector.
    pub fn expected_at(place: usize, expected: &'static str, vector: &Robj) -> Self {
        Problem::of(Reason::Type {
            expected,
            value: vector.clone(),
            place: Some(place),
        })
    }

    /// The same problem, with another type expected if this one or names are wrong.
    pub fn expecting(self, expected: &'static str, value: &Robj) -> Self {
        match self.reason {
            Reason::Type { .. } | Reason::Unnamed => Problem::expected(expected, value),
            _ => self,
        }
    }

    /// The same problem, of the structure with this member.
    pub fn in_member(mut self, name: &str) -> Self {
        self.path.push(format!("${name}"));
        self
    }

    /// The same problem, of the list with this item.
    pub fn in_item(mut self, place: usize) -> Self {
        self.path.push(format!("[[{}]]", place + 1));
        self
    }

    /// For R.
    pub fn into_list(self) -> Robj {
        let path: String = self.path.iter().rev().map(String::as_str).collect();
        let path = path.trim_start_matches('$');
        let (reason, details) = match self.reason {
            Reason::Type {
                expected,
                value,
                place,
            } => {
                let place = place.map(|place| i32::try_from(place + 1).unwrap_or(i32::MAX));
                let details = vec![
                    ("expected", text(expected)),
                    ("value", value),
                    ("place", place.into()),
                ];
                ("type", details)
            }
            Reason::Missing => ("missing", vec![]),
            Reason::Unknown { name, known } => (
                "unknown",
                vec![("name", text(&name)), ("known", known.into())],
            ),
            Reason::Twice { name } => ("twice", vec![("name", text(&name))]),
            Reason::Unnamed => ("unnamed", vec![]),
            Reason::Encoding => ("encoding", vec![]),
            Reason::NoMemory => return error_of_kind("no_memory", vec![]),
        };
        let mut fields = vec![("reason", text(reason)), ("argument", text(path))];
        fields.extend(details);
        error_of_kind("argument", fields)
    }
}
