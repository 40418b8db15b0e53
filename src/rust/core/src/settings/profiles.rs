//! The profiles, SSO sessions and services of the shared config and credentials files.

use crate::error::Error;
use crate::settings::ini::{self, Section, SyntaxError};
use crate::settings::shared_files::SharedFile;
use crate::settings::source::Source;
use aws_types::os_shim_internal::Env;
use std::collections::HashMap;

/// The variables that name the profile; the second is the AWS CLI's old one.
const PROFILE: [&str; 2] = ["AWS_PROFILE", "AWS_DEFAULT_PROFILE"];

const DEFAULT: &str = "default";

/// Most profiles that a message lists.
const MAX_NAMES: usize = 10;

/// Both files.
#[derive(Debug)]
pub struct Profiles {
    selected: String,
    config: Sections,
    credentials: Sections,
    sso_sessions: Sections,
    services: Sections,
}

type Sections = HashMap<String, MergedSection>;

/// The properties of all sections of one file that have the same name.
#[derive(Debug, Default)]
struct MergedSection {
    properties: HashMap<String, String>,
    nested: HashMap<(String, String), String>,
    /// Its first syntax error.
    error: Option<String>,
}

/// A profile, from both files.
#[derive(Debug, Clone, Copy)]
pub struct Profile<'a> {
    /// Its name.
    pub name: &'a str,
    config: Option<&'a MergedSection>,
    credentials: Option<&'a MergedSection>,
}

/// The keys of a profile in one file.
#[derive(Debug, PartialEq, Eq)]
pub struct StoredKeys<'a> {
    /// Access key ID.
    pub access_key_id: &'a str,
    /// Secret access key.
    pub secret_access_key: &'a str,
    /// Session token.
    pub session_token: Option<&'a str>,
}

impl Profiles {
    /// Reads the files. A profile that is named must exist.
    pub fn load(given: Option<&str>, env: &Env) -> Result<Self, Error> {
        let from_env = || {
            let mut found = PROFILE
                .iter()
                .filter_map(|name| Some((*name, env.get(name).ok()?)));
            found.find(|(_, profile)| !profile.is_empty())
        };
        let (selected, source) = match given {
            Some(name) => (name.to_owned(), Source::Call),
            None => match from_env() {
                Some((variable, name)) => (name, Source::Environment(variable.into())),
                None => (DEFAULT.into(), Source::Call),
            },
        };
        let invalid = |reason| Error::config("profile", reason);
        let mut profiles = Profiles {
            selected,
            config: Sections::new(),
            credentials: Sections::new(),
            sso_sessions: Sections::new(),
            services: Sections::new(),
        };
        let mut headers = Vec::new();
        for file in [SharedFile::Config, SharedFile::Credentials] {
            let (path, text) = file.read(env).map_err(invalid)?;
            let sections = ini::parse(&text).map_err(|error| invalid(describe(&path, &error)))?;
            for section in sections {
                headers.push((section.header.clone(), path.clone()));
                profiles.add(file, section, &path).map_err(invalid)?;
            }
        }
        // `[profile default]` takes precedence over `[default]`.
        if let Some(long) = profiles.config.remove("") {
            profiles.config.insert(DEFAULT.into(), long);
        }
        let name = &profiles.selected;
        match profiles.profile(name).map_err(invalid)? {
            None if name != DEFAULT => Err(invalid(format!(
                "the profile {name:?} (from {source}) is not in the shared config and credentials files{}",
                near_miss(name, &headers, profiles.names())
            ))),
            _ => Ok(profiles),
        }
    }

    fn add(&mut self, file: SharedFile, section: Section, path: &str) -> Result<(), String> {
        let header = section.header.split_once(char::is_whitespace);
        let (sections, name) = match (file, header) {
            (SharedFile::Credentials, _) => (&mut self.credentials, section.header.as_str()),
            (_, Some(("profile", name))) => match unquoted(name) {
                "" => return Ok(()),
                DEFAULT => (&mut self.config, ""),
                name => (&mut self.config, name),
            },
            (_, Some(("sso-session", name))) => (&mut self.sso_sessions, unquoted(name)),
            (_, Some(("services", name))) => (&mut self.services, unquoted(name)),
            (_, None) if section.header == DEFAULT => (&mut self.config, DEFAULT),
            // Sections of other tools. A header without a closing bracket may be that of a profile.
            _ => match section.error {
                Some(error) if error.problem == ini::NO_BRACKET => {
                    return Err(describe(path, &error))
                }
                _ => return Ok(()),
            },
        };
        let merged = sections.entry(name.to_owned()).or_default();
        if let Some(error) = &section.error {
            merged.error.get_or_insert(describe(path, error));
        }
        for property in section.properties {
            for (name, value) in property.nested {
                merged.nested.insert((property.name.clone(), name), value);
            }
            merged.properties.insert(property.name, property.value);
        }
        Ok(())
    }

    fn names(&self) -> Vec<&str> {
        let names = self.config.keys().chain(self.credentials.keys());
        names.map(String::as_str).collect()
    }

    /// The selected profile's name.
    pub fn selected(&self) -> &str {
        &self.selected
    }

    /// Whether the selected profile has a property, even if it is empty.
    pub fn has(&self, property: &str) -> bool {
        let profile = self.profile(&self.selected).ok().flatten();
        profile.is_some_and(|profile| profile.has(property))
    }

    /// A property of the selected profile, if it is set and not empty.
    pub fn get(&self, property: &str) -> Option<&str> {
        // `load` has checked its syntax.
        self.profile(&self.selected).ok()??.get(property)
    }

    /// The profile with this name.
    pub fn profile<'a>(&'a self, name: &'a str) -> Result<Option<Profile<'a>>, String> {
        let config = checked(self.config.get(name))?;
        let credentials = checked(self.credentials.get(name))?;
        let is_there = config.is_some() || credentials.is_some();
        Ok(is_there.then_some(Profile {
            name,
            config,
            credentials,
        }))
    }

    /// The properties of an SSO session; `None` if there is no such session.
    pub fn sso_session(&self, name: &str) -> Result<Option<&HashMap<String, String>>, String> {
        Ok(checked(self.sso_sessions.get(name))?.map(|section| &section.properties))
    }

    /// The endpoint of a service, from the `services` section that the selected profile names.
    pub fn service_endpoint(&self, service: &str) -> Result<Option<&str>, String> {
        let Some(name) = self.get("services") else {
            return Ok(None);
        };
        let section = checked(self.services.get(name))?.ok_or_else(|| {
            format!(
                "the profile [{}] refers to the section [services {name}], which does not exist",
                self.selected
            )
        })?;
        let has_block = section.nested.keys().any(|(block, _)| block == service);
        if section.properties.contains_key(service) && !has_block {
            return Err(format!(
                "`{service}` in the section [services {name}] must be followed by an indented block with `endpoint_url = ...`"
            ));
        }
        let key = (service.to_owned(), "endpoint_url".to_owned());
        Ok(section.nested.get(&key).map(String::as_str))
    }
}

fn checked(section: Option<&MergedSection>) -> Result<Option<&MergedSection>, String> {
    match section {
        Some(MergedSection {
            error: Some(error), ..
        }) => Err(error.clone()),
        section => Ok(section),
    }
}

impl<'a> Profile<'a> {
    /// A property that is set and not empty. The credentials file takes precedence.
    pub fn get(&self, property: &str) -> Option<&'a str> {
        let sections = [self.credentials, self.config].into_iter().flatten();
        let mut values = sections.filter_map(|section| section.properties.get(property));
        values
            .next()
            .map(String::as_str)
            .filter(|value| !value.is_empty())
    }

    /// Whether a property is there, even if it is empty.
    pub fn has(&self, property: &str) -> bool {
        let mut sections = [self.credentials, self.config].into_iter().flatten();
        sections.any(|section| section.properties.contains_key(property))
    }

    /// Its keys in one of the files. One key without the other is an error.
    pub fn keys(&self, file: SharedFile) -> Result<Option<StoredKeys<'a>>, String> {
        let (section, file) = match file {
            SharedFile::Config => (self.config, "config"),
            SharedFile::Credentials => (self.credentials, "credentials"),
        };
        let get = |name: &str| {
            let value = section?.properties.get(name)?;
            (!value.is_empty()).then_some(value.as_str())
        };
        let (id, secret) = ("aws_access_key_id", "aws_secret_access_key");
        let missing = match (get(id), get(secret)) {
            (Some(access_key_id), Some(secret_access_key)) => {
                return Ok(Some(StoredKeys {
                    access_key_id,
                    secret_access_key,
                    session_token: get("aws_session_token").or_else(|| get("aws_security_token")),
                }))
            }
            (None, None) => return Ok(None),
            (None, _) => id,
            (_, None) => secret,
        };
        Err(format!(
            "the keys of the profile [{}] in the {file} file are incomplete: `{missing}` is missing",
            self.name
        ))
    }
}

/// A name without the quotes around it.
fn unquoted(name: &str) -> &str {
    let name = name.trim();
    ['"', '\'']
        .into_iter()
        .find_map(|quote| name.strip_prefix(quote)?.strip_suffix(quote))
        .unwrap_or(name)
}

fn describe(path: &str, error: &SyntaxError) -> String {
    format!(
        "the file {path:?} is not valid: line {} {}",
        error.line, error.problem
    )
}

/// A hint: a section with almost the right header, or the profiles that exist.
fn near_miss(name: &str, headers: &[(String, String)], mut profiles: Vec<&str>) -> String {
    let matches = |header: &str| {
        header == name
            || header
                .strip_prefix("profile")
                .is_some_and(|rest| unquoted(rest) == name)
    };
    if let Some((header, path)) = headers.iter().find(|(header, _)| matches(header)) {
        return format!(
            "; {path:?} has a section [{header}], which must be [profile {name}] in the config file, or [{name}] in the \
             credentials file"
        );
    }
    profiles.sort_unstable();
    profiles.dedup();
    let more = if profiles.len() > MAX_NAMES {
        ", ..."
    } else {
        ""
    };
    profiles.truncate(MAX_NAMES);
    match profiles.is_empty() {
        true => String::new(),
        false => format!("; they have the profiles [{}]{more}", profiles.join("], [")),
    }
}

#[cfg(test)]
pub mod tests;
