//! R's values on their way in. R has checked their types; what is not as expected counts as not given.

use extendr_api::prelude::*;
use rekognition_core::error::Error;
#[cfg(unix)]
use std::os::unix::ffi::OsStringExt;
use std::path::PathBuf;
use std::time::Duration;

/// The members of a named list.
pub struct Members(Vec<(&'static str, Robj)>);

impl Members {
    /// Of this list; none if it is no list.
    pub fn of(list: &Robj) -> Self {
        Members(
            list.as_list()
                .map(|list| list.iter().collect())
                .unwrap_or_default(),
        )
    }

    fn get(&self, name: &str) -> Option<&Robj> {
        self.0
            .iter()
            .find(|(key, _)| *key == name)
            .map(|(_, value)| value)
    }

    pub fn string(&self, name: &str) -> Option<String> {
        string(self.get(name)?)
    }

    pub fn path(&self, name: &str) -> Option<PathBuf> {
        path(self.get(name)?)
    }

    pub fn number(&self, name: &str) -> Option<f64> {
        number(self.get(name)?)
    }

    pub fn flag(&self, name: &str) -> Option<bool> {
        self.get(name)?.as_bool()
    }

    pub fn vector(&self, name: &str) -> Option<&Robj> {
        self.get(name)
    }

    pub fn duration(&self, name: &str) -> Option<Duration> {
        Duration::try_from_secs_f64(self.number(name)?).ok()
    }
}

/// A string that is not NA.
pub fn string(value: &Robj) -> Option<String> {
    if value.is_na() {
        return None;
    }
    value.as_str().map(str::to_owned)
}

/// A path, from the bytes that it has in R's encoding: the system's own, which need not be UTF-8.
pub fn path(value: &Robj) -> Option<PathBuf> {
    let bytes = value.as_raw_slice()?.to_vec();
    #[cfg(unix)]
    return Some(std::ffi::OsString::from_vec(bytes).into());
    #[cfg(not(unix))]
    return String::from_utf8(bytes).ok().map(PathBuf::from);
}

/// A number, whether R has it as double or as integer.
pub fn number(value: &Robj) -> Option<f64> {
    value
        .as_real()
        .or_else(|| value.as_integer().map(f64::from))
}

/// Strings of a character vector; `None` for NA.
pub fn strings(value: &Robj) -> Vec<Option<String>> {
    let strings = value.as_str_iter().into_iter().flatten();
    strings
        .map(|s| (!s.is_na()).then(|| s.to_owned()))
        .collect()
}

/// What an external pointer points to. `None` where the pointer is from another session: `readRDS` gives
/// a pointer to nothing.
pub fn native<T: 'static>(pointer: &Robj) -> Option<&T> {
    let pointer: &ExternalPtr<T> = pointer.try_into().ok()?;
    pointer.try_addr().ok()
}

/// The same, to change it.
pub fn native_mut<T: 'static>(pointer: &mut Robj) -> Option<&mut T> {
    let pointer: &mut ExternalPtr<T> = pointer.try_into().ok()?;
    pointer.try_addr_mut().ok()
}

/// R passed something that its own checks should have stopped.
pub fn unexpected(what: &str) -> Error {
    Error::Internal {
        reason: format!("the native code was given no {what}"),
    }
}
