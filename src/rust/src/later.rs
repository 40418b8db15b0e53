//! Wakes R's event loop, that of the later package, from other threads than R's.

use extendr_api::prelude::*;
use rekognition_core::batch::Wake;
use std::ffi::c_int;
use std::sync::Arc;

extern "C" {
    fn rekognition_find_later() -> c_int;
    fn rekognition_wake(id: c_int, event_loop: c_int);
}

/// Finds the function of the later package, which must be loaded. FALSE if it has none.
#[extendr]
fn later_find() -> Robj {
    // Takes and returns plain numbers, runs on R's thread, and catches R's errors.
    #[allow(unsafe_code)]
    let found = unsafe { rekognition_find_later() };
    (found != 0).into()
}

/// Makes the event loop call R's function `wake` with this ID. `later_find` must have returned TRUE.
pub fn waker(id: i32, event_loop: i32) -> Wake {
    Arc::new(move || {
        // Takes plain numbers, and calls a function of later that is meant for any thread.
        #[allow(unsafe_code)]
        unsafe {
            rekognition_wake(id, event_loop);
        }
    })
}

extendr_module! {
    mod later;
    fn later_find;
}
