//! The operations' inputs, checked as the service's model has them.

use crate::error::Refusal;
use serde_json::{Map, Value};

const SESSION_ID_PATTERN: &str = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}";
const KMS_KEY_PATTERN: &str = "^[A-Za-z0-9][A-Za-z0-9:_/+=,@.-]{0,2048}$";
const TOKEN_PATTERN: &str = "^[a-zA-Z0-9-_]+$";
const BUCKET_PATTERN: &str = "[0-9A-Za-z\\.\\-_]*";
const PREFIX_PATTERN: &str = "\\S*";
const VERSION_PATTERN: &str = "^(0|[1-9]\\d{0,2})\\.(0|[1-9]\\d{0,2})\\.(0|[1-9]\\d{0,2})$";
const CHALLENGES: [&str; 2] = ["FaceMovementAndLightChallenge", "FaceMovementChallenge"];

/// Input of CreateFaceLivenessSession.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct NewSession {
    /// Same token, same session.
    pub token: Option<String>,
    /// Bucket and key prefix.
    pub output: Option<(String, String)>,
    /// Number of audit images.
    pub audit_images_limit: usize,
    /// Challenges in order of preference, with the lowest and highest version accepted.
    pub challenges: Vec<Preference>,
}

/// A challenge, and the lowest and highest version accepted.
pub type Preference = (String, Option<Version>, Option<Version>);

/// A version of a challenge.
pub type Version = [u16; 3];

/// The input as JSON. Members of other types than the model's are found later, one by one.
pub fn parse(body: &[u8]) -> Result<Map<String, Value>, Refusal> {
    match serde_json::from_slice(body) {
        Ok(Value::Object(members)) => Ok(members),
        Ok(_) => Err(serialization(
            "Unexpected value found where a structure was expected",
        )),
        Err(_) => Err(serialization("The request body is not valid JSON")),
    }
}

/// Input of GetFaceLivenessSessionResults: the session's id.
pub fn session_id(input: &Map<String, Value>) -> Result<String, Refusal> {
    let mut check = Check::default();
    let id = string(input, "SessionId")?;
    match &id {
        None => check.required("sessionId"),
        Some(id) => {
            check.length("sessionId", id, 36, 36);
            check.pattern("sessionId", id, is_session_id(id), SESSION_ID_PATTERN);
        }
    }
    check.done()?;
    Ok(id.unwrap_or_default())
}

/// Input of CreateFaceLivenessSession.
pub fn new_session(input: &Map<String, Value>) -> Result<NewSession, Refusal> {
    let mut check = Check::default();
    let mut new = NewSession {
        token: string(input, "ClientRequestToken")?,
        ..NewSession::default()
    };
    if let Some(key) = string(input, "KmsKeyId")? {
        check.length("kmsKeyId", &key, 1, 2048);
        check.pattern("kmsKeyId", &key, is_kms_key(&key), KMS_KEY_PATTERN);
    }
    if let Some(token) = &new.token {
        let good = !token.is_empty()
            && token
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
        check.length("clientRequestToken", token, 1, 64);
        check.pattern("clientRequestToken", token, good, TOKEN_PATTERN);
    }
    if let Some(settings) = structure(input, "Settings")? {
        read_settings(settings, &mut new, &mut check)?;
    }
    check.done()?;
    Ok(new)
}

fn read_settings(
    settings: &Map<String, Value>,
    new: &mut NewSession,
    check: &mut Check,
) -> Result<(), Refusal> {
    if let Some(limit) = integer(settings, "AuditImagesLimit")? {
        check.range("settings.auditImagesLimit", limit, 0, 4);
        new.audit_images_limit = usize::try_from(limit).unwrap_or_default();
    }
    if let Some(output) = structure(settings, "OutputConfig")? {
        let bucket = string(output, "S3Bucket")?;
        let prefix = string(output, "S3KeyPrefix")?;
        let path = "settings.outputConfig.s3Bucket";
        match &bucket {
            None => check.required(path),
            Some(bucket) => {
                let good = bucket
                    .bytes()
                    .all(|b| b.is_ascii_alphanumeric() || b".-_".contains(&b));
                check.length(path, bucket, 3, 255);
                check.pattern(path, bucket, good, BUCKET_PATTERN);
            }
        }
        if let Some(prefix) = &prefix {
            let path = "settings.outputConfig.s3KeyPrefix";
            check.length(path, prefix, 0, 950);
            check.pattern(
                path,
                prefix,
                !prefix.contains(char::is_whitespace),
                PREFIX_PATTERN,
            );
        }
        new.output = bucket.map(|bucket| (bucket, prefix.unwrap_or_default()));
    }
    match settings.get("ChallengePreferences") {
        None | Some(Value::Null) => {}
        Some(Value::Array(items)) => {
            for (i, item) in items.iter().enumerate() {
                let path = format!("settings.challengePreferences.{}.member", i + 1);
                let Value::Object(item) = item else {
                    return Err(serialization(
                        "Unexpected value found where a structure was expected",
                    ));
                };
                new.challenges.extend(read_challenge(item, &path, check)?);
            }
        }
        Some(_) => return Err(serialization("Expected list or null")),
    }
    Ok(())
}

fn read_challenge(
    item: &Map<String, Value>,
    path: &str,
    check: &mut Check,
) -> Result<Option<Preference>, Refusal> {
    let kind = string(item, "Type")?;
    match &kind {
        None => check.required(&format!("{path}.type")),
        Some(kind) => check.one_of(&format!("{path}.type"), kind, &CHALLENGES),
    }
    let mut bounds = [None, None];
    if let Some(versions) = structure(item, "Versions")? {
        for (bound, name) in bounds.iter_mut().zip(["Minimum", "Maximum"]) {
            if let Some(version) = string(versions, name)? {
                let path = format!("{path}.versions.{}", name.to_lowercase());
                *bound = parse_version(&version);
                check.length(&path, &version, 5, 11);
                check.pattern(&path, &version, bound.is_some(), VERSION_PATTERN);
            }
        }
    }
    Ok(kind.map(|kind| (kind, bounds[0], bounds[1])))
}

fn is_session_id(id: &str) -> bool {
    let groups: Vec<&str> = id.split('-').collect();
    groups.iter().map(|group| group.len()).eq([8, 4, 4, 4, 12])
        && groups
            .concat()
            .bytes()
            .all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
}

fn is_kms_key(key: &str) -> bool {
    key.bytes()
        .next()
        .is_some_and(|b| b.is_ascii_alphanumeric())
        && key
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b":_/+=,@.-".contains(&b))
}

fn parse_version(text: &str) -> Option<Version> {
    let parts: Vec<&str> = text.split('.').collect();
    let [major, minor, patch] = parts[..] else {
        return None;
    };
    let part = |part: &str| {
        let good = (1..=3).contains(&part.len())
            && part.bytes().all(|b| b.is_ascii_digit())
            && (part == "0" || !part.starts_with('0'));
        good.then(|| part.parse().ok())?
    };
    Some([part(major)?, part(minor)?, part(patch)?])
}

fn serialization(message: &str) -> Refusal {
    Refusal::new("SerializationException", message)
}

fn string(object: &Map<String, Value>, name: &str) -> Result<Option<String>, Refusal> {
    match object.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.clone())),
        Some(Value::Number(_)) => Err(serialization(
            "NUMBER_VALUE can not be converted to a String",
        )),
        Some(Value::Bool(true)) => {
            Err(serialization("TRUE_VALUE can not be converted to a String"))
        }
        Some(Value::Bool(false)) => Err(serialization(
            "FALSE_VALUE can not be converted to a String",
        )),
        Some(_) => Err(serialization(
            "Start of structure or map found where not expected.",
        )),
    }
}

fn integer(object: &Map<String, Value>, name: &str) -> Result<Option<i64>, Refusal> {
    match object.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::Number(number)) => match number.as_i64() {
            Some(integer) => Ok(Some(integer)),
            None => Err(serialization(
                "NUMBER_VALUE can not be converted to an Integer",
            )),
        },
        Some(Value::String(_)) => Err(serialization(
            "STRING_VALUE can not be converted to an Integer",
        )),
        Some(_) => Err(serialization(
            "Unexpected value found where an Integer was expected",
        )),
    }
}

fn structure<'a>(
    object: &'a Map<String, Value>,
    name: &str,
) -> Result<Option<&'a Map<String, Value>>, Refusal> {
    match object.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::Object(members)) => Ok(Some(members)),
        Some(_) => Err(serialization(
            "Unexpected value found where a structure was expected",
        )),
    }
}

/// Collects what is wrong, because the service says it all at once.
#[derive(Default)]
struct Check {
    problems: Vec<String>,
}

impl Check {
    fn add(&mut self, value: &str, path: &str, constraint: &str) {
        self.problems.push(format!(
            "Value {value} at '{path}' failed to satisfy constraint: Member must {constraint}"
        ));
    }

    fn required(&mut self, path: &str) {
        self.add("null", path, "not be null");
    }

    fn length(&mut self, path: &str, value: &str, min: usize, max: usize) {
        let quoted = format!("'{value}'");
        let length = value.chars().count();
        if length < min {
            self.add(
                &quoted,
                path,
                &format!("have length greater than or equal to {min}"),
            );
        }
        if length > max {
            self.add(
                &quoted,
                path,
                &format!("have length less than or equal to {max}"),
            );
        }
    }

    fn pattern(&mut self, path: &str, value: &str, good: bool, pattern: &str) {
        if !good {
            self.add(
                &format!("'{value}'"),
                path,
                &format!("satisfy regular expression pattern: {pattern}"),
            );
        }
    }

    fn one_of(&mut self, path: &str, value: &str, values: &[&str]) {
        if !values.contains(&value) {
            self.add(
                &format!("'{value}'"),
                path,
                &format!("satisfy enum value set: [{}]", values.join(", ")),
            );
        }
    }

    fn range(&mut self, path: &str, value: i64, min: i64, max: i64) {
        let quoted = format!("'{value}'");
        if value < min {
            self.add(
                &quoted,
                path,
                &format!("have value greater than or equal to {min}"),
            );
        }
        if value > max {
            self.add(
                &quoted,
                path,
                &format!("have value less than or equal to {max}"),
            );
        }
    }

    fn done(self) -> Result<(), Refusal> {
        let n = self.problems.len();
        if n == 0 {
            return Ok(());
        }
        let errors = if n == 1 { "error" } else { "errors" };
        Err(Refusal::new(
            "ValidationException",
            &format!(
                "{n} validation {errors} detected: {}",
                self.problems.join("; ")
            ),
        ))
    }
}

#[cfg(test)]
mod tests;
