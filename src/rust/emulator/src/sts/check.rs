//! Checks of the members of AssumeRole, all problems at once.

use crate::error::Refusal;
use crate::input::Input;

const DEFAULT_SECONDS: u32 = 3600;

/// What a text may consist of: the pattern in the model, and its meaning.
pub type Alphabet = (&'static str, fn(char) -> bool);

/// Any text.
pub const ANY: Alphabet = ("", |_| true);
/// Names.
pub const NAME: Alphabet = (r"[\w+=,.@-]*", is_name);
/// IDs of third parties.
pub const EXTERNAL_ID: Alphabet = (r"[\w+=,.@:\/-]*", |c| is_name(c) || c == ':' || c == '/');
/// Policies.
pub const LATIN: Alphabet = (r"[\u0009\u000A\u000D\u0020-\u00FF]+", |c| {
    matches!(c, '\t' | '\n' | '\r' | '\u{20}'..='\u{ff}')
});

/// Whether this can be part of the name of a role or session.
pub fn is_name(c: char) -> bool {
    c.is_ascii_alphanumeric() || "_+=,.@-".contains(c)
}

/// The problems of an input, in the service's words.
#[derive(Default)]
pub struct Problems(Vec<String>);

impl Problems {
    fn add(&mut self, name: &str, value: &str, constraint: &str) {
        let path = name[..1].to_ascii_lowercase() + &name[1..];
        self.0.push(format!(
            "Value {value} at '{path}' failed to satisfy constraint: {constraint}"
        ));
    }

    /// A member that must be there.
    pub fn required<'i>(
        &mut self,
        input: &'i Input,
        name: &str,
        min: usize,
        max: usize,
        alphabet: &Alphabet,
    ) -> &'i str {
        let text = self.text(input, name, min, max, alphabet);
        if text.is_none() {
            self.add(name, "null", "Member must not be null");
        }
        text.unwrap_or_default()
    }

    /// A member, if it is there.
    pub fn text<'i>(
        &mut self,
        input: &'i Input,
        name: &str,
        min: usize,
        max: usize,
        (pattern, is_allowed): &Alphabet,
    ) -> Option<&'i str> {
        let text = input.string(name)?;
        let value = format!("'{text}'");
        let length = text.chars().count();
        if length < min {
            let constraint = format!("Member must have length greater than or equal to {min}");
            self.add(name, &value, &constraint);
        }
        if length > max {
            let constraint = format!("Member must have length less than or equal to {max}");
            self.add(name, &value, &constraint);
        }
        if !text.chars().all(is_allowed) {
            let constraint = format!("Member must satisfy regular expression pattern: {pattern}");
            self.add(name, &value, &constraint);
        }
        Some(text)
    }

    /// How long the keys are valid.
    pub fn seconds(&mut self, input: &Input) -> Result<u32, Refusal> {
        let Some(text) = input.string("DurationSeconds") else {
            return Ok(DEFAULT_SECONDS);
        };
        let seconds: i32 = text
            .parse()
            .map_err(|_| Refusal::new("MalformedInput", "DurationSeconds must be an integer"))?;
        let value = format!("'{seconds}'");
        if seconds < 900 {
            let constraint = "Member must have value greater than or equal to 900";
            self.add("DurationSeconds", &value, constraint);
        }
        if seconds > 43_200 {
            let constraint = "Member must have value less than or equal to 43200";
            self.add("DurationSeconds", &value, constraint);
        }
        Ok(u32::try_from(seconds).unwrap_or_default())
    }

    /// Refuses an input with problems.
    pub fn refuse(self) -> Result<(), Refusal> {
        let n = self.0.len();
        if n == 0 {
            return Ok(());
        }
        let errors = if n == 1 { "error" } else { "errors" };
        let problems = self.0.join("; ");
        Err(invalid(&format!(
            "{n} validation {errors} detected: {problems}"
        )))
    }
}

/// An input that STS refuses.
pub fn invalid(message: &str) -> Refusal {
    Refusal::new("ValidationError", message)
}
