//! The shared config and credentials files.

use crate::connection;
use crate::fault::Fault;
use crate::resolve::Source;
use crate::settings::Settings;
#[allow(deprecated)] // the names that older releases of the SDK have, too
use aws_config::profile::profile_file::{ProfileFileKind, ProfileFiles};
use aws_config::profile::ProfileSet;
use aws_types::os_shim_internal::{Env, Fs};
use std::path::Path;

/// The variables that name the shared files, and where these are otherwise.
const CONFIG: (&str, &str) = ("AWS_CONFIG_FILE", "~/.aws/config");
const CREDENTIALS: (&str, &str) = ("AWS_SHARED_CREDENTIALS_FILE", "~/.aws/credentials");

/// Where `~` in a path of the environment or of the shared files leads, if it stands there. R on Windows sets HOME to
/// the folder of documents, where no other tool looks: it comes second there.
pub fn in_home(env: &Env, path: &str) -> Option<String> {
    let rest = path
        .strip_prefix('~')?
        .strip_prefix(std::path::is_separator)?;
    let homes: &[&str] = if cfg!(windows) {
        &["USERPROFILE", "HOME"]
    } else {
        &["HOME"]
    };
    let paths: Vec<String> = homes
        .iter()
        .filter_map(|name| Some(format!("{}/{rest}", env.get(name).ok()?)))
        .collect();
    let found = paths.iter().find(|path| Path::new(path).exists());
    found.or(paths.first()).cloned()
}

/// The path of one of the shared files, and whether a variable names it.
fn path(env: &Env, (variable, usual): (&str, &str)) -> (String, bool) {
    let named = env.get(variable).ok().filter(|path| !path.is_empty());
    let is_named = named.is_some();
    let path = named.unwrap_or_else(|| usual.into());
    (in_home(env, &path).unwrap_or(path), is_named)
}

/// The paths of both shared files.
pub fn paths(env: &Env) -> [String; 2] {
    [path(env, CONFIG).0, path(env, CREDENTIALS).0]
}

/// The files in which logins of IAM Identity Center are cached.
pub fn sso_caches(env: &Env) -> Vec<String> {
    let folder = in_home(env, "~/.aws/sso/cache").map(std::fs::read_dir);
    let entries = folder.and_then(Result::ok).into_iter().flatten().flatten();
    entries
        .filter_map(|entry| entry.path().to_str().map(str::to_owned))
        .filter(|path| path.ends_with(".json"))
        .collect()
}

/// The shared files. By itself the SDK takes HOME for the user's folder on Windows, too.
#[allow(deprecated)]
pub fn files(env: &Env) -> ProfileFiles {
    let found = |file| {
        let (path, _) = path(env, file);
        (cfg!(windows) && Path::new(&path).is_file()).then_some(path)
    };
    let files = ProfileFiles::builder();
    let files = match found(CONFIG) {
        Some(path) => files.with_file(ProfileFileKind::Config, path),
        None => files.include_default_config_file(true),
    };
    let files = match found(CREDENTIALS) {
        Some(path) => files.with_file(ProfileFileKind::Credentials, path),
        None => files.include_default_credentials_file(true),
    };
    files.build()
}

/// Reads the shared files; a profile that is named must be there.
#[allow(deprecated)]
pub async fn load(given: &Settings, env: &Env, fs: &Fs) -> Result<ProfileSet, Fault> {
    let (named, source) = match (&given.profile, env.get("AWS_PROFILE")) {
        (Some(name), _) => (name.clone(), Source::Call),
        (None, Ok(name)) if !name.is_empty() => (name, Source::Environment("AWS_PROFILE".into())),
        _ => ("default".into(), Source::Call),
    };
    check_file(env, CONFIG)?;
    check_file(env, CREDENTIALS)?;
    let profiles = aws_config::profile::load(fs, env, &files(env), Some(named.clone().into()))
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
fn check_file(env: &Env, file: (&str, &str)) -> Result<(), Fault> {
    let (path, is_named) = path(env, file);
    let complaint = |problem: &str| {
        Err(Fault::config(
            "profile",
            format!("the file {path:?} {problem}"),
        ))
    };
    match std::fs::metadata(&path) {
        Ok(found) if found.is_dir() && is_named => complaint("is a folder"),
        // Pipes can be read only once.
        Ok(found) if found.is_file() => match std::fs::read(&path) {
            Ok(content) if std::str::from_utf8(&content).is_err() => complaint("is not UTF-8 text"),
            Err(_) if is_named => complaint("cannot be read"),
            _ => Ok(()),
        },
        _ => Ok(()),
    }
}

#[cfg(all(test, windows))]
mod tests {
    use super::*;

    #[test]
    fn the_shared_files_are_in_the_user_s_profile_and_not_among_documents() {
        let folder = std::env::temp_dir().join(format!("rekognition-home-{}", std::process::id()));
        let documents = folder.join("Documents");
        for home in [&folder, &documents] {
            std::fs::create_dir_all(home.join(".aws")).unwrap();
        }
        let config = |home: &Path, region: &str| {
            let text = format!("[default]\nregion = {region}\n");
            std::fs::write(home.join(".aws").join("config"), text).unwrap();
        };
        let env = Env::from_slice(&[
            ("USERPROFILE", folder.to_str().unwrap()),
            ("HOME", documents.to_str().unwrap()),
        ]);
        let region = || {
            let (_, runtime) = crate::runtime::current().unwrap();
            let loaded = runtime.block_on(load(&Settings::default(), &env, &Fs::real()));
            loaded.unwrap().get("region").map(str::to_owned)
        };
        config(&documents, "eu-west-1");
        assert_eq!(region().as_deref(), Some("eu-west-1"));
        config(&folder, "us-west-2");
        assert_eq!(region().as_deref(), Some("us-west-2"));
        std::fs::write(folder.join("ca.pem"), "").unwrap();
        let bundle = in_home(&env, "~\\ca.pem").unwrap();
        assert_eq!(Path::new(&bundle), folder.join("ca.pem"));
        std::fs::remove_dir_all(&folder).unwrap();
    }
}
