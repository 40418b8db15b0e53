//! Where the shared config and credentials files are, and their text.

use crate::causes::system_error;
use crate::file::{self, Links};
use aws_types::os_shim_internal::Env;
use std::io;
use std::path::{is_separator, Path, PathBuf};

/// The variables that name the shared files, and where these are otherwise.
const CONFIG: (&str, &str) = ("AWS_CONFIG_FILE", "~/.aws/config");
const CREDENTIALS: (&str, &str) = ("AWS_SHARED_CREDENTIALS_FILE", "~/.aws/credentials");

/// Far more than such a file has.
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
        let place = match self {
            SharedFile::Config => CONFIG,
            SharedFile::Credentials => CREDENTIALS,
        };
        let (path, variable) = path(env, place);
        let text = read(&path, variable)?;
        Ok((path, text))
    }
}

/// Where `~` in a path of the environment or of the shared files leads, if it stands there. R on Windows sets HOME to
/// the folder of documents, where no other tool looks: it comes second there.
pub fn in_home(env: &Env, path: &str) -> Option<String> {
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

/// The home folder that the system has for the user: services and schedulers often start without HOME.
#[allow(deprecated)] // For what it did on Windows before Rust 1.85.
fn home_of_user() -> Option<String> {
    let home = std::env::home_dir()?.into_os_string().into_string().ok()?;
    (!home.is_empty()).then_some(home)
}

/// The path of one of the shared files, and the variable that names it, if one does.
fn path(env: &Env, (variable, usual): (&'static str, &str)) -> (String, Option<&'static str>) {
    match env.get(variable).ok().filter(|path| !path.is_empty()) {
        Some(path) => (in_home(env, &path).unwrap_or(path), Some(variable)),
        None => (in_home(env, usual).unwrap_or_else(|| usual.into()), None),
    }
}

/// The paths of both shared files.
pub fn paths(env: &Env) -> [String; 2] {
    [path(env, CONFIG).0, path(env, CREDENTIALS).0]
}

/// The folder in which logins of IAM Identity Center are cached.
pub fn sso_cache(env: &Env) -> Option<PathBuf> {
    in_home(env, "~/.aws/sso/cache").map(PathBuf::from)
}

/// The text of a shared file. Without a variable that names it, it need not be there; but a file that is there and
/// cannot be read is an error: requests would go elsewhere than it says.
fn read(path: &str, variable: Option<&str>) -> Result<String, String> {
    let complaint = |problem: String| match variable {
        Some(variable) => Err(format!("the file {path:?} (from {variable}) {problem}")),
        None => Err(format!("the file {path:?} {problem}")),
    };
    if cfg!(windows) && path.eq_ignore_ascii_case("nul") {
        return Ok(String::new());
    }
    let found = match std::fs::metadata(path) {
        Ok(found) => found,
        Err(error) if variable.is_some() && is_absent(&error) => {
            return complaint("does not exist".into())
        }
        // In another user's home folder, where services often start, it cannot even be seen.
        Err(_) if variable.is_none() => return Ok(String::new()),
        Err(error) => return complaint(format!("cannot be read ({})", system_error(&error))),
    };
    if found.is_dir() {
        // A container's volume for a file that is not there is mounted as a folder.
        return match variable {
            Some(_) => complaint("is a folder".into()),
            None => Ok(String::new()),
        };
    }
    if is_device(&found) {
        return Ok(String::new());
    }
    // A pipe would be waited for.
    let content = match file::read(Path::new(path), MAX_FILE, Links::Follow) {
        Ok(content) => content,
        Err(error) => return complaint(format!("cannot be read ({})", system_error(&error))),
    };
    String::from_utf8(content).or_else(|_| complaint("is not UTF-8 text".into()))
}

fn is_absent(error: &io::Error) -> bool {
    // ENOTDIR is no kind of error for Rust 1.82: a file in the place of a folder.
    error.kind() == io::ErrorKind::NotFound || (cfg!(unix) && error.raw_os_error() == Some(20))
}

/// `/dev/null` is an empty file; other devices are none.
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
