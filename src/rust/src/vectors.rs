//! R's vectors, made through R's API: extendr keeps a record of each value, which takes longer than to make it.
//!
//! Only for R's thread. A value that is not protected is stored in a list or returned to extendr before anything else is made.

#![allow(unsafe_code)]

use extendr_api::prelude::*;
use extendr_api::SEXP;
use std::ffi::{c_char, c_int, c_uint};

/// A list that R does not collect while this exists. Lists are dropped in the reverse order in which they are made.
pub struct ProtectedList(SEXP);

impl ProtectedList {
    /// A list of NULLs.
    pub fn new(length: usize) -> Self {
        // R's error for a list that does not fit into memory is not caught: such an R cannot go on anyway.
        ProtectedList(unsafe { Rf_protect(Rf_allocVector(LIST, length as isize)) })
    }

    /// Sets the element in this place, which must exist.
    pub fn set(&self, place: usize, value: SEXP) {
        unsafe {
            SET_VECTOR_ELT(self.0, place as isize, value);
        }
    }

    /// Sets the names, of which there must be as many as elements. An empty list has none.
    pub fn set_names(&self, names: &Robj) {
        if !names.is_empty() {
            unsafe {
                Rf_setAttrib(self.0, R_NamesSymbol, names.get());
            }
        }
    }

    /// The list, which is not protected any more.
    pub fn into_value(self) -> SEXP {
        self.0
    }
}

impl Drop for ProtectedList {
    fn drop(&mut self) {
        unsafe { Rf_unprotect(1) }
    }
}

/// A string. It must not contain NUL.
pub fn string(text: &str) -> SEXP {
    // R's strings are shorter than two gigabytes, and so are responses.
    let length = text.len() as c_int;
    unsafe { Rf_ScalarString(Rf_mkCharLenCE(text.as_ptr().cast(), length, UTF8)) }
}

/// A double.
pub fn number(number: f64) -> SEXP {
    unsafe { Rf_ScalarReal(number) }
}

/// An integer.
pub fn integer(integer: i32) -> SEXP {
    unsafe { Rf_ScalarInteger(integer) }
}

/// TRUE or FALSE.
pub fn flag(flag: bool) -> SEXP {
    unsafe { Rf_ScalarLogical(c_int::from(flag)) }
}

/// A time in UTC, in seconds since 1970; no time if absent.
pub fn time(seconds: Option<f64>) -> SEXP {
    unsafe { rekognition_new_time(seconds.as_ref().map_or(std::ptr::null(), |seconds| seconds)) }
}

/// A value of R's API for extendr, which protects it.
pub fn from_r(value: SEXP) -> Robj {
    unsafe { Robj::from_sexp(value) }
}

/// A value of extendr for R's API, while that value exists.
pub fn for_r(value: &Robj) -> SEXP {
    unsafe { value.get() }
}

/// A raw vector, which `fill` fills; `None` if R has no memory for it. Nothing else may be made in `fill`.
pub fn raw<E>(
    length: usize,
    fill: impl FnOnce(&mut [u8]) -> std::result::Result<(), E>,
) -> Option<std::result::Result<SEXP, E>> {
    unsafe {
        // Smaller ones are allocated without a guard: an R that has no room for them cannot go on anyway.
        let vector = if length < LARGE {
            Rf_allocVector(RAW, length as isize)
        } else {
            // Its error must not jump over Rust.
            rekognition_new_raw(length as f64)
        };
        if Rf_xlength(vector) as usize != length {
            return None;
        }
        let bytes = if length == 0 {
            &mut []
        } else {
            std::slice::from_raw_parts_mut(RAW_DATA(vector), length)
        };
        Some(fill(bytes).map(|()| vector))
    }
}

const LARGE: usize = 64 << 10;
/// VECSXP, RAWSXP and CE_UTF8.
const LIST: c_uint = 19;
const RAW: c_uint = 24;
const UTF8: c_uint = 1;

// R's structure is looked at through its pointer alone.
#[allow(improper_ctypes)]
extern "C" {
    static R_NamesSymbol: SEXP;
    fn Rf_allocVector(kind: c_uint, length: isize) -> SEXP;
    fn Rf_protect(value: SEXP) -> SEXP;
    fn Rf_unprotect(count: c_int);
    fn Rf_xlength(value: SEXP) -> isize;
    fn SET_VECTOR_ELT(list: SEXP, place: isize, value: SEXP) -> SEXP;
    fn Rf_setAttrib(value: SEXP, name: SEXP, attribute: SEXP) -> SEXP;
    fn Rf_mkCharLenCE(bytes: *const c_char, length: c_int, encoding: c_uint) -> SEXP;
    fn Rf_ScalarString(string: SEXP) -> SEXP;
    fn Rf_ScalarReal(number: f64) -> SEXP;
    fn Rf_ScalarInteger(integer: c_int) -> SEXP;
    fn Rf_ScalarLogical(flag: c_int) -> SEXP;
    #[link_name = "RAW"]
    fn RAW_DATA(vector: SEXP) -> *mut u8;
    fn rekognition_new_raw(length: f64) -> SEXP;
    fn rekognition_new_time(seconds: *const f64) -> SEXP;
}
