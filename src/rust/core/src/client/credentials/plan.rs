//! How to get the credentials of a profile: from which source, and which roles to assume with them.
//!
//! The precedence is that of the AWS CLI. A source that is configured and cannot be used is an error; the next one is not
//! tried.

use crate::settings::profiles::{Profile, Profiles, StoredKeys};
use crate::settings::shared_files::SharedFile;
use aws_credential_types::Credentials;

/// How to get a profile's credentials.
#[derive(Debug, PartialEq)]
pub struct Plan {
    /// The source of the first keys.
    pub base: Base,
    /// Roles to assume with them, one after the other.
    pub roles: Vec<Role>,
}

/// The source of the first keys.
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
    /// The token of a web identity.
    WebIdentity(WebIdentity),
    /// IAM Identity Center.
    Sso(Sso),
    /// A command.
    Process {
        /// The profile that it is configured in.
        profile: String,
        /// The command.
        command: String,
    },
}

/// A role to assume with keys.
#[derive(Debug, PartialEq)]
pub struct Role {
    /// Its ARN.
    pub arn: String,
    /// The external id that the role's owner requires.
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
    /// The profile, to name it in `aws sso login`.
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

/// The plan for a profile; `None` if it does not configure credentials.
pub fn plan(profiles: &Profiles, name: &str) -> Result<Option<Plan>, String> {
    plan_after(profiles, name, &mut Vec::new())
}

/// `visited` are the profiles that have this one as their source, directly or not.
fn plan_after(
    profiles: &Profiles,
    name: &str,
    visited: &mut Vec<String>,
) -> Result<Option<Plan>, String> {
    let Some(profile) = profiles.profile(name)? else {
        return Ok(None);
    };
    let keys = || ["aws_access_key_id", "aws_secret_access_key"].map(|key| profile.get(key));
    // In the source of another profile, keys take precedence over a role.
    let is_base = !visited.is_empty() && keys().iter().any(Option::is_some);
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
             Run `aws configure export-credentials --profile {selected} --format env` and set the variables that it prints"
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
                "both `source_profile` and `credential_source`; only one of them can be set"
            } else {
                "a `role_arn`, but neither `source_profile` nor `credential_source` to assume it with"
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

/// The plan for the profile whose keys assume the role.
fn source_plan(
    profiles: &Profiles,
    profile: &Profile<'_>,
    source: &str,
    visited: &mut Vec<String>,
) -> Result<Plan, String> {
    let name = profile.name;
    if source == name {
        // The keys that assume the role are in the same profile.
        let keys = stored_keys(profile)?.ok_or_else(|| {
            format!("the profile [{name}] is its own `source_profile`, but has no keys")
        })?;
        return Ok(Plan {
            base: Base::Keys(keys),
            roles: Vec::new(),
        });
    }
    visited.push(name.to_owned());
    if visited.iter().any(|visited| visited == source) {
        return Err(format!(
            "the profiles [{}] refer to each other as `source_profile`",
            visited.join("], [")
        ));
    }
    plan_after(profiles, source, visited)?.ok_or_else(|| {
        format!("the profile [{source}], the `source_profile` of [{name}], is missing or has no credentials")
    })
}

/// The source of a profile without a role to assume, if it has one.
fn base(profiles: &Profiles, profile: &Profile<'_>) -> Result<Option<Base>, String> {
    let name = profile.name;
    if let Some(token_file) = profile.get("web_identity_token_file") {
        let role_arn = profile.get("role_arn").ok_or_else(|| {
            format!("the profile [{name}] has a `web_identity_token_file`, but no `role_arn`")
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
            "the profile [{name}] was set up by `aws login` (`login_session`), which this version of the SDK does not \
             support. Add `credential_process = aws configure export-credentials --profile {name} --format process` to \
             another profile, and use that one"
        ));
    }
    if profile.has("credential_process") {
        let command = profile
            .get("credential_process")
            .ok_or_else(|| format!("`credential_process` of the profile [{name}] is empty"))?;
        return Ok(Some(Base::Process {
            profile: name.to_owned(),
            // It may span several lines.
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

/// A profile's role in IAM Identity Center, if it names a role or an account.
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
    // For older tools the profile may repeat the settings of its session.
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
    let required = |value: Option<&str>, setting: &str| {
        value
            .map(str::to_owned)
            .ok_or_else(|| format!("the profile [{name}] has no `{setting}`"))
    };
    Ok(Some(Sso {
        profile: name.to_owned(),
        start_url: setting("sso_start_url")?,
        region: setting("sso_region")?,
        account_id: required(account_id, "sso_account_id")?,
        role_name: required(role_name, "sso_role_name")?,
        session: session.map(|(session, _)| session.to_owned()),
    }))
}

#[cfg(test)]
mod tests;
