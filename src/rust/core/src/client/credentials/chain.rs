//! What a profile says about credentials: keys or something that gives them, and the roles that are assumed with them.
//!
//! The order is that of the AWS CLI. What is set up and cannot be used is an error, and never passed over.

use crate::settings::profiles::{Profile, Profiles, StoredKeys};
use crate::settings::shared_files::SharedFile;
use aws_credential_types::Credentials;

/// How to get a profile's credentials.
#[derive(Debug, PartialEq)]
pub struct Plan {
    /// Where the first keys come from.
    pub base: Base,
    /// Roles that are assumed with them, one after the other.
    pub roles: Vec<Role>,
}

/// Where the first keys come from.
#[derive(Debug, PartialEq)]
pub enum Base {
    /// The shared files.
    Keys(Credentials),
    /// Environment variables.
    Environment,
    /// The agent of a container.
    Container,
    /// The metadata service of an instance.
    Instance,
    /// A token of a web identity.
    WebIdentity(WebIdentity),
    /// IAM Identity Center.
    Sso(Sso),
    /// A command.
    Process {
        /// The profile that has it.
        profile: String,
        /// What is run.
        command: String,
    },
}

/// A role to assume with keys.
#[derive(Debug, PartialEq)]
pub struct Role {
    /// Its ARN.
    pub arn: String,
    /// The external id that its owner asks for.
    pub external_id: Option<String>,
    /// A name for the session.
    pub session_name: Option<String>,
    /// How long its credentials last, in seconds.
    pub duration: Option<i32>,
}

/// A role to assume with a token.
#[derive(Debug, PartialEq)]
pub struct WebIdentity {
    /// The role's ARN.
    pub role_arn: String,
    /// A name for the session.
    pub session_name: Option<String>,
    /// The file with the token.
    pub token_file: String,
}

/// A role in IAM Identity Center.
#[derive(Debug, PartialEq)]
pub struct Sso {
    /// The profile, as it is named to log in.
    pub profile: String,
    /// The `sso-session` section, if the profile names one.
    pub session: Option<String>,
    /// The portal.
    pub start_url: String,
    /// The portal's region.
    pub region: String,
    /// The account.
    pub account_id: String,
    /// The role.
    pub role_name: String,
}

/// The plan of a profile; `None` if it says nothing about credentials.
pub fn plan(profiles: &Profiles, name: &str) -> Result<Option<Plan>, String> {
    plan_after(profiles, name, &mut Vec::new())
}

/// `visited` are the profiles whose source this one is.
fn plan_after(
    profiles: &Profiles,
    name: &str,
    visited: &mut Vec<String>,
) -> Result<Option<Plan>, String> {
    let Some(profile) = profiles.profile(name)? else {
        return Ok(None);
    };
    let has_keys = || ["aws_access_key_id", "aws_secret_access_key"].map(|key| profile.get(key));
    // As the source of another profile, its own keys come before its role.
    let is_base = !visited.is_empty() && has_keys().iter().any(Option::is_some);
    if !is_base && profile.get("web_identity_token_file").is_none() {
        if let Some(arn) = profile.get("role_arn") {
            return assumed(profiles, &profile, arn, visited).map(Some);
        }
    }
    Ok(base(profiles, &profile)?.map(|base| Plan {
        base,
        roles: Vec::new(),
    }))
}

/// A profile with a role.
fn assumed(
    profiles: &Profiles,
    profile: &Profile<'_>,
    arn: &str,
    visited: &mut Vec<String>,
) -> Result<Plan, String> {
    let name = profile.name;
    if profile.get("mfa_serial").is_some() {
        let selected = visited.first().map_or(name, String::as_str);
        return Err(format!(
            "the profile [{name}] has an `mfa_serial`: its role requires an MFA code, which this package does not ask for. \
             Run `aws configure export-credentials --profile {selected} --format env` and set these variables"
        ));
    }
    let duration = profile.get("duration_seconds").map(|seconds| {
        seconds.parse().ok().filter(|seconds| *seconds > 0).ok_or_else(|| {
            format!("`duration_seconds` of the profile [{name}] must be a whole number of seconds, not {seconds:?}")
        })
    });
    let role = Role {
        arn: arn.to_owned(),
        external_id: profile.get("external_id").map(str::to_owned),
        session_name: profile.get("role_session_name").map(str::to_owned),
        duration: duration.transpose()?,
    };
    let mut plan = match (
        profile.get("source_profile"),
        profile.get("credential_source"),
    ) {
        (None, Some(source)) => Plan {
            base: named_source(name, source)?,
            roles: Vec::new(),
        },
        (Some(source), None) => source_plan(profiles, profile, source, visited)?,
        (found, _) => {
            let problem = if found.is_some() {
                "both `source_profile` and `credential_source`, and only one can give the keys"
            } else {
                "a `role_arn` and neither `source_profile` nor `credential_source` to assume it with"
            };
            return Err(format!("the profile [{name}] has {problem}"));
        }
    };
    plan.roles.push(role);
    Ok(plan)
}

fn named_source(profile: &str, source: &str) -> Result<Base, String> {
    match source.to_ascii_lowercase().as_str() {
        "environment" => Ok(Base::Environment),
        "ecscontainer" => Ok(Base::Container),
        "ec2instancemetadata" => Ok(Base::Instance),
        _ => Err(format!(
            "`credential_source` of the profile [{profile}] must be \"Environment\", \"EcsContainer\" or \
             \"Ec2InstanceMetadata\", not {source:?}"
        )),
    }
}

/// The plan of the profile whose keys assume the role.
fn source_plan(
    profiles: &Profiles,
    profile: &Profile<'_>,
    source: &str,
    visited: &mut Vec<String>,
) -> Result<Plan, String> {
    let name = profile.name;
    if source == name {
        // A role may be assumed with keys that stand beside it.
        let keys = stored_keys(profile)?.ok_or_else(|| {
            format!("the profile [{name}] is its own `source_profile` and has no keys")
        })?;
        return Ok(Plan {
            base: Base::Keys(keys),
            roles: Vec::new(),
        });
    }
    visited.push(name.to_owned());
    if visited.iter().any(|visited| visited == source) {
        return Err(format!(
            "the profiles [{}] are the `source_profile` of each other",
            visited.join("], [")
        ));
    }
    plan_after(profiles, source, visited)?.ok_or_else(|| {
        format!("the profile [{source}], the `source_profile` of [{name}], is missing or has no credentials")
    })
}

/// What gives a profile's keys if it has no role to assume with them.
fn base(profiles: &Profiles, profile: &Profile<'_>) -> Result<Option<Base>, String> {
    let name = profile.name;
    if let Some(token_file) = profile.get("web_identity_token_file") {
        let role_arn = profile.get("role_arn").ok_or_else(|| {
            format!("the profile [{name}] has a `web_identity_token_file` and no `role_arn`")
        })?;
        return Ok(Some(Base::WebIdentity(WebIdentity {
            role_arn: role_arn.to_owned(),
            session_name: profile.get("role_session_name").map(str::to_owned),
            token_file: token_file.to_owned(),
        })));
    }
    if let Some(sso) = sso(profiles, profile)? {
        return Ok(Some(Base::Sso(sso)));
    }
    if let Some(keys) = profile.keys(SharedFile::Credentials)? {
        return Ok(Some(Base::Keys(credentials(&keys))));
    }
    if profile.get("login_session").is_some() {
        return Err(format!(
            "the profile [{name}] is one of `aws login` (`login_session`), which this version of the SDK cannot use. \
             Add `credential_process = aws configure export-credentials --profile {name} --format process` to another \
             profile, and use that one"
        ));
    }
    if profile.has("credential_process") {
        let command = profile
            .get("credential_process")
            .ok_or_else(|| format!("`credential_process` of the profile [{name}] is empty"))?;
        return Ok(Some(Base::Process {
            profile: name.to_owned(),
            // It may go on in further lines.
            command: command.replace('\n', " "),
        }));
    }
    let keys = profile.keys(SharedFile::Config)?;
    Ok(keys.map(|keys| Base::Keys(credentials(&keys))))
}

fn stored_keys(profile: &Profile<'_>) -> Result<Option<Credentials>, String> {
    let keys = match profile.keys(SharedFile::Credentials)? {
        Some(keys) => Some(keys),
        None => profile.keys(SharedFile::Config)?,
    };
    Ok(keys.map(|keys| credentials(&keys)))
}

fn credentials(keys: &StoredKeys<'_>) -> Credentials {
    Credentials::new(
        keys.access_key_id,
        keys.secret_access_key,
        keys.session_token.map(str::to_owned),
        None,
        "ProfileFile",
    )
}

/// What a profile says about IAM Identity Center, if it names a role or an account there.
fn sso(profiles: &Profiles, profile: &Profile<'_>) -> Result<Option<Sso>, String> {
    let name = profile.name;
    let (account_id, role_name) = (profile.get("sso_account_id"), profile.get("sso_role_name"));
    if account_id.is_none() && role_name.is_none() {
        return Ok(None);
    }
    let session = match profile.get("sso_session") {
        None => None,
        Some(session) => Some((
            session,
            profiles.sso_session(session)?.ok_or_else(|| {
                format!("the profile [{name}] refers to the section [sso-session {session}], which does not exist")
            })?,
        )),
    };
    // The session's settings may stand in the profile, too, as older tools want them.
    let setting = |setting: &str| {
        let own = profile.get(setting);
        let of_session = session
            .and_then(|(_, properties)| properties.get(setting))
            .map(String::as_str)
            .filter(|value| !value.is_empty());
        match (own, of_session, session) {
            (Some(own), Some(other), Some((session, _))) if own != other => Err(format!(
                "`{setting}` of the profile [{name}] and of [sso-session {session}] differ"
            )),
            (_, Some(value), _) | (Some(value), None, None) => Ok(value.to_owned()),
            (_, None, Some((session, _))) => Err(format!(
                "the section [sso-session {session}] has no `{setting}`"
            )),
            (None, None, None) => Err(format!("the profile [{name}] has no `{setting}`")),
        }
    };
    let needed = |value: Option<&str>, setting: &str| {
        value
            .map(str::to_owned)
            .ok_or_else(|| format!("the profile [{name}] has no `{setting}`"))
    };
    Ok(Some(Sso {
        profile: name.to_owned(),
        start_url: setting("sso_start_url")?,
        region: setting("sso_region")?,
        account_id: needed(account_id, "sso_account_id")?,
        role_name: needed(role_name, "sso_role_name")?,
        session: session.map(|(session, _)| session.to_owned()),
    }))
}

#[cfg(test)]
mod tests;
