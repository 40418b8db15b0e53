//! Session policies of IAM: what temporary keys may do.

use crate::error::Refusal;
use serde_json::{Map, Value};

/// The longest policy, in characters.
const MAX_POLICY: usize = 2048;

/// A session policy.
#[derive(Debug, Clone, PartialEq)]
pub struct Policy(Vec<Statement>);

#[derive(Debug, Clone, PartialEq)]
struct Statement {
    is_deny: bool,
    actions: Patterns,
    resources: Patterns,
}

/// The strings that match one of these patterns, or none of them.
#[derive(Debug, Clone, PartialEq)]
struct Patterns {
    patterns: Vec<String>,
    is_negated: bool,
}

/// What a policy says about a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// A statement allows it, and none denies it.
    Allowed,
    /// No statement applies.
    NotAllowed,
    /// A statement denies it.
    Denied,
}

type Members = Map<String, Value>;

impl Policy {
    /// Parses a policy. Elements that the emulator does not apply are an error: ignoring one would change what is allowed.
    pub fn parse(text: &str) -> Result<Self, Refusal> {
        if text.chars().count() > MAX_POLICY {
            return Err(Refusal::new(
                "PackedPolicyTooLarge",
                &format!("A session policy must have at most {MAX_POLICY} characters."),
            ));
        }
        let document = serde_json::from_str(text)
            .map_err(|_| malformed("The policy is not valid JSON.".into()))?;
        let document = object(&document, "The policy")?;
        refuse_others(document, &["Version", "Id", "Statement"])?;
        if let Some(version) = document.get("Version") {
            if *version != "2012-10-17" && *version != "2008-10-17" {
                return Err(malformed(
                    "Version must be \"2012-10-17\" or \"2008-10-17\".".into(),
                ));
            }
        }
        let statements = match document.get("Statement") {
            Some(Value::Array(statements)) if !statements.is_empty() => statements.as_slice(),
            Some(statement @ Value::Object(_)) => std::slice::from_ref(statement),
            _ => {
                return Err(malformed(
                    "Statement must be an object or a list of objects.".into(),
                ))
            }
        };
        let statements = statements.iter().map(Statement::parse);
        statements.collect::<Result<_, _>>().map(Policy)
    }

    /// What the policy says about an action, such as `rekognition:DetectFaces`. Without a resource, only statements about
    /// `*` apply.
    pub fn decide(&self, action: &str, resource: Option<&str>) -> Decision {
        let action = action.to_ascii_lowercase();
        let resource = resource.unwrap_or("*");
        let mut decision = Decision::NotAllowed;
        for statement in &self.0 {
            if statement.actions.include(&action) && statement.resources.include(resource) {
                if statement.is_deny {
                    return Decision::Denied;
                }
                decision = Decision::Allowed;
            }
        }
        decision
    }
}

impl Statement {
    fn parse(statement: &Value) -> Result<Self, Refusal> {
        let members = object(statement, "A statement")?;
        refuse_others(
            members,
            &[
                "Sid",
                "Effect",
                "Action",
                "NotAction",
                "Resource",
                "NotResource",
            ],
        )?;
        let is_deny = match members.get("Effect").and_then(Value::as_str) {
            Some("Allow") => false,
            Some("Deny") => true,
            _ => return Err(malformed("Effect must be \"Allow\" or \"Deny\".".into())),
        };
        let mut actions = Patterns::parse(members, "Action", "NotAction")?;
        for action in &mut actions.patterns {
            if action != "*" && !action.contains(':') {
                return Err(malformed(format!(
                    "The action \"{action}\" must begin with a service, as in \"rekognition:DetectFaces\"."
                )));
            }
            action.make_ascii_lowercase();
        }
        let resources = Patterns::parse(members, "Resource", "NotResource")?;
        for resource in &resources.patterns {
            if resource != "*" && !resource.starts_with("arn:") {
                return Err(malformed(format!(
                    "The resource \"{resource}\" must be an ARN or \"*\"."
                )));
            }
            if resource.contains("${") {
                return Err(malformed(
                    "The emulator does not support policy variables.".into(),
                ));
            }
        }
        Ok(Statement {
            is_deny,
            actions,
            resources,
        })
    }
}

impl Patterns {
    /// The patterns in one of two elements, of which a statement must have exactly one.
    fn parse(members: &Members, name: &str, negated: &str) -> Result<Self, Refusal> {
        let (name, value) = match (members.get(name), members.get(negated)) {
            (Some(value), None) => (name, value),
            (None, Some(value)) => (negated, value),
            _ => {
                return Err(malformed(format!(
                    "A statement must have either {name} or {negated}."
                )))
            }
        };
        let values = match value {
            Value::Array(values) if !values.is_empty() => values.as_slice(),
            value => std::slice::from_ref(value),
        };
        let patterns = values.iter().map(|value| value.as_str().map(str::to_owned));
        let patterns = patterns
            .collect::<Option<_>>()
            .ok_or_else(|| malformed(format!("{name} must be a string or a list of strings.")))?;
        Ok(Patterns {
            patterns,
            is_negated: name == negated,
        })
    }

    fn include(&self, text: &str) -> bool {
        let is_match = |pattern: &String| matches(pattern.as_bytes(), text.as_bytes());
        self.patterns.iter().any(is_match) != self.is_negated
    }
}

/// Whether all of a text matches a pattern, in which `*` is any text and `?` any byte: actions and ARNs are ASCII.
fn matches(pattern: &[u8], text: &[u8]) -> bool {
    let (mut p, mut t) = (0, 0);
    // Where to continue if the text after the last `*` does not match: that `*` then takes one byte more.
    let mut retry = None;
    while t < text.len() {
        match pattern.get(p) {
            Some(b'*') => {
                p += 1;
                retry = Some((p, t));
            }
            Some(&byte) if byte == b'?' || byte == text[t] => {
                p += 1;
                t += 1;
            }
            _ => {
                let Some((after_star, taken)) = retry else {
                    return false;
                };
                retry = Some((after_star, taken + 1));
                (p, t) = (after_star, taken + 1);
            }
        }
    }
    pattern[p..].iter().all(|&byte| byte == b'*')
}

fn object<'v>(value: &'v Value, what: &str) -> Result<&'v Members, Refusal> {
    value
        .as_object()
        .ok_or_else(|| malformed(format!("{what} must be an object.")))
}

fn refuse_others(members: &Members, known: &[&str]) -> Result<(), Refusal> {
    match members.keys().find(|name| !known.contains(&name.as_str())) {
        Some(name) => Err(malformed(format!(
            "The emulator does not support the element {name}."
        ))),
        None => Ok(()),
    }
}

fn malformed(message: String) -> Refusal {
    Refusal::new("MalformedPolicyDocument", &message)
}

#[cfg(test)]
mod tests;
