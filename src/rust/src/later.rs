//! Waking R's event loop, that of the package later, from a thread that is not R's.

use extendr_api::prelude::*;
use rekognition_core::batch::Wake;
use std::ffi::c_int;
use std::sync::Arc;

extern "C" {
    fn rekognition_find_later() -> c_int;
    fn rekognition_wake(id: c_int, event_loop: c_int);
}

/// Whether the event loop can be woken. The package later must be loaded.
#[extendr]
fn later_find() -> Robj {
    // Takes and returns plain numbers, on R's thread, and catches R's errors.
    #[allow(unsafe_code)]
    let found = unsafe { rekognition_find_later() };
    (found != 0).into()
}

/// Makes the event loop call R's function `wake` with this id. `later_find` has said that it can.
pub fn waker(id: i32, event_loop: i32) -> Wake {
    Arc::new(move || {
        // Takes plain numbers; what it calls is made to be called from any thread.
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
