//! Values from R. R has checked their types: a value of another type counts as not given.

use extendr_api::prelude::*;
use rekognition_core::error::Error;
use std::ffi::{c_char, c_int};
#[cfg(unix)]
use std::os::unix::ffi::OsStringExt;
use std::path::PathBuf;
use std::time::Duration;

/// The members of a named list.
pub struct Members(Vec<(&'static str, Robj)>);

impl Members {
    /// The members of this list; none if it is not a list.
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

/// A path, from its bytes in the system's encoding, which need not be UTF-8.
pub fn path(value: &Robj) -> Option<PathBuf> {
    let bytes = value.as_raw_slice()?.to_vec();
    #[cfg(unix)]
    return Some(std::ffi::OsString::from_vec(bytes).into());
    #[cfg(not(unix))]
    return String::from_utf8(bytes).ok().map(PathBuf::from);
}

/// A number, be it a double or an integer in R.
pub fn number(value: &Robj) -> Option<f64> {
    value
        .as_real()
        .or_else(|| value.as_integer().map(f64::from))
}

/// An element of a numeric vector; `None` if it is not finite.
pub fn element(value: &Robj, place: usize) -> Option<f64> {
    let number = match value.rtype() {
        Rtype::Doubles => *value.as_real_slice()?.get(place)?,
        Rtype::Integers => {
            let integer = *value.as_integer_slice()?.get(place)?;
            // R's NA.
            f64::from(Some(integer).filter(|integer| *integer != i32::MIN)?)
        }
        _ => return None,
    };
    number.is_finite().then_some(number)
}

/// A string of R.
pub enum Text<'v> {
    /// Valid UTF-8.
    Utf8(&'v str),
    /// R must translate it to UTF-8 first, or it is not valid.
    Foreign,
    /// NA.
    Na,
}

/// An element of a character vector.
pub fn text_at(strings: &Robj, place: usize) -> Option<Text<'_>> {
    if strings.rtype() != Rtype::Strings || place >= strings.len() {
        return None;
    }
    let mut bytes = std::ptr::null();
    let mut length = 0;
    // Reads an element within bounds, on R's thread. R keeps its bytes while the vector exists.
    #[allow(unsafe_code)]
    let (kind, bytes) = unsafe {
        let kind = rekognition_utf8(strings.get(), place as f64, &mut bytes, &mut length);
        let bytes = if kind == 1 {
            std::slice::from_raw_parts(bytes.cast(), length)
        } else {
            &[]
        };
        (kind, bytes)
    };
    Some(match (kind, std::str::from_utf8(bytes)) {
        (0, _) => Text::Na,
        (1, Ok(text)) => Text::Utf8(text),
        _ => Text::Foreign,
    })
}

// R's structure is looked at through its pointer alone.
#[allow(improper_ctypes)]
extern "C" {
    fn rekognition_utf8(
        strings: extendr_api::SEXP,
        place: f64,
        bytes: *mut *const c_char,
        length: *mut usize,
    ) -> c_int;
}

/// Strings of a character vector; `None` for NA.
pub fn strings(value: &Robj) -> Vec<Option<String>> {
    let strings = value.as_str_iter().into_iter().flatten();
    strings
        .map(|s| (!s.is_na()).then(|| s.to_owned()))
        .collect()
}

/// The target of an external pointer. `None` if the pointer is from another process: `readRDS()` makes a null pointer.
pub fn native<T: 'static>(pointer: &Robj) -> Option<&T> {
    let pointer: &ExternalPtr<T> = pointer.try_into().ok()?;
    pointer.try_addr().ok()
}

/// The same, mutable.
pub fn native_mut<T: 'static>(pointer: &mut Robj) -> Option<&mut T> {
    let pointer: &mut ExternalPtr<T> = pointer.try_into().ok()?;
    pointer.try_addr_mut().ok()
}

/// The error for a value that R's own checks should have rejected.
pub fn unexpected(what: &str) -> Error {
    Error::Internal {
        reason: format!("native code received no {what}"),
    }
}
