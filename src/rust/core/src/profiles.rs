//! The shared config and credentials files.

use crate::connection;
use crate::fault::Fault;
use crate::resolve::Source;
use crate::settings::Settings;
#[allow(deprecated)] // the name that older releases of the SDK have, too
use aws_config::profile::profile_file::ProfileFiles;
use aws_config::profile::ProfileSet;
use aws_types::os_shim_internal::{Env, Fs};

/// Reads the shared files; a profile that is named must be there.
#[allow(deprecated)]
pub async fn load(given: &Settings, env: &Env, fs: &Fs) -> Result<ProfileSet, Fault> {
    let (named, source) = match (&given.profile, env.get("AWS_PROFILE")) {
        (Some(name), _) => (name.clone(), Source::Call),
        (None, Ok(name)) if !name.is_empty() => (name, Source::Environment("AWS_PROFILE".into())),
        _ => ("default".into(), Source::Call),
    };
    check_file(env, "AWS_CONFIG_FILE", ".aws/config")?;
    check_file(env, "AWS_SHARED_CREDENTIALS_FILE", ".aws/credentials")?;
    let profiles = aws_config::profile::load(
        fs,
        env,
        &ProfileFiles::default(),
        Some(named.clone().into()),
    )
    .await
    .map_err(|error| {
        let causes = connection::chain(&error);
        Fault::config(
            "profile",
            format!("the shared config and credentials files cannot be read: {causes}"),
        )
    })?;
    if named != "default" && profiles.get_profile(&named).is_none() {
        return Err(Fault::config(
            "profile",
            format!("there is no profile {named:?} (from {source}) in the shared config and credentials files"),
        ));
    }
    Ok(profiles)
}

/// The SDK takes a file that it cannot read for an empty one, and requests would go elsewhere than it says.
fn check_file(env: &Env, variable: &str, usual: &str) -> Result<(), Fault> {
    let home = env.get("HOME").unwrap_or_default();
    let named = env.get(variable).ok().filter(|path| !path.is_empty());
    let path = match &named {
        Some(path) => match path.strip_prefix("~/") {
            Some(rest) => format!("{home}/{rest}"),
            None => path.clone(),
        },
        None => format!("{home}/{usual}"),
    };
    let complaint = |problem: &str| {
        Err(Fault::config(
            "profile",
            format!("the file {path:?} {problem}"),
        ))
    };
    match std::fs::metadata(&path) {
        Ok(found) if found.is_dir() && named.is_some() => complaint("is a folder"),
        // Pipes can be read only once.
        Ok(found) if found.is_file() => match std::fs::read(&path) {
            Ok(content) if std::str::from_utf8(&content).is_err() => complaint("is not UTF-8 text"),
            Err(_) if named.is_some() => complaint("cannot be read"),
            _ => Ok(()),
        },
        _ => Ok(()),
    }
}
