//! The shared config and credentials files: their paths and their text.

use crate::causes::system_error;
use crate::file::{self, Links};
use aws_types::os_shim_internal::Env;
use std::io;
use std::path::{is_separator, Path, PathBuf};

/// The variables that name the shared files, and their default paths.
const CONFIG: (&str, &str) = ("AWS_CONFIG_FILE", "~/.aws/config");
const CREDENTIALS: (&str, &str) = ("AWS_SHARED_CREDENTIALS_FILE", "~/.aws/credentials");

/// Far more than any such file has.
const MAX_FILE: u64 = 16 << 20;

/// One of the two files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SharedFile {
    /// `~/.aws/config`.
    Config,
    /// `~/.aws/credentials`.
    Credentials,
}

impl SharedFile {
    /// Its path and its text.
    pub fn read(self, env: &Env) -> Result<(String, String), String> {
        let names = match self {
            SharedFile::Config => CONFIG,
            SharedFile::Credentials => CREDENTIALS,
        };
        let (path, variable) = path(env, names);
        let text = read(&path, variable)?;
        Ok((path, text))
    }
}

/// Expands a leading `~`, if there is one. On Windows USERPROFILE takes precedence over HOME, which R sets to the documents
/// folder, where no other tool looks.
pub fn expand_home(env: &Env, path: &str) -> Option<String> {
    let rest = path.strip_prefix('~')?.strip_prefix(is_separator)?;
    let homes: &[&str] = if cfg!(windows) {
        &["USERPROFILE", "HOME"]
    } else {
        &["HOME"]
    };
    let mut homes: Vec<String> = homes
        .iter()
        .filter_map(|name| env.get(name).ok().filter(|home| !home.is_empty()))
        .collect();
    if homes.is_empty() {
        homes.extend(home_of_user());
    }
    let paths: Vec<String> = homes.iter().map(|home| format!("{home}/{rest}")).collect();
    let found = paths.iter().find(|path| Path::new(path).exists());
    found.or(paths.first()).cloned()
}

/// The user's home folder as the system knows it: services and schedulers often start without HOME.
#[allow(deprecated)] // For its behavior on Windows before Rust 1.85.
fn home_of_user() -> Option<String> {
    let home = std::env::home_dir()?.into_os_string().into_string().ok()?;
    (!home.is_empty()).then_some(home)
}

/// The path of one of the shared files, and the variable that names it, if one does.
fn path(env: &Env, (variable, default): (&'static str, &str)) -> (String, Option<&'static str>) {
    match env.get(variable).ok().filter(|path| !path.is_empty()) {
        Some(path) => (expand_home(env, &path).unwrap_or(path), Some(variable)),
        None => (
            expand_home(env, default).unwrap_or_else(|| default.into()),
            None,
        ),
    }
}

/// The paths of both shared files.
pub fn paths(env: &Env) -> [String; 2] {
    [path(env, CONFIG).0, path(env, CREDENTIALS).0]
}

/// The folder of the AWS CLI's cached logins to IAM Identity Center.
pub fn sso_cache(env: &Env) -> Option<PathBuf> {
    expand_home(env, "~/.aws/sso/cache").map(PathBuf::from)
}

/// The text of a shared file. A file at the default path may be missing. One that cannot be read is an error: otherwise its
/// settings would be ignored.
fn read(path: &str, variable: Option<&str>) -> Result<String, String> {
    let invalid = |problem: String| match variable {
        Some(variable) => Err(format!("the file {path:?} (from {variable}) {problem}")),
        None => Err(format!("the file {path:?} {problem}")),
    };
    if cfg!(windows) && path.eq_ignore_ascii_case("nul") {
        return Ok(String::new());
    }
    let found = match std::fs::metadata(path) {
        Ok(found) => found,
        Err(error) if variable.is_some() && is_absent(&error) => {
            return invalid("does not exist".into())
        }
        // Services are often started with another user's home folder, which they may not enter.
        Err(_) if variable.is_none() => return Ok(String::new()),
        Err(error) => return invalid(format!("cannot be read ({})", system_error(&error))),
    };
    if found.is_dir() {
        // Docker mounts a missing file as a folder.
        return match variable {
            Some(_) => invalid("is a folder".into()),
            None => Ok(String::new()),
        };
    }
    if is_device(&found) {
        return Ok(String::new());
    }
    // Reading a pipe would block.
    let content = match file::read(Path::new(path), MAX_FILE, Links::Follow) {
        Ok(content) => content,
        Err(error) => return invalid(format!("cannot be read ({})", system_error(&error))),
    };
    String::from_utf8(content).or_else(|_| invalid("is not UTF-8 text".into()))
}

fn is_absent(error: &io::Error) -> bool {
    // ENOTDIR, for which Rust 1.82 has no kind: a part of the path is a file.
    error.kind() == io::ErrorKind::NotFound || (cfg!(unix) && error.raw_os_error() == Some(20))
}

/// Devices count as empty files, as `/dev/null` does for the AWS CLI.
fn is_device(found: &std::fs::Metadata) -> bool {
    #[cfg(unix)]
    {
        use std::os::unix::fs::FileTypeExt;
        let kind = found.file_type();
        kind.is_char_device() || kind.is_block_device()
    }
    #[cfg(not(unix))]
    {
        let _ = found;
        false
    }
}
