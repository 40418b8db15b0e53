//! The shared config and credentials files: profiles, SSO sessions and services.

use crate::error::Error;
use crate::settings::ini::{self, Flaw, Section};
use crate::settings::shared_files::SharedFile;
use crate::settings::source::Source;
use aws_types::os_shim_internal::Env;
use std::collections::HashMap;

/// The variables that name the profile: the second is the AWS CLI's old one.
const PROFILE: [&str; 2] = ["AWS_PROFILE", "AWS_DEFAULT_PROFILE"];

const DEFAULT: &str = "default";

/// Profiles that a message names at most.
const MOST_NAMES: usize = 10;

/// Both files.
#[derive(Debug)]
pub struct Profiles {
    selected: String,
    config: Blocks,
    credentials: Blocks,
    sso_sessions: Blocks,
    services: Blocks,
}

type Blocks = HashMap<String, Block>;

/// The properties of all sections of one file that have the same name.
#[derive(Debug, Default)]
struct Block {
    properties: HashMap<String, String>,
    nested: HashMap<(String, String), String>,
    flaw: Option<String>,
}

/// A profile, from both files.
#[derive(Debug, Clone, Copy)]
pub struct Profile<'a> {
    /// Its name.
    pub name: &'a str,
    config: Option<&'a Block>,
    credentials: Option<&'a Block>,
}

/// A pair of keys and the token of temporary ones, as they stand in one file.
#[derive(Debug, PartialEq, Eq)]
pub struct StoredKeys<'a> {
    /// Access key id.
    pub access_key_id: &'a str,
    /// Secret access key.
    pub secret_access_key: &'a str,
    /// Session token.
    pub session_token: Option<&'a str>,
}

impl Profiles {
    /// Reads the files. A profile that is named must be there.
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
        let bad = |reason| Error::config("profile", reason);
        let mut profiles = Profiles {
            selected,
            config: Blocks::new(),
            credentials: Blocks::new(),
            sso_sessions: Blocks::new(),
            services: Blocks::new(),
        };
        let mut headers = Vec::new();
        for file in [SharedFile::Config, SharedFile::Credentials] {
            let (path, text) = file.read(env).map_err(bad)?;
            let sections = ini::parse(&text).map_err(|flaw| bad(describe(&path, &flaw)))?;
            for section in sections {
                headers.push((section.header.clone(), path.clone()));
                profiles.add(file, section, &path).map_err(bad)?;
            }
        }
        // The long form is preferred to the short one.
        if let Some(long) = profiles.config.remove("") {
            profiles.config.insert(DEFAULT.into(), long);
        }
        let name = &profiles.selected;
        match profiles.profile(name).map_err(bad)? {
            None if name != DEFAULT => Err(bad(format!(
                "there is no profile {name:?} (from {source}) in the shared config and credentials files{}",
                near_miss(name, &headers, profiles.names())
            ))),
            _ => Ok(profiles),
        }
    }

    fn add(&mut self, file: SharedFile, section: Section, path: &str) -> Result<(), String> {
        let words = section.header.split_once(char::is_whitespace);
        let (blocks, name) = match (file, words) {
            (SharedFile::Credentials, _) => (&mut self.credentials, section.header.as_str()),
            (_, Some(("profile", name))) => match unquoted(name) {
                "" => return Ok(()),
                DEFAULT => (&mut self.config, ""),
                name => (&mut self.config, name),
            },
            (_, Some(("sso-session", name))) => (&mut self.sso_sessions, unquoted(name)),
            (_, Some(("services", name))) => (&mut self.services, unquoted(name)),
            (_, None) if section.header == DEFAULT => (&mut self.config, DEFAULT),
            // Sections of other tools. What belongs to a header without a bracket is not known.
            _ => match section.flaw {
                Some(flaw) if flaw.problem == ini::NO_BRACKET => return Err(describe(path, &flaw)),
                _ => return Ok(()),
            },
        };
        let block = blocks.entry(name.to_owned()).or_default();
        if let Some(flaw) = &section.flaw {
            block.flaw.get_or_insert(describe(path, flaw));
        }
        for property in section.properties {
            for (name, value) in property.nested {
                block.nested.insert((property.name.clone(), name), value);
            }
            block.properties.insert(property.name, property.value);
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
        // `load` has seen that it can be read.
        self.profile(&self.selected).ok()??.get(property)
    }

    /// The profile with this name.
    pub fn profile<'a>(&'a self, name: &'a str) -> Result<Option<Profile<'a>>, String> {
        let config = usable(self.config.get(name))?;
        let credentials = usable(self.credentials.get(name))?;
        let is_there = config.is_some() || credentials.is_some();
        Ok(is_there.then_some(Profile {
            name,
            config,
            credentials,
        }))
    }

    /// A property of an SSO session; `None` if there is no such session.
    pub fn sso_session(&self, name: &str) -> Result<Option<&HashMap<String, String>>, String> {
        Ok(usable(self.sso_sessions.get(name))?.map(|block| &block.properties))
    }

    /// The endpoint of a service, from the `services` section that the selected profile names.
    pub fn service_endpoint(&self, service: &str) -> Result<Option<&str>, String> {
        let Some(name) = self.get("services") else {
            return Ok(None);
        };
        let section = usable(self.services.get(name))?.ok_or_else(|| {
            format!(
                "the profile [{}] refers to the section [services {name}], which does not exist",
                self.selected
            )
        })?;
        let has_block = section.nested.keys().any(|(block, _)| block == service);
        if section.properties.contains_key(service) && !has_block {
            return Err(format!(
                "`{service}` of the section [services {name}] must have an indented block with `endpoint_url = ...` below it"
            ));
        }
        let key = (service.to_owned(), "endpoint_url".to_owned());
        Ok(section.nested.get(&key).map(String::as_str))
    }
}

fn usable(block: Option<&Block>) -> Result<Option<&Block>, String> {
    match block {
        Some(Block {
            flaw: Some(flaw), ..
        }) => Err(flaw.clone()),
        block => Ok(block),
    }
}

impl<'a> Profile<'a> {
    /// A property that is set and not empty. The credentials file comes before the config file.
    pub fn get(&self, property: &str) -> Option<&'a str> {
        let blocks = [self.credentials, self.config].into_iter().flatten();
        let mut values = blocks.filter_map(|block| block.properties.get(property));
        values
            .next()
            .map(String::as_str)
            .filter(|value| !value.is_empty())
    }

    /// Whether a property is there, even if it is empty.
    pub fn has(&self, property: &str) -> bool {
        let mut blocks = [self.credentials, self.config].into_iter().flatten();
        blocks.any(|block| block.properties.contains_key(property))
    }

    /// The keys that one of the files has for it. Half a pair is an error: the other half is elsewhere or lost.
    pub fn keys(&self, file: SharedFile) -> Result<Option<StoredKeys<'a>>, String> {
        let (block, file) = match file {
            SharedFile::Config => (self.config, "config"),
            SharedFile::Credentials => (self.credentials, "credentials"),
        };
        let get = |name: &str| {
            let value = block?.properties.get(name)?;
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
            "the profile [{}] has half a pair of keys in the {file} file: `{missing}` is missing",
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

fn describe(path: &str, flaw: &Flaw) -> String {
    format!(
        "the file {path:?} cannot be used: line {} {}",
        flaw.line, flaw.problem
    )
}

/// Sections that the user may have meant: one that is almost right, or the profiles that there are.
fn near_miss(name: &str, headers: &[(String, String)], mut profiles: Vec<&str>) -> String {
    let written = |header: &str| {
        header == name
            || header
                .strip_prefix("profile")
                .is_some_and(|rest| unquoted(rest) == name)
    };
    if let Some((header, path)) = headers.iter().find(|(header, _)| written(header)) {
        return format!(
            "; {path:?} has a section [{header}]: in the config file it is [profile {name}], in the credentials file \
             [{name}]"
        );
    }
    profiles.sort_unstable();
    profiles.dedup();
    let more = if profiles.len() > MOST_NAMES {
        ", ..."
    } else {
        ""
    };
    profiles.truncate(MOST_NAMES);
    match profiles.is_empty() {
        true => String::new(),
        false => format!("; the profiles there are [{}]{more}", profiles.join("], [")),
    }
}

#[cfg(test)]
pub mod tests;
