//! AssumeRole of the Security Token Service (STS), in the query protocol: forms in, XML out.

use crate::error::Refusal;
use crate::hash::digest;
use crate::input::Input;
use crate::keyring::Keyring;
use crate::policy::Policy;
use crate::responses::Reply;
use crate::signature::Keys;
use crate::xml::{element, iso_8601, tag};
use check::{invalid, is_name, Problems, ANY, EXTERNAL_ID, LATIN, NAME};

mod check;

/// The service in the scope of a signature.
pub const SERVICE: &str = "sts";
const VERSION: &str = "2011-06-15";
const NAMESPACE: &str = "https://sts.amazonaws.com/doc/2011-06-15/";
/// The longest time for which a role can assume another.
const MAX_CHAINED: f64 = 3600.0;

/// A role that a request assumes.
#[derive(Debug)]
pub struct AssumedRole {
    /// The ARN of the role in this session.
    pub user: String,
    /// Seconds until its keys expire.
    pub seconds: f64,
    /// What its keys may do.
    pub policy: Option<Policy>,
    arn: String,
    session: String,
    source_identity: Option<String>,
    has_tags: bool,
    packed_size: Option<usize>,
}

impl AssumedRole {
    /// The role in the input of AssumeRole.
    pub fn parse(input: &Input) -> Result<Self, Refusal> {
        let (action, version) = (input.required("Action"), input.required("Version"));
        if action != "AssumeRole" || version != VERSION {
            return Err(Refusal::new(
                "InvalidAction",
                &format!("Could not find operation {action} for version {version}"),
            ));
        }
        refuse_unsupported(input)?;
        let mut problems = Problems::default();
        let arn = problems.required(input, "RoleArn", 20, 2048, &ANY);
        let session = problems.required(input, "RoleSessionName", 2, 64, &NAME);
        let source_identity = problems.text(input, "SourceIdentity", 2, 256, &NAME);
        problems.text(input, "ExternalId", 2, 1224, &EXTERNAL_ID);
        let policy = problems.text(input, "Policy", 1, usize::MAX, &LATIN);
        let seconds = problems.seconds(input)?;
        problems.refuse()?;
        let (partition, account, role) =
            parts(arn).ok_or_else(|| invalid("Request ARN is invalid"))?;
        Ok(AssumedRole {
            user: format!("arn:{partition}:sts::{account}:assumed-role/{role}/{session}"),
            seconds: f64::from(seconds),
            policy: policy.map(Policy::parse).transpose()?,
            arn: arn.to_owned(),
            session: session.to_owned(),
            source_identity: source_identity.map(str::to_owned),
            has_tags: has_member(input, "Tags"),
            packed_size: policy.map(|policy| policy.chars().count() * 100 / 2048),
        })
    }

    /// Refuses keys that may not assume the role.
    pub fn authorize(&self, keyring: &Keyring, access_key_id: &str) -> Result<(), Refusal> {
        let authorize = |action| keyring.authorize(access_key_id, action, Some(&self.arn));
        authorize("sts:AssumeRole")?;
        if self.has_tags {
            authorize("sts:TagSession")?;
        }
        if self.source_identity.is_some() {
            authorize("sts:SetSourceIdentity")?;
        }
        if keyring.is_temporary(access_key_id) && self.seconds > MAX_CHAINED {
            return Err(invalid(
                "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining.",
            ));
        }
        Ok(())
    }

    /// The response with these keys, created at a time in seconds since 1970.
    pub fn reply(&self, keys: &Keys, now: f64, request_id: &str) -> Reply {
        let mut result = tag(
            "AssumedRoleUser",
            &[
                element(
                    "AssumedRoleId",
                    &format!("{}:{}", role_id(&self.arn), self.session),
                ),
                element("Arn", &self.user),
            ]
            .concat(),
        );
        result += &tag(
            "Credentials",
            &[
                element("AccessKeyId", &keys.access_key_id),
                element("SecretAccessKey", &keys.secret_access_key),
                element(
                    "SessionToken",
                    keys.session_token.as_deref().unwrap_or_default(),
                ),
                element("Expiration", &iso_8601(now + self.seconds)),
            ]
            .concat(),
        );
        if let Some(size) = self.packed_size {
            result += &element("PackedPolicySize", &size.to_string());
        }
        if let Some(identity) = &self.source_identity {
            result += &element("SourceIdentity", identity);
        }
        let metadata = tag("ResponseMetadata", &element("RequestId", request_id));
        let content = tag("AssumeRoleResult", &result) + &metadata;
        xml(200, "AssumeRoleResponse", &content)
    }
}

/// An error response of STS.
pub fn refused(refusal: &Refusal, request_id: &str) -> Reply {
    let kind = if refusal.status < 500 {
        "Sender"
    } else {
        "Receiver"
    };
    let error = [
        element("Type", kind),
        element("Code", &refusal.code),
        element("Message", refusal.message.as_deref().unwrap_or_default()),
    ];
    let content = tag("Error", &error.concat()) + &element("RequestId", request_id);
    xml(refusal.status, "ErrorResponse", &content)
}

fn xml(status: u16, root: &str, content: &str) -> Reply {
    Reply {
        status,
        headers: vec![("content-type".into(), "text/xml".into())],
        body: format!("<{root} xmlns=\"{NAMESPACE}\">{content}</{root}>\n").into_bytes(),
    }
}

/// An error of signatures and permissions with the code and status that STS has for it.
pub fn in_its_words(refusal: Refusal) -> Refusal {
    let (code, status) = match refusal.code.as_str() {
        "MissingAuthenticationTokenException" => ("MissingAuthenticationToken", 403),
        "UnrecognizedClientException" => ("InvalidClientTokenId", 403),
        "InvalidSignatureException" => ("SignatureDoesNotMatch", 403),
        "IncompleteSignatureException" => ("IncompleteSignature", 400),
        "ExpiredTokenException" => ("ExpiredToken", 403),
        "AccessDeniedException" => ("AccessDenied", 403),
        _ => return refusal,
    };
    Refusal {
        code: code.into(),
        status,
        ..refusal
    }
}

/// Members that are accepted. `Tags` and `TransitiveTagKeys` are lists.
const MEMBERS: [&str; 10] = [
    "Action",
    "Version",
    "RoleArn",
    "RoleSessionName",
    "DurationSeconds",
    "Policy",
    "ExternalId",
    "SourceIdentity",
    "Tags",
    "TransitiveTagKeys",
];

/// Refuses members such as `PolicyArns`: without them, the keys could do more than was asked for.
fn refuse_unsupported(input: &Input) -> Result<(), Refusal> {
    // An empty list is sent as an empty string.
    let mut given = input.members().iter().filter(|(_, value)| *value != "");
    match given.find(|(name, _)| !MEMBERS.contains(&first_part(name))) {
        Some((name, _)) => Err(invalid(&format!(
            "The emulator does not support {} in AssumeRole.",
            first_part(name)
        ))),
        None => Ok(()),
    }
}

/// The member of which a value in a form is a part, such as `Tags` of `Tags.member.1.Key`.
fn first_part(name: &str) -> &str {
    name.split('.').next().unwrap_or_default()
}

fn has_member(input: &Input, member: &str) -> bool {
    let mut given = input.members().iter().filter(|(_, value)| *value != "");
    given.any(|(name, _)| first_part(name) == member)
}

/// Partition, account and name of a role.
fn parts(arn: &str) -> Option<(&str, &str, &str)> {
    let parts: Vec<&str> = arn.splitn(6, ':').collect();
    let ["arn", partition, "iam", "", account, resource] = parts[..] else {
        return None;
    };
    let name = resource.strip_prefix("role/")?.rsplit('/').next()?;
    let is_valid = partition.starts_with("aws")
        && partition.chars().all(is_name)
        && account.len() == 12
        && account.bytes().all(|byte| byte.is_ascii_digit())
        && !name.is_empty()
        && name.len() <= 64
        && resource.chars().all(|c| is_name(c) || c == '/');
    is_valid.then_some((partition, account, name))
}

/// The ID of a role, made up from its ARN.
fn role_id(arn: &str) -> String {
    let hash = digest(&[arn.as_bytes()]);
    let letters = hash.iter().map(|byte| char::from(b'A' + byte % 26));
    std::iter::once("AROA".to_owned())
        .chain(letters.take(17).map(String::from))
        .collect()
}

#[cfg(test)]
mod tests;
