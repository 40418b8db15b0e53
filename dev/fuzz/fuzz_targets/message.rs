#![no_main]
libfuzzer_sys::fuzz_target!(|data: &[u8]| rekognition_fuzz::message(data));
